import Encoders
package import Training

/// The rows that an evaluation can have.
package enum MethodCatalogue {
    /// Rows that are asked for together.
    package enum Family: String, Sendable, CaseIterable {
        /// XGBoost on each encoder and on their fusion: the paper's rows, always there.
        case paper
        /// Logistic regression on the same embeddings.
        case logistic
        /// Least squares on the same embeddings.
        case linear
        /// The encoders' own heads, stacked.
        case lateFusion = "late-fusion"
        /// The fusion ten times.
        case ensemble
    }

    /// The paper's fusion, with which every other row is compared.
    package static let reference = "fusion-xgb"

    /// The rows of these families in the order of the table, the paper's first.
    package static func methods(
        _ families: Set<Family>, plan: TrainingPlan
    ) -> [any ExperimentMethod] {
        Family.allCases.filter { $0 == .paper || families.contains($0) }.flatMap { methods($0, plan) }
    }

    private static func methods(_ family: Family, _ plan: TrainingPlan) -> [any ExperimentMethod] {
        // Each encoder alone in the order of concatenation, then their fusion: the order of the paper's table.
        let heads =
            plan.heads.filter { $0.features.count == 1 } + plan.heads.filter { $0.features.count > 1 }
        switch family {
        case .paper: return heads.map { BoostedMethod(id: $0.id, features: $0.features) }
        case .logistic: return heads.map { LinearMethod(features: $0.features, loss: .logistic) }
        case .linear: return heads.map { LinearMethod(features: $0.features, loss: .squared) }
        case .lateFusion: return [LateFusionMethod(order: plan.order)]
        case .ensemble: return [EnsembleMethod(features: plan.order)]
        }
    }
}

extension [EncoderID] {
    /// "ST-MEM", "ECG-FM" or "Fusion".
    var methodTitle: String { count == 1 ? self[0].title : "Fusion" }

    /// "st-mem", "ecg-fm" or "fusion".
    var methodID: String { count == 1 ? self[0].rawValue : "fusion" }
}
