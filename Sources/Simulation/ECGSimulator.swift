package import ECG

/// A 12-lead ECG from a moving dipole: shape, rhythm, axis, amplitude, findings and noise are parameters.
///
/// One dipole cannot make changes confined to two neighbouring chest leads, and its ST segments are smoother than those of
/// patients. A score that is trained or tested on such ECGs shows that code paths work, not that it is accurate.
package struct ECGSimulator: Sendable, Equatable {
    package var rhythm = Rhythm()
    package var rotation = AxisRotation()
    /// Factor on all of the heart's voltages.
    package var amplitude = 1.0
    package var findings = Findings.none
    package var noise = SimulatedNoise.none
    package var sampleRateHertz = 500.0
    package var durationSeconds = 10.0

    package init() {}

    /// The recording of one seed: equal parameters and seed give equal bits.
    ///
    /// All twelve leads are stored; III, aVR, aVL and aVF are computed from I and II.
    ///
    /// Throws: ``SimulationError`` for a parameter out of range.
    package func recording(seed: UInt64) throws(SimulationError) -> Recording {
        try check()
        let sampleRate: SampleRate
        do { sampleRate = try SampleRate(hertz: sampleRateHertz) } catch { throw .recording(error) }
        let leads = independentLeads(seed: seed)
        var signals = zip(Lead.independent, leads).map { ($0.rawValue, $1) }
        for lead in Lead.allCases where !Lead.independent.contains(lead) {
            signals.append((lead.rawValue, LimbLeads.derive(lead, I: leads[0], II: leads[1])))
        }
        do {
            return try Recording(
                signals: signals.map { (name: $0.0, millivolts: $0.1) }, sampleRate: sampleRate)
        } catch { throw .recording(error) }
    }

    /// I, II, V1 to V6: `[8][samples]`.
    private func independentLeads(seed: UInt64) -> [[Float]] {
        var generator = SeededGenerator(seed: seed)
        let count = Int((durationSeconds * sampleRateHertz).rounded())
        var leads = [[Double]](repeating: [], count: Lead.independent.count)
        for index in leads.indices { leads[index].reserveCapacity(count) }
        for dipole in dipoles(count: count, using: &generator) {
            let millivolts = DowerLeads.millivolts(of: amplitude * rotation.rotate(dipole))
            for index in leads.indices { leads[index].append(millivolts[index]) }
        }
        noise.add(
            to: &leads, sampleRateHertz: sampleRateHertz, breathsHertz: rhythm.breathsHertz,
            using: &generator)
        return leads.map { $0.map(Float.init) }
    }

    private func dipoles(count: Int, using generator: inout SeededGenerator) -> [DipoleVector] {
        let shape = BeatShape(findings)
        var dipoles = [DipoleVector](repeating: .zero, count: count)
        for beat in rhythm.beats(durationSeconds: durationSeconds, using: &generator) {
            let first = max(0, Int((beat.seconds - beat.reachSeconds) * sampleRateHertz))
            let last = min(count, Int((beat.seconds + beat.reachSeconds) * sampleRateHertz))
            for sample in stride(from: first, to: last, by: 1) {
                dipoles[sample] += shape.dipole(at: beat.phase(at: Double(sample) / sampleRateHertz))
            }
        }
        return dipoles
    }

    private func check() throws(SimulationError) {
        let longest = Double(Recording.maximumSamples) / SampleRate.plausible.lowerBound
        try Self.check("beatsPerMinute", rhythm.beatsPerMinute, 20...250)
        try Self.check("respiratory", rhythm.respiratory, 0...0.4)
        try Self.check("irregularity", rhythm.irregularity, 0...0.4)
        try Self.check("breathsHertz", rhythm.breathsHertz, 0.05...1)
        try Self.check("amplitude", amplitude, 0...10)
        try Self.check("durationSeconds", durationSeconds, 0...longest)
        try Self.check("sampleRateHertz", sampleRateHertz, SampleRate.plausible)
        let samples = durationSeconds * sampleRateHertz
        try Self.check("samples", samples, 0...Double(Recording.maximumSamples))
        for (name, angle) in [
            ("frontal", rotation.frontal), ("horizontal", rotation.horizontal),
            ("sagittal", rotation.sagittal),
        ] { try Self.check(name, angle, -.pi ... .pi) }
        for (name, amount) in [
            ("white", noise.white), ("muscle", noise.muscle), ("mains", noise.mains),
            ("wander", noise.wander),
        ] { try Self.check(name, amount, 0...5) }
        try Self.check("mainsHertz", noise.mainsHertz, 0...1_000)
        try Self.check("stShift.magnitude", findings.stShift?.magnitude ?? 0, -10...10)
        try Self.check("qWave.millivolts", findings.qWave?.millivolts ?? 0, 0...5)
        try Self.check("tWave", findings.tWave, -5...5)
    }

    private static func check(
        _ parameter: String, _ found: Double, _ allowed: ClosedRange<Double>
    ) throws(SimulationError) {
        guard allowed.contains(found) else {
            throw .outOfRange(parameter: parameter, found: found, allowed: allowed)
        }
    }
}
