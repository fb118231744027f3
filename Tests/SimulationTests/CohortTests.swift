import ECG
import Foundation
import Simulation
import Testing

/// How far ST lies above the segment before QRS in each lead, in millivolts: the median over the beats.
private func stLevels(_ recording: Recording) -> [Double] {
    let hertz = recording.sampleRate.hertz
    let peaks = rPeaks(of: recording).filter {
        $0 > Int(0.15 * hertz) && $0 + Int(0.15 * hertz) < recording.sampleCount
    }
    return Lead.allCases.map { lead in
        let samples = recording[lead]
        let level = { (from: Double, to: Double, peak: Int) -> Double in
            let window = peak + Int(from * hertz)..<peak + Int(to * hertz)
            let sum = window.reduce(0.0) { $0 + Double(samples[samples.startIndex + $1]) }
            return sum / Double(window.count)
        }
        let levels = peaks.map { level(0.054, 0.068, $0) - level(-0.08, -0.06, $0) }.sorted()
        return levels.isEmpty ? 0 : levels[levels.count / 2]
    }
}

/// Share of pairs of a positive and a negative in which the positive has the higher value.
private func areaUnderCurve(_ values: [(label: Bool, value: Double)]) -> Double {
    let positives = values.filter(\.label).map(\.value)
    let negatives = values.filter { !$0.label }.map(\.value)
    let wins = positives.reduce(0.0) { sum, positive in
        sum + negatives.reduce(0.0) { $0 + (positive > $1 ? 1 : positive == $1 ? 0.5 : 0) }
    }
    return wins / Double(positives.count * negatives.count)
}

@Suite struct SimulatedCohortTests {
    @Test(arguments: [(1, 0), (1, 1), (2, 1), (17, 5), (1_000, 123), (4_096, 4_096), (4_097, 1)])
    func countsExactly(size: Int, positives: Int) throws {
        let cohort = try SimulatedCohort(size: size, positives: positives, seed: 11)
        #expect(cohort.count == size)
        #expect(cohort.count { $0.label } == positives)
        let patients = Dictionary(grouping: cohort, by: \.patient)
        #expect(patients.count == size - size / 21)
        #expect(patients.values.allSatisfy { $0.count <= 2 })
        for ecgs in patients.values {
            #expect(Set(ecgs.map(\.age)).count == 1)
            #expect(Set(ecgs.map(\.sex)).count == 1)
            #expect(Set(ecgs.map(\.site)).count == 1)
        }
    }

    @Test func roundsThePrevalence() throws {
        #expect(try SimulatedCohort(size: 1_001, prevalence: 0.1, seed: 1).positives == 100)
        #expect(throws: SimulationError.self) { try SimulatedCohort(size: 10, prevalence: .nan, seed: 1) }
        #expect(throws: SimulationError.self) { try SimulatedCohort(size: 10, positives: 11, seed: 1) }
        #expect(throws: SimulationError.self) { try SimulatedCohort(size: 0, positives: 0, seed: 1) }
        #expect(throws: SimulationError.self) { try SimulatedCohort(size: .max, prevalence: 0.1, seed: 1) }
        #expect(throws: SimulationError.self) { try SimulatedCohort(size: .max, prevalence: 1, seed: 1) }
    }

    /// Far elements cost no more than near ones, and do not depend on which were asked for before.
    @Test func isLazyAndDeterministic() throws {
        let cohort = try SimulatedCohort(size: 100_000_000, prevalence: 0.1, seed: 3)
        let far = cohort[99_999_999]
        #expect(try SimulatedCohort(size: 100_000_000, prevalence: 0.1, seed: 3)[99_999_999] == far)
        #expect(try far.recording() == far.recording())
        #expect(try SimulatedCohort(size: 100_000_000, prevalence: 0.1, seed: 4)[99_999_999] != far)
    }

    @Test func variesPeopleAndPasses() throws {
        let cohort = try SimulatedCohort(size: 2_000, prevalence: 0.2, seed: 8)
        #expect(Set(cohort.map(\.site)) == ["site-1", "site-2", "site-3", "site-4"])
        let women = cohort.count { $0.sex == .female }
        #expect((800...1_000).contains(women))
        #expect(cohort.allSatisfy { (20...95).contains($0.age) })
        // The labels are shuffled: each tenth has its share, 40 give or take four deviations of 5.7.
        for tenth in stride(from: 0, to: 2_000, by: 200) {
            #expect((17...63).contains(cohort[tenth..<tenth + 200].count { $0.label }))
        }
        for ecg in cohort.prefix(100) {
            try SignalGate.check(try ecg.recording(), neededSeconds: 9)
        }
    }

    /// Neither trivial nor hopeless: the leads' distances from a normal ST level (which is raised in V2 and V3, as in
    /// people) tell most positives; confounders, noise and syndromes without ST shift hide some.
    @Test func isSeparableButNotTrivial() throws {
        let normal = stLevels(try quiet(beatsPerMinute: 76).recording(seed: 1))
        var values: [(label: Bool, value: Double)] = []
        for ecg in try SimulatedCohort(size: 500, prevalence: 0.3, seed: 2_024) {
            let levels = stLevels(try ecg.recording())
            values.append((ecg.label, zip(levels, normal).reduce(0) { $0 + abs($1.0 - $1.1) }))
        }
        let area = areaUnderCurve(values)
        print("AUROC of the sum of ST deviations: \(area)")
        #expect((0.85...0.95).contains(area))
    }
}

@Suite struct CohortTableTests {
    @Test func writesALineForEachECG() throws {
        let ecg = try SimulatedCohort(size: 5, positives: 5, seed: 1)[2]
        #expect(CohortTable.header == "path,label,patient,age,sex,site")
        #expect(
            CohortTable.line(path: "ecg/3.hea", ecg)
                == "ecg/3.hea,1,\(ecg.patient),\(ecg.age),\(ecg.sex.rawValue),\(ecg.site)")
        #expect(CohortTable.line(path: "a \"b\",c", ecg).hasPrefix("\"a \"\"b\"\",c\",1,P"))
    }
}
