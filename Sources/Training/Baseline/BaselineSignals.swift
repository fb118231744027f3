package import Bytes
import ECG
import ECGFormats
import Preprocessing
import Scoring

/// A cohort's signals as the baseline takes them, in memory: 120 KB a record.
package struct BaselineSignals: Sendable {
    /// `[12, 2500]` each.
    package let segments: [[Float]]
    package let isPositive: [Bool]
    package let patients: [String?]
    package let contents: [Digest]

    /// Reads every record, or those that are named; `progress` hears how many are done.
    ///
    /// Throws: ``TrainingError/records(_:)`` with every record that cannot be used.
    package init(
        reading cohort: Cohort, records: [Int]? = nil,
        progress: (_ done: Int, _ total: Int) -> Void = { _, _ in }
    ) throws(TrainingError) {
        var segments: [[Float]] = []
        var problems: [TrainingError.RecordProblem] = []
        var contents: [Digest] = []
        let records = records.map { $0.map { cohort.records[$0] } } ?? cohort.records
        for (index, record) in records.enumerated() {
            do throws(Refusal) {
                let submitted = try ECGFile.submission(at: record.file)
                segments.append(try Self.segment(of: submitted, cohort.stated))
                contents.append(cohort.identity(of: submitted.digest))
            } catch {
                problems.append(.init(row: record.line, path: record.path, refusal: error))
            }
            progress(index + 1, records.count)
        }
        guard problems.isEmpty else { throw .records(problems) }
        self.segments = segments
        self.contents = contents
        isPositive = records.map(\.isPositive)
        patients = records.map(\.patient)
    }

    private init(segments: [[Float]], isPositive: [Bool], patients: [String?], contents: [Digest]) {
        self.segments = segments
        self.isPositive = isPositive
        self.patients = patients
        self.contents = contents
    }

    /// Some of the records, in that order.
    package func part(_ records: [Int]) -> BaselineSignals {
        BaselineSignals(
            segments: records.map { segments[$0] }, isPositive: records.map { isPositive[$0] },
            patients: records.map { patients[$0] }, contents: records.map { contents[$0] })
    }

    /// Covers content, label and patient of every record.
    package var digest: Digest {
        CohortDigest.digest(
            of: contents.indices.map {
                (content: contents[$0], isPositive: isPositive[$0], patient: patients[$0])
            })
    }

    private static func segment(
        of submitted: SubmittedECG, _ stated: ReadOptions
    ) throws(Refusal) -> [Float] {
        let recipe = BaselinePreprocessing()
        var clock = StageClock()
        let recording = try Scorer.readScorable(
            submitted, options: stated, neededSeconds: recipe.neededSeconds, clock: &clock
        ).recording
        do throws(PreprocessingError) {
            return try recipe.segments(of: recording)[0].values
        } catch { throw Refusal(error) }
    }
}
