import Bytes
import Checkpoint
import Tensor
import Testing

/// What a fixture must become.
struct ImportCase: Sendable, CustomTestStringConvertible {
    let file: String
    let encoder: EncoderKind
    let flavour: CheckpointFlavour
    let table: String
    /// Before every canonical name in the file.
    let prefix: String
    /// Before every name that the fill hashes.
    let fillPrefix: String
    let leftOut: Int

    var testDescription: String { file }

    static let all = [
        ImportCase(
            file: "stmem_tiny_encoder.pth", encoder: .stMEM, flavour: .encoder, table: "stmem_tiny_encoder",
            prefix: "", fillPrefix: "", leftOut: 0),
        ImportCase(
            file: "stmem_tiny_checkpoint-0.pth", encoder: .stMEM, flavour: .pretraining,
            table: "stmem_tiny_encoder", prefix: "", fillPrefix: "", leftOut: 26),
        ImportCase(
            file: "ecgfm_tiny_pretrained.pt", encoder: .ecgFM, flavour: .pretraining,
            table: "ecgfm_tiny_pretrained", prefix: "", fillPrefix: "", leftOut: 8),
        ImportCase(
            file: "ecgfm_tiny_pretrained_newkeys.pt", encoder: .ecgFM, flavour: .pretraining,
            table: "ecgfm_tiny_pretrained", prefix: "", fillPrefix: "", leftOut: 8),
        ImportCase(
            file: "ecgfm_tiny_finetuned.pt", encoder: .ecgFM, flavour: .finetuned,
            table: "ecgfm_tiny_finetuned", prefix: "encoder.", fillPrefix: "finetuned/", leftOut: 2),
        ImportCase(
            file: "ecgfm_tiny_finetuned_newkeys.pt", encoder: .ecgFM, flavour: .finetuned,
            table: "ecgfm_tiny_finetuned", prefix: "encoder.", fillPrefix: "finetuned/", leftOut: 2),
    ]

    /// Canonical names and the file's names of what the encoder needs.
    func needed() throws -> [(canonical: String, source: String, shape: [Int])] {
        let unused = ["mask_emb", "quantizer.", "project_q.", "final_proj.", "proj."]
        return try Fixture.tensors(table).filter { row in !unused.contains { row.name.hasPrefix($0) } }
            .map { (WeightFill.canonical(String($0.name.dropFirst(prefix.count))), $0.name, $0.shape) }
    }
}

private let stmemConfig =
    #"{"depth":2,"dim_head":32,"heads":2,"mlp_dim":128,"num_leads":12,"patch_size":75,"seq_len":2250,"width":64}"#
private let ecgfmConfig =
    #"{"conv_bias":false,"conv_feature_layers":[[32,2,2],[32,2,2],[32,2,2],[32,2,2]],"conv_pos":16,"#
    + #""conv_pos_groups":4,"encoder_attention_heads":4,"encoder_embed_dim":64,"encoder_ffn_embed_dim":128,"#
    + #""encoder_layers":2,"extractor_mode":"default","in_d":12,"layer_norm_first":false,"#
    + #""segment_samples":2500}"#

@Suite struct ImportTests {
    @Test(arguments: ["stmem_tiny_encoder", "ecgfm_tiny_pretrained", "ecgfm_tiny_finetuned"])
    func fillAgreesWithThePublishedTable(table: String) throws {
        let rows = try Fixture.tensors(table)
        #expect(rows.count > 40)
        for row in rows {
            let filled = WeightFill.values(row.name, row.shape)
            #expect(Digest(of: float32Bytes(filled)).hexadecimal == row.sha256, "\(row.name)")
        }
    }

    @Test(arguments: ImportCase.all) func importsEveryTensorBitForBit(_ fixture: ImportCase) throws {
        let weights = try CheckpointImporter.importCheckpoint(
            fixture.encoder, from: Fixture.path(fixture.file))
        #expect(weights.flavour == fixture.flavour)
        #expect(weights.leftOut.count == fixture.leftOut)
        #expect(weights.sourceFile == fixture.file)
        #expect(weights.sourceDigest == Digest(of: try Fixture.bytes(fixture.file)))
        #expect(weights.configuration.json == (fixture.encoder == .stMEM ? stmemConfig : ecgfmConfig))
        let needed = try fixture.needed()
        #expect(weights.names == Set(needed.map(\.canonical)))
        for tensor in needed {
            let view = try weights.tensor(tensor.canonical, shape: tensor.shape)
            let expected = WeightFill.values(tensor.source, tensor.shape, prefix: fixture.fillPrefix)
            #expect(view.array.map(\.bitPattern) == expected.map(\.bitPattern), "\(tensor.canonical)")
        }
    }

