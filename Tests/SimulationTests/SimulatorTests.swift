import ECG
import Foundation
import Simulation
import Testing

/// A simulator of a steady rhythm without noise.
func quiet(_ findings: Findings = .none, beatsPerMinute: Double = 60) -> ECGSimulator {
    var simulator = ECGSimulator()
    simulator.rhythm = Rhythm(beatsPerMinute: beatsPerMinute, respiratory: 0, irregularity: 0)
    simulator.findings = findings
    return simulator
}

/// Samples of the R peaks: where the slopes of all leads together are steepest, at least 0.2 s apart.
func rPeaks(of recording: Recording) -> [Int] {
    let gap = Int(0.008 * recording.sampleRate.hertz)
    let steepness = (gap..<recording.sampleCount).map { sample in
        Lead.independent.reduce(0.0) { sum, lead in
            let samples = recording[lead]
            let start = samples.startIndex
            let slope = Double(samples[start + sample] - samples[start + sample - gap])
            return sum + slope * slope
        }
    }
    let threshold = 0.2 * (steepness.sorted().dropLast(steepness.count / 200).last ?? 0)
    let refractory = Int(0.2 * recording.sampleRate.hertz)
    var peaks: [Int] = []
    var sample = 0
    while sample < steepness.count {
        guard steepness[sample] > threshold else {
            sample += 1
            continue
        }
        let window = sample..<min(sample + refractory / 2, steepness.count)
        peaks.append((window.max { steepness[$0] < steepness[$1] } ?? sample) + gap / 2)
        sample += refractory
    }
    return peaks
}

@Suite struct SeededGeneratorTests {
    /// Numbers of the authors' C code from this state, as the tests of Rust's `rand_xoshiro` list them too.
    @Test func isXoshiro() {
        var generator = SeededGenerator(state: (1, 2, 3, 4))
        #expect(generator.next() == 11_520)
        #expect(generator.next() == 0)
        #expect(generator.next() == 1_509_978_240)
        #expect(generator.next() == 1_215_971_899_390_074_240)
    }

    @Test func dependsOnSeedAndStream() {
        func numbers(_ seed: UInt64, _ stream: UInt64) -> [UInt64] {
            var generator = SeededGenerator(seed: seed, stream: stream)
            return (0..<100).map { _ in generator.next() }
        }
        #expect(numbers(1, 0) == numbers(1, 0))
        let all = [(1, 0), (2, 0), (0, 1), (1, 1), (0, 0)].map { numbers($0.0, $0.1) }
        #expect(Set(all.joined()).count == 500)
    }

    @Test func isUniformAndNormal() {
        var generator = SeededGenerator(seed: 5)
        let count = 100_000
        let uniform = (0..<count).map { _ in generator.uniform() }
        #expect(uniform.allSatisfy { (0..<1).contains($0) })
        #expect(abs(uniform.reduce(0, +) / Double(count) - 0.5) < 0.005)
        let normal = (0..<count).map { _ in generator.gaussian() }
        let moment = { (power: Int) in
            normal.reduce(0) { $0 + pow($1, Double(power)) } / Double(count)
        }
        #expect(abs(moment(1)) < 0.02)
        #expect(abs(moment(2) - 1) < 0.02)
        #expect(abs(moment(3)) < 0.05)
        #expect(abs(moment(4) - 3) < 0.15)
    }
}

@Suite struct ECGSimulatorTests {
    @Test func obeysEinthovenAndGoldberger() throws {
        var simulator = ECGSimulator()
        simulator.noise = SimulatedNoise(white: 0.02, muscle: 0.05, mains: 0.05, wander: 0.3)
        simulator.rotation = AxisRotation(frontal: 0.4, horizontal: -0.3, sagittal: 0.2)
        let recording = try simulator.recording(seed: 3)
        #expect(recording.leadsReceived == Lead.allCases)
        #expect(recording.sampleCount == 5_000)
        let residual = try #require(LimbLeads.residual(of: recording))
        #expect(residual.maximumMillivolts < 1e-6)
        try SignalGate.check(recording, neededSeconds: 9)
    }

