import ECG
import ECGFormats
import Simulation
import Testing

/// Reads back what the writer is meant to write, from the format's description alone.
private struct Decoded {
    var name = ""
    var hertz = 0.0
    var leads: [String] = []
    var millivolts: [[Double]] = []

    init(_ files: WFDBWriter.Files) throws {
        let text = String(decoding: files.header, as: UTF8.self)
        #expect(text.hasSuffix("\n"))
        let lines = text.split(separator: "\n").map { $0.split(separator: " ") }
        let record = try #require(lines.first)
        name = String(record[0])
        let signals = try #require(Int(record[1]))
        hertz = try #require(Double(record[2]))
        let samples = try #require(Int(record[3]))
        #expect(lines.count == signals + 1)
        #expect(files.signals.count == 2 * signals * samples)
        for (index, line) in lines.dropFirst().enumerated() {
            #expect(line.count == 9)
            #expect(line[0] == "\(name).dat")
            #expect(line[1...4] == ["16", "1000(0)/mV", "16", "0"])
            let steps = (0..<samples).map { sample in
                let at = 2 * (sample * signals + index)
                return Int16(truncatingIfNeeded: Int(files.signals[at]) + 256 * Int(files.signals[at + 1]))
            }
            #expect(Int(line[5]) == steps.first.map(Int.init))
            let sum = steps.reduce(0) { $0 + Int($1) }
            let checksum = try #require(Int(line[6]))
            #expect((sum - checksum) % 65_536 == 0)
            #expect((-32_768...32_767).contains(checksum))
            leads.append(String(line[8]))
            millivolts.append(steps.map { $0 == .min ? .nan : Double($0) / 1_000 })
        }
    }
}

@Suite struct WFDBWriterTests {
    @Test(arguments: [(WFDBWriter.Leads.twelve, Lead.allCases), (.eight, Lead.independent)])
    func writesWhatDecodesToTheSameSamples(leads: WFDBWriter.Leads, expected: [Lead]) throws {
        var simulator = ECGSimulator()
        simulator.noise = SimulatedNoise(white: 0.01, wander: 0.3)
        let recording = try simulator.recording(seed: 5)
        let decoded = try Decoded(WFDBWriter(leads: leads).files(of: recording, name: "sim_000-5"))
        #expect(decoded.name == "sim_000-5")
        #expect(decoded.hertz == 500)
        #expect(decoded.leads == expected.map(\.rawValue))
        for (lead, millivolts) in zip(expected, decoded.millivolts) {
            #expect(millivolts.count == recording.sampleCount)
            let worst = zip(recording[lead], millivolts).map { abs(Double($0) - $1) }.max() ?? .infinity
            #expect(worst <= 0.0005 + 1e-9, "\(lead)")
        }
    }

    @Test func writesFractionalRates() throws {
        var simulator = ECGSimulator()
        simulator.sampleRateHertz = 499.9
        let files = try WFDBWriter().files(of: simulator.recording(seed: 1), name: "a")
        #expect(String(decoding: files.header, as: UTF8.self).hasPrefix("a 12 499.9 4999\n"))
    }

    @Test func writesCommentsAsSuch() throws {
        let files = try WFDBWriter().files(
            of: ECGSimulator().recording(seed: 1), name: "a", comments: ["Simulated\nb.dat 16", ""])
        let lines = String(decoding: files.header, as: UTF8.self).split(separator: "\n")
        #expect(lines.count == 15)
        #expect(lines.suffix(2) == ["# Simulated", "# b.dat 16"])
    }

    @Test func marksMissingSamplesAndRefusesWhatDoesNotFit() throws {
        let signals = { (third: Float) in
            Lead.independent.map { (name: $0.rawValue, millivolts: [0, -32.767, third]) }
        }
        let rate = try SampleRate(hertz: 500)
        let gap = try Recording(signals: signals(.nan), sampleRate: rate)
        let decoded = try Decoded(WFDBWriter(leads: .eight).files(of: gap, name: "gap"))
        #expect(decoded.millivolts.allSatisfy { $0[1] == -32.767 && $0[2].isNaN })
        let large = try Recording(signals: signals(-32.768), sampleRate: rate)
        #expect(throws: WritingError.notRepresentable(.I, sample: 2, millivolts: -32.768)) {
            try WFDBWriter().files(of: large, name: "large")
        }
    }

    @Test(arguments: ["", "a b", "../a", "a.b", "a/b", "ä"]) func refusesNamesThatAreNone(name: String) throws
    {
        let recording = try ECGSimulator().recording(seed: 1)
        #expect(throws: WritingError.recordName(name)) {
            try WFDBWriter().files(of: recording, name: name)
        }
    }
}
