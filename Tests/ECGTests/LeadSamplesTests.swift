import Bytes
import ECG
import Testing

/// Samples held as the converter's counts.
@Suite struct LeadSamplesTests {
    private static let scale = CountScale(
        baseline: 12, countsPerUnit: 200, unit: .millivolts, missing: -32_768)
    private static let counts = (0..<1_000).map { $0 == 700 ? -32_768 : Int32($0 % 97 * 5 - 240) }
    private static let millivolts = counts.map { $0 == -32_768 ? .nan : Float(Double($0 - 12) / 200) }

    private func recording(_ samples: (Lead) -> LeadSamples) throws -> Recording {
        let names = Lead.independent.map(\.rawValue)
        var storage = try RecordingStorage(signals: names, sampleCount: 1_000)
        for (signal, lead) in Lead.independent.enumerated() { try storage.write(samples(lead), of: signal) }
        return try Recording(storage, sampleRate: SampleRate(hertz: 500))
    }

    private func counted(_ counts: [Int32] = counts) -> LeadSamples {
        .counts(PackedIntegers(counts), Self.scale)
    }

    private func areSame(_ one: [Float], _ other: [Float]) -> Bool {
        one.elementsEqual(other) { $0 == $1 || $0.isNaN && $1.isNaN }
    }

    @Test func becomesMillivoltsWhereItIsLookedAt() throws {
        let recording = try recording { $0 == .V1 ? counted() : .millivolts(Self.millivolts) }
        #expect(areSame(recording[.V1], Self.millivolts))
        #expect(areSame(recording[.V2], Self.millivolts))
        #expect(recording.millivolts.count == 12_000)
        #expect(areSame(Array(recording.millivolts[6_000..<7_000]), Self.millivolts))
        // Of two equal leads III is 0, and missing where they are.
        #expect(recording[.III].map(\.isNaN) == Self.millivolts.map(\.isNaN))
        #expect(recording[.III].allSatisfy { $0.isNaN || $0 == 0 })
    }

    @Test func isCutAsItIsHeld() throws {
        let part = try recording { _ in counted() }.part(from: 0.5, seconds: 1)
        #expect(part.sampleCount == 500)
        #expect(areSame(part[.V6], Array(Self.millivolts[250..<750])))
        #expect(part[.aVF].count == 500)
    }

    @Test func equalsTheSameVoltages() throws {
        let whole = Self.counts.map { max(-30_000, $0) }
        let floats = whole.map { Float(Double($0 - 12) / 200) }
        let held = try recording { _ in counted(whole) }
        #expect(try held == recording { _ in .millivolts(floats) })
        #expect(try held != recording { _ in .millivolts(floats.map { $0 + 1 }) })
    }

    /// Each formula in the order that its format lays down: 3 counts of 4.88 uV are not 3 / 204.9 mV.
    @Test func scalesAsTheFormatSays() {
        #expect(CountScale(step: 4_880, unit: .nanovolts).millivolts(3) == Float(3 * 4_880.0 / 1e6))
        #expect(CountScale(baseline: 1, countsPerUnit: 0.2, unit: .microvolts).millivolts(1) == 0)
        #expect(CountScale(countsPerUnit: 0.2, unit: .microvolts).millivolts(7) == Float(7 / 0.2 / 1_000))
        #expect(CountScale(unit: .volts).millivolts(-2) == -2_000)
    }

    @Test func refusesCountsThatAreNoVoltage() throws {
        var counts = Self.counts
        counts[3] = 2_000_013
        #expect(throws: RecordingError.notAVoltage(.V3, sample: 3)) {
            try recording { $0 == .V3 ? counted(counts) : counted() }
        }
        #expect(throws: RecordingError.unequalLengths(.II, samples: 999, expected: 1_000)) {
            try recording { $0 == .II ? counted(Array(Self.counts.dropLast())) : counted() }
        }
    }
}
