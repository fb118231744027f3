import ECG
import Foundation
import Preprocessing
import TestSupport
import Testing

/// Both recipes work in double precision, as the reference did: what can differ is which way the one rounding to Float
/// goes, a unit in the last place of values below 64.
private let tolerance = 4e-6

@Suite struct STMEMPreprocessingTests {
    @Test(arguments: Fixtures.records) func agreesWithTheAuthors(record: String) throws {
        let recording = try Fixtures.recording(record)
        let recipe = STMEMPreprocessing(crops: .three)
        guard Fixtures.exists("st-mem/\(record).npy") else {
            #expect(Fixtures.exists("st-mem/\(record).error.json"))
            #expect(
                throws: PreprocessingError.tooShort(
                    seconds: 7.335, neededSeconds: 9, resampledSamples: 1_833, neededSamples: 2_250)
            ) { try recipe.segments(of: recording) }
            return
        }
        let expected = try Fixtures.array("st-mem/\(record).npy")
        #expect(expected.shape == [3, 12, 2_250])
        let segments = try recipe.segments(of: recording)
        let difference = largestDifference(segments.flatMap(\.values).map(Double.init), expected.values)
        print("ST-MEM \(record): \(difference)")
        #expect(difference <= tolerance)
        #expect(segments.allSatisfy { $0.sampleCount == 2_250 })
        #expect(try STMEMPreprocessing().segments(of: recording) == [segments[1]])
    }

    /// Lead II after every step of the middle window, in double precision.
    @Test(arguments: ["code15_1594286", "syn_1000"]) func agreesWithTheAuthorsStepByStep(record: String)
        throws
    {
        let recording = try Fixtures.recording(record)
        let step = { (name: String) in try Fixtures.array("st-mem-steps/\(record)/\(name)_lead_II.npy").values
        }
        let resampled = try step("0_resampled")
        let resampler = FourierResampler(
            inputCount: recording.sampleCount, outputCount: resampled.count)
        let ours = resampler.resample(recording[.II].map(Double.init))
        #expect(largestDifference(ours, resampled) < 1e-13)
        let start = (ours.count - 2_250) / 2
        let crop = Array(ours[start..<start + 2_250])
        #expect(largestDifference(crop, try step("1_crop1")) < 1e-13)
        let high = ZeroPhaseFilter(sections: Butterworth.highPass).filter([crop])
        #expect(largestDifference(high[0], try step("2_crop1_highpass")) < 1e-10)
        let low = ZeroPhaseFilter(sections: Butterworth.lowPass).filter(high)
        #expect(largestDifference(low[0], try step("3_crop1_lowpass")) < 1e-10)
        let segment = try STMEMPreprocessing().segments(of: recording)[0]
        let standardised = segment.values[2_250..<4_500].map(Double.init)
        #expect(largestDifference(standardised, try step("4_crop1_standardized")) <= tolerance)
    }

    /// Exactly 9 s and one sample more, where upstream divides by zero: there is only one place for the window.
    @Test(arguments: [2_250, 2_251, 2_252, 2_253]) func cutsTheCentre(samples: Int) throws {
        let recording = try Fixtures.noise(samples: samples, hertz: 250)
        let centre = try STMEMPreprocessing().segments(of: recording)
        #expect(centre.count == 1)
        let three = try STMEMPreprocessing(crops: .three).segments(of: recording)
        #expect(three.count == 3)
        #expect(three[1] == centre[0])
        let start = (samples - 2_250) / 2
        let alone = Lead.allCases.flatMap { lead in
            recording[lead].dropFirst(start).prefix(2_250)
        }
        let same = try Fixtures.recording(alone, samples: 2_250, hertz: 250)
        #expect(try STMEMPreprocessing().segments(of: same) == centre)
    }

    @Test func standardisesTheWindow() throws {
        let values = try STMEMPreprocessing().segments(of: Fixtures.noise(samples: 5_140, hertz: 514))[0]
            .values
        let mean = values.reduce(0) { $0 + Double($1) } / Double(values.count)
        let squares = values.reduce(0) { $0 + Double($1) * Double($1) } / Double(values.count)
        #expect(abs(mean) < 1e-6)
        #expect(abs(squares - 1) < 1e-6)
    }

    @Test func namesItself() {
        #expect(STMEMPreprocessing().id == "st-mem/250hz-fourier/9s-centre/bp0.67-40-sosfiltfilt/z-all/v1")
        #expect(
            STMEMPreprocessing(crops: .three).id
                == "st-mem/250hz-fourier/9s-three/bp0.67-40-sosfiltfilt/z-all/v1")
        #expect(STMEMPreprocessing().neededSeconds == 9)
    }
}

@Suite struct ECGFMPreprocessingTests {
    @Test(arguments: Fixtures.records) func agreesWithTheAuthors(record: String) throws {
        let recording = try Fixtures.recording(record)
        let expected = try Fixtures.array("ecg-fm/\(record).npy")
        let segments = try ECGFMPreprocessing().segments(of: recording)
        #expect(expected.shape == [segments.count, 12, 2_500])
        let difference = largestDifference(segments.flatMap(\.values).map(Double.init), expected.values)
        print("ECG-FM \(record): \(difference)")
        #expect(difference <= tolerance)
    }

