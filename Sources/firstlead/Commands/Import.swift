import ArgumentParser
import Bytes
import Checkpoint
import Encoders
import Foundation
import Scoring

/// `firstlead import`: the authors' checkpoint files become safetensors.
struct Import: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Turn a published checkpoint into safetensors.",
        discussion: """
            Example: firstlead import st-mem st_mem_vit_base_encoder.pth --output site/st-mem.safetensors

            Reads the PyTorch files that the authors publish without executing anything in them: for ST-MEM the \
            encoder-only and the full pre-training file, for ECG-FM the pre-trained and the fine-tuned one. A \
            missing, unexpected or mis-shaped tensor is an error that names it; no weight is ever made up.
            """)

    @Argument(help: "st-mem or ecg-fm.") var encoder: EncoderID
    @Argument(help: ArgumentHelp("The authors' file.", valueName: "file")) var file: String
    @Option(help: "Where to write. Default: st-mem.safetensors or ecg-fm.safetensors here.") var output:
        String?
    @Flag(help: "Print JSON.") var json = false

    func run() throws {
        let target = output ?? "\(encoder.rawValue).safetensors"
        let imported = try load()
        let loaded = try orExit { () throws -> LoadedEncoder in
            let folder = (target as NSString).deletingLastPathComponent
            if !folder.isEmpty {
                try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            }
            do { try imported.write(to: target) } catch { throw OutputError(message: "\(target): \(error)") }
            // What was written must load: the same path that the server takes.
            return try EncoderLoader.load(path: target, as: encoder)
        }
        try show(imported, loaded.provenance, target)
    }

    private func load() throws -> ImportedWeights {
        do {
            switch encoder {
            case .stMEM: return try CheckpointImporter.importSTMEM(from: file)
            case .ecgFM: return try CheckpointImporter.importECGFM(from: file)
            }
        } catch {
            report("\(file): \(error)")
            let type = try? FileManager.default.attributesOfItem(atPath: file)[.type] as? FileAttributeType
            throw type == .typeRegular ? Exit.refused : Exit.noInput
        }
    }

    private func show(_ imported: ImportedWeights, _ provenance: EncoderProvenance, _ target: String) throws {
        if json {
            let document: JSONDocument = [
                "output": .text(target), "encoder": provenance.document,
                "leftOut": .texts(imported.leftOut),
            ]
            return try emit(document.serialised(pretty: true))
        }
        try emit("\(target): \(provenance.id), \(provenance.flavour), width \(provenance.width)")
        try emit("  weights SHA-256 \(provenance.weights)")
        try emit("  source SHA-256  \(provenance.source ?? "none")")
        try emit("  licence         \(provenance.licence)")
        if !imported.leftOut.isEmpty {
            try emit("  left out        \(imported.leftOut.count) tensor(s) that the encoder does not use")
        }
    }
}
