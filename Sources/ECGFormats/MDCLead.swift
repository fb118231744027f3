/// Names of leads in ISO/IEEE 11073-10101 (annex A.7.2, ECG lead codes): 131328 plus the lead's number in SCP-ECG.
enum MDCLead {
    private static let prefixes = ["MDC_ECG_LEAD_", "MDC_ECG_ELEC_POTL_"]
    private static let base = 131_328
    private static let numbers: [Int: String] = [
        1: "I", 2: "II", 3: "V1", 4: "V2", 5: "V3", 6: "V4", 7: "V5", 8: "V6", 61: "III", 62: "aVR",
        63: "aVL",
        64: "aVF",
    ]

    /// The lead of a code or reference identifier; nil for anything else.
    static func name(_ code: some StringProtocol) -> String? {
        if let number = Int(code) { return numbers[number - base] }
        return prefixes.first { code.hasPrefix($0) }.map { String(code.dropFirst($0.count)) }
    }
}
