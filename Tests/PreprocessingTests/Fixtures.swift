import ECG
import Foundation
import TestSupport
import Testing

enum Fixtures {
    static func data(_ path: String) throws -> Data {
        try Data(contentsOf: Bundle.module.bundleURL.appending(path: "Fixtures/" + path))
    }

    static func json<Value: Decodable>(_ path: String) throws -> Value {
        try JSONDecoder().decode(Value.self, from: data(path))
    }

    static func exists(_ path: String) -> Bool {
        FileManager.default.fileExists(
            atPath: Bundle.module.bundleURL.appending(path: "Fixtures/" + path).path)
    }

    static func array(_ path: String) throws -> NumpyArray {
        try NumpyArray(contentsOf: Bundle.module.bundleURL.appending(path: "Fixtures/" + path).path)
    }

    struct Input: Decodable {
        let sampling_rate_hz: Double
    }

    /// Names of the raw ECGs.
    static let records = [
        "code15_1594286", "code15_2657522", "code15_2969044", "code15_438277", "code15_795649",
        "code15_975093", "syn_1000", "syn_250", "syn_360_flat", "syn_500",
    ]

    static func recording(_ name: String) throws -> Recording {
        let index: [String: Input] = try json("inputs/index.json")
        let array = try array("inputs/\(name).npy")
        let hertz = try #require(index[name]).sampling_rate_hz
        return try recording(array.values.map(Float.init), samples: array.shape[1], hertz: hertz)
    }

    /// A recording of twelve leads `[12, samples]`.
    static func recording(_ millivolts: [Float], samples: Int, hertz: Double) throws -> Recording {
        let signals = Lead.allCases.map { lead in
            (
                name: lead.rawValue,
                millivolts: Array(millivolts[lead.index * samples..<(lead.index + 1) * samples])
            )
        }
        return try Recording(signals: signals, sampleRate: SampleRate(hertz: hertz))
    }

    /// A recording of noise, the same for the same arguments.
    static func noise(samples: Int, hertz: Double) throws -> Recording {
        try recording(noise(count: 12 * samples).map(Float.init), samples: samples, hertz: hertz)
    }

    /// Numbers in [-1, 1) from a linear congruence (Knuth's MMIX constants).
    static func noise(count: Int) -> [Double] {
        var state: UInt64 = 1
        return (0..<count).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Double(state >> 40) / Double(1 << 23) - 1
        }
    }
}

/// The largest absolute difference; infinite if the counts differ.
func largestDifference(_ found: some Sequence<Double>, _ expected: some Sequence<Double>) -> Double {
    let found = Array(found)
    let expected = Array(expected)
    guard found.count == expected.count else { return .infinity }
    return zip(found, expected).reduce(0) { largest, pair in
        let difference = abs(pair.0 - pair.1)
        return difference.isNaN ? .infinity : max(largest, difference)
    }
}
