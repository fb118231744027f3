import Encoders
import Foundation
package import Scoring
package import Tensor

/// The bundle that lets anyone try the product: real ECGs, heads that were trained, encoders that were not.
package struct DemonstrationBundle: Sendable {
    /// Encoders of the published size, for measuring; else small ones that fit into the repository.
    package let isPublishedSize: Bool
    /// RFC 3339, UTC.
    package let created: String

    package init(isPublishedSize: Bool, created: String) {
        self.isPublishedSize = isPublishedSize
        self.created = created
    }

    /// Seeds the encoders' weights; part of every tensor's name hash.
    private static let seed = "demonstration/"

    private var identity: BundleIdentity {
        BundleIdentity(
            name: isPublishedSize ? "demonstration-published-size" : "demonstration", kind: .demonstration,
            created: created,
            intendedUse:
                "Trying the machinery on real signals. The encoders' weights are a seeded initialisation "
                + "that has learnt nothing, and the labels are a reader's, mostly of old infarcts: scores have no "
                + "clinical meaning.",
            target: "infarction or ischaemic ST-T change by a reader's label (not acute coronary syndrome)",
            attributions: [
                "Heads trained on records of PTB-XL 1.0.3, CC BY 4.0: Wagner P, Strodthoff N, Bousseljot R, "
                    + "Samek W, Schaeffter T. PTB-XL, a large publicly available electrocardiography dataset. "
                    + "PhysioNet 2022, doi 10.13026/kfzx-aw45; Sci Data 7:154 (2020)."
            ],
            cohortName: "PTB-XL 1.0.3, ecg_id 1 to 500, selected")
    }

    /// Writes seeded encoders into the folder and trains the heads there.
    ///
    /// Throws: ``TrainingError``.
    package func build(
        _ cohort: Cohort, plan: TrainingPlan, directory: String, pool: WorkerPool,
        progress: (TrainingRun.Progress) -> Void = { _ in }
    ) throws(TrainingError) -> ModelBundle {
        do {
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        } catch { throw .file(path: directory, reason: error.localizedDescription) }
        var encoders: [LoadedEncoder] = []
        for id in plan.order {
            let path = (directory as NSString).appendingPathComponent(BundleWriter.weightsFile(id))
            try writeEncoder(id, to: path)
            do throws(BundleError) { encoders.append(try EncoderLoader.load(path: path, as: id)) } catch {
                throw .bundle(error)
            }
        }
        let run = TrainingRun(plan: plan, identity: identity, directory: directory, pool: pool, cache: nil)
        return try run.run(cohort, encoders: encoders, progress: progress)
    }

    private func writeEncoder(_ id: EncoderID, to path: String) throws(TrainingError) {
        switch id {
        case .stMEM:
            let config = isPublishedSize ? STMEMConfig.published : SeededEncoder.smallSTMEM
            try SeededEncoder.write(config, seed: Self.seed, to: path)
        case .ecgFM:
            let config = isPublishedSize ? ECGFMConfig.published : SeededEncoder.smallECGFM
            try SeededEncoder.write(config, seed: Self.seed, to: path)
        }
    }
}