    @Test(arguments: ImportCase.all) func writesTheSameBytesEveryTime(_ fixture: ImportCase) throws {
        let scratch = try Scratch()
        for name in ["one", "two"] {
            try CheckpointImporter.importCheckpoint(fixture.encoder, from: Fixture.path(fixture.file))
                .write(to: scratch.path(name))
        }
        #expect(scratch.files.sorted() == ["one", "two"])
        let one = try SafetensorsFile(path: scratch.path("one"))
        #expect(one.digest() == (try SafetensorsFile(path: scratch.path("two")).digest()))
        #expect(one.metadata["format"] == "firstlead-encoder/1")
        #expect(one.metadata["encoder"] == fixture.encoder.rawValue)
        #expect(one.metadata["flavour"] == fixture.flavour.rawValue)
        #expect(one.metadata["licence"] == (fixture.encoder == .stMEM ? "CC-BY-NC-4.0" : "MIT"))
        #expect(one.metadata["source_file"] == fixture.file)
        #expect(one.metadata["source_sha256"] == Digest(of: try Fixture.bytes(fixture.file)).hexadecimal)
        #expect(one.metadata["config"] == (fixture.encoder == .stMEM ? stmemConfig : ecgfmConfig))
        let needed = try fixture.needed()
        #expect(one.names == Set(needed.map(\.canonical)))
        for tensor in needed {
            let expected = WeightFill.values(tensor.source, tensor.shape, prefix: fixture.fillPrefix)
            let view = try one.tensor(tensor.canonical, shape: tensor.shape)
            #expect(view.array.map(\.bitPattern) == expected.map(\.bitPattern), "\(tensor.canonical)")
        }
    }

    @Test func bothSpellingsOfTheWeightNormAreOneEncoder() throws {
        for flavour in ["pretrained", "finetuned"] {
            let old = try CheckpointImporter.importECGFM(from: Fixture.path("ecgfm_tiny_\(flavour).pt"))
            let new = try CheckpointImporter.importECGFM(
                from: Fixture.path("ecgfm_tiny_\(flavour)_newkeys.pt"))
            #expect(old.tensors.map(\.name) == new.tensors.map(\.name))
            #expect(old.tensors.map(\.view.sha256) == new.tensors.map(\.view.sha256))
        }
    }

    @Test func saysWhichEncoderTheFileHolds() throws {
        #expect(throws: ImportError.wrongEncoder(found: .ecgFM, expected: .stMEM)) {
            try CheckpointImporter.importSTMEM(from: Fixture.path("ecgfm_tiny_finetuned.pt"))
        }
        let error = #expect(throws: ImportError.self) {
            try CheckpointImporter.importECGFM(from: Fixture.path("stmem_tiny_checkpoint-0.pth"))
        }
        #expect(error?.description.contains("use `firstlead import st-mem`") == true)
    }

    @Test func leavesWeightsOfOtherPartsOut() throws {
        let whole = try CheckpointImporter.importSTMEM(from: Fixture.path("stmem_tiny_checkpoint-0.pth"))
        #expect(whole.leftOut.contains("to_patch_embedding.1.weight"))
        #expect(whole.leftOut.contains("decoder_blocks.0.ff.fn.net.3.bias"))
        let classifier = try CheckpointImporter.importECGFM(from: Fixture.path("ecgfm_tiny_finetuned.pt"))
        #expect(classifier.leftOut == ["proj.weight", "proj.bias"])
    }

    @Test(arguments: [ImportCase.all[0], ImportCase.all[4]])
    func aTruncatedFileIsRefused(_ fixture: ImportCase) throws {
        let scratch = try Scratch()
        let bytes = try Fixture.bytes(fixture.file)
        let offsets =
            Array(0..<40) + stride(from: 40, to: bytes.count, by: bytes.count / 60)
            + (bytes.count - 120..<bytes.count)
        for count in offsets {
            let path = try scratch.write(Array(bytes.prefix(count)))
            #expect(throws: ImportError.self, "\(count) bytes") {
                try CheckpointImporter.importCheckpoint(fixture.encoder, from: path)
            }
        }
    }
}