    /// ST shift in millivolts that each territory's vector gives through Dower's matrix, worked out by hand to two digits.
    static let shifts: [(Territory, [Double])] = [
        (.anterior, [0.03, -0.03, -0.06, 0, 0.05, -0.04, 0.15, 0.27, 0.29, 0.17, 0.07, -0.01]),
        (.inferior, [-0.08, 0.20, 0.28, -0.06, -0.18, 0.24, 0.03, -0.01, -0.07, -0.07, -0.04, -0.03]),
        (.lateral, [0.11, 0.06, -0.06, -0.09, 0.08, 0, -0.20, -0.15, 0.01, 0.15, 0.20, 0.18]),
        (.highLateral, [0.15, -0.04, -0.19, -0.05, 0.17, -0.11, -0.13, -0.03, 0.14, 0.22, 0.21, 0.16]),
        (
            .subendocardial,
            [-0.06, -0.17, -0.11, 0.12, 0.02, -0.14, 0.01, -0.10, -0.21, -0.23, -0.19, -0.12]
        ),
    ]

    @Test(arguments: shifts) func shiftsSTByTerritory(territory: Territory, expected: [Double]) throws {
        let findings = Findings(stShift: Findings.STShift(territory: territory, magnitude: 1))
        let normal = try quiet().recording(seed: 1)
        let ill = try quiet(findings).recording(seed: 1)
        // At 60 beats a minute mid-segment (phase 0.6) is 95 ms after R.
        for peak in rPeaks(of: normal).dropFirst().dropLast() {
            for lead in Lead.allCases {
                let sample = lead.index * normal.sampleCount + peak + 48
                let shift = Double(ill.millivolts[sample] - normal.millivolts[sample])
                #expect(abs(shift - expected[lead.index]) < 0.0056, "\(lead)")
                let before = sample - 48 - 40
                #expect(abs(ill.millivolts[before] - normal.millivolts[before]) < 1e-4)
            }
        }
    }

    @Test(arguments: [40.0, 60, 75, 110, 150, 180]) func beatsAtTheRate(beatsPerMinute: Double) throws {
        var simulator = quiet(beatsPerMinute: beatsPerMinute)
        simulator.durationSeconds = 30
        let peaks = rPeaks(of: try simulator.recording(seed: 9))
        #expect(abs(Double(peaks.count) - beatsPerMinute / 2) <= 1)
        let intervals = zip(peaks, peaks.dropFirst()).map { $1 - $0 }
        #expect(intervals.allSatisfy { abs(Double($0) - 30_000 / beatsPerMinute) <= 2 })
    }

    @Test func variesTheIntervalWithBreathingAndFromBeatToBeat() throws {
        var simulator = ECGSimulator()
        simulator.rhythm = Rhythm(beatsPerMinute: 60, respiratory: 0.1, irregularity: 0.02)
        simulator.durationSeconds = 120
        let peaks = rPeaks(of: try simulator.recording(seed: 2))
        let intervals = zip(peaks, peaks.dropFirst()).map { Double($1 - $0) / 500 }
        let mean = intervals.reduce(0, +) / Double(intervals.count)
        let variance = intervals.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(intervals.count)
        // A sine of amplitude 0.1 and a deviation of 0.02: the squares add to 0.0054.
        #expect(abs(mean - 1) < 0.02)
        #expect(abs(variance.squareRoot() - 0.0735) < 0.015)
    }

    @Test func samplesTheSameHeartAtAnyRate() throws {
        var simulator = quiet(beatsPerMinute: 70)
        let fine = try simulator.recording(seed: 4)
        simulator.sampleRateHertz = 250
        let coarse = try simulator.recording(seed: 4)
        #expect(coarse.sampleCount == 2_500)
        let everySecond = stride(from: 0, to: 12 * 5_000, by: 2).map { fine.millivolts[$0] }
        #expect(zip(everySecond, coarse.millivolts).allSatisfy { abs($0 - $1) < 1e-6 })
    }

