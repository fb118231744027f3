import ECG

/// What a file says and what the client states must agree.
enum StatedValues {
    /// Rates this close are the same, written differently.
    static let rateTolerance = 0.001

    /// The stated rate if it agrees with the file's; the file's if none is stated.
    static func agree(onRate found: SampleRate, stated: SampleRate?) throws(FormatError) -> SampleRate {
        guard let stated else { return found }
        guard abs(stated.hertz - found.hertz) <= rateTolerance * found.hertz else {
            throw FormatError(
                .sampleRateConflict,
                detail: "the file has \(found.hertz) Hz, \(stated.hertz) Hz is stated: drop or correct one")
        }
        return stated
    }

    /// The file's unit, which must be the stated one if there is one.
    static func agree(
        onUnit found: VoltageUnit, stated: VoltageUnit?, place: FormatError.Place?
    ) throws(FormatError) -> VoltageUnit {
        guard let stated, stated != found else { return found }
        throw FormatError(
            .unitConflict, place: place,
            detail: "the file has \(found.rawValue), \(stated.rawValue) is stated: drop or correct one")
    }
}
