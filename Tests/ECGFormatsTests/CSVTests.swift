import ECG
import ECGFormats
import Testing

private let header = "I,II,V1,V2,V3,V4,V5,V6"

private func read(
    _ text: String, rate: Double? = nil, unit: VoltageUnit? = nil, leads: [String]? = nil
) throws -> Recording {
    let upload = try Upload(body: Array(text.utf8), mediaType: "text/csv", fileName: "ecg.csv")
    let options = ReadOptions(
        sampleRate: try rate.map { try SampleRate(hertz: $0) }, unit: unit, leadOrder: leads)
    return try FormatRegistry.read(upload, options: options).recording
}

/// Rows of eight equal samples after an optional time.
private func rows(_ times: [String], value: String = "0.5", separator: String = ",") -> String {
    times.map { time in
        (([time] + Array(repeating: value, count: 8)).joined(separator: separator)) + "\n"
    }.joined()
}

private func failure(_ body: () throws -> Recording) -> FormatError? {
    do {
        _ = try body()
        return nil
    } catch { return error as? FormatError }
}

@Suite struct CSVTests {
    private let two = "1,2,3,4,5,6,7,8\n-1,-2,-3,-4,-5,-6,-7,-8\n"

    @Test func readsTheRateFromAColumnThatRepeatsIt() throws {
        let header = "sampleRate [Hz]," + header
        let recording = try read(header + "\n" + rows(["250", "250", ""]), unit: .millivolts)
        #expect(recording.sampleRate.hertz == 250)
        #expect(recording.sampleCount == 3)
        let differing = failure { try read(header + "\n" + rows(["250", "500"]), unit: .millivolts) }
        #expect(differing?.code == .sampleRateConflict)
        #expect(differing?.place == .line(3, column: 1))
        let other = failure { try read(header + "\n" + rows(["250"]), rate: 500, unit: .millivolts) }
        #expect(other?.code == .sampleRateConflict)
        let empty = failure { try read(header + "\n" + rows([""]), unit: .millivolts) }
        #expect(empty?.code == .sampleRateMissing)
        let absurd = failure { try read(header + "\n" + rows(["0"]), unit: .millivolts) }
        #expect(absurd?.code == .recording)
    }

    @Test func readsCommentsQuotesAndLooseNumbers() throws {
        let text = """
            # exported by a device
            # sampleRate: 500 Hz,,,
            # units = mV

            "I","II"," V1 ",V2,V3,V4,V5,V6
            "1",+2, 3 ,.4,5.,006,7e0,-8E-1
            ,,,,,,,

            """
        let recording = try read(text)
        #expect(recording.sampleRate.hertz == 500)
        #expect(recording.sampleCount == 2)
        let firsts = Lead.independent.map { recording[$0].first ?? .nan }
        #expect(firsts == [1, 2, 3, 0.4, 5, 6, 7, -0.8])
        #expect(Lead.independent.allSatisfy { recording[$0].last?.isNaN == true })
    }

    @Test func takesUnitsFromEachColumn() throws {
        let text = "I [mV],II (uV),V1 [\u{B5}V],V2 [V],V3 [nV],V4 [mV],V5 [mV],V6 [mV]\n1,1,1,1,1,1,1,1\n"
        let recording = try read(text, rate: 500)
        #expect(recording[.I].first == 1)
        #expect(recording[.II].first == 0.001)
        #expect(recording[.V1].first == 0.001)
        #expect(recording[.V2].first == 1_000)
        #expect(recording[.V3].first == 1e-6)
    }

    @Test(arguments: ["\n", "\r\n"]) func acceptsEveryDelimiterAndLineEnd(end: String) throws {
        let comma = try read(header + "\n" + two, rate: 500, unit: .millivolts)
        for delimiter in [";", "\t"] {
            let text = (header + "\n" + two).replacing(",", with: delimiter).replacing("\n", with: end)
            #expect(try read(text, rate: 500, unit: .millivolts) == comma)
            #expect(try read("\u{FEFF}" + text, rate: 500, unit: .millivolts) == comma)
            #expect(try read(String(text.dropLast()), rate: 500, unit: .millivolts) == comma)
        }
        let trailing = (header + "\n" + two).replacing("\n", with: ",\n")
        #expect(try read(trailing, rate: 500, unit: .millivolts) == comma)
        #expect(try read(header + "\n" + two + "\n\n", rate: 500, unit: .millivolts) == comma)
    }

    @Test func readsDecimalCommas() throws {
        let text = (header + "\n" + two.replacing("1,", with: "1.25,")).replacing(",", with: ";")
        let german = text.replacing(".", with: ",")
        #expect(try read(german, rate: 500, unit: .millivolts) == read(text, rate: 500, unit: .millivolts))
    }

