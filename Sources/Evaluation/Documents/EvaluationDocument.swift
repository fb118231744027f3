import Encoders
import Networks
import Risk
package import Bytes
package import Scoring
package import Training

/// The experiment as JSON: choices, cohort, encoders, and every figure of every reshuffle.
package struct EvaluationDocument: Sendable {
    package let experiment: Experiment
    package let encoders: [EncoderProvenance]

    /// One for each grouping.
    package let findings: [SeriesFindings]
    /// The share of positives where the heads are to be used, if the cohort's is another.
    package let sitePrevalence: Double?

    /// Throws: ``TrainingError/tooSmall(reason:)`` when the tested ECGs are too few for a measure.
    package init(
        _ experiment: Experiment, encoders: [EncoderProvenance], sitePrevalence: Double? = nil
    ) throws(TrainingError) {
        self.experiment = experiment
        self.encoders = encoders
        self.sitePrevalence = sitePrevalence
        var findings: [SeriesFindings] = []
        for series in experiment.series {
            findings.append(try SeriesFindings(of: series, in: experiment))
        }
        self.findings = findings
    }

    package var document: JSONDocument {
        [
            "schema": "firstlead/evaluation/1", "notForClinicalUse": true,
            "software": ["name": .text(Software.name), "version": .text(Software.version)],
            "cohort": cohort, "encoders": .array(encoders.map(Self.encoder)), "protocol": protocolChoices,
            "baseline": experiment.baseline?.document ?? .null,
            "groupings": .array(findings.map(series)),
            "medic": .array(
                PublishedResult.medic.map {
                    [
                        "method": .text($0.name), "auroc": .number($0.areaUnderROC),
                        "aucpr": .number($0.averagePrecision),
                    ]
                }),
        ]
    }

    private var cohort: JSONDocument {
        [
            "sha256": .text(experiment.digest.hexadecimal),
            "records": .integer(experiment.cohort.records.count),
            "positives": .integer(experiment.cohort.positiveCount),
            "patients": .integer(experiment.cohort.patientCount),
            "namesPatients": .bool(experiment.cohort.namesPatients),
            "excluded": .array(
                experiment.cohort.exclusionCounts.map {
                    [
                        "reason": .text($0.reason), "records": .integer($0.records),
                        "positives": .integer($0.positives),
                    ]
                }),
        ]
    }

    private static func encoder(_ encoder: EncoderProvenance) -> JSONDocument {
        [
            "id": .text(encoder.id), "weightsSha256": .text(encoder.weights.hexadecimal),
            "flavour": .text(encoder.flavour), "licence": .text(encoder.licence),
            "preprocessingId": .text(encoder.preprocessingID), "width": .integer(encoder.width),
        ]
    }

    private var protocolChoices: JSONDocument {
        let training = experiment.plan.training
        let booster = training.booster
        return [
            "reshuffles": .integer(experiment.plan.reshuffles),
            "testFraction": .number(training.testFraction),
            "seed": .integer(Int(training.seed)), "order": .texts(training.order.map(\.rawValue)),
            "scaling": .text(training.scaling.description), "rounds": .integer(booster.rounds),
            "maximumDepth": .integer(booster.maximumDepth), "learningRate": .float(booster.learningRate),
            "subsample": .float(booster.subsample), "columnSampleByTree": .float(booster.columnSampleByTree),
            "treeMethod": .text(booster.treeMethod.rawValue),
            "families": .texts(
                MethodCatalogue.Family.allCases.filter(experiment.plan.families.contains).map(\.rawValue)),
        ]
    }

    private func series(_ found: SeriesFindings) -> JSONDocument {
        let series = found.series
        return [
            "grouping": .text(series.grouping.rawValue),
            "patientsInBothParts": .integer(series.sharedPatients(experiment.cohort)),
            "methods": .array(
                series.methods.map {
                    [
                        "id": .text($0.id), "name": .text($0.name), "auroc": Self.spread($0.areasUnderROC),
                        "aucpr": Self.spread($0.averagePrecisions),
                    ]
                }),
            "findings": found.document(prevalence: sitePrevalence),
        ]
    }

    private static func spread(_ values: [Double]) -> JSONDocument {
        let spread = Spread(values)
        return [
            "mean": .number(spread.mean), "sd": .number(spread.standardDeviation),
            "values": .array(values.map { .number($0) }),
        ]
    }
}

extension Experiment.BaselineTraining {
    fileprivate var document: JSONDocument {
        [
            "width": .integer(plan.config.width), "epochs": .integer(plan.epochs),
            "batch": .integer(plan.batch),
            "learningRate": .number(plan.learningRate), "positiveWeight": plan.positiveWeight.document,
            "validationShare": .number(plan.validationShare), "seed": .integer(Int(clamping: plan.seed)),
            "losses": .array(losses.map { .array($0.map { .number($0) }) }),
        ]
    }
}

extension PositiveWeight {
    /// A number, or "balanced".
    fileprivate var document: JSONDocument {
        switch self {
        case .times(let times): .number(times)
        case .balanced: .text("balanced")
        }
    }
}
