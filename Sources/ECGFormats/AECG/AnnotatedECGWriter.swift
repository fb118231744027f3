private import Bytes
package import ECG

/// Writes HL7 aECG: one RHYTHM series of twelve SLIST_PQ sequences over an absolute time base.
///
/// The elements are those that the schema (PORT_MT020001 of 2003-12) and the example of the standard have, in their order.
/// Identifiers of subject and trial are absent (nullFlavor); a time that is not known is absent too, and the time base then
/// is relative.
package enum AnnotatedECGWriter: FormatWriter {
    package static var format: ECGFormat { AnnotatedECGReader.format }

    package static func files(of recording: Recording, name: String) throws(WritingError) -> [WrittenFile] {
        let leads = QuantisedLeads(recording)
        try leads.requireWhole(for: format)
        var xml = XMLTextWriter()
        let attributes = [
            ("xmlns", "urn:hl7-org:v3"), ("xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance"),
            ("type", "Observation"),
        ]
        xml.element("AnnotatedECG", attributes) { xml in
            xml.element("id", [("root", DerivedIdentifier(recording, "aecg").uuid)])
            xml.element(
                "code",
                [("code", "93000"), ("codeSystem", "2.16.840.1.113883.6.12"), ("codeSystemName", "CPT-4")])
            writeTime(recording, &xml)
            writeSubject(&xml)
            xml.element("component") { xml in
                xml.element("series") { xml in writeSeries(recording, leads, &xml) }
            }
        }
        return [WrittenFile(name: name + ".xml", bytes: xml.bytes)]
    }

    /// "20021122091000" or "20021122091000.5+0000".
    private static func time(_ recording: Recording) -> String? {
        guard let text = recording.startTime ?? recording.localStartTime else { return nil }
        let compact = text.filter { $0.isNumber || $0 == "." }
        return recording.startTime == nil ? compact : compact + "+0000"
    }

    private static func writeTime(_ recording: Recording, _ xml: inout XMLTextWriter) {
        xml.element("effectiveTime") { xml in
            xml.element("low", [time(recording).map { ("value", $0) } ?? ("nullFlavor", "NI")])
        }
    }

    /// The elements that tie an ECG to a trial, all without information.
    private static func writeSubject(_ xml: inout XMLTextWriter) {
        let none = [("nullFlavor", "NI")]
        xml.element("componentOf") { xml in
            xml.element("timepointEvent") { xml in
                xml.element("componentOf") { xml in
                    xml.element("subjectAssignment") { xml in
                        xml.element("subject") { $0.element("trialSubject") { $0.element("id", none) } }
                        xml.element("componentOf") { $0.element("clinicalTrial") { $0.element("id", none) } }
                    }
                }
            }
        }
    }

    private static func writeSeries(
        _ recording: Recording, _ leads: QuantisedLeads, _ xml: inout XMLTextWriter
    ) {
        xml.element("id", [("root", DerivedIdentifier(recording, "series").uuid)])
        xml.element("code", [("code", "RHYTHM"), ("codeSystem", "2.16.840.1.113883.5.4")])
        writeTime(recording, &xml)
        if let device = recording.device { write(device, &xml) }
        if let filters = recording.filters { write(filters, &xml) }
        xml.element("component") { xml in
            xml.element("sequenceSet") { xml in
                writeTimeBase(recording, &xml)
                for (lead, counts) in zip(Lead.allCases, leads.counts) {
                    write(lead, counts, step: leads.microvolts, &xml)
                }
            }
        }
    }

    private static func write(_ device: Device, _ xml: inout XMLTextWriter) {
        xml.element("author") { xml in
            xml.element("seriesAuthor") { xml in
                xml.element("manufacturedSeriesDevice") { xml in
                    if let model = device.model { xml.element("manufacturerModelName", text: model) }
                    if let version = device.softwareVersion { xml.element("softwareName", text: version) }
                }
                if let manufacturer = device.manufacturer {
                    xml.element("manufacturerOrganization") { $0.element("name", text: manufacturer) }
                }
            }
        }
    }

    private static func write(_ filters: AppliedFilters, _ xml: inout XMLTextWriter) {
        let all = [
            ("LOW_PASS", "CUTOFF_FREQ", filters.lowPassHertz),
            ("HIGH_PASS", "CUTOFF_FREQ", filters.highPassHertz), ("NOTCH", "NOTCH_FREQ", filters.notchHertz),
        ]
        let mdc = ("codeSystem", "2.16.840.1.113883.6.24")
        for (kind, quantity, hertz) in all {
            guard let hertz else { continue }
            xml.element("controlVariable") { xml in
                xml.element("controlVariable") { xml in
                    xml.element("code", [("code", "MDC_ECG_CTL_VBL_ATTR_FILTER_\(kind)"), mdc])
                    xml.element("component") { xml in
                        xml.element("controlVariable") { xml in
                            xml.element("code", [("code", "MDC_ECG_CTL_VBL_ATTR_FILTER_\(quantity)"), mdc])
                            let value = DecimalText.of(hertz)
                            xml.element("value", [("xsi:type", "PQ"), ("value", value), ("unit", "Hz")])
                        }
                    }
                }
            }
        }
    }

    private static func writeTimeBase(_ recording: Recording, _ xml: inout XMLTextWriter) {
        let time = time(recording)
        let increment = [("value", DecimalText.of(1 / recording.sampleRate.hertz)), ("unit", "s")]
        writeSequence(code: time == nil ? "TIME_RELATIVE" : "TIME_ABSOLUTE", "2.16.840.1.113883.5.4", &xml) {
            $0.element("value", [("xsi:type", time == nil ? "GLIST_PQ" : "GLIST_TS")]) { xml in
                xml.element("head", time.map { [("value", $0)] } ?? [("value", "0"), ("unit", "s")])
                xml.element("increment", increment)
            }
        }
    }

    private static func write(_ lead: Lead, _ counts: [Int16], step: Double, _ xml: inout XMLTextWriter) {
        writeSequence(code: MDCLead.identifier(lead), "2.16.840.1.113883.6.24", &xml) {
            $0.element("value", [("xsi:type", "SLIST_PQ")]) { xml in
                xml.element("origin", [("value", "0"), ("unit", "uV")])
                xml.element("scale", [("value", DecimalText.of(step)), ("unit", "uV")])
                xml.element("digits", text: counts.map(String.init).joined(separator: " "))
            }
        }
    }

    private static func writeSequence(
        code: String, _ system: String, _ xml: inout XMLTextWriter, _ value: (inout XMLTextWriter) -> Void
    ) {
        xml.element("component") { xml in
            xml.element("sequence") { xml in
                xml.element("code", [("code", code), ("codeSystem", system)])
                value(&xml)
            }
        }
    }
}
