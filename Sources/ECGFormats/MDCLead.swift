import ECG

/// Names of leads in ISO/IEEE 11073-10101 (annex A.7.2, ECG lead codes): 131328 plus the lead's number in SCP-ECG.
enum MDCLead {
    private static let prefixes = ["MDC_ECG_LEAD_", "MDC_ECG_ELEC_POTL_"]
    private static let base = 131_328

    /// The lead of a code or reference identifier; nil for anything else.
    static func name(_ code: some StringProtocol) -> String? {
        if let number = Int(code) {
            return (1..<1_000).contains(number - base) ? LeadCode.name(number - base) : nil
        }
        return prefixes.first { code.hasPrefix($0) }.map { String(code.dropFirst($0.count)) }
    }

    /// The code of one of the twelve: 131329 is I.
    static func code(_ lead: Lead) -> Int { base + LeadCode.number(lead) }

    /// The reference identifier of one of the twelve: "MDC_ECG_LEAD_AVR".
    static func identifier(_ lead: Lead, prefix: String = "MDC_ECG_LEAD_") -> String {
        prefix + lead.rawValue.uppercased()
    }
}
