import Bytes
import Damage
import ECGFormats
import Foundation
import Testing

/// Fixtures damaged at random: every reader keeps its promise, see ``ReaderProbe``.
///
/// FIRSTLEAD_MUTATIONS sets how many damaged files each format gets; `make damage` runs 100,000.
@Suite struct DamageTests {
    private static let count =
        ProcessInfo.processInfo.environment["FIRSTLEAD_MUTATIONS"].flatMap { Int($0) } ?? 150
    private static let formats = FormatRegistry.formats.map(\.id)

    @Test(arguments: formats) func keepsItsPromiseOnDamagedFiles(format: String) throws {
        let reader = try #require(ReaderProbe.reader(format))
        try damage(seeds: try Self.seeds(in: format)) { ReaderProbe.violation(reading: $0, by: reader) }
    }

    @Test(arguments: formats + ["containers", "unknown"])
    func keepsItsPromiseOnDamagedUploads(folder: String) throws {
        try damage(seeds: try Self.seeds(in: folder)) { ReaderProbe.violation(reading: $0) }
    }

    /// Inputs that the fuzzer found interesting, kept small: see scripts/fuzz.sh.
    @Test(arguments: formats) func keepsItsPromiseOnTheCorpus(format: String) throws {
        let reader = try #require(ReaderProbe.reader(format))
        for input in try Self.files(in: format + "/corpus") {
            #expect(ReaderProbe.violation(reading: input.bytes, by: reader) == nil, "\(input.name)")
        }
    }

    private func damage(seeds: [[UInt8]], violation: ([UInt8]) -> String?) throws {
        var mutator = Mutator(seed: 1)
        let clock = ContinuousClock()
        var slowest = Duration.zero
        for index in 0..<Self.count {
            let seed = seeds[index % seeds.count]
            let bytes = mutator.mutate(seed, donor: seeds[(index / 7) % seeds.count])
            var broken: String?
            slowest = max(slowest, clock.measure { broken = violation(bytes) })
            if let broken {
                let file = FileManager.default.temporaryDirectory.appending(
                    path: "firstlead-damaged-\(index)")
                try Data(bytes).write(to: file)
                Issue.record("\(broken): kept as \(file.path)")
            }
        }
        // Far above what a loaded machine makes of milliseconds: only a reader that hangs gets there.
        #expect(slowest < .seconds(20))
    }

    /// Files of a format, valid or not: the small ones, or the smallest where all are large.
    private static func seeds(in folder: String) throws -> [[UInt8]] {
        let folders = [
            "/valid", "/invalid", "/variants/valid", "/layouts/valid", "/flac/valid", "/flac/streams",
        ]
        let all = try folders.flatMap { try files(in: folder + $0) }
        let small = all.map(\.bytes).filter { $0.count < 48 << 10 }
        let seeds =
            small.count >= 2 ? small : all.map(\.bytes).sorted { $0.count < $1.count }.prefix(2).map { $0 }
        try #require(!seeds.isEmpty)
        return seeds
    }

    /// The files that are uploaded, out of their gzip, not their oracles and descriptions; none where there is no such
    /// folder.
    private static func files(in folder: String) throws -> [(name: String, bytes: [UInt8])] {
        let root = try #require(FixtureCase.root).appending(path: folder)
        let names = (try? FileManager.default.contentsOfDirectory(atPath: root.path)) ?? []
        return try names.sorted().filter {
            !$0.hasSuffix(".case.json") && !$0.hasSuffix(".npy.gz") && !$0.hasSuffix(".npy")
        }.map {
            let bytes = Array(try Data(contentsOf: root.appending(path: $0)))
            let limits = Inflate.Limits(bytes: 1 << 22)
            return ($0, (try? Inflate.inflate(bytes[...], as: .gzip, limits: limits)) ?? bytes)
        }
    }
}