    @Test func invertsAndRaisesT() throws {
        // The T wave's peak follows R by about 0.24 s at 60 beats a minute.
        let normal = try quiet().recording(seed: 1)
        let peak = try #require(rPeaks(of: normal).dropFirst().first)
        let t = { (findings: Findings, lead: Lead) throws -> Float in
            try quiet(findings).recording(seed: 1)[lead].dropFirst(peak + 120).first ?? .nan
        }
        let height = try t(.none, .V4)
        #expect(height > 0.2)
        #expect(try t(Findings(tWave: 2), .V4) > 1.8 * height)
        #expect(try t(Findings(tWave: -1), .V4) < -0.8 * height)
        #expect(try t(Findings(tWave: -1, tWaveIsAnterior: true), .V2) < 0)
        #expect(abs(try t(Findings(tWave: -1, tWaveIsAnterior: true), .I) - t(.none, .I)) < 0.1)
    }

    @Test func takesForcesAwayForAQWave() throws {
        let findings = Findings(qWave: Findings.QWave(territory: .inferior, millivolts: 0.4))
        let normal = try quiet().recording(seed: 1)
        let old = try quiet(findings).recording(seed: 1)
        let peak = try #require(rPeaks(of: normal).dropFirst().first)
        for lead in [Lead.II, .III, .aVF] {
            let start = lead.index * normal.sampleCount + peak
            let deepest = (start - 40..<start).map { old.millivolts[$0] - normal.millivolts[$0] }.min() ?? 0
            // The direction of the inferior vector has 0.8 to 1.3 of its length in these leads.
            #expect(deepest < -0.3 && deepest > -0.6, "\(lead)")
        }
    }

    @Test func turnsTheFrontalAxis() throws {
        var simulator = quiet()
        let axis = { (simulator: ECGSimulator) throws -> Double in
            let recording = try simulator.recording(seed: 1)
            // Net area of a lead's QRS complexes is near the sum of their extremes.
            let net = { (lead: Lead) in Double((recording[lead].max() ?? 0) + (recording[lead].min() ?? 0)) }
            return atan2(net(.aVF) * 2 / 3.0.squareRoot(), net(.I))
        }
        let normal = try axis(simulator)
        simulator.rotation.frontal = 0.5
        let right = try axis(simulator)
        simulator.rotation.frontal = -0.5
        let left = try axis(simulator)
        #expect(right - normal > 0.3)
        #expect(normal - left > 0.3)
    }

    @Test func addsTheNoiseThatIsAsked() throws {
        let clean = try quiet().recording(seed: 1)
        for (noise, deviation) in [
            (SimulatedNoise(white: 0.02), 0.02...0.02), (SimulatedNoise(muscle: 0.05), 0.015...0.03),
            (SimulatedNoise(mains: 0.1, mainsHertz: 60), 0.02...0.071),
            (SimulatedNoise(wander: 0.2), 0.06...0.2),
        ] {
            var simulator = quiet()
            simulator.noise = noise
            let noisy = try simulator.recording(seed: 1)
            for lead in Lead.independent {
                let squares = zip(noisy[lead], clean[lead]).reduce(0.0) { $0 + pow(Double($1.0 - $1.1), 2) }
                let found = (squares / 5_000).squareRoot()
                #expect(found > 0.95 * deviation.lowerBound && found < 1.05 * deviation.upperBound)
            }
        }
    }

    @Test func isDeterminedByItsSeed() throws {
        var simulator = ECGSimulator()
        simulator.noise = SimulatedNoise(white: 0.01)
        #expect(try simulator.recording(seed: 7) == simulator.recording(seed: 7))
        #expect(try simulator.recording(seed: 7) != simulator.recording(seed: 8))
    }

    @Test func refusesWhatIsOutOfRange() {
        var simulator = ECGSimulator()
        simulator.rhythm.beatsPerMinute = 0
        #expect(
            throws: SimulationError.outOfRange(parameter: "beatsPerMinute", found: 0, allowed: 20...250)
        ) { try simulator.recording(seed: 1) }
        simulator = ECGSimulator()
        simulator.durationSeconds = .nan
        #expect(throws: SimulationError.self) { try simulator.recording(seed: 1) }
        simulator.durationSeconds = 6_000
        #expect(
            throws: SimulationError.outOfRange(parameter: "samples", found: 3_000_000, allowed: 0...600_000)
        ) { try simulator.recording(seed: 1) }
        simulator = ECGSimulator()
        simulator.sampleRateHertz = 1
        #expect(throws: SimulationError.self) { try simulator.recording(seed: 1) }
    }
}
