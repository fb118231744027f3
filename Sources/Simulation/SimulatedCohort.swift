package import ECG

/// One ECG of a simulated cohort: who, what, and how to make its recording.
package struct SimulatedECG: Sendable, Equatable {
    /// As the cohort file writes it.
    package enum Sex: String, Sendable { case female = "F", male = "M" }

    package let index: Int
    /// Whether it was made with an acute coronary syndrome.
    package let label: Bool
    package let patient: String
    package let age: Int
    package let sex: Sex
    package let site: String
    package let simulator: ECGSimulator
    package let seed: UInt64

    /// Simulates the recording.
    ///
    /// Throws: ``SimulationError`` for a sample rate or a duration that no recording has.
    package func recording() throws(SimulationError) -> Recording { try simulator.recording(seed: seed) }
}

/// A cohort of simulated ECGs, made one by one: element `index` depends on nothing but the parameters and `index`.
///
/// Labels are exact in number and shuffled. Positives have a random territory with varied magnitude, some of them subtle;
/// negatives have nothing or something that resembles it (early repolarisation, hypertrophy with strain, an old Q wave, T wave
/// changes). About one patient in twenty has two ECGs. Age, sex and site carry no information about the label.
package struct SimulatedCohort: RandomAccessCollection, Sendable {
    package let count: Int
    /// How many are positive.
    package let positives: Int
    package let seed: UInt64
    package let sampleRateHertz: Double
    package let durationSeconds: Double
    private let labelPlaces: IndexPermutation
    private let patientPlaces: IndexPermutation

    package static let maximumCount = 100_000_000

    /// Throws: ``SimulationError`` `outOfRange` for `size` or `positives`.
    package init(
        size: Int, positives: Int, seed: UInt64, sampleRateHertz: Double = 500, durationSeconds: Double = 10
    ) throws(SimulationError) {
        guard (1...Self.maximumCount).contains(size) else {
            throw .outOfRange(
                parameter: "size", found: Double(size), allowed: 1...Double(Self.maximumCount))
        }
        guard (0...size).contains(positives) else {
            throw .outOfRange(parameter: "positives", found: Double(positives), allowed: 0...Double(size))
        }
        count = size
        self.positives = positives
        self.seed = seed
        self.sampleRateHertz = sampleRateHertz
        self.durationSeconds = durationSeconds
        labelPlaces = IndexPermutation(count: size, seed: SeededGenerator.mixed(seed &+ 1))
        patientPlaces = IndexPermutation(count: size, seed: SeededGenerator.mixed(seed &+ 2))
    }

    /// A cohort with the share `prevalence` of positives, rounded to a whole number.
    package init(size: Int, prevalence: Double, seed: UInt64) throws(SimulationError) {
        guard (0...1).contains(prevalence) else {
            throw .outOfRange(parameter: "prevalence", found: prevalence, allowed: 0...1)
        }
        // A size that is refused must not overflow on the way to its refusal.
        let counted = Double(Swift.min(Swift.max(0, size), Self.maximumCount))
        try self.init(size: size, positives: Int((counted * prevalence).rounded()), seed: seed)
    }

    package var startIndex: Int { 0 }
    package var endIndex: Int { count }

    package subscript(index: Int) -> SimulatedECG {
        precondition(indices.contains(index), "an index of the cohort")
        let label = labelPlaces(index) < positives
        let patient = patientNumber(at: index)
        // What stays with a patient from ECG to ECG comes from the patient's own sequence.
        var person = SeededGenerator(seed: seed, stream: 2 * UInt64(patient))
        var generator = SeededGenerator(seed: seed, stream: 2 * UInt64(index) + 1)
        let sex: SimulatedECG.Sex = person.uniform() < 0.45 ? .female : .male
        let age = Int(Swift.min(95, Swift.max(20, 62 + 14 * person.gaussian())))
        let site = "site-\(1 + Int(person.next() % 4))"
        var simulator = ECGSimulator()
        simulator.sampleRateHertz = sampleRateHertz
        simulator.durationSeconds = durationSeconds
        simulator.vary(person: &person, generator: &generator)
        if label { simulator.addSyndrome(&generator) } else { simulator.addConfounder(&generator) }
        return SimulatedECG(
            index: index, label: label, patient: "P\(patient + 1)", age: age, sex: sex, site: site,
            simulator: simulator, seed: generator.next())
    }

    /// A twenty-first of the ECGs are second ones: a twentieth of the patients has two.
    private func patientNumber(at index: Int) -> Int {
        let patients = count - count / 21
        let place = patientPlaces(index)
        return place < patients ? place : place - patients
    }
}

