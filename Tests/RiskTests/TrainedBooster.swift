import Risk

/// Seeded noise with a planted rule, and boosters trained on it.
enum TrainedBooster {
    static func cohort(rows: Int, features: Int, seed: UInt64) throws -> (FeatureMatrix, [Float]) {
        var generator = SplitMix64(seed: seed)
        let values = (0..<rows * features).map { _ in Float(generator.unit()) }
        let labels = (0..<rows).map { row -> Float in
            let first = values[row * features]
            let product = values[row * features + 1] * values[row * features + 2]
            return first + product + Float(generator.unit()) * 0.4 > 0.9 ? 1 : 0
        }
        return (try FeatureMatrix(values: values, rowCount: rows, featureCount: features), labels)
    }

    static func json(
        rows: Int = 200, features: Int = 9, seed: UInt64 = 1,
        _ change: (inout BoosterParameters) -> Void = { _ in }
    ) throws -> [UInt8] {
        let (matrix, labels) = try cohort(rows: rows, features: features, seed: seed)
        var parameters = BoosterParameters()
        parameters.rounds = 20
        change(&parameters)
        return try BoosterTrainer.train(rows: matrix, labels: labels, parameters: parameters, threads: 1)
    }
}
