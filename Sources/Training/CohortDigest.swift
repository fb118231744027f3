package import Bytes

/// Names a cohort by what was learned from: the ECGs' content, their labels and who belongs together.
package enum CohortDigest {
    /// SHA-256 over one line for each record, in the order of the table: the SHA-256 of the ECG file, the
    /// label, and the SHA-256 of the patient's pseudonym in UTF-8 or `-`, separated by blanks, ended by a line
    /// feed. Paths are no part of it: a cohort that moved is the same.
    package static func digest(
        of records: some Sequence<(content: Digest, isPositive: Bool, patient: String?)>
    ) -> Digest {
        var hasher = Hasher256()
        for record in records {
            let patient = record.patient.map { Digest(of: $0.utf8).hexadecimal } ?? "-"
            var line = "\(record.content.hexadecimal) \(record.isPositive ? 1 : 0) \(patient)\n"
            line.withUTF8 { unsafe hasher.update($0) }
        }
        return hasher.finish()
    }
}
