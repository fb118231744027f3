package import Bytes
import ECG
import ECGFormats

extension Cohort {
    /// What an ECG of this cohort is found again by: its content and, if anything is stated beside it, that, too.
    ///
    /// The same bytes in millivolts and in microvolts are two ECGs.
    package func identity(of content: Digest) -> Digest {
        let facts = [
            stated.sampleRate.map { "\($0.hertz) Hz" }, stated.unit?.rawValue,
            stated.leadOrder?.joined(separator: ","),
        ].compactMap { $0 }
        guard !facts.isEmpty else { return content }
        return Digest(of: Array("\(content) \(facts.joined(separator: "; "))".utf8))
    }
}
