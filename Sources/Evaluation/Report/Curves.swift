import Training

/// The charts of one grouping.
struct Curves {
    let found: SeriesFindings
    let prefix: String

    /// Okabe and Ito's colours, which the colour-blind tell apart.
    static let colours = ["#0072B2", "#D55E00", "#009E73", "#CC79A7"]
    static let grey = "#888888"

    var all: [Plot] { [roc, precisionRecall, reliability, decision] + riskCoverage }

    private var legend: [(name: String, colour: String)] {
        zip(found.charted, Self.colours).map { ($0.method.name, $1) }
    }

    /// Thin: each reshuffle. Thick: the pooled scores.
    private func curves(_ points: (ScoredLabels) -> [Plot.Point]) -> [Plot.Mark] {
        let thin = zip(found.charted, Self.colours).flatMap { method, colour in
            method.method.tested.map {
                Plot.Mark.line(points($0), colour: colour, width: 0.6, opacity: 0.25, isDashed: false)
            }
        }
        let thick = zip(found.charted, Self.colours).map { method, colour in
            Plot.Mark.line(
                points(method.pooled.scores), colour: colour, width: 2, opacity: 1, isDashed: false)
        }
        return thin + thick
    }

    private func straight(_ from: Plot.Point, _ to: Plot.Point) -> Plot.Mark {
        .line([from, to], colour: Self.grey, width: 1, opacity: 1, isDashed: true)
    }

    private var roc: Plot {
        var plot = Plot(
            title: "\(prefix): ROC", xTitle: "1 - specificity", yTitle: "sensitivity", legend: legend)
        plot.marks =
            [straight(.init(x: 0, y: 0), .init(x: 1, y: 1))]
            + curves { $0.thresholds.map { .init(x: 1 - $0.specificity, y: $0.sensitivity) } }
        return plot
    }

    private var precisionRecall: Plot {
        var plot = Plot(
            title: "\(prefix): precision and recall", xTitle: "recall", yTitle: "precision", legend: legend)
        let scores = found.methods[0].pooled.scores
        let share = Double(scores.positiveCount) / Double(scores.count)
        plot.marks =
            [straight(.init(x: 0, y: share), .init(x: 1, y: share))]
            + curves { labels in
                labels.thresholds.dropFirst().map { threshold in
                    let called = threshold.truePositives + threshold.falsePositives
                    return .init(
                        x: threshold.sensitivity, y: Double(threshold.truePositives) / Double(called))
                }
            }
        return plot
    }

    private var reliability: Plot {
        var plot = Plot(
            title: "\(prefix): reliability", xTitle: "mean raw score", yTitle: "share of positives",
            legend: legend)
        plot.marks = [straight(.init(x: 0, y: 0), .init(x: 1, y: 1))]
        for (method, colour) in zip(found.charted, Self.colours) {
            let points = method.reliability.map { Plot.Point(x: $0.expected, y: $0.observed) }
            plot.marks.append(.line(points, colour: colour, width: 1.2, opacity: 0.8, isDashed: false))
            plot.marks.append(.dots(points, colour: colour, radius: 3))
            for bin in method.reliability {
                guard let interval = try? Proportion(bin.positives, of: bin.count).wilson() else { continue }
                let ends = [interval.lower, interval.upper].map { Plot.Point(x: bin.expected, y: $0) }
                plot.marks.append(.line(ends, colour: colour, width: 0.7, opacity: 0.7, isDashed: false))
            }
        }
        return plot
    }

    /// Errors among the ECGs that are decided on, one chart for each ensemble.
    private var riskCoverage: [Plot] {
        found.methods.compactMap { method in
            guard let points = method.riskCoverage?.points else { return nil }
            let highest = points.map(\.errorRate).max() ?? 1
            var plot = Plot(
                title: "\(prefix): risk and coverage", xTitle: "share decided on",
                yTitle: "share decided wrongly",
                yRange: 0...max(0.01, highest * 1.1), legend: [(method.method.name, Self.colours[2])])
            let line = points.map { Plot.Point(x: $0.coverage, y: $0.errorRate) }
            plot.marks = [.line(line, colour: Self.colours[2], width: 1.6, opacity: 1, isDashed: false)]
            return plot
        }
    }

    /// Net benefit of each method beside calling everybody (dashed) and nobody (the line at 0).
    private var decision: Plot {
        let scores = found.methods[0].pooled.scores
        let share = Double(scores.positiveCount) / Double(scores.count)
        var plot = Plot(
            title: "\(prefix): decision curve", xTitle: "threshold probability", yTitle: "net benefit",
            xRange: 0...0.6, yRange: -share / 4...share * 1.1, legend: legend)
        let thresholds = (0...120).map { Double($0) / 200 }
        let everybody = thresholds.map { Plot.Point(x: $0, y: share - (1 - share) * $0 / (1 - $0)) }
        plot.marks = [
            .line(everybody, colour: Self.grey, width: 1, opacity: 1, isDashed: true),
            straight(.init(x: 0, y: 0), .init(x: 0.6, y: 0)),
        ]
        for (method, colour) in zip(found.charted, Self.colours) {
            let points = thresholds.map {
                Plot.Point(x: $0, y: method.pooled.scores.threshold(at: $0).netBenefit)
            }
            plot.marks.append(.line(points, colour: colour, width: 1.6, opacity: 1, isDashed: false))
        }
        return plot
    }
}

extension EmbeddingMap {
    /// Figure 1 of the paper, for one encoder.
    var plot: Plot {
        func range(_ values: [Double]) -> ClosedRange<Double> {
            let low = values.min() ?? 0
            let high = values.max() ?? 1
            let margin = max(1e-9, (high - low) * 0.04)
            return low - margin...high + margin
        }
        var plot = Plot(
            title: "\(encoder.title) embeddings", xTitle: "", yTitle: "", xRange: range(map.x),
            yRange: range(map.y), hasTicks: false,
            legend: [("negative", Curves.colours[0]), ("positive", Curves.colours[1])])
        for (label, colour) in [(false, Curves.colours[0]), (true, Curves.colours[1])] {
            let points = isPositive.indices.filter { isPositive[$0] == label }.map {
                Plot.Point(x: map.x[$0], y: map.y[$0])
            }
            plot.marks.append(.dots(points, colour: colour, radius: 2.4))
        }
        return plot
    }
}

extension Experiment.BaselineTraining {
    /// The loss of every epoch, a line for each reshuffle.
    var plot: Plot {
        let highest = losses.flatMap { $0 }.max() ?? 1
        var plot = Plot(
            title: "Baseline: loss", xTitle: "epoch", yTitle: "binary cross-entropy",
            xRange: 1...Double(max(2, plan.epochs)), yRange: 0...max(highest, 1e-6))
        plot.marks = losses.map { losses in
            .line(
                losses.enumerated().map { .init(x: Double($0 + 1), y: $1) }, colour: Curves.colours[0],
                width: 0.8, opacity: 0.6, isDashed: false)
        }
        return plot
    }
}
