import Bytes
import HTTP
import Scoring

/// `POST /v1/inspect`: what an upload holds; no model runs.
enum InspectRoute {
    /// Throws: ``Refusal``.
    static func answer(
        _ request: HTTPRequest, _ scorer: Scorer, _ clock: StageClock
    ) throws(Refusal) -> JSONDocument {
        let ecg = try ECGRequest(request)
        return try Inspection(of: ecg.submitted, options: ecg.options, window: ecg.window)
            .document(requestID: ecg.requestID)
    }
}
