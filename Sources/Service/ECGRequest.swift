import ECG
import ECGFormats
import HTTP
import Scoring

/// A request that carries an ECG: its body and what the query states beside it.
struct ECGRequest {
    let submitted: SubmittedECG
    let options: ReadOptions
    /// The part that is to be scored; of a picture, what is drawn begins there.
    let window: AnalysisWindow
    let requestID: String

    /// Opens the envelope and reads the query, beside which a form may have fields of the same names.
    ///
    /// `also`: query parameters that the route takes besides `sampleRate`, `units`, `leads`, `format` and `start`. A parameter
    /// that nobody takes is refused, so that a misspelt one cannot pass unnoticed.
    ///
    /// Throws: ``Refusal``.
    init(_ request: HTTPRequest, also: Set<String> = []) throws(Refusal) {
        requestID = request.requestID
        // The query first: it is cheap, and a mistake in it needs no look at the body.
        let items = request.target.queryItems.map { (name: $0.name, value: $0.value) }
        _ = try Self.options(of: items, also: also)
        _ = try Self.start(items)
        do throws(FormatError) {
            submitted = try SubmittedECG(body: request.body, mediaType: request.fields[.contentType])
        } catch { throw Refusal(error) }
        let stated = items + submitted.upload.fields.map { ($0.name, $0.value) }
        options = try Self.options(of: stated, also: also)
        window = AnalysisWindow(start: try Self.start(stated))
    }

    private static func options(
        of items: [(name: String, value: String)], also: Set<String>
    ) throws(Refusal) -> ReadOptions {
        var options = ReadOptions()
        var seen: Set<String> = []
        for item in items {
            guard seen.insert(item.name).inserted else { throw parameter(item.name, "it is given twice") }
            switch item.name {
            case "sampleRate": options.sampleRate = try sampleRate(item.value)
            case "units":
                guard let unit = VoltageUnit(symbol: item.value) else {
                    throw parameter("units", "expected V, mV, uV or nV")
                }
                options.unit = unit
            case "format": options.format = try format(item.value)
            case "start": continue
            case "leads": options.leadOrder = item.value.split(separator: ",").map(String.init)
            default:
                guard also.contains(item.name) else {
                    throw parameter(String(item.name.prefix(40)), "this route takes no such parameter")
                }
            }
        }
        return options
    }

    private static func start(_ items: [(name: String, value: String)]) throws(Refusal) -> Double? {
        guard let text = items.first(where: { $0.name == "start" })?.value else { return nil }
        guard let start = Double(text), start.isFinite, start >= 0 else {
            throw parameter("start", "expected seconds from 0")
        }
        return start
    }

    private static func sampleRate(_ text: String) throws(Refusal) -> SampleRate {
        guard let hertz = Double(text) else { throw parameter("sampleRate", "expected a number of Hz") }
        do { return try SampleRate(hertz: hertz) } catch { throw Refusal(error) }
    }

    private static func format(_ id: String) throws(Refusal) -> ECGFormat {
        guard let format = FormatRegistry.format(id: id) else {
            throw parameter(
                "format", "expected one of \(FormatRegistry.formats.map(\.id).joined(separator: ", "))")
        }
        return format
    }

    static func parameter(_ name: String, _ detail: String) -> Refusal {
        Refusal(
            code: "query-parameter", title: "A query parameter cannot be used", detail: detail,
            place: "query parameter '\(name)'")
    }
}
