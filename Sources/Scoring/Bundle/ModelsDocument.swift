package import Bytes

extension ModelBundle {
    /// What is served, schema `Models` of openapi.yaml.
    package var document: JSONDocument {
        [
            "schema": "firstlead/models/1",
            "notForClinicalUse": .bool(manifest.notForClinicalUse),
            "intendedUse": .text(manifest.intendedUse),
            "target": .text(manifest.target),
            "attributions": .texts(manifest.attributions),
            "provenance": provenance.document,
            "models": .array(manifest.heads.map(\.document)),
            "baseline": manifest.baseline.map {
                ["id": .text(LoadedBaseline.id), "metrics": $0.metrics?.document ?? .null]
            } ?? .null,
            "cohort": manifest.cohort.document,
        ]
    }
}

extension Manifest.HeadEntry {
    var document: JSONDocument {
        [
            "id": .text(id),
            "features": .texts(features),
            "hyperparameters": .object(
                hyperparameters.sorted { $0.key < $1.key }.map { .init($0.key, .number($0.value)) }),
            "treeMethod": .text(treeMethod),
            "metrics": metrics?.document ?? .null,
            "ensemble": ensemble?.document ?? .null,
        ]
    }
}

extension Manifest.MetricsEntry {
    var document: JSONDocument {
        [
            "auroc": auroc.document,
            "auprc": auprc.document,
            "brier": .number(brier),
            "records": .integer(records),
            "positives": .integer(positives),
            "patients": .integer(patients),
            "method": .text(method),
        ]
    }
}

extension Manifest.IntervalEntry {
    var document: JSONDocument { ["value": .number(value), "low": .number(low), "high": .number(high)] }
}

extension Manifest.CohortSummary {
    var document: JSONDocument {
        [
            "name": .text(name),
            "sha256": .text(sha256),
            "records": .integer(records),
            "positives": .integer(positives),
            "patients": .integer(patients),
            "developmentRecords": .integer(developmentRecords),
            "testRecords": .integer(testRecords),
            "split": .text(split),
            "seed": .integer(Int(clamping: seed)),
        ]
    }
}
