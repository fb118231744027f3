import ECG

/// Numbers as file formats write them.
enum DecimalText {
    /// Without a point when it is whole: "500", "499.9".
    static func of(_ value: Double) -> String {
        value == value.rounded() && value.magnitude < 1e15 ? String(Int(value)) : String(value)
    }

    /// At most sixteen characters, as DICOM's decimal strings are (PS3.5 section 6.2).
    static func short(_ value: Double) -> String {
        let text = of(value)
        guard text.utf8.count > 16 else { return text }
        var scale = 1.0
        while scale < 1e12, (value * scale).magnitude < 1e9 { scale *= 10 }
        return of((value * scale).rounded() / scale)
    }
}

extension SampleRate {
    /// "500", "499.9": hertz.
    var text: String { DecimalText.of(hertz) }
}
