import Bytes
import Checkpoint
import ECG
import ECGFormats
import Encoders
import Foundation
import Preprocessing
import Scoring
import Tensor
import TestSupport
import Testing

/// From a file's bytes to the embedding, against the published code in double precision, within 1e-4.
@Suite(.serialized) struct EndToEndReferenceTests {
    private static let pool = WorkerPool(threads: 2)
    private static let tolerance = 1e-4
    private static let records = [
        "code15_1594286", "code15_2657522", "code15_2969044", "code15_438277", "code15_795649",
        "code15_975093",
        "syn_1000", "syn_250", "syn_360_flat", "syn_500",
    ]

    /// The raw ECG as an upload in our JSON format: every float32 survives the text.
    private static func submission(_ record: String) throws -> SubmittedECG {
        let inputs = "Tests/PreprocessingTests/Fixtures/inputs"
        let array = try NumpyArray(contentsOf: Repository.path("\(inputs)/\(record).npy"))
        let index = try JSONValue.parse(Repository.bytes("\(inputs)/index.json"))
        let rate = try #require(index[record]?["sampling_rate_hz"]?.double)
        let leads = Lead.allCases.map { lead in
            "\"\(lead.rawValue)\":[\(array[lead.index].map { "\(Float($0))" }.joined(separator: ","))]"
        }
        let text = "{\"sampleRate\":\(rate),\"units\":\"mV\",\"leads\":{\(leads.joined(separator: ","))}}"
        return try SubmittedECG(body: Array(text.utf8), mediaType: "application/json")
    }

    /// Window embeddings of the published code, `[windows, width]`; nil where it refuses the record.
    private static func golden(_ folder: String, _ record: String) -> NumpyArray? {
        try? NumpyArray(
            contentsOf: Repository.path("Tests/EncodersTests/Fixtures/\(folder)/\(record)_f64.npy"))
    }

    private static func check(_ encoder: LoadedEncoder, _ folder: String, windows: [Int]?) throws {
        var compared = 0
        for record in records {
            var clock = StageClock()
            let ecg = try Scorer.read(submission(record), options: ReadOptions(), clock: &clock)
            guard let golden = golden(folder, record) else {
                #expect(throws: Refusal.self) {
                    try encoder.embed(ecg.recording, pool: pool, clock: &clock)
                }
                continue
            }
            let found = try encoder.embed(
                AnalysisWindow.standard.part(of: ecg.recording), pool: pool, clock: &clock)
            let chosen = windows ?? Array(0..<golden.shape[0])
            for feature in 0..<found.width {
                let expected =
                    chosen.map { golden[$0, feature].first ?? .nan }.reduce(0, +) / Double(chosen.count)
                let difference = abs(Double(found.values[feature]) - expected)
                try #require(difference <= tolerance, "\(folder) \(record) feature \(feature): \(difference)")
            }
            compared += 1
        }
        #expect(compared >= 7)
    }

    @Test(arguments: ["stmem_tiny_encoder.pth", "stmem_tiny_checkpoint-0.pth"], [1, 3])
    func importedSTMEM(file: String, crops: Int) throws {
        let folder = try Repository.temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try CheckpointImporter.importSTMEM(from: Repository.path("Tests/CheckpointTests/Fixtures/\(file)"))
            .write(to: folder + "/weights.safetensors")
        let encoder = try EncoderLoader.load(
            path: folder + "/weights.safetensors", as: .stMEM,
            preprocessingID: RecipeCatalogue.name(for: .stMEM, crops: crops))
        #expect(encoder.provenance.licence == "CC-BY-NC-4.0")
        try Self.check(encoder, "stmem/tiny", windows: crops == 1 ? [1] : nil)
    }

    @Test(arguments: [
        ("ecgfm_tiny_pretrained.pt", "ecgfm/tiny"), ("ecgfm_tiny_pretrained_newkeys.pt", "ecgfm/tiny"),
        ("ecgfm_tiny_finetuned.pt", "ecgfm/tiny_finetuned"),
        ("ecgfm_tiny_finetuned_newkeys.pt", "ecgfm/tiny_finetuned"),
    ])
    func importedECGFM(file: String, golden: String) throws {
        let folder = try Repository.temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try CheckpointImporter.importECGFM(from: Repository.path("Tests/CheckpointTests/Fixtures/\(file)"))
            .write(to: folder + "/weights.safetensors")
        let encoder = try EncoderLoader.load(path: folder + "/weights.safetensors", as: .ecgFM)
        #expect(encoder.provenance.licence == "MIT")
        #expect(encoder.provenance.flavour == (golden.hasSuffix("finetuned") ? "finetuned" : "pretraining"))
        try Self.check(encoder, golden, windows: nil)
    }

    @Test func publishedSizeSTMEM() throws {
        let network = try STMEMEncoder(config: .published, weights: SeededWeights())
        try Self.check(Self.seeded(network, STMEMPreprocessing()), "stmem/full", windows: [1])
    }

    @Test func publishedSizeECGFM() throws {
        let network = try ECGFMEncoder(config: .published, weights: SeededWeights())
        try Self.check(Self.seeded(network, ECGFMPreprocessing()), "ecgfm/full", windows: nil)
    }

    private static func seeded(_ network: any Encoder, _ recipe: any PreprocessingRecipe) -> LoadedEncoder {
        LoadedEncoder(
            network: network, recipe: recipe,
            provenance: EncoderProvenance(
                id: network.id.rawValue, weights: Digest(of: []), licence: "none", flavour: "seeded",
                source: nil,
                preprocessingID: recipe.id, precision: "fp32", width: network.width))
    }
}
