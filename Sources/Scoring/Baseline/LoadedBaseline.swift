package import Bytes
package import ECG
import Foundation
package import Networks
import Preprocessing
import Risk
package import Tensor

/// The paper's baseline with its weights in memory: a ResNet-50 on the raw signal, scored beside the fusion.
package struct LoadedBaseline: Sendable {
    /// What answers call it.
    package static let id = "resnet50"
    private static let samples = 2_500

    package let network: FoldedResNet
    package let provenance: BaselineProvenance

    /// Loads a file that `firstlead import resnet50` wrote.
    ///
    /// - Parameter digest: The file's SHA-256 where the caller has just computed it.
    ///
    /// Throws: ``BundleError`` naming the tensor or setting that does not fit.
    package init(
        path: String, digest: Digest? = nil, kernels: KernelChoice = Kernels.choice
    ) throws(BundleError) {
        let name = (path as NSString).lastPathComponent
        do { try kernels.requireSound() } catch { throw BundleError(.kernels, file: name, error.reason) }
        let file = try BaselineFile(reading: path)
        guard file.metadata["flavour"] != nil, file.metadata["format"] == BaselineFile.format else {
            throw BundleError(.weights, file: name, "make the file with 'firstlead import resnet50'")
        }
        do throws(WeightError) {
            network = try FoldedResNet(file.config, positions: Self.samples, from: file)
        } catch { throw BundleError(.weights, file: name, "\(error)") }
        let whole: Digest
        do { whole = try digest ?? MappedFile(path: path).digest() } catch {
            throw BundleError(.unreadable, file: name, "\(error)")
        }
        provenance = BaselineProvenance(
            weights: whole, licence: file.metadata["licence"] ?? "unknown",
            flavour: file.metadata["flavour"] ?? "unknown", source: file.metadata["source_sha256"],
            cohort: file.metadata["cohort"], preprocessingID: BaselinePreprocessing().id,
            width: file.config.width, parameters: network.parameterCount)
    }

    /// Seconds of ECG that it needs.
    package var neededSeconds: Double { BaselinePreprocessing().neededSeconds }

    /// The network's score of a recording's middle 10 s; timed as "preprocess/resnet50" and "encode/resnet50".
    ///
    /// Throws: ``Refusal`` when the recording is too short, the network overflows, or nobody waits any more.
    package func score(
        _ recording: Recording, pool: WorkerPool, clock: inout StageClock
    ) throws(Refusal) -> HeadScore {
        try clock.checkpoint()
        let signal: [Float]
        do throws(PreprocessingError) {
            signal = try clock.time("preprocess/\(Self.id)") { () throws(PreprocessingError) in
                try BaselinePreprocessing().segments(of: recording)[0].values
            }
        } catch { throw Refusal(error) }
        let logit = clock.time("encode/\(Self.id)") { network.logit(signal, pool: pool) }
        guard logit.isFinite else {
            throw Refusal(
                code: "encoder-failed", title: "The baseline gave no score",
                detail: "\(Self.id): the logit is not a finite number")
        }
        let score = RiskScore(margin: logit)
        return HeadScore(
            id: Self.id, features: [], margin: logit, rawScore: score.rawScore, probability: score.rawScore)
    }
}

/// Where the baseline's numbers come from.
package struct BaselineProvenance: Sendable, Equatable {
    /// SHA-256 of the safetensors file.
    package let weights: Digest
    package let licence: String
    /// "trained" by this program or "imported".
    package let flavour: String
    /// SHA-256 of the file the weights were imported from, if they were.
    package let source: String?
    /// Digest of the cohort that they were trained on, if this program trained them.
    package let cohort: String?
    package let preprocessingID: String
    /// Channels of the stem; 64 in a ResNet-50.
    package let width: Int
    package let parameters: Int
}

extension BaselineProvenance {
    package var document: JSONDocument {
        [
            "id": .text(LoadedBaseline.id), "weightsSha256": .text(weights.hexadecimal),
            "licence": .text(licence), "flavour": .text(flavour), "sourceSha256": .optional(source),
            "cohortSha256": .optional(cohort), "preprocessingId": .text(preprocessingID),
            "width": .integer(width), "parameters": .integer(parameters),
        ]
    }
}
