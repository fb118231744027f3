import HTTP
import Paper
import Scoring
private import ECG
private import ECGFormats

/// `POST /v1/render`: an ECG in, its picture on standard paper out; no model runs.
enum RenderRoute {
    static let mediaType = "image/svg+xml"

    /// Throws: ``Refusal``.
    static func answer(
        _ request: HTTPRequest, _ scorer: Scorer, _ clock: StageClock
    ) throws(Refusal) -> [UInt8] {
        let ecg = try ECGRequest(request)
        let inspection = try Inspection(of: ecg.submitted, options: ecg.options)
        let start = ecg.window.start ?? 0
        guard start < inspection.recording.durationSeconds else {
            throw ECGRequest.parameter(
                "start", "expected seconds from 0 to below \(inspection.recording.durationSeconds)")
        }
        return ECGPaper(inspection.recording, start: start, title: inspection.input.format.name).svg
    }
}
