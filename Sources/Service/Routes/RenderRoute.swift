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
        let ecg = try ECGRequest(request, also: ["start"])
        let inspection = try Inspection(of: ecg.submitted, options: ecg.options)
        let start = try start(request, within: inspection.recording)
        return ECGPaper(inspection.recording, start: start, title: inspection.input.format.name).svg
    }

    private static func start(
        _ request: HTTPRequest, within recording: Recording
    ) throws(Refusal) -> Double {
        guard let text = request.target.queryItems.first(where: { $0.name == "start" })?.value else {
            return 0
        }
        guard let start = Double(text), start >= 0, start < recording.durationSeconds else {
            throw ECGRequest.parameter(
                "start", "expected seconds from 0 to below \(recording.durationSeconds)")
        }
        return start
    }
}
