package import Training

/// The fusion against one encoder alone, on the same splits.
package struct Comparison: Sendable {
    /// The method that the fusion is compared with.
    package let other: String
    /// Over the reshuffles, corrected for their overlap.
    package let areaUnderROC: ResampledTest
    package let averagePrecision: ResampledTest
    /// On the pooled scores.
    package let deLong: PairedDeLong
    /// P values of the three tests above, Holm-adjusted over all comparisons of the series.
    package internal(set) var adjusted: [Double] = []

    init(_ fusion: MethodFindings, _ other: MethodFindings, _ split: Split) throws(MetricError) {
        self.other = other.method.name
        areaUnderROC = try Self.test(
            fusion.method.areasUnderROC, other.method.areasUnderROC, split)
        averagePrecision = try Self.test(
            fusion.method.averagePrecisions, other.method.averagePrecisions, split)
        deLong = try PairedDeLong(fusion.pooled.scores, other.pooled.scores)
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
    /// The fusion against each encoder.
    package let comparisons: [Comparison]

    /// Throws: ``TrainingError/tooSmall(reason:)`` when the tested ECGs are too few for a measure.
    package init(of series: Experiment.Series, in experiment: Experiment) throws(TrainingError) {
        self.series = series
        do throws(MetricError) {
            var methods: [MethodFindings] = []
            for method in series.methods {
                methods.append(try MethodFindings(of: method, in: series, of: experiment))
            }
            self.methods = methods
            comparisons = try Self.comparisons(methods, series.splits[0])
        } catch { throw .tooSmall(reason: "the tested ECGs are too few for a measure: \(error)") }
    }

    private static func comparisons(
        _ methods: [MethodFindings], _ split: Split
    ) throws(MetricError) -> [Comparison] {
        guard let fusion = methods.last else { return [] }
        var comparisons: [Comparison] = []
        for other in methods.dropLast() { comparisons.append(try Comparison(fusion, other, split)) }
        let adjusted = Holm.adjusted(comparisons.flatMap(\.pValues))
        for place in comparisons.indices {
            comparisons[place].adjusted = Array(adjusted[3 * place..<3 * place + 3])
        }
        return comparisons
    }
}
