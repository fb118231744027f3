import ECG
import Foundation
import FoundationXML
import Paper
import Testing

/// A recording whose leads are sines of different frequency, so that no lead can stand in for another.
private func recording(
    hertz: Double, seconds: Double = 10, device: Device? = nil, edit: (inout [Float]) -> Void = { _ in }
) throws -> Recording {
    let signals = Lead.independent.enumerated().map { number, lead in
        var samples = (0..<Int(seconds * hertz)).map { index in
            let phase = Double(index) / hertz * Double(number + 1) * .pi
            return Float((phase.truncatingRemainder(dividingBy: 2 * .pi) - .pi) * 0.3)
        }
        if lead == .II { edit(&samples) }
        return (name: lead.rawValue, millivolts: samples)
    }
    return try Recording(signals: signals, sampleRate: SampleRate(hertz: hertz), device: device)
}

/// What an XML parser that is not ours finds in the picture.
private final class Picture: NSObject, XMLParserDelegate {
    private(set) var paths: [String: String] = [:]
    private(set) var texts = ""
    private(set) var attributes: [String: String] = [:]

    init(_ svg: [UInt8]) throws {
        super.init()
        let parser = XMLParser(data: Data(svg))
        parser.delegate = self
        try #require(parser.parse(), "not well-formed: \(String(describing: parser.parserError))")
    }

    func parser(
        _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
        attributes found: [String: String]
    ) {
        if name == "svg" { attributes = found }
        if name == "path", let id = found["id"] { paths[id] = found["d"] }
    }

    func parser(_ parser: XMLParser, foundCharacters string: String) { texts += string }

    /// The strokes of a trace: points in hundredths of a millimetre.
    func strokes(_ id: String) throws -> [[(x: Int, y: Int)]] {
        var strokes: [[(x: Int, y: Int)]] = []
        for part in try #require(paths[id]).split(separator: "M") {
            var point = (x: 0, y: 0)
            var points: [(x: Int, y: Int)] = []
            for step in part.split(separator: "l") {
                let numbers = step.split(separator: " ").compactMap { Int($0) }
                try #require(numbers.count == 2)
                point = (point.x + numbers[0], point.y + numbers[1])
                points.append(point)
            }
            strokes.append(points)
        }
        return strokes
    }
}

@Suite struct ECGPaperTests {
    /// Upper left: I from 0 s; third column, second row: V2 from 5 s; the strip: II from 0 s.
    @Test(
        arguments: [
            ("I", Lead.I, 0.0, 2.5, 0), ("V2", .V2, 5.0, 7.5, 1), ("aVF", .aVF, 2.5, 5.0, 2),
            ("V6", .V6, 7.5, 10, 2), ("rhythm", .II, 0, 10, 3),
        ])
    func drawsEverySampleInItsPlace(id: String, lead: Lead, from: Double, to: Double, row: Int) throws {
        for hertz in [250.0, 360, 500] {
            let ecg = try recording(hertz: hertz)
            let strokes = try Picture(ECGPaper(ecg).svg).strokes(id)
            #expect(strokes.count == 1)
            let samples = ecg[lead]
            let first = Int((from * hertz).rounded(.up)),
                last = min(Int((to * hertz).rounded(.up)), ecg.sampleCount - 1)
            try #require(strokes[0].count == last - first + 1)
            for (index, point) in zip(first...last, strokes[0]) {
                let millivolts = Double(samples[index])
                #expect(abs(Double(point.x) - (1_500 + Double(index) / hertz * 2_500)) <= 0.501)
                #expect(abs(Double(point.y) - (Double(row) * 3_000 + 1_500 - millivolts * 1_000)) <= 0.501)
            }
        }
    }

    @Test func liftsThePenOverMissingSamples() throws {
        let ecg = try recording(hertz: 500) { samples in
            for index in 1_000..<1_100 { samples[index] = .nan }
        }
        let strokes = try Picture(ECGPaper(ecg).svg).strokes("rhythm")
        #expect(strokes.map(\.count) == [1_000, 3_900])
        #expect(strokes[1].first?.x == 1_500 + 1_100 * 5)
    }

    @Test func keepsSpikesOfFastRecordings() throws {
        let ecg = try recording(hertz: 8_000) { samples in samples[40_003] = 4 }
        let points = try Picture(ECGPaper(ecg).svg).strokes("rhythm").flatMap { $0 }
        #expect(points.count <= 10_001)
        #expect(points.contains { $0.y == 3 * 3_000 + 1_500 - 4_000 && abs($0.x - 14_001) <= 1 })
    }

    @Test func endsWhereTheRecordingEndsAndBeginsWhereItIsTold() throws {
        let short = try Picture(ECGPaper(recording(hertz: 500, seconds: 6)).svg)
        #expect(short.paths["V6"] == nil)
        #expect(try short.strokes("V2")[0].count == 500)
        let long = try recording(hertz: 500, seconds: 30)
        let strokes = try Picture(ECGPaper(long, start: 12).svg).strokes("V1")
        let expected = 1_500 - Double(long[.V1][long[.V1].startIndex + 8_500]) * 1_000
        #expect(abs(Double(strokes[0][0].y) - expected) <= 0.501)
        #expect(strokes[0][0].x == 1_500 + 5 * 2_500)
        let beyond = try Picture(ECGPaper(long, start: 40).svg)
        #expect(beyond.paths.isEmpty)
    }

    @Test func saysWhatItShowsAndEscapesWhatFilesSay() throws {
        let device = Device(manufacturer: "A&B <script>\u{1}", model: "]]>")
        let ecg = try recording(hertz: 500, device: device)
        let picture = try Picture(ECGPaper(ecg, title: "WFDB").svg)
        #expect(picture.texts.contains("WFDB, A&B <script>  ]]>"))
        #expect(
            picture.texts.contains(
                "25 mm/s, 10 mm/mV, 500 Hz, seconds 0 to 10 of 10, derived: III, aVR, aVL, aVF"))
        #expect(picture.attributes["width"] == "275mm" && picture.attributes["height"] == "140mm")
        #expect(picture.attributes["viewBox"] == "0 0 275 140")
    }
}
