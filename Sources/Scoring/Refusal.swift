/// Why an ECG got no risk, in the form that every client sees: HTTP problem, command line, batch report.
///
/// `code` is stable: clients may act on it. `detail` names what was found and what was expected, never
/// anything of the patient.
package struct Refusal: Error, Sendable, Equatable {
    package let code: String
    package let title: String
    package let detail: String
    /// File within a several-file upload.
    package let part: String?
    /// Byte offset, line or JSON pointer of what is wrong, as "byte 17", "line 4", "/leads/V1/3".
    package let place: String?
    /// What the client can do about it.
    package let remedy: String?

    package init(
        code: String, title: String, detail: String, part: String? = nil, place: String? = nil,
        remedy: String? = nil
    ) {
        self.code = code
        self.title = title
        self.detail = detail
        self.part = part
        self.place = place
        self.remedy = remedy
    }

    /// One line for a terminal: file, place, what is wrong, remedy.
    package var message: String {
        var text = [part, place].compactMap(\.self).joined(separator: ", ")
        if !text.isEmpty { text += ": " }
        text += "\(detail) [\(code)]"
        if let remedy { text += ". \(remedy)" }
        return text
    }
}
