package import Bytes
package import ECG
package import ECGFormats

/// The answer to one ECG: the risk, what it was computed from and by what.
package struct Assessment: Sendable {
    /// The fused model's score; the answer's headline.
    package let risk: HeadScore
    /// Every head's score, the fused one first, then the baseline's where there is one.
    package let heads: [HeadScore]
    package let input: InputFacts
    package let warnings: [Warning]
    package let bundle: BundleProvenance
    package let clock: StageClock
}

/// What one head says.
package struct HeadScore: Sendable, Equatable {
    package let id: String
    /// Encoders whose embeddings the head reads, in order of concatenation; none of the baseline, which reads the signal.
    package let features: [String]
    /// Log odds: the sum of the trees and the base score, or the baseline's logit.
    package let margin: Float
    /// The logistic function of the margin, as XGBoost computes it.
    package let rawScore: Float
    /// Calibrated probability; equal to the raw score where the bundle has no calibration.
    package let probability: Float
    /// What the head's ensemble says; nil where it has none.
    package var ensemble: EnsembleScore?
}

/// What was received, without anything that identifies a patient.
package struct InputFacts: Sendable {
    package let digest: Digest
    package let byteCount: Int
    package let format: ECGFormat
    package let sampleRate: SampleRate
    package let durationSeconds: Double
    /// Where the part begins that was scored.
    package let analysedStartSeconds: Double
    /// How many seconds were scored.
    package let analysedSeconds: Double
    package let leadsReceived: [Lead]
    package let leadsDerived: [Lead]
    package let leadsIgnored: [String]
    package let startTime: String?
    package let localStartTime: String?
    package let device: Device?
    package let filters: AppliedFilters?
    package let residual: EinthovenResidual?

    package init(
        _ submitted: SubmittedECG, _ ecg: DecodedECG, analysed: Recording, _ window: AnalysisWindow
    ) {
        let recording = ecg.recording
        digest = submitted.digest
        byteCount = submitted.byteCount
        format = ecg.format
        sampleRate = recording.sampleRate
        durationSeconds = recording.durationSeconds
        analysedStartSeconds = window.start ?? 0
        analysedSeconds = analysed.durationSeconds
        leadsReceived = recording.leadsReceived
        leadsDerived = recording.leadsDerived
        leadsIgnored = recording.leadsIgnored
        startTime = recording.startTime
        localStartTime = recording.localStartTime
        device = recording.device
        filters = recording.filters
        residual = LimbLeads.residual(of: recording)
    }
}

extension InputFacts {
    /// Leads, device, filters and time in a line each, as far as they are known.
    package var facts: [String] {
        var leads = leadsReceived.map(\.rawValue).joined(separator: ", ")
        if !leadsDerived.isEmpty {
            leads += "; derived: " + leadsDerived.map(\.rawValue).joined(separator: ", ")
        }
        var facts = ["leads: " + leads]
        if let device {
            let words = [device.manufacturer, device.model, device.softwareVersion].compactMap(\.self)
            facts.append("device: " + words.joined(separator: ", "))
        }
        if let filters {
            let words = [
                filters.highPassHertz.map { "high-pass \($0) Hz" },
                filters.lowPassHertz.map { "low-pass \($0) Hz" }, filters.notchHertz.map { "notch \($0) Hz" },
            ].compactMap(\.self)
            facts.append("filters: " + words.joined(separator: ", "))
        }
        if let time = startTime ?? localStartTime.map({ "\($0) by the device's clock" }) {
            facts.append("recorded: " + time)
        }
        return facts
    }
}

/// Something the reader of a score should know; it does not forbid the score.
package struct Warning: Sendable, Equatable {
    /// Stable name, upper case with underscores.
    package let code: String
    package let message: String
}

/// The bundle that computed an answer.
package struct BundleProvenance: Sendable {
    package let manifest: Manifest
    /// SHA-256 of manifest.json, which covers every other file.
    package let digest: Digest
    package let encoders: [EncoderProvenance]
    package let scaler: Digest
    /// Booster file's digest by head.
    package let boosters: [String: Digest]
    package let baseline: BaselineProvenance?

    package init(
        manifest: Manifest, digest: Digest, encoders: [EncoderProvenance], scaler: Digest,
        boosters: [String: Digest], baseline: BaselineProvenance? = nil
    ) {
        self.manifest = manifest
        self.digest = digest
        self.encoders = encoders
        self.scaler = scaler
        self.boosters = boosters
        self.baseline = baseline
    }
}
