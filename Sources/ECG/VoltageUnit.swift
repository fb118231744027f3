/// A unit of electric potential as files spell it. There is no default: a file that names none is refused.
package enum VoltageUnit: String, Sendable, CaseIterable, Codable {
    case volts = "V"
    case millivolts = "mV"
    case microvolts = "uV"
    case nanovolts = "nV"

    /// Reads "mV", "uV", "µV" (either Unicode micro sign), "nV", "V" and their English names.
    ///
    /// Case matters only where it tells milli from mega: "MV" is refused.
    package init?(symbol: String) {
        switch symbol {
        case "mV", "mv", "millivolt", "millivolts": self = .millivolts
        case "uV", "uv", "\u{B5}V", "\u{3BC}V", "\u{B5}v", "\u{3BC}v", "microvolt", "microvolts":
            self = .microvolts
        case "nV", "nv", "nanovolt", "nanovolts": self = .nanovolts
        case "V", "v", "volt", "volts": self = .volts
        default: return nil
        }
    }

    /// How many of this unit make one millivolt; dividing by it keeps decimal values exact.
    package var unitsPerMillivolt: Double {
        switch self {
        case .volts: 0.001
        case .millivolts: 1
        case .microvolts: 1_000
        case .nanovolts: 1_000_000
        }
    }
}
