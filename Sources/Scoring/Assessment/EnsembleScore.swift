package import Bytes
import Risk

/// What a head's ensemble says about one ECG.
package struct EnsembleScore: Sendable, Equatable {
    /// Each member's raw score, `[members]`.
    package let rawScores: [Float]
    package let abstention: Manifest.AbstentionEntry

    /// Mean of the members' raw scores.
    package var meanRawScore: Double {
        rawScores.reduce(0) { $0 + Double($1) } / Double(rawScores.count)
    }

    /// Sample standard deviation of the members' raw scores.
    package var spread: Double { EnsembleSpread.of(rawScores.map(Double.init)) }

    /// Whether the members disagree more than the bundle allows for a decision.
    package var abstains: Bool { spread > abstention.spread }

    package var document: JSONDocument {
        [
            "members": .integer(rawScores.count),
            "meanRawScore": .number(meanRawScore),
            "spread": .number(spread),
            "abstainsAboveSpread": .number(abstention.spread),
            "abstains": .bool(abstains),
            "decided": abstention.decided.document,
            "errorRate": abstention.errorRate?.document ?? .null,
            "errorRateOfAll": abstention.errorRateOfAll.document,
        ]
    }
}

extension Manifest.EnsembleEntry {
    /// What a bundle says of its ensemble, schema `Ensemble` of openapi.yaml.
    var document: JSONDocument {
        [
            "members": .integer(files.count),
            "abstainsAboveSpread": .number(abstention.spread),
            "rawScore": .number(abstention.rawScore),
            "records": .integer(abstention.records),
            "folds": .integer(abstention.folds),
            "decided": abstention.decided.document,
            "errorRate": abstention.errorRate?.document ?? .null,
            "errorRateOfAll": abstention.errorRateOfAll.document,
            "riskCoverage": .array(
                abstention.curve.map {
                    [
                        "coverage": .number($0.coverage), "spread": .number($0.spread),
                        "errorRate": .number($0.errorRate),
                    ]
                }),
        ]
    }
}
