package import ECGFormats
import Encoders

extension Scorer {
    /// Floating-point operations of each encoder's stage, "encode/<id>", for one ECG, as
    /// ``Encoder/operationsPerWindow`` counts them; for measurements.
    ///
    /// Throws: ``Refusal``.
    package func operations(
        for submitted: SubmittedECG, options: ReadOptions = ReadOptions()
    ) throws(Refusal) -> [String: Int] {
        var clock = StageClock()
        let recording = try Self.readScorable(
            submitted, options: options, neededSeconds: bundle.neededSeconds, clock: &clock
        ).recording
        var operations: [String: Int] = [:]
        for encoder in bundle.encoders {
            let windows = try encoder.segments(of: recording, clock: &clock).count
            operations["encode/\(encoder.id.rawValue)"] = windows * encoder.network.operationsPerWindow
        }
        return operations
    }
}
