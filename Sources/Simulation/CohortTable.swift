/// The cohort file: one line of comma-separated values for each ECG (RFC 4180).
package enum CohortTable {
    package static let header = "path,label,patient,age,sex,site"

    /// The line of one ECG, without line end; `path` is that of its file, label 1 for positive.
    package static func line(path: String, _ ecg: SimulatedECG) -> String {
        let fields = [
            path, ecg.label ? "1" : "0", ecg.patient, String(ecg.age), ecg.sex.rawValue, ecg.site,
        ]
        return fields.map(quoted).joined(separator: ",")
    }

    /// A field in quotation marks where it holds a comma, a quotation mark or a line end.
    private static func quoted(_ field: String) -> String {
        let special: Set<UInt8> = [
            UInt8(ascii: ","), UInt8(ascii: "\""), UInt8(ascii: "\n"), UInt8(ascii: "\r"),
        ]
        guard field.utf8.contains(where: special.contains) else { return field }
        return "\"" + field.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"")
            + "\""
    }
}
