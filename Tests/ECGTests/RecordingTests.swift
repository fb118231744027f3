import ECG
import Testing

/// Eight independent leads with a small triangle, one amplitude each; `extra` adds or overrides signals.
private func signals(
    samples: Int = 5_000, extra: [(String, [Float])] = []
) -> [(name: String, millivolts: [Float])] {
    var signals: [(name: String, millivolts: [Float])] = []
    for (index, lead) in Lead.independent.enumerated() {
        let amplitude = Float(index + 1) / 4
        signals.append((lead.rawValue, (0..<samples).map { Float($0 % 100) / 100 * amplitude }))
    }
    return signals + extra.map { (name: $0.0, millivolts: $0.1) }
}

private func rate() throws -> SampleRate { try SampleRate(hertz: 500) }

@Suite struct RecordingTests {
    @Test func derivesLimbLeadsFromEightIndependentOnes() throws {
        let recording = try Recording(signals: signals(), sampleRate: rate())
        #expect(recording.leadsReceived == Lead.independent)
        #expect(recording.leadsDerived == [.III, .aVR, .aVL, .aVF])
        let one = try #require(recording[.I].dropFirst(60).first)
        let two = try #require(recording[.II].dropFirst(60).first)
        #expect(recording[.III].dropFirst(60).first == two - one)
        #expect(recording[.aVR].dropFirst(60).first == -(one + two) / 2)
        #expect(recording[.aVL].dropFirst(60).first == one - two / 2)
        #expect(recording[.aVF].dropFirst(60).first == two - one / 2)
        #expect(LimbLeads.residual(of: recording) == nil)
    }

    @Test func keepsStoredLimbLeadsAndReportsTheirResidual() throws {
        let wrong = [Float](repeating: 0, count: 5_000)
        let recording = try Recording(signals: signals(extra: [("AVR", wrong)]), sampleRate: rate())
        #expect(recording.leadsDerived == [.III, .aVL, .aVF])
        let residual = try #require(LimbLeads.residual(of: recording))
        #expect(residual.lead == .aVR)
        #expect(!residual.isConsistent)
        #expect(abs(residual.maximumMillivolts - 0.37125) < 1e-6)
    }

    @Test func refusesWhatIsNotTwelveLeads() throws {
        #expect(throws: RecordingError.missingLeads([.V6])) {
            try Recording(signals: signals().dropLast(), sampleRate: rate())
        }
        #expect(throws: RecordingError.unknownLead(name: "V77")) {
            try Recording(signals: signals(extra: [("V77", [])]), sampleRate: rate())
        }
        #expect(throws: RecordingError.duplicateLead(.V1)) {
            try Recording(signals: signals(extra: [("v1", [])]), sampleRate: rate())
        }
        #expect(throws: RecordingError.unequalLengths(.aVL, samples: 7, expected: 5_000)) {
            try Recording(
                signals: signals(extra: [("aVL", [Float](repeating: 0, count: 7))]), sampleRate: rate())
        }
        #expect(throws: RecordingError.notAVoltage(.aVL, sample: 3)) {
            var samples = [Float](repeating: 0, count: 5_000)
            samples[3] = .infinity
            return try Recording(signals: signals(extra: [("aVL", samples)]), sampleRate: rate())
        }
    }

    @Test func leavesSupplementaryLeadsOut() throws {
        let recording = try Recording(
            signals: signals(extra: [("V4R", [1]), (" vx ", [2])]), sampleRate: rate())
        #expect(recording.leadsIgnored == ["V4R", "VX"])
    }

    @Test(arguments: [0, -500, .nan, .infinity, 49.9, 1e9]) func refusesImpossibleRates(hertz: Double) {
        #expect(throws: RecordingError.self) { try SampleRate(hertz: hertz) }
    }

    @Test func cutsToAPart() throws {
        let recording = try Recording(signals: signals(), sampleRate: rate())
        let cut = recording.part(from: 0, seconds: 2)
        #expect(cut.sampleCount == 1_000)
        #expect(cut[.V6].elementsEqual(recording[.V6].prefix(1_000)))
        #expect(recording.part(from: 0, seconds: 60) == recording)
        let later = recording.part(from: 1, seconds: 2)
        #expect(later[.V6].elementsEqual(recording[.V6].dropFirst(500).prefix(1_000)))
        #expect(recording.part(from: 1_000, seconds: 2).sampleCount == 0)
    }
}

@Suite struct SignalGateTests {
    @Test func acceptsAnOrdinaryRecording() throws {
        try SignalGate.check(Recording(signals: signals(), sampleRate: rate()), neededSeconds: 9)
    }

    @Test func refusesShortFlatGappyAndImplausible() throws {
        let short = try Recording(signals: signals(samples: 1_000), sampleRate: rate())
        #expect(throws: RecordingError.tooShort(seconds: 2, neededSeconds: 9)) {
            try SignalGate.check(short, neededSeconds: 9)
        }
        let constant = Lead.independent.map {
            (name: $0.rawValue, millivolts: [Float](repeating: 0.3, count: 5_000))
        }
        let flat = try Recording(signals: constant, sampleRate: rate())
        #expect(throws: RecordingError.flat) { try SignalGate.check(flat, neededSeconds: 9) }

        // Six chest leads without a signal are no 12-lead ECG, a single dead one is.
        for (dead, isRefused) in [(6, true), (1, false)] {
            let leads = signals().enumerated().map { row, signal in
                (
                    name: signal.name,
                    millivolts: row >= 8 - dead ? [Float](repeating: 0, count: 5_000) : signal.millivolts
                )
            }
            let recording = try Recording(signals: leads, sampleRate: rate())
            var refused = false
            do { try SignalGate.check(recording, neededSeconds: 9) } catch { refused = error == .flat }
            #expect(refused == isRefused)
        }

        var gappy = signals()
        gappy[3].millivolts.replaceSubrange(40..<43, with: [.nan, .nan, .nan])
        let gap = try Recording(signals: gappy, sampleRate: rate())
        #expect(throws: RecordingError.gap(.V2, firstSample: 40, count: 3)) {
            try SignalGate.check(gap, neededSeconds: 9)
        }
    }

    @Test(arguments: [Float(1_000), 0.001]) func refusesAUnitErrorOfAFactorThousand(factor: Float) throws {
        let scaled = signals().map { (name: $0.name, millivolts: $0.millivolts.map { $0 * factor }) }
        let recording = try Recording(signals: scaled, sampleRate: rate())
        #expect(throws: RecordingError.self) { try SignalGate.check(recording, neededSeconds: 9) }
    }
}

@Suite struct VoltageUnitTests {
    @Test(arguments: [
        ("mV", VoltageUnit.millivolts), ("\u{B5}V", .microvolts), ("\u{3BC}V", .microvolts), ("V", .volts),
    ])
    func readsSymbols(symbol: String, unit: VoltageUnit) { #expect(VoltageUnit(symbol: symbol) == unit) }

    @Test(arguments: ["", "MV", "mmHg", "adu", "m V"]) func refusesWhatIsNoVoltage(symbol: String) {
        #expect(VoltageUnit(symbol: symbol) == nil)
    }
}
