/// `manifest.json` of a bundle: what its files are, where they come from and what they must compute.
///
/// Everything in it is data. Every other file of the bundle is listed in ``files`` with its digest, and the
/// bundle's own digest is that of the manifest's bytes.
package struct Manifest: Codable, Sendable, Equatable {
    /// Version of this schema; others are refused.
    package static let currentSchema = 1
    /// The flavour of weights that were never trained.
    package static let seededFlavour = "seeded"

    package var schemaVersion: Int
    package var name: String
    package var kind: Kind
    /// RFC 3339, UTC.
    package var created: String
    package var software: SoftwareStamp
    /// Absent where the bundle does not say.
    package var run: RunEntry?
    package var intendedUse: String
    package var notForClinicalUse: Bool
    /// Notices that the licences of weights and training data ask for.
    package var attributions: [String]
    /// What a positive label means, in words.
    package var target: String
    package var encoders: [EncoderEntry]
    package var fusion: Fusion
    package var scaler: FileReference
    package var heads: [HeadEntry]
    /// Absent where the bundle holds none.
    package var baseline: BaselineEntry?
    package var cohort: CohortSummary
    package var selfTest: SelfTestEntry
    package var files: [FileEntry]

    package init(
        schemaVersion: Int, name: String, kind: Kind, created: String, software: SoftwareStamp,
        run: RunEntry? = nil, intendedUse: String, notForClinicalUse: Bool, attributions: [String],
        target: String,
        encoders: [EncoderEntry], fusion: Fusion, scaler: FileReference, heads: [HeadEntry],
        baseline: BaselineEntry? = nil, cohort: CohortSummary, selfTest: SelfTestEntry, files: [FileEntry]
    ) {
        self.schemaVersion = schemaVersion
        self.name = name
        self.kind = kind
        self.created = created
        self.software = software
        self.run = run
        self.intendedUse = intendedUse
        self.notForClinicalUse = notForClinicalUse
        self.attributions = attributions
        self.target = target
        self.encoders = encoders
        self.fusion = fusion
        self.scaler = scaler
        self.heads = heads
        self.baseline = baseline
        self.cohort = cohort
        self.selfTest = selfTest
        self.files = files
    }

    /// Who may take the scores seriously.
    package enum Kind: String, Codable, Sendable {
        /// Shows the machinery; its scores mean nothing.
        case demonstration
        /// Trained by a site on its own cohort.
        case site
    }

    /// The program that wrote the bundle.
    package struct SoftwareStamp: Codable, Sendable, Equatable {
        package var name: String
        package var version: String

        package init(name: String, version: String) {
            self.name = name
            self.version = version
        }
    }

    /// A file of the bundle, by its plain name.
    package struct FileReference: Codable, Sendable, Equatable {
        package var file: String

        package init(file: String) {
            self.file = file
        }
    }

    /// A file of the bundle and what its bytes must be.
    package struct FileEntry: Codable, Sendable, Equatable {
        package var name: String
        package var bytes: Int
        package var sha256: String

        package init(name: String, bytes: Int, sha256: String) {
            self.name = name
            self.bytes = bytes
            self.sha256 = sha256
        }
    }
}

extension Manifest {
    /// One encoder: its weights and the recipe that prepares their input.
    package struct EncoderEntry: Codable, Sendable, Equatable {
        /// "st-mem" or "ecg-fm".
        package var id: String
        package var file: String
        package var width: Int
        package var licence: String
        /// "encoder", "pretraining", "finetuned", or "seeded" for weights that were never trained.
        package var flavour: String
        /// SHA-256 of the file the weights were imported from; absent for seeded weights.
        package var sourceSHA256: String?
        package var preprocessingID: String
        package var precision: String

        package init(
            id: String, file: String, width: Int, licence: String, flavour: String,
            sourceSHA256: String? = nil, preprocessingID: String, precision: String
        ) {
            self.id = id
            self.file = file
            self.width = width
            self.licence = licence
            self.flavour = flavour
            self.sourceSHA256 = sourceSHA256
            self.preprocessingID = preprocessingID
            self.precision = precision
        }
    }

    /// The choices that the paper leaves open.
    package struct Fusion: Codable, Sendable, Equatable {
        /// Encoders in the order in which their scaled embeddings are concatenated.
        package var order: [String]
        /// "min-max per feature, development set".
        package var scaling: String
        /// How the windows of one ECG become one embedding.
        package var windows: String
        /// Whether heads read scaled embeddings; absent for yes.
        package var isScaled: Bool?

        package init(order: [String], scaling: String, windows: String, isScaled: Bool? = nil) {
            self.order = order
            self.scaling = scaling
            self.windows = windows
            self.isScaled = isScaled
        }
    }

