import ECG
import ECGFormats

extension Warning {
    /// What is noteworthy about an input that was accepted.
    static func about(_ ecg: DecodedECG, analysed: Recording, _ window: AnalysisWindow) -> [Warning] {
        let recording = ecg.recording
        var warnings = ecg.notes.map { Warning(code: "FORMAT_NOTE", message: $0) }
        if !recording.leadsDerived.isEmpty {
            let names = recording.leadsDerived.map(\.rawValue).joined(separator: ", ")
            warnings.append(Warning(code: "LEADS_DERIVED", message: "\(names) computed from I and II"))
        }
        if !recording.leadsIgnored.isEmpty {
            let names = recording.leadsIgnored.joined(separator: ", ")
            warnings.append(
                Warning(code: "LEADS_IGNORED", message: "\(names) not used: not among the twelve"))
        }
        if let residual = LimbLeads.residual(of: recording), !residual.isConsistent {
            let millivolts = residual.rootMeanSquareMillivolts.inThousandths
            warnings.append(
                Warning(
                    code: "LIMB_LEADS_INCONSISTENT",
                    message: "stored \(residual.lead.rawValue) differs from what I and II imply by "
                        + "\(millivolts) mV rms: check lead names and cables"))
        }
        let flat = SignalGate.flatLeads(of: analysed)
        if !flat.isEmpty {
            let names = flat.map(\.rawValue).joined(separator: ", ")
            warnings.append(Warning(code: "LEADS_FLAT", message: "\(names) do not vary"))
        }
        if analysed.sampleCount < recording.sampleCount {
            warnings.append(
                Warning(
                    code: "RECORDING_CUT",
                    message: "only "
                        + (window.start.map { "\(analysed.durationSeconds.inThousandths) s from \($0) s on" }
                            ?? "the first \(analysed.durationSeconds.inThousandths) s")
                        + " of \(recording.durationSeconds.inThousandths) s were scored"))
        }
        return warnings
    }
}
