package import ECG

/// A recording on standard ECG paper, as an SVG picture.
///
/// Holds no patient's data: what a ``Recording`` does not carry cannot be drawn.
package struct ECGPaper: Sendable {
    private let recording: Recording
    /// Seconds into the recording at which the paper begins.
    private let start: Double
    private let title: String

    /// - Parameters:
    ///   - start: Seconds into the recording at which the paper begins; ten seconds from there are drawn.
    ///   - title: One line above the paper, for example the file's format.
    package init(_ recording: Recording, start: Double = 0, title: String = "") {
        self.recording = recording
        self.start = start
        self.title = title
    }

    /// The picture, `image/svg+xml`, UTF-8; one user unit is a millimetre.
    package var svg: [UInt8] {
        let width = PaperLayout.width
        let height = PaperLayout.height
        let gridArea =
            "width='\(plain(PaperLayout.gridWidth))' height='\(plain(PaperLayout.gridHeight))'"
        let parts = [
            "<svg xmlns='http://www.w3.org/2000/svg' width='\(plain(width))mm' height='\(plain(height))mm'"
                + " viewBox='0 0 \(plain(width)) \(plain(height))' font-family='sans-serif' font-size='3.5'>",
            "<title>12-lead ECG, 25 mm/s, 10 mm/mV</title>",
            Self.definitions(gridArea),
            "<rect width='100%' height='100%' fill='#fff'/>",
            heading,
            "<g transform='translate(\(plain(PaperLayout.margin)) \(plain(PaperLayout.header)))'>",
            "<rect \(gridArea) fill='url(#grid)' stroke='#e39a9a' stroke-width='.2'/>",
            "<g clip-path='url(#paper)'>", traces, "</g>",
            labels,
            "</g></svg>",
        ]
        return Array(parts.joined(separator: "\n").utf8) + [10]
    }

    /// Squares of 1 mm and 5 mm.
    private static func definitions(_ gridArea: String) -> String {
        """
        <defs>
        <pattern id='small' width='1' height='1' patternUnits='userSpaceOnUse'>\
        <path d='M1 0H0V1' fill='none' stroke='#f6cfcf' stroke-width='.1'/></pattern>
        <pattern id='grid' width='5' height='5' patternUnits='userSpaceOnUse'>\
        <rect width='5' height='5' fill='url(#small)'/>\
        <path d='M5 0H0V5' fill='none' stroke='#e39a9a' stroke-width='.2'/></pattern>
        <clipPath id='paper'><rect \(gridArea)/></clipPath>
        </defs>
        """
    }

    private var heading: String {
        let rate = "\(plain(recording.sampleRate.hertz)) Hz"
        let shown =
            "seconds \(plain(start)) to \(plain(min(start + PaperLayout.seconds, recording.durationSeconds)))"
            + " of \(plain(recording.durationSeconds))"
        let device = [recording.device?.manufacturer, recording.device?.model].compactMap { $0 }
        let first = ([title] + [device.joined(separator: " ")]).filter { !$0.isEmpty }
        var second = ["25 mm/s", "10 mm/mV", rate, shown]
        if !recording.leadsDerived.isEmpty {
            second.append(
                "derived: " + recording.leadsDerived.map(\.rawValue).joined(separator: ", "))
        }
        return text(first.joined(separator: ", "), x: PaperLayout.margin, y: 6)
            + "\n" + text(second.joined(separator: ", "), x: PaperLayout.margin, y: 11.5)
    }

    /// All traces and the calibration pulses, drawn in hundredths of a millimetre.
    private var traces: String {
        var paths = (0...PaperLayout.rows.count).map { row in
            let y = Int(PaperLayout.zeroLine(ofRow: row) * TracePath.unitsPerMillimetre)
            // 1 mV high, 0.2 s wide, in the middle of its room.
            return "<path d='M250 \(y)h250v-1000h500v1000h250'/>"
        }
        for strip in PaperLayout.strips {
            let path = TracePath(
                samples(of: strip), sampleRate: recording.sampleRate,
                x: PaperLayout.x(firstInstant(of: strip)) * TracePath.unitsPerMillimetre,
                y: PaperLayout.zeroLine(ofRow: strip.row) * TracePath.unitsPerMillimetre)
            if !path.data.isEmpty { paths.append("<path id='\(name(of: strip))' d='\(path.data)'/>") }
        }
        return
            "<g transform='scale(.01)' fill='none' stroke='#111' stroke-width='25' stroke-linejoin='round'>\n"
            + paths.joined(separator: "\n") + "\n</g>"
    }

    private var labels: String {
        PaperLayout.strips.map { strip in
            let x = PaperLayout.x(strip.from)
            let y = PaperLayout.zeroLine(ofRow: strip.row)
            // A short stroke where one lead ends and the next begins.
            let boundary =
                strip.from > 0
                ? "<path d='M\(plain(x)) \(plain(y - 3))v6' stroke='#111' stroke-width='.25'/>" : ""
            return boundary + text(strip.lead.rawValue, x: x + 1, y: y - PaperLayout.rowHeight / 2 + 4.5)
        }.joined(separator: "\n")
    }

    private func samples(of strip: PaperLayout.Strip) -> ArraySlice<Float> {
        let all = recording[strip.lead]
        let from = min(sampleIndex(start + strip.from), recording.sampleCount)
        // One more than the strip is long, so that it touches the next.
        let to = min(sampleIndex(start + strip.to) + 1, recording.sampleCount)
        return all[(all.startIndex + from)..<(all.startIndex + max(from, to))]
    }

    /// Seconds on the paper of the strip's first sample: at odd rates not quite where the strip begins.
    private func firstInstant(of strip: PaperLayout.Strip) -> Double {
        Double(sampleIndex(start + strip.from)) / recording.sampleRate.hertz - start
    }

    private func sampleIndex(_ second: Double) -> Int {
        Int((second * recording.sampleRate.hertz).rounded(.up))
    }

    private func name(of strip: PaperLayout.Strip) -> String {
        strip.row == PaperLayout.rows.count ? "rhythm" : strip.lead.rawValue
    }
}

/// A line of text; what comes from files is escaped.
private func text(_ line: String, x: Double, y: Double) -> String {
    var escaped = ""
    for scalar in line.unicodeScalars.prefix(200) {
        switch scalar {
        case "&": escaped += "&amp;"
        case "<": escaped += "&lt;"
        case ">": escaped += "&gt;"
        // Control characters are no XML, escaped or not.
        case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{FFFE}", "\u{FFFF}": escaped += " "
        default: escaped.unicodeScalars.append(scalar)
        }
    }
    return "<text x='\(plain(x))' y='\(plain(y))'>\(escaped)</text>"
}

/// A number with up to two decimals and no more than it needs.
private func plain(_ value: Double) -> String {
    let hundredths = Int((value * 100).rounded())
    let whole = "\(hundredths < 0 ? "-" : "")\(abs(hundredths) / 100)"
    let fraction = abs(hundredths) % 100
    if fraction == 0 { return whole }
    return whole + "."
        + (fraction % 10 == 0 ? "\(fraction / 10)" : (fraction < 10 ? "0" : "") + "\(fraction)")
}
