import ECG

/// Numbers of leads in SCP-ECG (EN 1064 table 5, section 3), which ISO/IEEE 11073-10102 adds to 131328 and
/// DICOM context group 3001 writes as "2:1" or "5.6.3-9-1".
enum LeadCode {
    /// The name that `LeadLabel` knows; nil for a lead that is neither of the twelve nor supplementary.
    static func name(_ code: Int) -> String? {
        switch code {
        case 1: "I"
        case 2: "II"
        case 3...9: "V\(code - 2)"
        case 11...14: "V\(code - 8)R"
        case 16: "X"
        case 17: "Y"
        case 18: "Z"
        case 61: "III"
        case 62: "aVR"
        case 63: "aVL"
        case 64: "aVF"
        case 66: "V8"
        case 67: "V9"
        default: nil
        }
    }

    /// The number of one of the twelve.
    static func number(_ lead: Lead) -> Int {
        switch lead {
        case .I: 1
        case .II: 2
        case .III: 61
        case .aVR: 62
        case .aVL: 63
        case .aVF: 64
        case .V1: 3
        case .V2: 4
        case .V3: 5
        case .V4: 6
        case .V5: 7
        case .V6: 8
        }
    }

    /// A lead's name as documents spell it: "Lead V1", "Lead aVR (Goldberger)", "MDC_ECG_LEAD_II", "ECG I", "ECG-V1-REF [uV]".
    static func name(spelt text: String) -> String? {
        var word = text.trimmed
        if let open = word.firstIndex(where: { $0 == "(" || $0 == "[" }) {
            word = String(word[..<open]).trimmed
        }
        word = word.replacing("_", with: " ").replacing("MDC ECG LEAD ", with: "")
        if word.uppercased().hasSuffix("-REF") { word = String(word.dropLast(4)).trimmed }
        for prefix in ["ECG", "EKG", "LEAD"] where word.uppercased().hasPrefix(prefix) {
            word = String(word.dropFirst(prefix.count)).trimmed
            // In front of aVR a minus would be another lead.
            if word.hasPrefix("-"), !word.uppercased().hasSuffix("AVR") {
                word = String(word.dropFirst()).trimmed
            }
        }
        return LeadLabel(word) == nil ? nil : word
    }
}
