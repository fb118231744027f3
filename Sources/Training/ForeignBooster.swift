import Bytes
import ECG
package import Encoders
package import Risk
package import Scoring

/// A head's booster that was trained elsewhere, on embeddings as `embed-cohort` writes them.
package struct ForeignBooster: Sendable {
    package let path: String
    package let model: BoosterModel
    package let origin: Manifest.OriginEntry

    /// Reads a model that any release of XGBoost from 1 to 3 has saved, in JSON or UBJSON.
    ///
    /// Throws: ``TrainingError`` `unreadable`, or `foreignBooster` saying what about it is not served.
    package init(contentsOf path: String) throws(TrainingError) {
        let file: MappedFile
        do { file = try MappedFile(path: path) } catch {
            throw .unreadable(path: path, reason: error.message)
        }
        guard file.count <= BoosterLimits.bytes else {
            throw .foreignBooster(
                path: path, reason: "\(file.count) bytes; the limit is \(BoosterLimits.bytes)")
        }
        let bytes = unsafe file.withUnsafeBytes { unsafe Array($0) }
        do throws(BoosterError) { model = try BoosterModel(json: bytes) } catch {
            throw .foreignBooster(path: path, reason: error.message)
        }
        self.path = path
        origin = .init(
            sha256: file.digest().hexadecimal,
            xgboost: model.version.map(String.init).joined(separator: "."),
            format: BoosterModel.isBinary(bytes) ? "ubj" : "json")
    }

    /// Refuses a booster that reads another number of features than the encoders give.
    ///
    /// Throws: ``TrainingError/foreignBooster(path:reason:)``.
    package func check(width: Int) throws(TrainingError) {
        guard model.featureCount == width else {
            throw .foreignBooster(
                path: path,
                reason: "it reads \(model.featureCount) features; the encoders of its head give \(width)")
        }
    }

    /// What its file says of its training; other hyperparameters are not in it.
    var hyperparameters: [String: Double] {
        [
            "num_boost_round": Double(model.trees.count),
            "base_score": Double(model.baseScore.description) ?? .nan,
        ]
    }
}

extension HeadFitting {
    /// A head around a booster that learnt from no record of this cohort: calibrated on the development part, measured on
    /// the test part.
    ///
    /// Throws: ``TrainingError``.
    package func adopt(
        _ head: (id: String, features: [EncoderID]), _ foreign: ForeignBooster
    ) throws(TrainingError) -> FittedHead {
        let json = foreign.model.json
        let held: OutOfFoldScores
        let tested: [RiskScore]
        do throws(BoosterError) {
            let booster = try Booster(json: json)
            tested = try scores(of: split.test, head.features, booster)
            held = OutOfFoldScores(
                scores: try scores(of: split.development, head.features, booster),
                isPositive: split.development.map { embedded.cohort.records[$0].isPositive })
        } catch { throw .foreignBooster(path: foreign.path, reason: error.message) }
        do throws(MetricError) {
            return FittedHead(
                id: head.id, features: head.features, json: json, hyperparameters: foreign.hyperparameters,
                treeMethod: "unknown", metrics: try metrics(of: tested.map { Double($0.rawScore) }),
                calibration: try calibration(held, tested, folds: 0), ensemble: nil, origin: foreign.origin)
        } catch { throw .tooSmall(reason: "\(head.id): \(error)") }
    }

    private func scores(
        of records: [Int], _ features: [EncoderID], _ booster: Booster
    ) throws(BoosterError) -> [RiskScore] {
        var scores: [RiskScore] = []
        for record in records {
            scores.append(
                try booster.score(features.flatMap { embedded.embeddings[$0]?[record].values ?? [] }))
        }
        return scores
    }
}
