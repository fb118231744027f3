import ECG
import ECGFormats
import Testing

/// Records of several segments: the rules that hold them together. What they decode to is in the fixtures.
@Suite struct WFDBSegmentTests {
    /// A segment of twelve leads in format 16, all samples `value`.
    private func segment(_ name: String, samples: Int, value: UInt8, hertz: Int = 500) -> [(String, [UInt8])]
    {
        var lines = ["\(name) 12 \(hertz) \(samples)"]
        for lead in Lead.allCases { lines.append("\(name).dat 16 1000(0)/mV 16 0 0 0 0 \(lead.rawValue)") }
        // Without checksums, which all would have to be worked out.
        lines =
            [lines[0]]
            + lines.dropFirst().map { $0.replacing("16 0 0 0 0 ", with: "16 0 0 \(sum(value, samples)) 0 ") }
        let bytes = (0..<24 * samples).map { $0 % 2 == 0 ? value : 0 }
        return [("\(name).hea", Array((lines.joined(separator: "\n") + "\n").utf8)), ("\(name).dat", bytes)]
    }

    private func sum(_ value: UInt8, _ samples: Int) -> Int { Int(value) * samples % 65_536 }

    private func read(_ head: String, _ files: [(String, [UInt8])]) throws -> Recording {
        let upload = try Upload(files: [("r.hea", Array(head.utf8))] + files)
        return try FormatRegistry.read(upload, options: ReadOptions()).recording
    }

    @Test func joinsSegmentsInTheOrderOfTheHeaderAndLeavesGaps() throws {
        let files = segment("b", samples: 20, value: 2) + segment("a", samples: 30, value: 1)
        let recording = try read("r/4 12 500 65\na 30\n~ 10\nb 20\n~ 5\n", files)
        #expect(recording.sampleCount == 65)
        #expect(recording[.V3].prefix(30).allSatisfy { $0 == 0.001 })
        #expect(recording[.V3].dropFirst(30).prefix(10).allSatisfy { $0.isNaN })
        #expect(recording[.V3].dropFirst(40).prefix(20).allSatisfy { $0 == 0.002 })
        #expect(recording[.V3].suffix(5).allSatisfy { $0.isNaN })
        #expect(recording.remarks == ["4 segments, one after the other"])
    }

    @Test func refusesWhatDoesNotBelongTogether() throws {
        let one = segment("a", samples: 30, value: 1)
        let other = segment("b", samples: 20, value: 2)
        let cases: [(String, [(String, [UInt8])], FormatError.Code)] = [
            ("r/2 12 500 50\na 30\nb 20\n", one, .missingPart),
            ("r/2 12 500 50\na 30\nb 20\n", one + [other[0]], .missingPart),
            ("r/2 12 500 51\na 30\nb 20\n", one + other, .malformed),
            ("r/2 12 500\na 30\nb 21\n", one + other, .malformed),
            (
                "r/2 12 500 60\na 30\nb 30\n", one + segment("b", samples: 30, value: 1, hertz: 250),
                .malformed
            ),
            ("r/1 12 500 30\na 30\n", one + other, .ambiguousUpload),
            ("r/2 12 500 50\na 30\n", one + other, .truncated),
            ("r/2 12 500 50\na 30\nb x\n", one + other, .malformed),
            ("r/2 12 500 50\na 30\n../b 20\n", one + other, .malformed),
            ("r/0 12 500 50\n", one, .malformed),
            ("r/1 12 500 700000\na 700000\n", one, .limitExceeded),
            ("r/2 12 500\na 600000\nb 600000\n", one + other, .limitExceeded),
            ("r/1 12 500\nq 30\n", one + [("q.hea", Array("q/1 12 500\na 30\n".utf8))], .ambiguousUpload),
            (
                "r/2 12 500\nq 30\na 30\n", one + [("q.hea", Array("q/1 12 500\na 30\n".utf8))],
                .unsupportedEncoding
            ),
        ]
        for (head, files, code) in cases {
            let error = #expect(throws: FormatError.self, "\(head)") { try read(head, files) }
            #expect(error?.code == code, "\(head)")
        }
    }

    /// Frames of a thousand samples make a gap of six hundred frames too long.
    @Test func boundsGapsBySamplesRatherThanFrames() throws {
        var lines = ["a 12 0.5 1"]
        for lead in Lead.allCases { lines.append("a.dat 16x1000 1000(0)/mV 16 0 0 0 0 \(lead.rawValue)") }
        let files: [(String, [UInt8])] = [
            ("a.hea", Array((lines.joined(separator: "\n") + "\n").utf8)),
            ("a.dat", [UInt8](repeating: 0, count: 24_000)),
        ]
        let short = try read("r/2 12 0.5 3\na 1\n~ 2\n", files)
        #expect(short.sampleCount == 3_000)
        #expect(short.sampleRate.hertz == 500)
        let error = #expect(throws: FormatError.self) { try read("r/2 12 0.5 601\na 1\n~ 600\n", files) }
        #expect(error?.code == .limitExceeded)
    }

    @Test func namesTheHeadersThatACommandLineMustCollect() throws {
        let head = Array("r/4 12 500 65\na 30\n~ 10\nb 20\na 5\n".utf8)
        #expect(try WFDBHeader.fileNames(of: head) == ["a.hea", "b.hea"])
    }
}
