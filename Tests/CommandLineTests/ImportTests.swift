import Bytes
import Foundation
import TestSupport
import Testing

/// From the authors' file formats to embeddings, on the command line.
@Suite struct ImportTests {
    struct Checkpoint: CustomTestStringConvertible {
        let encoder: String
        let file: String
        let flavour: String
        /// Folder of what the authors' code computes with these weights.
        let golden: String

        var testDescription: String { file }
        var path: String { "Tests/CheckpointTests/Fixtures/\(file)" }

        static let all = [
            Checkpoint(
                encoder: "st-mem", file: "stmem_tiny_encoder.pth", flavour: "encoder", golden: "stmem/tiny"),
            Checkpoint(
                encoder: "st-mem", file: "stmem_tiny_checkpoint-0.pth", flavour: "pretraining",
                golden: "stmem/tiny"),
            Checkpoint(
                encoder: "ecg-fm", file: "ecgfm_tiny_pretrained.pt", flavour: "pretraining",
                golden: "ecgfm/tiny"),
            Checkpoint(
                encoder: "ecg-fm", file: "ecgfm_tiny_pretrained_newkeys.pt", flavour: "pretraining",
                golden: "ecgfm/tiny"),
            Checkpoint(
                encoder: "ecg-fm", file: "ecgfm_tiny_finetuned.pt", flavour: "finetuned",
                golden: "ecgfm/tiny_finetuned"),
            Checkpoint(
                encoder: "ecg-fm", file: "ecgfm_tiny_finetuned_newkeys.pt", flavour: "finetuned",
                golden: "ecgfm/tiny_finetuned"),
        ]
    }

    private static let records = ["code15_1594286", "code15_2969044"]
    private static let tolerance = 1e-4

    @Test(arguments: Checkpoint.all) func embedsAsTheAuthorsCodeDoes(checkpoint: Checkpoint) throws {
        let folder = try TemporaryFolder()
        let weights = folder.path("new/weights.safetensors")
        let imported = try Tool.run(
            "import", checkpoint.encoder, checkpoint.path, "--output", weights, "--json")
        try #require(imported.status == 0, "\(imported.errors)")
        let encoder = try #require(try imported.document["encoder"])
        #expect(encoder["id"]?.string == checkpoint.encoder)
        #expect(encoder["flavour"]?.string == checkpoint.flavour)
        #expect(encoder["licence"]?.string == (checkpoint.encoder == "st-mem" ? "CC-BY-NC-4.0" : "MIT"))
        #expect(
            encoder["weightsSha256"]?.string
                == Digest(of: try folder.bytes("new/weights.safetensors")).hexadecimal)
        #expect(
            encoder["sourceSha256"]?.string == Digest(of: try Repository.bytes(checkpoint.path)).hexadecimal)

        for record in Self.records { try folder.write(ECGText.reference(record), to: "\(record).json") }
        let files = Self.records.map { folder.path("\($0).json") }
        for crops in checkpoint.encoder == "st-mem" ? [1, 3] : [1] {
            let output = folder.path("embeddings\(crops).npy")
            let embedded = try Tool.run(
                Tool.binary,
                ["embed"] + files + ["--encoder", checkpoint.encoder, "--weights", weights]
                    + ["--crops", "\(crops)", "--output", output])
            try #require(embedded.status == 0, "\(embedded.errors)")
            try compare(NumpyArray(contentsOf: output), with: checkpoint, crops: crops)
        }
    }

    /// A row a file: the mean over the windows that the recipe cuts.
    private func compare(_ found: NumpyArray, with checkpoint: Checkpoint, crops: Int) throws {
        let width = 64
        try #require(found.shape == [Self.records.count, width])
        for (row, record) in Self.records.enumerated() {
            let path = "Tests/EncodersTests/Fixtures/\(checkpoint.golden)/\(record)_f64.npy"
            let golden = try NumpyArray(contentsOf: Repository.path(path))
            let isCentre = checkpoint.encoder == "st-mem" && crops == 1
            let windows = isCentre ? [1] : Array(0..<golden.shape[0])
            for (feature, value) in found[row].enumerated() {
                let sum = windows.reduce(0) { $0 + (golden[$1, feature].first ?? .nan) }
                let difference = abs(value - sum / Double(windows.count))
                try #require(difference <= Self.tolerance, "\(record) feature \(feature): \(difference)")
            }
        }
    }

    @Test(arguments: [Checkpoint.all[1], Checkpoint.all[4]])
    func writesTheSameBytesEveryTime(checkpoint: Checkpoint) throws {
        let folder = try TemporaryFolder()
        for name in ["one", "two"] {
            let outcome = try Tool.run(
                "import", checkpoint.encoder, checkpoint.path, "--output", folder.path(name))
            #expect(outcome.status == 0, "\(outcome.errors)")
        }
        #expect(try folder.bytes("one") == folder.bytes("two"))
        #expect(folder.files == ["one", "two"])
    }

    @Test func refusesWhatIsNotThatEncodersCheckpoint() throws {
        let folder = try TemporaryFolder()
        let whole = try Repository.bytes(Checkpoint.all[0].path)
        try folder.write(Array(whole.prefix(whole.count / 2)), to: "half.pth")
        let output = folder.path("out.safetensors")
        for (encoder, file, status, text) in [
            ("st-mem", Checkpoint.all[2].path, 65, "use `firstlead import ecg-fm`"),
            ("ecg-fm", Checkpoint.all[1].path, 65, "use `firstlead import st-mem`"),
            ("st-mem", "LICENSE", 65, "LICENSE"),
            ("st-mem", "Demonstration/ecg/ptbxl00173.zip", 65, "ptbxl00173.zip"),
            ("st-mem", folder.path("half.pth"), 65, "half.pth"),
            ("ecg-fm", "nowhere.pt", 66, "nowhere.pt"),
            ("vit", Checkpoint.all[0].path, 64, "vit"),
        ] {
            let outcome = try Tool.run("import", encoder, file, "--output", output)
            #expect(outcome.status == Int32(status), "\(file): \(outcome.errors)")
            #expect(outcome.errors.contains(text), "\(file): \(outcome.errors)")
            #expect(folder.files == ["half.pth"], "\(file)")
        }
    }

    @Test func saysThatItCannotWrite() throws {
        let folder = try TemporaryFolder()
        try folder.write("a file where a folder should be", to: "file")
        let outcome = try Tool.run(
            "import", "st-mem", Checkpoint.all[0].path, "--output", folder.path("file/weights.safetensors"))
        #expect(outcome.status == 74)
        #expect(outcome.errors.contains("file/weights.safetensors"))
    }

    @Test func takesNoWeightsOfTheOtherEncoder() throws {
        let outcome = try Tool.run(
            "embed", "Demonstration/ecg/ptbxl00173.zip", "--encoder", "ecg-fm", "--weights",
            "Bundles/demonstration/st-mem.safetensors")
        #expect(outcome.status == 78)
        #expect(outcome.errors.contains("st-mem"))
        #expect(outcome.output.isEmpty)
    }
}
