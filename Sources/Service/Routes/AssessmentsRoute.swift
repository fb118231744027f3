import Bytes
import HTTP
import Scoring

/// `POST /v1/assessments`: an ECG in, its risk out.
enum AssessmentsRoute {
    /// Throws: ``Refusal``.
    static func answer(
        _ request: HTTPRequest, _ scorer: Scorer, _ clock: StageClock
    ) throws(Refusal) -> JSONDocument {
        let ecg = try ECGRequest(request)
        return try scorer.score(ecg.submitted, options: ecg.options, window: ecg.window, clock: clock)
            .document(requestID: ecg.requestID)
    }
}