    @Test func makesZerosOfConstantLeads() throws {
        for segment in try ECGFMPreprocessing().segments(of: Fixtures.recording("syn_360_flat")) {
            #expect(segment.values[4 * 2_500..<5 * 2_500].allSatisfy { $0 == 0 })
            #expect(segment.values[11 * 2_500..<12 * 2_500].allSatisfy { $0 == 0 })
        }
    }

    @Test(arguments: [(5_000, 2), (4_999, 1), (2_500, 1), (7_500, 3)])
    func cutsWholeWindows(samples: Int, windows: Int) throws {
        let recording = try Fixtures.noise(samples: samples, hertz: 500)
        #expect(try ECGFMPreprocessing().segments(of: recording).count == windows)
    }

    /// 4,990 samples at 499 Hz are 4,999.999... after resampling: upstream truncates and has one window.
    @Test func truncatesAsUpstream() throws {
        let recording = try Fixtures.noise(samples: 4_990, hertz: 499)
        #expect(try ECGFMPreprocessing().segments(of: recording).count == 1)
    }

    @Test func namesItself() {
        #expect(ECGFMPreprocessing().id == "ecg-fm/500hz-linear/5s-windows/z-lead/v1")
        #expect(ECGFMPreprocessing().neededSeconds == 5)
    }
}

@Suite struct RecipeLimitTests {
    static let recipes: [any PreprocessingRecipe] = [STMEMPreprocessing(), ECGFMPreprocessing()]

    private struct Length: Decodable {
        let samples: Int
        let hertz: Double
        let fourier: Int
        let linear: Int
    }

    /// Too short by design, so that the error tells the length.
    @Test func computesLengthsAsPythonDoes() throws {
        let lengths: [Length] = try Fixtures.json("scipy/lengths.json")
        #expect(lengths.count == 58)
        for length in lengths {
            let recording = try Fixtures.noise(samples: length.samples, hertz: length.hertz)
            let seconds = recording.durationSeconds
            #expect(
                throws: PreprocessingError.tooShort(
                    seconds: seconds, neededSeconds: 9, resampledSamples: length.fourier,
                    neededSamples: 2_250)
            ) { try STMEMPreprocessing().segments(of: recording) }
            #expect(
                throws: PreprocessingError.tooShort(
                    seconds: seconds, neededSeconds: 5, resampledSamples: length.linear,
                    neededSamples: 2_500)
            ) { try ECGFMPreprocessing().segments(of: recording) }
        }
    }

    @Test(arguments: [61.038, 257, 499.9, 977, 19_999.9]) func acceptsAnyRate(hertz: Double) throws {
        let recording = try Fixtures.noise(samples: Int(10.1 * hertz), hertz: hertz)
        for recipe in Self.recipes {
            let segments = try recipe.segments(of: recording)
            #expect(segments.allSatisfy { $0.values.count == 12 * $0.sampleCount })
            #expect(segments.allSatisfy { $0.values.allSatisfy(\.isFinite) })
        }
    }

    @Test(arguments: [0, 1, 2]) func refusesNextToNothing(samples: Int) throws {
        let recording = try Fixtures.noise(samples: samples, hertz: 500)
        for recipe in Self.recipes {
            #expect(throws: PreprocessingError.self) { try recipe.segments(of: recording) }
        }
    }

    @Test func refusesAMissingSample() throws {
        var millivolts = Fixtures.noise(count: 12 * 5_000).map(Float.init)
        millivolts[Lead.V3.index * 5_000 + 17] = .nan
        let recording = try Fixtures.recording(millivolts, samples: 5_000, hertz: 500)
        for recipe in Self.recipes {
            #expect(throws: PreprocessingError.missingSample(.V3, sample: 17)) {
                try recipe.segments(of: recording)
            }
        }
    }

    /// 200,000 samples at 50 Hz would be a million at 250 Hz, two million at 500 Hz.
    @Test func boundsTheResampledLength() throws {
        let recording = try Fixtures.noise(samples: 200_000, hertz: 50)
        #expect(
            throws: PreprocessingError.tooLong(resampledSamples: 1_000_000, limit: 600_000)
        ) { try STMEMPreprocessing().segments(of: recording) }
        #expect(
            throws: PreprocessingError.tooLong(resampledSamples: 2_000_000, limit: 600_000)
        ) { try ECGFMPreprocessing().segments(of: recording) }
    }

    @Test func isDeterministicAndFast() throws {
        let recording = try Fixtures.recording("syn_500")
        for recipe in Self.recipes {
            let first = try recipe.segments(of: recording)
            var best = Duration.seconds(100)
            for _ in 0..<10 {
                let start = ContinuousClock.now
                let again = try recipe.segments(of: recording)
                best = min(best, ContinuousClock.now - start)
                #expect(again == first)
            }
            print("\(recipe.id): \(best)")
            // Ten times what it takes: a bound against blunders that a busy machine does not trip.
            #expect(best < .milliseconds(50))
        }
    }
}
