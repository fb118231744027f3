package import Encoders
import Risk
package import Training

/// A linear head on the scaled embeddings.
package struct LinearMethod: ExperimentMethod {
    package let features: [EncoderID]
    package let loss: LinearHead.Loss

    package var id: String { "\(features.methodID)-\(loss == .logistic ? "logistic" : "linear")" }
    package var name: String { "\(features.methodTitle), \(loss == .logistic ? "logistic" : "linear")" }

    package func score(_ reshuffle: inout Reshuffle) throws(TrainingError) -> MethodScores {
        let fitting = reshuffle.fitting
        let rows = try fitting.features(features, of: fitting.split.development, reshuffle.scalers)
        let tested = try fitting.features(features, of: fitting.split.test, reshuffle.scalers)
        let isPositive = fitting.split.development.map { fitting.embedded.cohort.records[$0].isPositive }
        do throws(MetricError) {
            let head = try LinearHead(fittingTo: rows, isPositive: isPositive, loss: loss)
            return MethodScores(scores: (0..<tested.rowCount).map { head.score(tested[$0]) })
        } catch { throw .tooSmall(reason: "\(id): \(error)") }
    }
}

/// The encoders' own boosted heads, combined by a logistic function of their margins that was fitted to out-of-fold
/// margins of the development part (Wolpert, Neural Networks 5:241-259, 1992, doi 10.1016/S0893-6080(05)80023-1).
package struct LateFusionMethod: ExperimentMethod {
    package let order: [EncoderID]

    package var id: String { "late-fusion" }
    package var name: String { "Late fusion" }

    package func score(_ reshuffle: inout Reshuffle) throws(TrainingError) -> MethodScores {
        var inner: [[Float]] = []
        var outer: [[Double]] = []
        var labels: [Bool] = []
        for id in order {
            let head = (id: "\(id.rawValue)-xgb", features: [id])
            let held = try reshuffle.fitting.outOfFold(head)
            inner.append(held.margins)
            labels = held.isPositive
            outer.append(try reshuffle.boosted(head))
        }
        do {
            let rows = try FeatureMatrix(
                values: labels.indices.flatMap { row in inner.map { $0[row] } }, rowCount: labels.count,
                featureCount: order.count)
            let stack = try LinearHead(fittingTo: rows, isPositive: labels, loss: .logistic)
            let tested = outer[0].indices.map { row in outer.map { Float(Logit.of($0[row])) } }
            return MethodScores(scores: tested.map { stack.score($0) })
        } catch { throw .tooSmall(reason: "\(id): \(error)") }
    }
}
