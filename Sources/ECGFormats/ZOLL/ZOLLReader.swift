private import Bytes
package import ECG

/// Reads 12-lead records of ZOLL X Series monitors exported as JSON.
///
///     {"ZOLL": {"Report12Lead": [{"Ecg12LeadRec": {
///        "SampleRate": 500,
///        "StdHdr": {"DevDateTime": "2020-01-01T12:00:00", "MsecTime": 60000},
///        "LeadData": {"LeadI": [counts], "LeadII": ..., "LeadV1": ..., "LeadV6": ...}}}]}}
///
/// The record may also stand among those of a `FullDisclosure` case, whose continuous waveforms (pads, CO2, SpO2, three
/// monitor leads) are filtered for the screen and never read. A count is 2.5 uV: full-disclosure cases say so
/// (DataChannels, Scalar 2500 nV), 12-lead reports leave it out. Source: egeozkoc/ecg-smart; UniGrazMath/vitabel
/// (real cases).
package enum ZOLLReader: FormatReader {
    package static let format = ECGFormat(
        id: "zoll", name: "ZOLL X Series JSON", mediaTypes: ["application/x-zoll+json"], fileExtensions: [])

    private static let microvoltsPerCount = 2.5
    /// Objects of a whole case: thousands of trend records.
    private static let limits = JSONLimits(depth: 64, members: 500_000)

    package static func recognises(_ upload: Upload) -> Bool {
        guard upload.parts.count == 1, let bytes = upload.parts.first?.bytes else { return false }
        return JSONOutline.mark(of: bytes) == "ZOLL"
    }

    package static func read(_ upload: Upload, options: ReadOptions) throws(FormatError) -> Recording {
        try SingleFile.read(upload, as: format) { bytes throws(FormatError) in
            try recording(JSONOutline.parse(bytes, limits: limits), options)
        }
    }

    private static func recording(_ document: JSONValue, _ options: ReadOptions) throws(FormatError)
        -> Recording
    {
        var records: [JSONPlace] = []
        collect(JSONPlace(value: document, pointer: ""), into: &records)
        guard let record = records.max(by: { milliseconds($0) < milliseconds($1) }) else {
            throw FormatError(
                .recording, place: .pointer("/ZOLL"),
                detail: "there is no Ecg12LeadRec: a case without a 12-lead ECG",
                recording: .missingLeads(Lead.independent))
        }
        var recording = try read(record, options)
        if records.count > 1 { recording.remarks.append("of \(records.count) 12-lead ECGs the last is used") }
        return recording
    }

    private static func milliseconds(_ record: JSONPlace) -> Double {
        record.value["StdHdr"]?["MsecTime"]?.double ?? 0
    }

    /// All members of that name, in document order.
    private static func collect(_ place: JSONPlace, into records: inout [JSONPlace]) {
        if let members = place.value.members {
            for member in members {
                let child = place.child(member.key, member.value)
                if member.key == "Ecg12LeadRec" {
                    records.append(child)
                } else {
                    collect(child, into: &records)
                }
            }
        } else if case .array(let elements) = place.value {
            for (index, element) in elements.enumerated() {
                collect(place.child("\(index)", element), into: &records)
            }
        }
    }

    private static func read(_ record: JSONPlace, _ options: ReadOptions) throws(FormatError) -> Recording {
        guard let rateMember = record["SampleRate"] else {
            throw record.unexpected("an object with SampleRate")
        }
        guard let hertz = rateMember.value.double else { throw rateMember.unexpected("a number of hertz") }
        let rate = try Signals.rate(hertz: hertz, place: .pointer(rateMember.pointer), options: options)
        guard let data = record["LeadData"], let members = data.value.members else {
            throw record.unexpected("an object with LeadData")
        }
        _ = try StatedValues.agree(onUnit: .microvolts, stated: options.unit, place: .pointer(data.pointer))
        let signals = try members.filter { $0.key.hasPrefix("Lead") }.map { member throws(FormatError) in
            let lead = data.child(member.key, member.value)
            guard let counts = lead.value.doubles else { throw lead.unexpected("an array of numbers") }
            return (
                name: String(member.key.dropFirst(4)),
                millivolts: counts.map { Float($0 * microvoltsPerCount / 1_000) }
            )
        }
        var recording = try FormatError.building(.pointer(data.pointer)) { () throws(RecordingError) in
            try Recording(
                signals: signals, sampleRate: rate, device: Device(manufacturer: "ZOLL", model: "X Series"))
        }
        recording.localStartTime = record.value["StdHdr"]?["DevDateTime"]?.string.flatMap(LocalTime.checked)
        return recording
    }
}
