import ECG
import Preprocessing
import TestSupport
import Testing

@Suite struct BaselinePreprocessingTests {
    @Test(arguments: ["code15_1594286", "syn_1000"]) func resamplesAsScipyDoes(record: String) throws {
        let recording = try Fixtures.recording(record)
        let expected = try Fixtures.array("st-mem-steps/\(record)/0_resampled_lead_II.npy").values
        let segment = try BaselinePreprocessing().segments(of: recording)[0]
        let start = (expected.count - 2_500) / 2
        let found = segment.values[Lead.II.index * 2_500..<(Lead.II.index + 1) * 2_500]
        // One rounding to float32 of values below 16 mV.
        #expect(
            zip(found, expected[start..<start + 2_500]).allSatisfy { abs(Double($0) - $1) <= 0x1p-21 })
        #expect(segment.values.count == 12 * 2_500)
    }

    @Test func leavesASignalAtItsOwnRateAsItIs() throws {
        let samples = 3_001
        let values = (0..<12 * samples).map { Float($0 % 977) / 977 }
        let recording = try Fixtures.recording(values, samples: samples, hertz: 250)
        let segment = try BaselinePreprocessing().segments(of: recording)[0]
        let middle = (0..<12).flatMap { lead in
            Array(values[lead * samples + 250..<lead * samples + 2_750])
        }
        #expect(zip(segment.values, middle).allSatisfy { abs($0 - $1) <= 0x1p-22 })
    }

    @Test func refusesLessThanTenSeconds() throws {
        let recording = try Fixtures.recording(
            [Float](repeating: 0, count: 12 * 2_499), samples: 2_499, hertz: 250)
        #expect(throws: PreprocessingError.self) { try BaselinePreprocessing().segments(of: recording) }
    }
}
