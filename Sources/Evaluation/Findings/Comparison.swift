package import Training

/// One method against another, on the same splits.
package struct Comparison: Sendable {
    /// The method whose gain is meant.
    package let method: String
    /// The method that it is compared with.
    package let other: String
    /// Over the reshuffles, corrected for their overlap.
    package let areaUnderROC: ResampledTest
    package let averagePrecision: ResampledTest
    /// On the pooled scores.
    package let deLong: PairedDeLong
    /// P values of the three tests above, Holm-adjusted over all comparisons that are reported
    /// together.
    package internal(set) var adjusted: [Double] = []

    init(_ method: MethodFindings, _ other: MethodFindings, _ split: Split) throws(MetricError) {
        self.method = method.method.name
        self.other = other.method.name
        areaUnderROC = try Self.test(
            method.method.areasUnderROC, other.method.areasUnderROC, split)
        averagePrecision = try Self.test(
            method.method.averagePrecisions, other.method.averagePrecisions, split)
        deLong = try PairedDeLong(method.pooled.scores, other.pooled.scores)
    }

    private static func test(
        _ one: [Double], _ other: [Double], _ split: Split
    ) throws(MetricError) -> ResampledTest {
        try ResampledTest(
            differences: zip(one, other).map { $0 - $1 }, developmentCount: split.development.count,
            testCount: split.test.count)
    }

    var pValues: [Double] { [areaUnderROC.pValue, averagePrecision.pValue, deLong.pValue] }
}

/// All that is reported of one grouping's reshuffles.
package struct SeriesFindings: Sendable {
    package let series: Experiment.Series
    /// In the order of the table.
    package let methods: [MethodFindings]
    /// The fusion against each encoder: the paper's question.
    package let comparisons: [Comparison]
    /// Every further row against the fusion.
    package let extraComparisons: [Comparison]
    /// What must come out in a known way; empty unless asked for.
    package let sanity: [SanityFinding]
    /// The fusion by sex and age; empty when the cohort file has neither.
    package let subgroups: [Subgroup]

    /// Throws: ``TrainingError/tooSmall(reason:)`` when the tested ECGs are too few for a measure.
    package init(of series: Experiment.Series, in experiment: Experiment) throws(TrainingError) {
        self.series = series
        do throws(MetricError) {
            var methods: [MethodFindings] = []
            for method in series.methods {
                methods.append(try MethodFindings(of: method, in: series, of: experiment))
            }
            self.methods = methods
            sanity = try SanityFinding.findings(of: series)
            let paper = Self.paper(methods)
            subgroups = paper.last.map { Subgroup.all(of: $0.pooled, in: experiment.cohort) } ?? []
            let others = methods.filter { one in !paper.contains { $0.method.id == one.method.id } }
            guard let fusion = paper.last else {
                (comparisons, extraComparisons) = ([], [])
                return
            }
            let split = series.splits[0]
            comparisons = try Self.adjusted(paper.dropLast().map { (fusion, $0) }, split)
            extraComparisons = try Self.adjusted(others.map { ($0, fusion) }, split)
        } catch { throw .tooSmall(reason: "the tested ECGs are too few for a measure: \(error)") }
    }

    /// The paper's rows, the fusion last.
    private static func paper(_ methods: [MethodFindings]) -> [MethodFindings] {
        guard let fusion = methods.firstIndex(where: { $0.method.id == MethodCatalogue.reference }) else {
            return []
        }
        return Array(methods[...fusion])
    }

    /// The paper's rows, which the charts show.
    var charted: [MethodFindings] { Self.paper(methods) }

    /// The paper's fusion.
    var fusion: MethodFindings? { methods.first { $0.method.id == MethodCatalogue.reference } }

    private static func adjusted(
        _ pairs: [(MethodFindings, MethodFindings)], _ split: Split
    ) throws(MetricError) -> [Comparison] {
        var comparisons: [Comparison] = []
        for (method, other) in pairs { comparisons.append(try Comparison(method, other, split)) }
        let adjusted = Holm.adjusted(comparisons.flatMap(\.pValues))
        for place in comparisons.indices {
            comparisons[place].adjusted = Array(adjusted[3 * place..<3 * place + 3])
        }
        return comparisons
    }
}
