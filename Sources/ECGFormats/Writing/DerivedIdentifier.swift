import Bytes
import ECG

/// An identifier of a written object, derived from the samples: the same recording gives the same file, and nothing of
/// the sender's identifiers comes through.
struct DerivedIdentifier {
    /// Of a UUID of version 8, whose bits an application chooses (RFC 9562 section 5.8).
    private let digits: [Character]

    /// `purpose`: tells the identifiers of one recording apart.
    init(_ recording: Recording, _ purpose: String) {
        let text = "\(purpose) \(recording.sampleRate.hertz) \(recording.startTime ?? "")"
        let digest = Digest(of: Array(text.utf8) + recording.millivolts.littleEndianBytes)
        var digits = Array(digest.hexadecimal.prefix(32))
        digits[12] = "8"
        digits[16] = ["8", "9", "a", "b"][(digits[16].hexDigitValue ?? 0) % 4]
        self.digits = digits
    }

    /// "4f9c1a52-0000-8000-8000-000000000000"
    var uuid: String {
        let groups = [0..<8, 8..<12, 12..<16, 16..<20, 20..<32]
        return groups.map { String(digits[$0]) }.joined(separator: "-")
    }

    /// A DICOM UID: 2.25 and the UUID as a decimal number (PS3.5 annex B.2).
    var uid: String { "2.25.\(UInt128(String(digits), radix: 16) ?? 0)" }
}
