import Bytes
import ECG
import Foundation
import Scoring
import TestSupport
import Testing
import Training

@Suite struct EmbeddingCacheTests {
    /// Signed zero, a subnormal, the largest and the smallest: values whose bits a decimal detour would lose.
    private static let values: [Float] = [
        0, -0.0, 1, -1, 0.1, .leastNonzeroMagnitude, -.greatestFiniteMagnitude, .pi, 1e-30,
    ]
    private static let content = Digest(of: Array("an ECG".utf8))

    private static func provenance(
        id: String = "st-mem", weights: String = "weights", recipe: String = "recipe/v1",
        precision: String = "fp32", width: Int = values.count
    ) -> EncoderProvenance {
        EncoderProvenance(
            id: id, weights: Digest(of: Array(weights.utf8)), licence: "none", flavour: "seeded",
            preprocessingID: recipe, precision: precision, width: width)
    }

    @Test func givesBackEveryBit() throws {
        let folder = try TemporaryFolder()
        let cache = EmbeddingCache(folder: folder.path("cache"))
        #expect(cache.embedding(of: Self.content, by: Self.provenance()) == nil)
        try cache.store(Embedding(Self.values), of: Self.content, by: Self.provenance())
        // Another object, as in another run.
        let found = EmbeddingCache(folder: folder.path("cache"))
            .embedding(of: Self.content, by: Self.provenance())
        #expect(try #require(found).values.map(\.bitPattern) == Self.values.map(\.bitPattern))
        #expect(folder.files.count == 1)
    }

    @Test(arguments: [
        provenance(id: "ecg-fm"), provenance(weights: "others"), provenance(recipe: "recipe/v2"),
        provenance(precision: "bf16"), provenance(width: values.count - 1),
        provenance(width: values.count + 1),
    ])
    func knowsNothingOfAnotherEncoder(other: EncoderProvenance) throws {
        let folder = try TemporaryFolder()
        let cache = EmbeddingCache(folder: folder.path)
        try cache.store(Embedding(Self.values), of: Self.content, by: Self.provenance())
        #expect(cache.embedding(of: Self.content, by: other) == nil)
        #expect(cache.embedding(of: Digest(of: Array("another".utf8)), by: Self.provenance()) == nil)
        #expect(cache.embedding(of: Self.content, by: Self.provenance()) != nil)
    }

    @Test func trustsNoDamagedFile() throws {
        let folder = try TemporaryFolder()
        let cache = EmbeddingCache(folder: folder.path)
        try cache.store(Embedding(Self.values), of: Self.content, by: Self.provenance())
        let file = try #require(folder.files.first)
        let whole = try folder.bytes(file)
        var damaged: [[UInt8]] = (0..<whole.count).map { Array(whole.prefix($0)) } + [whole + [0]]
        for index in whole.indices {
            var altered = whole
            altered[index] ^= 0x01
            damaged.append(altered)
        }
        for bytes in damaged {
            try folder.write(bytes, to: file)
            #expect(cache.embedding(of: Self.content, by: Self.provenance()) == nil)
        }
        try cache.store(Embedding(Self.values), of: Self.content, by: Self.provenance())
        #expect(try folder.bytes(file) == whole)
        #expect(cache.embedding(of: Self.content, by: Self.provenance()) != nil)
    }

    @Test func saysWhereItCannotWrite() throws {
        let folder = try TemporaryFolder()
        try folder.write("a file where a folder should be", to: "cache")
        let cache = EmbeddingCache(folder: folder.path("cache"))
        let error = #expect(throws: TrainingError.self) {
            try cache.store(Embedding(Self.values), of: Self.content, by: Self.provenance())
        }
        #expect(try #require(error).message.contains(folder.path("cache")))
    }
}
