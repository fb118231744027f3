/// One of the twelve standard leads, in the order every array of this project uses.
///
/// Order and spelling follow ST-MEM's `data/process_ecg.py` and the AHA/ACCF/HRS recommendations for the
/// standardization of the electrocardiogram (Kligfield et al., Circulation 2007;115:1306).
package enum Lead: String, CaseIterable, Sendable, Codable, Hashable {
    case I, II, III, aVR, aVL, aVF, V1, V2, V3, V4, V5, V6

    /// The eight leads that carry all the information of the twelve; the others follow from I and II.
    package static let independent: [Lead] = [.I, .II, .V1, .V2, .V3, .V4, .V5, .V6]

    /// Row of this lead in an array in standard order, 0 to 11.
    package var index: Int {
        switch self {
        case .I: 0
        case .II: 1
        case .III: 2
        case .aVR: 3
        case .aVL: 4
        case .aVF: 5
        case .V1: 6
        case .V2: 7
        case .V3: 8
        case .V4: 9
        case .V5: 10
        case .V6: 11
        }
    }
}

/// What a lead's name in a file means.
package enum LeadLabel: Sendable, Equatable {
    /// One of the twelve.
    case standard(Lead)
    /// A lead beyond the twelve that electrocardiographs do record (right-sided, posterior, Frank, EASI, modified
    /// chest leads, -aVR of Cabrera's order): not used.
    case supplementary(String)

    private static let supplementaryNames: Set<String> = [
        "V1R", "V2R", "V3R", "V4R", "V5R", "V6R", "V7R", "V8R", "V9R", "V7", "V8", "V9", "X", "Y", "Z", "VX",
        "VY", "VZ",
        "-AVR", "ES", "AS", "AI", "MCL1", "MCL6", "CM5",
    ]

    private static let numberedLimbLeads = ["D1": "I", "D2": "II", "D3": "III"]

    /// Reads a lead's name, ignoring case and surrounding blanks; nil for a name that is no lead.
    package init?(_ name: String) {
        var trimmed = name.trimmingBlanks().uppercased()
        // As Portuguese, Spanish and French call the limb leads: "DI", "DII", "DIII", "D1", "D2", "D3".
        if trimmed.hasPrefix("DI") { trimmed.removeFirst() }
        trimmed = Self.numberedLimbLeads[trimmed] ?? trimmed
        if let lead = Lead.allCases.first(where: { $0.rawValue.uppercased() == trimmed }) {
            self = .standard(lead)
        } else if Self.supplementaryNames.contains(trimmed) {
            self = .supplementary(trimmed)
        } else {
            return nil
        }
    }
}

extension String {
    fileprivate func trimmingBlanks() -> Substring {
        let blank: (Character) -> Bool = { $0 == " " || $0 == "\t" }
        guard let first = firstIndex(where: { !blank($0) }), let last = lastIndex(where: { !blank($0) })
        else { return "" }
        return self[first...last]
    }
}
