private import Bytes
package import ECG

/// Writes the project's own JSON, exactly: every sample is the shortest decimal of its value, a missing one null.
package enum JSONWriter: FormatWriter {
    package static var format: ECGFormat { JSONReader.format }

    package static func files(of recording: Recording, name: String) throws(WritingError) -> [WrittenFile] {
        var members: [JSONDocument.Member] = [
            .init("sampleRate", .number(recording.sampleRate.hertz)),
            .init("units", .text(VoltageUnit.millivolts.rawValue)),
        ]
        if let time = recording.startTime { members.append(.init("startTime", .text(time))) }
        if let time = recording.localStartTime { members.append(.init("localStartTime", .text(time))) }
        if let device = recording.device { members.append(.init("device", device.document)) }
        if let filters = recording.filters { members.append(.init("filters", filters.document)) }
        let leads = Lead.allCases.map { lead in
            JSONDocument.Member(lead.rawValue, .array(recording[lead].map { .float($0) }))
        }
        members.append(.init("leads", .object(leads)))
        return [WrittenFile(name: name + ".json", bytes: JSONDocument.object(members).body)]
    }
}

extension Device {
    /// Members that are known; empty when none is.
    fileprivate var document: JSONDocument {
        let all = [
            ("manufacturer", manufacturer), ("model", model), ("softwareVersion", softwareVersion),
        ]
        return .object(all.compactMap { name, value in value.map { .init(name, .text($0)) } })
    }
}

extension AppliedFilters {
    fileprivate var document: JSONDocument {
        let all = [
            ("highPassHertz", highPassHertz), ("lowPassHertz", lowPassHertz), ("notchHertz", notchHertz),
        ]
        return .object(all.compactMap { name, value in value.map { .init(name, .number($0)) } })
    }
}
