import Bytes
import Encoders
import HTTP
import Scoring

/// `POST /v1/embeddings`: the encoders' embeddings of an ECG.
enum EmbeddingsRoute {
    /// Throws: ``Refusal``.
    static func answer(
        _ request: HTTPRequest, _ scorer: Scorer, _ clock: StageClock
    ) throws(Refusal) -> JSONDocument {
        let ecg = try ECGRequest(request, also: ["encoder"])
        let only = try encoder(request.target.query("encoder"))
        return try scorer.embed(
            ecg.submitted, only: only, options: ecg.options, window: ecg.window, clock: clock
        )
        .document(requestID: ecg.requestID, bundle: scorer.bundle.provenance)
    }

    private static func encoder(_ name: String?) throws(Refusal) -> EncoderID? {
        guard let name else { return nil }
        guard let id = EncoderID(rawValue: name) else {
            let known = EncoderID.allCases.map(\.rawValue).joined(separator: " or ")
            throw ECGRequest.parameter("encoder", "expected \(known)")
        }
        return id
    }
}
