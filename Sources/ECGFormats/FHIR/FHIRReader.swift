private import Bytes
package import ECG

/// Reads FHIR R4 and R5 Observations with SampledData, alone or in a Bundle, in JSON or XML.
///
///     Observation.effectiveDateTime | effectivePeriod.start
///     Observation.component ...                              one a lead; a single lead stands in the Observation itself
///       code.coding.code                                     131329 (MDC_ECG_ELEC_POTL_I), ...
///       valueSampledData
///         origin.value, origin.code | unit                   zero point and unit (UCUM)
///         period (ms; R4) | interval, intervalUnit (R5)      between samples
///         factor (1), dimensions (1), data                   numbers, E, U or L for a missing one
///
/// A Bundle has either one Observation with all leads or Observations with some of them each. Source: HL7 FHIR 4.0.1 and
/// 5.0.0, datatypes, SampledData; ISO/IEEE 11073-10101.
package enum FHIRReader: FormatReader {
    package static let format = ECGFormat(
        id: "fhir", name: "FHIR", mediaTypes: ["application/fhir+json", "application/fhir+xml"],
        fileExtensions: [])

    private static let limits = JSONLimits(depth: 64)

    package static func recognises(_ upload: Upload) -> Bool {
        guard upload.parts.count == 1, let bytes = upload.parts.first?.bytes else { return false }
        return JSONOutline.mark(of: bytes) == "resourceType"
            || XMLOutline.hasRoot(["Observation", "Bundle"], upload)
    }

    package static func read(_ upload: Upload, options: ReadOptions) throws(FormatError) -> Recording {
        try SingleFile.read(upload, as: format) { bytes throws(FormatError) in
            if XMLOutline.root(of: bytes) != nil { return try recording(XMLTree(bytes).root, options) }
            let value = try JSONOutline.parse(bytes, limits: limits)
            return try recording(JSONPlace(value: value, pointer: ""), options)
        }
    }

    private static func recording<Node: FHIRNode>(_ root: Node, _ options: ReadOptions) throws(FormatError)
        -> Recording
    {
        let observations: [Node]
        switch root.resourceType {
        case "Observation": observations = [root]
        case "Bundle":
            observations = root.all("entry").compactMap(\.resource).filter {
                $0.resourceType == "Observation"
            }
        default:
            throw FormatError(
                .unsupportedEncoding, place: root.place,
                detail:
                    "the resource is a '\(token(root.resourceType ?? ""))', expected an Observation or a Bundle"
            )
        }
        let leads = observations.map { FHIRLead.all($0) }
        let whole = leads.filter { $0.count >= Lead.independent.count }
        guard whole.count <= 1 else {
            throw FormatError(
                .ambiguousUpload, place: root.place, detail: "\(whole.count) ECGs, expected one")
        }
        let chosen = whole.first ?? leads.flatMap(\.self)
        guard let first = chosen.first else {
            throw FormatError(
                .recording, place: root.place, detail: "no Observation has SampledData of a lead",
                recording: .missingLeads(Lead.independent))
        }
        let rate = try first.rate(options)
        let signals = try chosen.map { lead throws(FormatError) in
            guard try lead.rate(options) == rate else {
                throw FormatError(
                    .malformed, place: lead.data.place, detail: "leads with different sample rates")
            }
            return (name: lead.name, millivolts: try lead.millivolts(options))
        }
        let start =
            first.observation.text("effectiveDateTime")
            ?? first.observation.first("effectivePeriod")?.text("start")
        return try FormatError.building(root.place) { () throws(RecordingError) in
            try Recording(
                signals: signals, sampleRate: rate, startTime: start.flatMap { Timestamp($0)?.utc },
                device: first.observation.first("device")?.text("display").map {
                    Device(model: token($0, limit: 100))
                })
        }
    }
}
