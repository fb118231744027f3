private import Bytes
package import ECG

/// Writes a FHIR R4 Observation, valid in R4B too: SampledData by lead, no subject.
///
/// Codes: LOINC 11524-6 (EKG study); ISO/IEEE 11073-10101, annex A.7.2, for the leads. A missing sample is "E". A time
/// without its zone is written as the date alone, for FHIR has no local times.
package enum FHIRWriter: FormatWriter {
    package static var format: ECGFormat { FHIRReader.format }

    package static func files(of recording: Recording, name: String) throws(WritingError) -> [WrittenFile] {
        let leads = QuantisedLeads(recording)
        var members: [JSONDocument.Member] = [
            .init("resourceType", "Observation"),
            .init("status", "final"),
            .init("category", [["coding": [category]]]),
            .init("code", ["coding": [study]]),
        ]
        let date = recording.startTime ?? recording.localStartTime.map { String($0.prefix(10)) }
        if let date { members.append(.init("effectiveDateTime", .text(date))) }
        if let display = recording.device?.display {
            members.append(.init("device", ["display": .text(display)]))
        }
        let components = zip(Lead.allCases, leads.counts).map { lead, counts in
            component(lead, counts, step: leads.microvolts, rate: recording.sampleRate)
        }
        members.append(.init("component", .array(components)))
        return [WrittenFile(name: name + ".json", bytes: JSONDocument.object(members).body)]
    }

    private static let category: JSONDocument = [
        "system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "procedure",
    ]
    private static let study: JSONDocument = [
        "system": "http://loinc.org", "code": "11524-6", "display": "EKG study",
    ]

    private static func component(
        _ lead: Lead, _ counts: [Int16], step: Double, rate: SampleRate
    ) -> JSONDocument {
        let data = counts.map { $0 == QuantisedLeads.missing ? "E" : String($0) }.joined(separator: " ")
        return [
            "code": [
                "coding": [
                    [
                        "system": "urn:iso:std:iso:11073:10101", "code": .text("\(MDCLead.code(lead))"),
                        "display": .text(MDCLead.identifier(lead, prefix: "MDC_ECG_ELEC_POTL_")),
                    ]
                ]
            ],
            "valueSampledData": [
                "origin": [
                    "value": 0, "unit": "uV", "system": "http://unitsofmeasure.org", "code": "uV",
                ],
                "period": .number(1_000 / rate.hertz),
                "factor": .number(step),
                "dimensions": 1,
                "data": .text(data),
            ],
        ]
    }
}

extension Device {
    /// Manufacturer and model in one line; nil when neither is known.
    var display: String? {
        let words = [manufacturer, model].compactMap(\.self)
        return words.isEmpty ? nil : words.joined(separator: " ")
    }
}
