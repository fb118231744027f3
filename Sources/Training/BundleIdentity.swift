import Bytes
import Encoders
import Foundation
import Risk
package import Scoring

/// What a bundle says of itself, and the draft of its manifest.
package struct BundleIdentity: Sendable {
    package var name: String
    package var kind: Manifest.Kind
    /// RFC 3339, UTC.
    package var created: String
    package var intendedUse: String
    package var target: String
    package var attributions: [String]
    package var cohortName: String
    /// The command line that the manifest states, with the versions of everything that had a part; nil for a bundle that
    /// must come out alike on every machine.
    package var command: [String]?

    package init(
        name: String, kind: Manifest.Kind, created: String, intendedUse: String, target: String,
        attributions: [String], cohortName: String, command: [String]? = nil
    ) {
        self.name = name
        self.kind = kind
        self.created = created
        self.intendedUse = intendedUse
        self.target = target
        self.attributions = attributions
        self.cohortName = cohortName
        self.command = command
    }

    /// Every field that is known before the files are written.
    func manifest(
        plan: TrainingPlan, embedded: EmbeddedCohort, parts: CohortParts, heads: [FittedHead],
        encoders: [LoadedEncoder],
        baseline: (provenance: BaselineProvenance, metrics: Manifest.MetricsEntry?)? = nil
    ) -> Manifest {
        Manifest(
            schemaVersion: Manifest.currentSchema, name: name, kind: Self.kind(kind, encoders),
            created: created,
            software: .init(name: Software.name, version: Software.version), run: run,
            intendedUse: intendedUse, notForClinicalUse: true, attributions: attributions, target: target,
            encoders: encoders.map(Self.entry),
            fusion: .init(
                order: plan.order.map(\.rawValue), scaling: plan.scalingDescription,
                windows: "mean of the windows' embeddings", isScaled: plan.boosters.isEmpty ? nil : false),
            scaler: .init(file: BundleWriter.scalerFile),
            heads: heads.map { Self.entry($0) },
            baseline: baseline.map {
                .init(file: BundleWriter.baselineFile, $0.provenance, metrics: $0.metrics)
            },
            cohort: summary(plan: plan, embedded: embedded, parts: parts),
            selfTest: .init(ecg: [], embeddingSHA256: [:], rawScores: [:]), files: [])
    }

    private var run: Manifest.RunEntry? {
        command.map {
            .init(
                command: $0, commit: Software.commit, xgboost: Booster.libraryVersion, swift: Software.swift,
                operatingSystem: ProcessInfo.processInfo.operatingSystemVersionString,
                processor: Software.processor)
        }
    }

    /// Whatever a site intends: with weights that were never trained it is a demonstration.
    private static func kind(_ kind: Manifest.Kind, _ encoders: [LoadedEncoder]) -> Manifest.Kind {
        encoders.contains { $0.provenance.flavour == Manifest.seededFlavour } ? .demonstration : kind
    }

    private func summary(plan: TrainingPlan, embedded: EmbeddedCohort, parts: CohortParts)
        -> Manifest.CohortSummary
    {
        let cohort = embedded.cohort
        return .init(
            name: cohortName, sha256: embedded.digest.hexadecimal,
            records: cohort.records.count, positives: cohort.positiveCount, patients: cohort.patientCount,
            developmentRecords: parts.split.development.count, testRecords: parts.split.test.count,
            split: parts.description, seed: plan.seed,
            excluded: cohort.exclusions.isEmpty
                ? nil
                : cohort.exclusionCounts,
            parts: [
                cohort.characteristics(of: parts.split.development, part: "development"),
                cohort.characteristics(of: parts.split.test, part: "test"),
            ])
    }

    private static func entry(_ encoder: LoadedEncoder) -> Manifest.EncoderEntry {
        let provenance = encoder.provenance
        return .init(
            id: provenance.id, file: BundleWriter.weightsFile(encoder.id), width: provenance.width,
            licence: provenance.licence, flavour: provenance.flavour, sourceSHA256: provenance.source,
            preprocessingID: provenance.preprocessingID, precision: provenance.precision)
    }

    private static func entry(_ head: FittedHead) -> Manifest.HeadEntry {
        .init(
            id: head.id, features: head.features.map(\.rawValue), file: BundleWriter.boosterFile(head.id),
            hyperparameters: head.hyperparameters, treeMethod: head.treeMethod,
            metrics: head.metrics, calibration: head.calibration?.calibration,
            operatingPoints: head.calibration?.points,
            ensemble: head.ensemble.map {
                .init(
                    files: $0.members.indices.map { BundleWriter.memberFile(head.id, $0) },
                    abstention: $0.abstention.entry)
            }, origin: head.origin)
    }
}
