package import Bytes
package import ECGFormats
package import Scoring
package import Tensor

/// How long the stages of scoring take, over several ECGs and rounds, handed out as the service does it.
package struct ScoringSpeed: Sendable {
    /// A stage; of an encoder also what it computed.
    package struct Stage: Sendable {
        package let name: String
        package let times: Distribution
        /// At the median time, counting every operation of the authors' network; nil for what is no encoder.
        package let gflops: Double?
    }

    package let threads: Int
    /// ECGs that are at the service at any time: one more is handed in as one is answered.
    package let batch: Int
    package let precision: String
    /// "queue", stages in the order they run, then "total".
    package let stages: [Stage]
    package let ecgsPerSecond: Double
    /// ECGs by how many threads each had.
    package let modes: [WorkMode: Int]
    /// Of the threads that most ECGs had each: the median of measurements before and after.
    package let peakGFLOPS: Double
    /// The process's memory afterwards.
    package let memory: Machine.Memory

    /// Scores every ECG `rounds` times after one round that is not counted.
    ///
    /// Throws: ``Refusal``.
    package static func measure(
        _ ecgs: [SubmittedECG], options: ReadOptions = ReadOptions(), bundle: ModelBundle, pool: WorkerPool,
        batch: Int, rounds: Int
    ) throws(Refusal) -> ScoringSpeed {
        let scorer = Scorer(bundle: bundle, pool: pool)
        for ecg in ecgs { _ = try scorer.score(ecg, options: options) }
        let operations = try meanOperations(of: ecgs, options, scorer)
        let before = peaks(pool)
        let jobs = (0..<rounds).flatMap { _ in ecgs }
        let start = ContinuousClock.now
        let visits = try ScoringCourse.run(jobs, options: options, scorer: scorer, batch: batch)
        let seconds = start.duration(to: .now) / .seconds(1)
        let modes = Dictionary(visits.map { ($0.mode, 1) }, uniquingKeysWith: +)
        let isWide = modes[.latency, default: 0] >= modes[.throughput, default: 0]
        let peak = Distribution(
            milliseconds: (before + peaks(pool)).map { isWide ? $0.all : $0.one })
        return ScoringSpeed(
            threads: pool.threads, batch: batch, precision: precision(of: bundle),
            stages: stages(visits, operations: operations),
            ecgsPerSecond: Double(jobs.count) / seconds, modes: modes, peakGFLOPS: peak?.median ?? 0,
            memory: Machine.memory)
    }

    /// A stage's rate as a share of the peak; nil for what is no encoder.
    package func shareOfPeak(_ stage: Stage) -> Double? { stage.gflops.map { $0 / peakGFLOPS } }

    package var document: JSONDocument {
        [
            "threads": .integer(threads), "batch": .integer(batch), "precision": .text(precision),
            "ecgsPerSecond": .rounded(ecgsPerSecond, digits: 2),
            "modes": .object(WorkMode.allCases.map { .init($0.rawValue, .integer(modes[$0] ?? 0)) }),
            "peakGflops": .rounded(peakGFLOPS, digits: 1),
            "memory": memory.document,
            "stages": .array(stages.map(document(of:))),
        ]
    }

    private func document(of stage: Stage) -> JSONDocument {
        var members: [JSONDocument.Member] = [.init("stage", .text(stage.name))]
        members += stage.times.members
        if let gflops = stage.gflops, let share = shareOfPeak(stage) {
            members.append(.init("gflops", .rounded(gflops, digits: 1)))
            members.append(.init("shareOfPeak", .rounded(share, digits: 4)))
        }
        return .object(members)
    }
}

extension ScoringSpeed {
    private static func peaks(_ pool: WorkerPool) -> [(all: Double, one: Double)] {
        (0..<3).map { _ in
            (Kernels.peakGFLOPS(pool: pool), Kernels.peakGFLOPS(pool: .single))
        }
    }

    private static func precision(of bundle: ModelBundle) -> String {
        Set(bundle.encoders.map(\.provenance.precision)).sorted().joined(separator: ", ")
    }

    private static func meanOperations(
        of ecgs: [SubmittedECG], _ options: ReadOptions, _ scorer: Scorer
    ) throws(Refusal) -> [String: Double] {
        var means: [String: Double] = [:]
        for ecg in ecgs {
            for (stage, count) in try scorer.operations(for: ecg, options: options) {
                means[stage, default: 0] += Double(count) / Double(ecgs.count)
            }
        }
        return means
    }

    private static func stages(
        _ visits: [ScoringCourse.Visit], operations: [String: Double]
    ) -> [Stage] {
        let names = visits.first?.stages.map(\.name) ?? []
        var stages = names.compactMap { name in
            let times = visits.compactMap { visit in
                visit.stages.first { $0.name == name }?.milliseconds
            }
            return Distribution(milliseconds: times).map { times in
                Stage(
                    name: name, times: times, gflops: operations[name].map { $0 / times.median / 1e6 })
            }
        }
        if let total = Distribution(milliseconds: visits.map(\.total)) {
            stages.append(Stage(name: "total", times: total, gflops: nil))
        }
        return stages
    }
}