    /// A booster over one embedding or over the concatenation.
    package struct HeadEntry: Codable, Sendable, Equatable {
        package var id: String
        package var features: [String]
        package var file: String
        package var hyperparameters: [String: Double]
        /// XGBoost's `tree_method`.
        package var treeMethod: String
        package var metrics: MetricsEntry?
        /// Absent when the probability is the raw score.
        package var calibration: CalibrationEntry?
        /// Thresholds of the probability.
        package var operatingPoints: [OperatingPointEntry]?
        /// Absent where the head stands alone.
        package var ensemble: EnsembleEntry?
        /// Absent where the booster was fitted by the run that wrote the bundle.
        package var origin: OriginEntry?

        package init(
            id: String, features: [String], file: String, hyperparameters: [String: Double],
            treeMethod: String, metrics: MetricsEntry? = nil, calibration: CalibrationEntry? = nil,
            operatingPoints: [OperatingPointEntry]? = nil, ensemble: EnsembleEntry? = nil,
            origin: OriginEntry? = nil
        ) {
            self.id = id
            self.features = features
            self.file = file
            self.hyperparameters = hyperparameters
            self.treeMethod = treeMethod
            self.metrics = metrics
            self.calibration = calibration
            self.operatingPoints = operatingPoints
            self.ensemble = ensemble
            self.origin = origin
        }
    }

    /// Performance on the held-out part of the cohort, with 95 % intervals.
    package struct MetricsEntry: Codable, Sendable, Equatable {
        package var auroc: IntervalEntry
        package var auprc: IntervalEntry
        package var brier: Double
        package var records: Int
        package var positives: Int
        package var patients: Int
        package var method: String

        package init(
            auroc: IntervalEntry, auprc: IntervalEntry, brier: Double, records: Int, positives: Int,
            patients: Int, method: String
        ) {
            self.auroc = auroc
            self.auprc = auprc
            self.brier = brier
            self.records = records
            self.positives = positives
            self.patients = patients
            self.method = method
        }
    }

    /// A figure with the bounds of its 95 % interval.
    package struct IntervalEntry: Codable, Sendable, Equatable {
        package var value: Double
        package var low: Double
        package var high: Double

        package init(value: Double, low: Double, high: Double) {
            self.value = value
            self.low = low
            self.high = high
        }
    }

    /// What the heads were trained and tested on.
    package struct CohortSummary: Codable, Sendable, Equatable {
        package var name: String
        /// SHA-256 over every record's content digest, label and patient, in cohort order.
        package var sha256: String
        package var records: Int
        package var positives: Int
        package var patients: Int
        package var developmentRecords: Int
        package var testRecords: Int
        package var split: String
        package var seed: UInt64
        /// What was left out of the table, by reason; absent when nothing was.
        package var excluded: [ExclusionEntry]?
        /// The development and the test part; absent in bundles of earlier versions.
        package var parts: [PartEntry]?

        package init(
            name: String, sha256: String, records: Int, positives: Int, patients: Int,
            developmentRecords: Int, testRecords: Int, split: String, seed: UInt64,
            excluded: [ExclusionEntry]? = nil, parts: [PartEntry]? = nil
        ) {
            self.name = name
            self.sha256 = sha256
            self.records = records
            self.positives = positives
            self.patients = patients
            self.developmentRecords = developmentRecords
            self.testRecords = testRecords
            self.split = split
            self.seed = seed
            self.excluded = excluded
            self.parts = parts
        }
    }

    /// Rows of the cohort file that were left out for one reason.
    package struct ExclusionEntry: Codable, Sendable, Equatable {
        /// `missing-file`, or the code of the refusal.
        package var reason: String
        package var records: Int
        package var positives: Int

        package init(reason: String, records: Int, positives: Int) {
            self.reason = reason
            self.records = records
            self.positives = positives
        }
    }

    /// An ECG in the bundle and what it must come out as, to the last bit.
    package struct SelfTestEntry: Codable, Sendable, Equatable {
        /// Files of the ECG, the header first.
        package var ecg: [String]
        /// SHA-256 of each encoder's embedding as little-endian float32.
        package var embeddingSHA256: [String: String]
        /// Raw score of each head, and of the baseline.
        package var rawScores: [String: Float]
        /// Spread of each head's ensemble; absent where no head has one.
        package var spreads: [String: Double]?

        package init(
            ecg: [String], embeddingSHA256: [String: String], rawScores: [String: Float],
            spreads: [String: Double]? = nil
        ) {
            self.ecg = ecg
            self.embeddingSHA256 = embeddingSHA256
            self.rawScores = rawScores
            self.spreads = spreads
        }
    }
}
