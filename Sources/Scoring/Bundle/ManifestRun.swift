extension Manifest {
    /// The run that wrote a bundle; bundles that must come out alike on every machine have none.
    package struct RunEntry: Codable, Sendable, Equatable {
        /// The command line, word by word.
        package var command: [String]
        /// Git commit of FirstLead.
        package var commit: String
        package var xgboost: String
        /// Version of the Swift compiler that FirstLead was built with.
        package var swift: String
        package var operatingSystem: String
        package var processor: String

        package init(
            command: [String], commit: String, xgboost: String, swift: String, operatingSystem: String,
            processor: String
        ) {
            self.command = command
            self.commit = commit
            self.xgboost = xgboost
            self.swift = swift
            self.operatingSystem = operatingSystem
            self.processor = processor
        }
    }

    /// Where a booster comes from that `train` did not fit.
    package struct OriginEntry: Codable, Sendable, Equatable {
        /// SHA-256 of the file that was read.
        package var sha256: String
        /// Release of XGBoost that wrote it.
        package var xgboost: String
        /// "json" or "ubj".
        package var format: String

        package init(sha256: String, xgboost: String, format: String) {
            self.sha256 = sha256
            self.xgboost = xgboost
            self.format = format
        }
    }

    /// Whom one part of the cohort is made of.
    package struct PartEntry: Codable, Sendable, Equatable {
        /// "development" or "test".
        package var part: String
        package var records: Int
        package var positives: Int
        package var patients: Int
        /// Records whose age is known, and its mean and sample standard deviation in years.
        package var agesKnown: Int
        package var meanAge: Double?
        package var ageDeviation: Double?
        package var women: Int
        package var men: Int
        /// Sites that are named.
        package var sites: Int
        /// First and last month of recording, "2024-03 to 2025-11"; absent where the table has no dates.
        package var months: String?

        package init(
            part: String, records: Int, positives: Int, patients: Int, agesKnown: Int, meanAge: Double?,
            ageDeviation: Double?, women: Int, men: Int, sites: Int, months: String?
        ) {
            self.part = part
            self.records = records
            self.positives = positives
            self.patients = patients
            self.agesKnown = agesKnown
            self.meanAge = meanAge
            self.ageDeviation = ageDeviation
            self.women = women
            self.men = men
            self.sites = sites
            self.months = months
        }
    }
}
