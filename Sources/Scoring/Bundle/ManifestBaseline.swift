extension Manifest {
    /// The paper's baseline, where the bundle holds one.
    package struct BaselineEntry: Codable, Sendable, Equatable {
        package var file: String
        package var licence: String
        /// "trained" or "imported".
        package var flavour: String
        /// SHA-256 of the file the weights were imported from.
        package var sourceSHA256: String?
        /// Digest of the cohort that it was trained on.
        package var cohortSHA256: String?
        package var preprocessingID: String
        /// Channels of the stem.
        package var width: Int
        /// On the cohort's test part; absent unless it was trained on the development part and nothing else.
        package var metrics: MetricsEntry?

        /// What a loaded baseline is, in that file.
        package init(file: String, _ provenance: BaselineProvenance, metrics: MetricsEntry? = nil) {
            self.file = file
            licence = provenance.licence
            flavour = provenance.flavour
            sourceSHA256 = provenance.source
            cohortSHA256 = provenance.cohort
            preprocessingID = provenance.preprocessingID
            width = provenance.width
            self.metrics = metrics
        }
    }
}