extension ECGSimulator {
    /// Constitution and circumstances, alike for positives and negatives.
    fileprivate mutating func vary(person: inout SeededGenerator, generator: inout SeededGenerator) {
        rotation = AxisRotation(
            frontal: 0.35 * person.gaussian(limit: 2.5), horizontal: 0.2 * person.gaussian(limit: 2.5),
            sagittal: 0.15 * person.gaussian(limit: 2.5))
        amplitude = person.uniform(0.6...1.4)
        rhythm = Rhythm(
            beatsPerMinute: 76 + 14 * generator.gaussian(limit: 2.5),
            respiratory: generator.uniform(0...0.06),
            irregularity: generator.uniform(0.005...0.03), breathsHertz: generator.uniform(0.18...0.35))
        noise = SimulatedNoise(
            white: generator.uniform(0.003...0.015), muscle: generator.uniform(0...0.04),
            mains: generator.uniform(0...0.02), mainsHertz: generator.uniform() < 0.5 ? 50 : 60,
            wander: generator.uniform(0...0.15))
    }

    /// Three in five an elevation, one in four a depression, the others T wave changes alone.
    fileprivate mutating func addSyndrome(_ generator: inout SeededGenerator) {
        let kind = generator.uniform()
        if kind < 0.6 {
            let territory = Territory.elevating[Int(generator.next() % UInt64(Territory.elevating.count))]
            let magnitude = generator.uniform(0.25...1.6)
            findings.stShift = Findings.STShift(territory: territory, magnitude: magnitude)
            if generator.uniform() < 0.4 { findings.tWave = generator.uniform(1.2...2.5) }
            if generator.uniform() < 0.25 {
                let depth = generator.uniform(0.1...0.6)
                findings.qWave = Findings.QWave(territory: territory, millivolts: depth)
            }
        } else if kind < 0.85 {
            let magnitude = generator.uniform(0.25...1.4)
            findings.stShift = Findings.STShift(territory: .subendocardial, magnitude: magnitude)
            if generator.uniform() < 0.4 { findings.tWave = generator.uniform(-1...0.5) }
        } else {
            findings.tWave =
                generator.uniform() < 0.5 ? generator.uniform(1.5...2.5) : generator.uniform(-1.2 ... -0.3)
            findings.tWaveIsAnterior = generator.uniform() < 0.5
        }
    }

    /// Something in half of the negatives.
    fileprivate mutating func addConfounder(_ generator: inout SeededGenerator) {
        let kind = generator.uniform()
        let territory = Territory.elevating[Int(generator.next() % UInt64(Territory.elevating.count))]
        if kind < 0.12 {
            // Early repolarisation: a mild anterolateral elevation with a tall T wave.
            let from: Territory = generator.uniform() < 0.5 ? .anterior : .highLateral
            findings.stShift = Findings.STShift(territory: from, magnitude: generator.uniform(0.2...0.6))
            findings.tWave = generator.uniform(1...1.6)
        } else if kind < 0.22 {
            // Hypertrophy with strain: tall QRS, lateral depression, T wave flat or inverted.
            amplitude *= generator.uniform(1.4...2)
            findings.stShift = Findings.STShift(
                territory: .highLateral, magnitude: generator.uniform(-0.4 ... -0.05))
            findings.tWave = generator.uniform(-0.5...0.6)
        } else if kind < 0.32 {
            let depth = generator.uniform(0.1...0.6)
            findings.qWave = Findings.QWave(territory: territory, millivolts: depth)
        } else if kind < 0.44 {
            findings.tWave = generator.uniform(-0.6...0.6)
            findings.tWaveIsAnterior = generator.uniform() < 0.5
        } else if kind < 0.5 {
            // Depression of a fast heart.
            rhythm.beatsPerMinute += 30
            findings.stShift = Findings.STShift(
                territory: .subendocardial, magnitude: generator.uniform(0.1...0.4))
        }
    }
}

extension Territory {
    fileprivate static let elevating: [Territory] = [.anterior, .inferior, .lateral, .highLateral]
}

extension SeededGenerator {
    /// Normal, drawn again until it is within `limit` deviations.
    fileprivate mutating func gaussian(limit: Double) -> Double {
        while true {
            let value = gaussian()
            if abs(value) <= limit { return value }
        }
    }
}