    @Test func acceptsATableWithoutHeaderOnlyWhenAllIsStated() throws {
        let leads = ["I", "II", "V1", "V2", "V3", "V4", "V5", "V6"]
        let plain = try read(header + "\n" + two, rate: 500, unit: .millivolts)
        #expect(try read(two, rate: 500, unit: .millivolts, leads: leads) == plain)
        let timed = rows(["0", "2", "4"])
        #expect(try read(timed, unit: .millivolts, leads: ["time [ms]"] + leads).sampleRate.hertz == 500)
        #expect(failure { try read(two, rate: 500, unit: .millivolts) }?.code == .leadNamesMissing)
        #expect(failure { try read(two, rate: 500, leads: leads) }?.code == .unitMissing)
        #expect(failure { try read(two, unit: .millivolts, leads: leads) }?.code == .sampleRateMissing)
        let short = failure { try read(two, rate: 500, unit: .millivolts, leads: ["I"]) }
        #expect(short?.code == .leadNamesConflict)
        let order = Array(leads.reversed())
        let conflict = failure { try read(header + "\n" + two, rate: 500, unit: .millivolts, leads: order) }
        #expect(conflict?.code == .leadNamesConflict)
    }

    @Test(arguments: [
        ("time [s]", 360.0, 1_000.0), ("Zeit [ms]", 500, 1), ("t (us)", 1_000, 1), ("time (s)", 250, 1_000),
        ("Time [s]", 257, 1_000), ("time [ms]", 128, 10),
    ]) func snapsRoundedTimesToTheRate(label: String, hertz: Double, decimals: Double) throws {
        let perUnit = label.contains("ms") ? 1e3 : label.contains("us") ? 1e6 : 1
        let times = (0..<3_000).map { "\((Double($0) / hertz * perUnit * decimals).rounded() / decimals)" }
        let recording = try read(label + "," + header + "\n" + rows(times), unit: .millivolts)
        #expect(recording.sampleRate.hertz == hertz)
        // A stated rate within a thousandth wins, another one conflicts.
        let stated = try read(
            label + "," + header + "\n" + rows(times), rate: hertz * 1.0005, unit: .millivolts)
        #expect(stated.sampleRate.hertz == hertz * 1.0005)
        let wrong = failure {
            try read(label + "," + header + "\n" + rows(times), rate: hertz * 1.01, unit: .millivolts)
        }
        #expect(wrong?.code == .sampleRateConflict)
    }

    @Test func namesTheLineOfAnUnevenStep() {
        var times = (0..<100).map { "\($0 * 2)" }
        times.remove(at: 60)
        let error = failure { try read("time [ms]," + header + "\n" + rows(times), unit: .millivolts) }
        #expect(error?.place == .line(62, column: 1))
        #expect(error?.code == .malformed)
    }

    @Test func refusesEachDefect() {
        let good = header + "\n" + two
        let defects: [(String, FormatError.Code, FormatError.Place?)] = [
            (good.replacing("-3", with: "NaN"), .malformed, .line(3, column: 3)),
            (good.replacing("-3", with: "inf"), .malformed, .line(3, column: 3)),
            (good.replacing("-3", with: "1-3"), .malformed, .line(3, column: 3)),
            (good.replacing("-3", with: "\"3"), .malformed, .line(3, column: 3)),
            (good.replacing("-8", with: "-8,9"), .malformed, .line(3, column: 8)),
            (good.replacing(",-8", with: ""), .malformed, .line(3, column: 7)),
            (good.replacing("\n-1", with: "\n\n-1"), .malformed, .line(3, column: 1)),
            (good.replacing("V6", with: "V66"), .recording, .line(1, column: 8)),
            (good.replacing("V6", with: "V5"), .recording, nil),
            (good.replacing("V6", with: "V6 [mmHg]"), .unitUnknown, .line(1, column: 8)),
            (good.replacing("V6", with: "V6 [uV]"), .unitConflict, .line(1, column: 8)),
            (good.replacing("I,II", with: "I,,II"), .malformed, .line(1, column: nil)),
            (good.replacing("I,II", with: "time,time,I,II"), .malformed, .line(1, column: nil)),
            (good.replacing("I,II", with: "I;\tII"), .malformed, .line(1, column: nil)),
            (good.replacing("I,II", with: "\"I,II"), .malformed, nil),
            ("# units: uV\n" + good, .unitConflict, nil),
            ("# units: furlong\n" + good, .unitUnknown, .line(1, column: nil)),
            ("# sampleRate: 250\n" + good, .sampleRateConflict, nil),
            ("# sampleRate: many\n" + good, .malformed, .line(1, column: nil)),
            ("# sampleRate: 0\n" + good, .recording, .line(1, column: nil)),
            (good.replacing("1,2", with: "1e9,2"), .recording, nil),
            (header + "\n", .malformed, .line(2, column: nil)),
        ]
        for (text, code, place) in defects {
            let options = ReadOptions(sampleRate: try? SampleRate(hertz: 500), unit: .millivolts)
            do {
                let upload = try Upload(body: Array(text.utf8), mediaType: nil, fileName: "x.csv")
                _ = try CSVReader.read(upload, options: options)
                Issue.record("read: \(text)")
            } catch {
                #expect(error.code == code, "\(error.message)")
                if let place { #expect(error.place == place, "\(error.message)") }
            }
        }
    }

    @Test func neverEchoesLongOrControlText() throws {
        let name = "V1\u{202E}" + String(repeating: "Erika Mustermann ", count: 20)
        let error = failure { try read(header.replacing("V1", with: name) + "\n" + two, rate: 500) }
        let message = try #require(error?.message)
        #expect(message.utf8.count < 300)
        #expect(!message.contains("Erika"))
        #expect(!message.unicodeScalars.contains("\u{202E}"))
        let short = failure { try read(header.replacing("V1", with: "V\u{202E}") + "\n" + two, rate: 500) }
        #expect(short?.message.contains("'V\\u{202e}' is no lead") == true)
    }
}

/// Labels that programs in use write.
@Suite struct CSVLabelTests {
    private static let leads = ["I", "II", "V1", "V2", "V3", "V4", "V5", "V6"]

