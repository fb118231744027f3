import ArgumentParser
import Bytes
import ECG
import ECGFormats
import Encoders
import Preprocessing
import Scoring
import Tensor

extension EncoderID: ExpressibleByArgument {}

/// `firstlead embed`: one encoder's embedding of each file.
struct Embed: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Embed ECG files with one encoder.",
        discussion: """
            Example: firstlead embed a.hea b.zip --encoder ecg-fm --weights ecg-fm.safetensors --output x.npy

            Without --weights the bundle's encoder is used. --output writes float32 [files, width]. The \
            embedding is the mean over the windows of the recipe that docs/encoders.md describes.
            """)

    @Argument(help: InputOptions.fileKinds) var files: [String]
    @Option(help: "st-mem or ecg-fm.") var encoder: EncoderID
    @Option(help: ArgumentHelp("Weights that 'firstlead import' wrote.", valueName: "x.safetensors"))
    var weights: String?
    @Option(help: "Windows that ST-MEM averages: 1 (the centre) or the authors' 3; with --weights.")
    var crops: Int = 1
    @Option(help: ArgumentHelp("Write the embeddings.", valueName: "x.npy")) var output: String?
    @Flag(help: "Print JSON: an array, one element a file.") var json = false
    @OptionGroup var input: InputOptions
    @OptionGroup var part: WindowOptions
    @OptionGroup var models: ModelOptions

    func validate() throws {
        guard crops == 1 || crops == 3 else { throw ValidationError("--crops takes 1 or 3") }
        guard crops == 1 || (encoder == .stMEM && weights != nil) else {
            throw ValidationError("--crops is a choice for st-mem with --weights; a bundle has its own")
        }
    }

    func run() throws {
        let pool = models.threading.makePool()
        let loaded = try orExit { try loadEncoder(pool) }
        var rows: [(file: String, submitted: SubmittedECG, embedding: Embedding)] = []
        var failure: ExitCode?
        for file in files {
            do throws(Refusal) {
                let submitted = try ECGFile.submission(at: file)
                rows.append((file, submitted, try embed(submitted, loaded, pool)))
            } catch {
                report("\(file): \(error.message)")
                failure = error.exitCode
            }
        }
        if let output, failure == nil {
            let shape = [rows.count, loaded.network.width]
            try orExit { try writeFile(npy(rows.flatMap(\.embedding.values), shape: shape), to: output) }
        } else if let output {
            // A row for every file, or none: rows have no names in the array.
            report("\(output) was not written")
        }
        try show(rows, loaded.provenance)
        if let failure { throw failure }
    }

    private func loadEncoder(_ pool: WorkerPool) throws -> LoadedEncoder {
        if let weights {
            let recipe = RecipeCatalogue.name(for: encoder, crops: crops)
            return try EncoderLoader.load(
                path: weights, as: encoder, preprocessingID: recipe, precision: models.arithmetic.precision)
        }
        let bundle = try models.load(pool)
        guard let found = bundle.encoders.first(where: { $0.id == encoder }) else {
            throw BundleError(
                .manifest, file: "manifest.json", "the bundle has no encoder '\(encoder.rawValue)'")
        }
        return found
    }

    private func embed(
        _ submitted: SubmittedECG, _ encoder: LoadedEncoder, _ pool: WorkerPool
    ) throws(Refusal) -> Embedding {
        var clock = StageClock()
        let recording = try Scorer.readScorable(
            submitted, options: input.readOptions, window: part.window,
            neededSeconds: encoder.recipe.neededSeconds, clock: &clock
        ).recording
        return try encoder.embed(recording, pool: pool, clock: &clock)
    }

    private func show(
        _ rows: [(file: String, submitted: SubmittedECG, embedding: Embedding)],
        _ provenance: EncoderProvenance
    ) throws {
        if json {
            let documents = rows.map { row -> JSONDocument in
                [
                    "file": .text(row.file), "sha256": .text(row.submitted.digest.hexadecimal),
                    "encoder": provenance.document, "width": .integer(row.embedding.width),
                    "values": .array(row.embedding.values.map { .float($0) }),
                ]
            }
            try emit(JSONDocument.array(documents).serialised(pretty: true))
        } else if output == nil {
            for row in rows {
                let first = row.embedding.values.prefix(4).map { "\($0)" }.joined(separator: " ")
                try emit("\(row.file): \(provenance.id) [\(row.embedding.width)] \(first) ...")
            }
        }
    }
}
