package import Bytes
package import ECG
package import ECGFormats
import Encoders
import Preprocessing

/// What an upload holds and whether it could be scored, without any model.
package struct Inspection: Sendable {
    package let recording: Recording
    package let input: InputFacts
    package let warnings: [Warning]
    /// What keeps the recording from being scored; nil when nothing does.
    package let problem: Refusal?

    /// Seconds that the published recipes of both encoders need together.
    package static let neededSeconds =
        EncoderID.allCases.flatMap { RecipeCatalogue.recipes(for: $0) }.map(\.neededSeconds).max() ?? 0

    /// Reads and checks.
    ///
    /// Throws: ``Refusal`` when the upload holds no readable 12-lead ECG.
    package init(
        of submitted: SubmittedECG, options: ReadOptions, window: AnalysisWindow = .standard
    ) throws(Refusal) {
        var clock = StageClock()
        let ecg = try Scorer.read(submitted, options: options, clock: &clock)
        recording = ecg.recording
        let analysed: Recording
        do throws(Refusal) {
            analysed = try window.part(of: ecg.recording)
            problem = Self.problem(of: analysed)
        } catch {
            analysed = ecg.recording
            problem = error
        }
        input = InputFacts(submitted, ecg, analysed: analysed, window)
        warnings = Warning.about(ecg, analysed: analysed, window)
    }

    private static func problem(of recording: Recording) -> Refusal? {
        do throws(Refusal) {
            try Scorer.check(recording, neededSeconds: neededSeconds)
            return nil
        } catch { return error }
    }

    /// The answer as JSON, schema `Inspection` of openapi.yaml.
    package func document(requestID: String) -> JSONDocument {
        [
            "schema": "firstlead/inspection/1",
            "requestId": .text(requestID),
            "scorable": .bool(problem == nil),
            "problems": .array(problem.map { [$0.document] } ?? []),
            "warnings": .array(warnings.map(\.document)),
            "input": input.document,
            "leads": .array(Lead.allCases.map { LeadRange(of: $0, in: recording).document }),
        ]
    }

    /// A few lines for a terminal.
    package func summary(of file: String) -> String {
        var lines = [
            "\(file): \(input.format.name), \(input.sampleRate.hertz) Hz, \(input.durationSeconds.inThousandths) s, "
                + "\(input.leadsReceived.count) leads stored, \(input.leadsDerived.count) derived"
        ]
        lines += input.facts.map { "  \($0)" }
        lines += LeadRange.facts(of: recording).map { "  \($0)" }
        lines.append(problem.map { "  not scorable: \($0.message)" } ?? "  scorable")
        lines += warnings.map { "  \($0.code): \($0.message)" }
        return lines.joined(separator: "\n")
    }
}

/// The range of one lead.
private struct LeadRange {
    let lead: Lead
    let isDerived: Bool
    var minimum = Float.infinity
    var maximum = -Float.infinity
    var sum = 0.0
    var missing = 0
    let count: Int

    init(of lead: Lead, in recording: Recording) {
        self.lead = lead
        isDerived = recording.leadsDerived.contains(lead)
        count = recording.sampleCount
        for value in recording[lead] {
            if value.isNaN {
                missing += 1
            } else {
                minimum = min(minimum, value)
                maximum = max(maximum, value)
                sum += Double(value)
            }
        }
    }

    /// Quality in a line or two: the range of the signals, and what is missing.
    static func facts(of recording: Recording) -> [String] {
        let ranges = Lead.allCases.map { LeadRange(of: $0, in: recording) }
        let gaps = ranges.filter { $0.missing > 0 }.map { "\($0.lead.rawValue) \($0.missing)" }
        let low = ranges.map(\.minimum).min() ?? 0
        let high = ranges.map(\.maximum).max() ?? 0
        let flat = SignalGate.flatLeads(of: recording).map(\.rawValue)
        return [
            low <= high ? "samples from \(low) to \(high) mV" : "no samples",
            gaps.isEmpty ? nil : "missing samples: \(gaps.joined(separator: ", "))",
            flat.isEmpty ? nil : "flat: \(flat.joined(separator: ", "))",
        ].compactMap(\.self)
    }

    var document: JSONDocument {
        let present = count - missing
        return [
            "lead": .text(lead.rawValue),
            "derived": .bool(isDerived),
            "minimumMillivolts": present == 0 ? .null : .float(minimum),
            "maximumMillivolts": present == 0 ? .null : .float(maximum),
            "meanMillivolts": present == 0 ? .null : .rounded(sum / Double(present), digits: 6),
            "missingSamples": .integer(missing),
        ]
    }
}

extension Refusal {
    /// The refusal as JSON, without HTTP's members.
    package var document: JSONDocument {
        var members = [
            JSONDocument.Member("code", .text(code)), JSONDocument.Member("detail", .text(detail)),
        ]
        if let place { members.append(JSONDocument.Member("place", .text(place))) }
        if let remedy { members.append(JSONDocument.Member("remedy", .text(remedy))) }
        return .object(members)
    }
}