    private func read(_ labels: [String], cell: (Int) -> String? = { _ in nil }) throws -> Recording {
        var lines = [labels.joined(separator: ",")]
        for row in 0..<40 {
            let values = (0..<8).map { "\(row + $0)" }
            lines.append(([cell(row)].compactMap(\.self) + values).joined(separator: ","))
        }
        let upload = try Upload(body: Array(lines.joined(separator: "\n").utf8), mediaType: nil, fileName: "")
        let rate = labels[0].hasPrefix("time") ? nil : try SampleRate(hertz: 500)
        return try FormatRegistry.read(
            upload, options: ReadOptions(sampleRate: rate, unit: .millivolts)
        ).recording
    }

    @Test(arguments: ["Lead %", "lead_%", "ECG %", "EKG_%", "%_mV", "% (mV)", "%[mV]", "MDC_ECG_LEAD_%"])
    func namesLeadsAsProgramsDo(pattern: String) throws {
        let recording = try read(Self.leads.map { pattern.replacing("%", with: $0) })
        #expect(recording.leadsReceived == [.I, .II, .V1, .V2, .V3, .V4, .V5, .V6])
        #expect(recording[.V1].prefix(3) == [2, 3, 4])
    }

    @Test(arguments: ["", "index", "sample", "n"]) func leavesNumbersOfRowsOut(label: String) throws {
        #expect(try read([label] + Self.leads) { "\($0)" }.sampleCount == 40)
        #expect(try read([label] + Self.leads) { "\($0 + 7)" }.sampleCount == 40)
        let error = #expect(throws: FormatError.self) {
            try read([label] + Self.leads) { $0 < 20 ? "\($0)" : "\($0 + 1)" }
        }
        #expect(error?.code == .malformed)
        #expect(error?.place == .line(22, column: 1))
    }

    /// As rdsamp -c of WFDB and PhysioBank ATM write it: quoted labels, a line of units, times as clocks show them.
    @Test func readsTheTablesOfRdsamp() throws {
        let leads = Self.leads.map { "'\($0)'" }.joined(separator: ",")
        let labels = "'Elapsed time'," + leads + "\n"
        let units =
            "'mm:ss.mmm'," + Array(repeating: "'mV'", count: Self.leads.count).joined(separator: ",") + "\n"
        let times = ["'0:59.996'", "'0:59.998'", "'1:00.000'", "'1:00.002'"]
        let recording = try ECGFormatsTests.read(labels + units + rows(times))
        #expect(recording.sampleRate.hertz == 500)
        #expect(recording[.V6].elementsEqual([0.5, 0.5, 0.5, 0.5]))
        let numbered = try ECGFormatsTests.read(
            "sep=,\n'sample #'," + leads + "\n" + rows(["0", "1", "2"]), rate: 500, unit: .millivolts)
        #expect(numbered.sampleCount == 3)
        let hours = try ECGFormatsTests.read(
            "time [s]," + leads + "\n" + rows(["23:59:59.99", "23:59:59.995"]), unit: .millivolts)
        #expect(hours.sampleRate.hertz == 200)
        // A clock's time is no sample, and none without its column.
        for text in [
            "time [s]," + leads + "\n" + rows(["0", "0.002"], value: "1:00"), leads + "\n1:2,1,1,1,1,1,1,1\n",
        ] {
            #expect(
                failure { try ECGFormatsTests.read(text, rate: 500, unit: .millivolts) }?.code == .malformed)
        }
    }

    @Test func takesUnitsOfTimeBehindAnUnderscore() throws {
        #expect(try read(["time_ms"] + Self.leads) { "\($0 * 4)" }.sampleRate.hertz == 250)
    }

    @Test(arguments: ["-aVR", "_aVR_", "aVR_ms", "Lead", "lead_"]) func refusesWhatIsNoLead(label: String) {
        var labels = Self.leads
        labels[7] = label
        #expect(throws: FormatError.self) { try read(labels) }
    }
}
