/// A chart as SVG: axes, lines and dots in the data's own units.
struct Plot {
    struct Point {
        let x: Double
        let y: Double
    }

    enum Mark {
        case line([Point], colour: String, width: Double, opacity: Double, isDashed: Bool)
        case dots([Point], colour: String, radius: Double)
    }

    let title: String
    let xTitle: String
    let yTitle: String
    var xRange = 0.0...1.0
    var yRange = 0.0...1.0
    var hasTicks = true
    var legend: [(name: String, colour: String)] = []
    var marks: [Mark] = []

    private static let width = 340.0
    private static let height = 320.0
    private static let left = 50.0
    private static let top = 28.0
    private static let plotWidth = 276.0
    private static let plotHeight = 240.0

    var svg: String {
        let frame = """
            <rect x="\(Self.left)" y="\(Self.top)" width="\(Self.plotWidth)" height="\(Self.plotHeight)" class="frame"/>
            """
        let marks = marks.map(svg).joined(separator: "\n")
        return """
            <svg viewBox="0 0 \(Self.width) \(Self.height)" role="img" aria-label="\(title)">
            <clipPath id="\(clip)"><rect x="\(Self.left)" y="\(Self.top)" width="\(Self.plotWidth)" height="\(Self.plotHeight)"/></clipPath>
            <text x="\(Self.left)" y="16" class="title">\(title)</text>
            \(frame)
            \(hasTicks ? ticks : "")
            <g clip-path="url(#\(clip))">
            \(marks)
            </g>
            \(titles)
            \(key)
            </svg>
            """
    }

    /// Titles are unlike within a page; ids may hold letters and digits only.
    private var clip: String {
        "clip-"
            + title.lowercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? String($0) : "-" }
            .joined()
    }

    private func place(_ point: Point) -> String {
        let x =
            Self.left + Self.plotWidth * (point.x - xRange.lowerBound)
            / (xRange.upperBound - xRange.lowerBound)
        let y =
            Self.top + Self.plotHeight
            * (1 - (point.y - yRange.lowerBound) / (yRange.upperBound - yRange.lowerBound))
        return "\(x.decimals(1)),\(y.decimals(1))"
    }

    private func svg(_ mark: Mark) -> String {
        switch mark {
        case .line(let points, let colour, let width, let opacity, let isDashed):
            let dash = isDashed ? " stroke-dasharray=\"4 3\"" : ""
            return """
                <polyline points="\(points.map(place).joined(separator: " "))" fill="none" stroke="\(colour)" \
                stroke-width="\(width)" stroke-opacity="\(opacity)"\(dash)/>
                """
        case .dots(let points, let colour, let radius):
            return points.map { point in
                let parts = place(point).split(separator: ",")
                return """
                    <circle cx="\(parts[0])" cy="\(parts[1])" r="\(radius)" fill="\(colour)" fill-opacity="0.75"/>
                    """
            }.joined(separator: "\n")
        }
    }

    private var ticks: String {
        (0...4).map { step in
            let share = Double(step) / 4
            let x = Self.left + Self.plotWidth * share
            let y = Self.top + Self.plotHeight * (1 - share)
            let xValue = xRange.lowerBound + share * (xRange.upperBound - xRange.lowerBound)
            let yValue = yRange.lowerBound + share * (yRange.upperBound - yRange.lowerBound)
            let bottom = Self.top + Self.plotHeight
            return """
                <line x1="\(x)" y1="\(bottom)" x2="\(x)" y2="\(bottom + 4)" class="tick"/>
                <text x="\(x)" y="\(bottom + 16)" text-anchor="middle">\(xValue.decimals(2))</text>
                <line x1="\(Self.left - 4)" y1="\(y)" x2="\(Self.left)" y2="\(y)" class="tick"/>
                <text x="\(Self.left - 7)" y="\(y + 4)" text-anchor="end">\(yValue.decimals(2))</text>
                """
        }.joined(separator: "\n")
    }

    private var titles: String {
        let middle = Self.top + Self.plotHeight / 2
        return """
            <text x="\(Self.left + Self.plotWidth / 2)" y="\(Self.top + Self.plotHeight + 32)" text-anchor="middle">\(xTitle)</text>
            <text x="12" y="\(middle)" text-anchor="middle" transform="rotate(-90 12 \(middle))">\(yTitle)</text>
            """
    }

    private var key: String {
        let step = Self.plotWidth / Double(max(1, legend.count))
        return legend.enumerated().map { place, entry in
            let x = Self.left + Double(place) * step
            return """
                <rect x="\(x)" y="\(Self.height - 13)" width="9" height="9" fill="\(entry.colour)"/>
                <text x="\(x + 13)" y="\(Self.height - 5)">\(entry.name)</text>
                """
        }.joined(separator: "\n")
    }
}
