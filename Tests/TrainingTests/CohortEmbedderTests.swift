import Bytes
import ECG
import ECGFormats
import Encoders
import Foundation
import Scoring
import Synchronization
import Tensor
import TestSupport
import Testing
import Training

/// An encoder's network with a count of what it was asked, which refuses beyond a number of windows.
private final class WatchedNetwork: Encoder {
    private let network: any Encoder
    private let allowed: Int
    private let asked = Atomic(0)

    init(_ network: any Encoder, allowed: Int) {
        self.network = network
        self.allowed = allowed
    }

    var windows: Int { asked.load(ordering: .relaxed) }
    var id: EncoderID { network.id }
    var precision: Precision { network.precision }
    var width: Int { network.width }
    var parameterCount: Int { network.parameterCount }
    var windowSamples: Int { network.windowSamples }
    var operationsPerWindow: Int { network.operationsPerWindow }

    func embed(_ windows: [Segment], to embeddings: Matrix, pool: WorkerPool) throws(EncoderError) {
        let (_, count) = asked.add(windows.count, ordering: .relaxed)
        guard count <= allowed else { throw .embeddingNotFinite(feature: 0) }
        try network.embed(windows, to: embeddings, pool: pool)
    }
}

@Suite struct CohortEmbedderTests {
    private static let pool = WorkerPool(threads: 1)
    /// Windows of a ten-second ECG.
    private static let windows: [EncoderID: Int] = [.stMEM: 1, .ecgFM: 2]

    /// The demonstration's encoders, watched.
    private struct Encoders {
        let watched: [WatchedNetwork]
        let loaded: [LoadedEncoder]

        /// `allowed`: ECGs after which the networks refuse.
        init(allowed: Int = 1_000) throws {
            let sound = try EncoderID.allCases.map { id in
                try EncoderLoader.load(
                    path: Repository.path("Bundles/demonstration/" + BundleWriter.weightsFile(id)), as: id)
            }
            let watched = sound.map {
                let windows = CohortEmbedderTests.windows[$0.id] ?? 1
                return WatchedNetwork($0.network, allowed: allowed * windows)
            }
            self.watched = watched
            loaded = zip(sound, watched).map {
                LoadedEncoder(network: $1, recipe: $0.recipe, provenance: $0.provenance)
            }
        }

        /// Records that were computed and not taken from a cache.
        func computed(_ id: EncoderID) -> Int {
            (watched.first { $0.id == id }?.windows ?? 0) / (CohortEmbedderTests.windows[id] ?? 1)
        }
    }

    /// The first ECGs of the demonstration.
    private static func cohort(_ count: Int) throws -> Cohort {
        let table = try Repository.bytes("Demonstration/cohort.csv").split(separator: 10)
        let positive = try #require(table.dropFirst(count).first { $0.split(separator: 44)[1] == [49] })
        let rows = table.prefix(count) + [positive]
        return try Cohort(
            csv: Array(rows.joined(separator: [10])), folder: Repository.path("Demonstration"))
    }

    private func embed(
        _ cohort: Cohort, _ encoders: Encoders, _ cache: EmbeddingCache?
    ) throws -> EmbeddedCohort {
        let embedder = CohortEmbedder(encoders: encoders.loaded, cache: cache, pool: Self.pool)
        return try embedder.embed(embedder.checked(cohort))
    }

