import Bytes
import Foundation
import TestSupport
import Testing

extension Tool.Outcome {
    /// What was printed, as JSON.
    var document: JSONValue {
        get throws { try JSONValue.parse(Array(output.utf8)) }
    }
}

extension JSONValue {
    /// The member that a path leads to; numbers are places in arrays.
    subscript(path path: String) -> JSONValue? {
        path.split(separator: "/").reduce(self as JSONValue?) { value, step in
            Int(step).map { index in
                value?.elements.flatMap { $0.indices.contains(index) ? $0[index] : nil }
            } ?? value?[String(step)]
        }
    }

    /// Strings of an array.
    var strings: [String]? { elements?.compactMap(\.string) }
}

/// ECGs in the product's own JSON.
enum ECGText {
    static let leads = ["I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6"]

    /// Signals by lead, in the order given; NaN is a missing sample.
    static func json(_ signals: [(lead: String, millivolts: [Float])], sampleRate: Double) -> String {
        let members = signals.map { signal in
            let samples = signal.millivolts.map { $0.isNaN ? "null" : "\($0)" }
            return "\"\(signal.lead)\":[\(samples.joined(separator: ","))]"
        }
        return "{\"sampleRate\":\(sampleRate),\"units\":\"mV\",\"leads\":{\(members.joined(separator: ","))}}"
    }

    /// A raw reference recording; every float32 survives the text.
    static func reference(_ name: String) throws -> String {
        let folder = "Tests/PreprocessingTests/Fixtures/inputs"
        let array = try NumpyArray(contentsOf: Repository.path("\(folder)/\(name).npy"))
        let index = try JSONValue.parse(Repository.bytes("\(folder)/index.json"))
        let rate = try #require(index[name]?["sampling_rate_hz"]?.double)
        return json(leads.enumerated().map { ($1, array[$0].map(Float.init)) }, sampleRate: rate)
    }
}
