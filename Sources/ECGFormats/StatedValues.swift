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

    /// The names of a file's signals in their order, as the file or the client states them.
    ///
    /// `found` is nil where the file names none; `missing` says what to do when the client states none either.
    static func leads(
        _ found: [String]?, stated: [String]?, count: Int, place: FormatError.Place, missing: String
    ) throws(FormatError) -> [String] {
        guard let names = found ?? stated else {
            throw FormatError(.leadNamesMissing, place: place, detail: missing)
        }
        guard names.count == count else {
            throw FormatError(
                .leadNamesConflict, place: place,
                detail: "\(names.count) leads are named, there are \(count) signals")
        }
        if let found, let stated, found.map({ LeadLabel($0) }) != stated.map({ LeadLabel($0) }) {
            throw FormatError(
                .leadNamesConflict, place: place,
                detail: "the file's leads and the stated ones differ: drop or correct one")
        }
        return names
    }

    /// Names that the client states of a file that has its own: the same ones, in whatever order.
    static func agree(onLeadsOf recording: Recording, stated: [String], format: ECGFormat) throws(FormatError)
    {
        let found = Set(recording.leadsReceived.map(\.rawValue) + recording.leadsIgnored)
        let names = stated.map { name in
            switch LeadLabel(name) {
            case .standard(let lead): lead.rawValue
            case .supplementary(let name): name
            case nil: name
            }
        }
        guard Set(names) == found else {
            throw FormatError(
                .leadNamesConflict,
                detail:
                    "\(format.name) files name their leads, and these are not the stated ones: leave 'leads' out"
            )
        }
    }
}
