/// The fixed relations between the six limb leads (Einthoven 1913; Goldberger 1942).
///
/// With I = LA - RA and II = LL - RA: III = II - I, aVR = -(I + II)/2, aVL = I - II/2, aVF = II - I/2.
package enum LimbLeads {
    /// Computes III, aVR, aVL or aVF in double precision; the other leads have no such relation and give [].
    ///
    /// `I` and `II`: samples in millivolts, of equal length.
    package static func derive(_ lead: Lead, I: [Float], II: [Float]) -> [Float] {
        guard let relation = relation(lead) else { return [] }
        return zip(I, II).map { one, two in Float(relation(Double(one), Double(two))) }
    }

    /// How far the stored III, aVR, aVL and aVF are from what I and II imply, in millivolts.
    ///
    /// Nil when the recording stores none of the four. Missing samples are left out.
    package static func residual(of recording: Recording) -> EinthovenResidual? {
        let stored = recording.leadsReceived.filter { relation($0) != nil }
        guard !stored.isEmpty else { return nil }
        var worst = EinthovenResidual(lead: stored[0], rootMeanSquareMillivolts: 0, maximumMillivolts: 0)
        for lead in stored {
            let found = residual(of: lead, in: recording)
            if found.rootMeanSquareMillivolts > worst.rootMeanSquareMillivolts { worst = found }
        }
        return worst
    }

    private static func relation(_ lead: Lead) -> ((Double, Double) -> Double)? {
        switch lead {
        case .III: { $1 - $0 }
        case .aVR: { -($0 + $1) / 2 }
        case .aVL: { $0 - $1 / 2 }
        case .aVF: { $1 - $0 / 2 }
        default: nil
        }
    }

    private static func residual(of lead: Lead, in recording: Recording) -> EinthovenResidual {
        guard let relation = relation(lead) else {
            return EinthovenResidual(lead: lead, rootMeanSquareMillivolts: 0, maximumMillivolts: 0)
        }
        var sum = 0.0
        var largest = 0.0
        var count = 0
        for ((one, two), stored) in zip(zip(recording[.I], recording[.II]), recording[lead]) {
            let difference = abs(Double(stored) - relation(Double(one), Double(two)))
            guard !difference.isNaN else { continue }
            sum += difference * difference
            largest = max(largest, difference)
            count += 1
        }
        return EinthovenResidual(
            lead: lead, rootMeanSquareMillivolts: count == 0 ? 0 : (sum / Double(count)).squareRoot(),
            maximumMillivolts: largest)
    }
}

/// The worst disagreement between a stored limb lead and what I and II imply.
package struct EinthovenResidual: Sendable, Equatable {
    /// The lead that disagrees most.
    package let lead: Lead
    package let rootMeanSquareMillivolts: Double
    package let maximumMillivolts: Double

    /// Rounding of a 5 uV recorder stays below 0.01 mV; swapped or mislabelled limb leads are far above this.
    package static let toleranceMillivolts = 0.05

    package var isConsistent: Bool { rootMeanSquareMillivolts <= Self.toleranceMillivolts }
}