    /// Tables of bare numbers: refused as they are, read as what the site says they are, and kept apart by that.
    @Test func takesWhatTheSiteStatesOfFilesThatSayNothing() throws {
        let folder = try TemporaryFolder()
        let sound = try Self.cohort(2)
        var lines = ["path,label"]
        for (index, record) in sound.records.enumerated() {
            try folder.write(try Self.bareNumbers(of: record), to: "ecg/\(index).csv")
            lines.append("ecg/\(index).csv,\(record.isPositive ? 1 : 0)")
        }
        var cohort = try Cohort(csv: Array(lines.joined(separator: "\n").utf8), folder: folder.path)
        let cache = EmbeddingCache(folder: folder.path("cache"))
        let error = #expect(throws: TrainingError.self) { try embed(cohort, Encoders(), cache) }
        guard case .records(let problems) = try #require(error) else {
            Issue.record("another error")
            return
        }
        #expect(problems.count == cohort.records.count)
        let content = Digest(of: [1])
        #expect(cohort.identity(of: content) == content)
        cohort.stated = ReadOptions(
            sampleRate: try SampleRate(hertz: 500), unit: .microvolts,
            leadOrder: Lead.allCases.map(\.rawValue))
        #expect(cohort.identity(of: content) != content)
        let embedded = try embed(cohort, Encoders(), cache)
        let again = try embed(cohort, Encoders(allowed: 0), cache)
        #expect(again.embeddings == embedded.embeddings)
        // The tables are rounded to microvolts; half of one lead's is lost in the augmented ones.
        for (id, originals) in try embed(sound, Encoders(), nil).embeddings {
            for (original, read) in zip(originals, try #require(embedded.embeddings[id])) {
                let largest = original.values.map(abs).max() ?? 0
                let differences = zip(original.values, read.values).map { abs($0 - $1) }
                #expect(try #require(differences.max()) < 0.02 * largest)
            }
        }
    }

    /// An ECG in whole microvolts, a row a sample, without a header.
    private static func bareNumbers(of record: CohortRecord) throws -> String {
        var clock = StageClock()
        let recording = try Scorer.read(
            ECGFile.submission(at: record.file), options: ReadOptions(), clock: &clock
        ).recording
        let leads = Lead.allCases.map { lead in
            recording[lead].map { String(Int(($0 * 1_000).rounded())) }
        }
        return (0..<recording.sampleCount).map { sample in
            leads.map { $0[sample] }.joined(separator: ",")
        }.joined(separator: "\n")
    }

    @Test func goesOnWhereAnEarlierRunStopped() throws {
        let folder = try TemporaryFolder()
        let cache = EmbeddingCache(folder: folder.path)
        let whole = try Self.cohort(8)
        // The encoders fail in the fifth ECG, as if the run had been ended there.
        let ended = try Encoders(allowed: 4)
        #expect(throws: TrainingError.self) { try embed(whole, ended, cache) }
        #expect(folder.files.count == 2 * 4)
        let second = try Encoders()
        let resumed = try embed(whole, second, cache)
        #expect(second.computed(.stMEM) == 4)
        #expect(second.computed(.ecgFM) == 4)
        // Now all is there: encoders that compute nothing are enough, and the numbers are those of one run.
        let third = try Encoders(allowed: 0)
        let cached = try embed(whole, third, cache)
        #expect(third.watched.allSatisfy { $0.windows == 0 })
        let uninterrupted = try embed(whole, Encoders(), nil)
        #expect(cached.embeddings == uninterrupted.embeddings)
        #expect(resumed.embeddings == uninterrupted.embeddings)
        #expect(cached.digest == uninterrupted.digest)
        #expect(uninterrupted.embeddings[.stMEM]?.count == 8)
        // Embeddings of different ECGs are different: the rows are not all one.
        #expect(Set(uninterrupted.embeddings[.stMEM]?.map(\.digest.hexadecimal) ?? []).count == 8)
    }

    @Test func computesADamagedEntryAgain() throws {
        let folder = try TemporaryFolder()
        let cache = EmbeddingCache(folder: folder.path)
        let cohort = try Self.cohort(3)
        let first = try embed(cohort, Encoders(), cache)
        let files = folder.files
        let damaged = try #require(files.first { $0.hasPrefix("st-mem") })
        let cut = try #require(files.first { $0.hasPrefix("ecg-fm") })
        let bytes = try (folder.bytes(damaged), folder.bytes(cut))
        var altered = bytes.0
        altered[altered.count / 2] ^= 0x40
        try folder.write(altered, to: damaged)
        try folder.write(Array(bytes.1.dropLast(4)), to: cut)
        let encoders = try Encoders()
        let second = try embed(cohort, encoders, cache)
        #expect(encoders.computed(.stMEM) == 1)
        #expect(encoders.computed(.ecgFM) == 1)
        #expect(second.embeddings == first.embeddings)
        #expect(try folder.bytes(damaged) == bytes.0)
        #expect(try folder.bytes(cut) == bytes.1)
    }

    @Test func stopsAtOnceWhenNothingCanBeKept() throws {
        let folder = try TemporaryFolder()
        try folder.write("a file where a folder should be", to: "cache")
        let encoders = try Encoders()
        let error = #expect(throws: TrainingError.self) {
            try embed(Self.cohort(5), encoders, EmbeddingCache(folder: folder.path("cache")))
        }
        guard case .file(let path, _) = try #require(error) else {
            Issue.record("another error")
            return
        }
        #expect(path.hasPrefix(folder.path("cache")))
        // Not even the second encoder of the first ECG.
        #expect(encoders.computed(.stMEM) == 1 && encoders.computed(.ecgFM) == 0)
    }

    @Test func listsEveryUnusableRecordWithItsRow() throws {
        let folder = try TemporaryFolder()
        let names = try FileManager.default.contentsOfDirectory(
            atPath: Repository.path("Demonstration/ecg")
        ).sorted()
        var lines = ["path,label"]
        for index in 0..<60 {
            // Two of three are no ECG, or one that is cut short.
            let sound = try Repository.bytes("Demonstration/ecg/\(names[index])")
            let bytes = [sound, Array("no ECG \(index)".utf8), Array(sound.prefix(sound.count / 2))][
                index % 3]
            try folder.write(bytes, to: "ecg/\(index)")
            lines.append("ecg/\(index),\(index % 2)")
        }
        let cohort = try Cohort(csv: Array(lines.joined(separator: "\n").utf8), folder: folder.path)
        var heard: [Int] = []
        let error = #expect(throws: TrainingError.self) {
            try CohortEmbedder(
                encoders: Encoders().loaded, cache: EmbeddingCache(folder: folder.path("cache")),
                pool: Self.pool
            ).checked(cohort) { done, total in
                #expect(total == 60)
                heard.append(done)
            }
        }
        guard case .records(let problems) = try #require(error) else {
            Issue.record("another error")
            return
        }
        let expected = (0..<60).filter { $0 % 3 != 0 }
        #expect(problems.map(\.row) == expected.map { $0 + 2 })
        #expect(problems.map(\.path) == expected.map { "ecg/\($0)" })
        #expect(problems.allSatisfy { !$0.refusal.code.isEmpty && $0.refusal.detail.count > 10 })
        #expect(heard == Array(1...60))
        // It was found before any work was done.
        #expect(TemporaryFolder.files(below: folder.path("cache")).isEmpty)
        let message = try #require(error).message
        for problem in problems {
            #expect(message.contains("row \(problem.row), \(problem.path): "))
        }
        #expect(message.contains("40 record(s)"))
    }

    @Test func refusesTheSameBytesUnderAnotherName() throws {
        let folder = try TemporaryFolder()
        for (index, name) in ["ptbxl00001", "ptbxl00050", "ptbxl00001"].enumerated() {
            try folder.copy("Demonstration/ecg/\(name).zip", to: "\(index)")
        }
        let cohort = try Cohort(csv: Array("path,label\n0,0\n1,1\n2,1".utf8), folder: folder.path)
        let error = #expect(throws: TrainingError.self) { try embed(cohort, Encoders(), nil) }
        guard case .records(let problems) = try #require(error) else {
            Issue.record("another error")
            return
        }
        #expect(problems.map(\.row) == [4])
        #expect(problems[0].refusal.code == "duplicate-content")
        #expect(problems[0].refusal.detail.contains("row 2"))
    }
}
