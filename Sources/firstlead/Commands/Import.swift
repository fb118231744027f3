import ArgumentParser
import Bytes
import Checkpoint
import Encoders
import Foundation
import Scoring

/// What `firstlead import` can read.
enum ImportSource: String, ExpressibleByArgument, CaseIterable {
    case stMEM = "st-mem"
    case ecgFM = "ecg-fm"
    case resNet50 = "resnet50"
}

/// `firstlead import`: published checkpoints and trained baselines become safetensors.
struct Import: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Turn a published checkpoint, or a trained baseline, into safetensors.",
        discussion: """
            Example: firstlead import st-mem st_mem_vit_base_encoder.pth --output site/st-mem.safetensors

            Reads the PyTorch files that the authors publish without executing anything in them: for ST-MEM the \
            encoder-only and the full pre-training file, for ECG-FM the pre-trained and the fine-tuned one. \
            resnet50 is the paper's baseline: a state dictionary with torchvision's names and one-dimensional \
            layers (PyTorch or safetensors), or the file of train-baseline. A missing, unexpected or mis-shaped \
            tensor is an error that names it; no weight is ever made up.
            """)

    @Argument(help: "st-mem, ecg-fm or resnet50.") var network: ImportSource
    @Argument(help: ArgumentHelp("The file to read.", valueName: "file")) var file: String
    @Option(help: "Where to write. Default: the network's name with .safetensors, here.") var output: String?
    @Option(help: "Licence of a baseline's weights, for the file and every answer's provenance.") var licence:
        String?
    @Flag(help: "Print JSON.") var json = false

    func validate() throws {
        if licence != nil, network != .resNet50 {
            throw ValidationError("--licence is for resnet50: the encoders' licences are known")
        }
    }

    func run() throws {
        let target = output ?? "\(network.rawValue).safetensors"
        switch network {
        case .stMEM: try importEncoder(.stMEM, to: target)
        case .ecgFM: try importEncoder(.ecgFM, to: target)
        case .resNet50: try importBaseline(to: target)
        }
    }

    private func importEncoder(_ encoder: EncoderID, to target: String) throws {
        let imported = try load(encoder)
        let loaded = try orExit { () throws -> LoadedEncoder in
            Self.makeFolder(of: target)
            do { try imported.write(to: target) } catch { throw OutputError(message: "\(target): \(error)") }
            // What was written must load: the same path that the server takes.
            return try EncoderLoader.load(path: target, as: encoder)
        }
        try show(imported, loaded.provenance, target)
    }

    private func importBaseline(to target: String) throws {
        let imported: BaselineFile
        do throws(BundleError) { imported = try BaselineFile(reading: file, licence: licence) } catch {
            throw refusal(error.message)
        }
        let provenance = try orExit { () throws -> BaselineProvenance in
            Self.makeFolder(of: target)
            do { try imported.write(to: target) } catch { throw OutputError(message: "\(target): \(error)") }
            return try LoadedBaseline(path: target).provenance
        }
        if json {
            let document: JSONDocument = ["output": .text(target), "baseline": provenance.document]
            return try emit(document.serialised(pretty: true))
        }
        try emit(
            "\(target): \(LoadedBaseline.id), \(provenance.flavour), width \(provenance.width), "
                + "\(provenance.parameters) parameters")
        try emit("  weights SHA-256 \(provenance.weights)")
        try emit("  source SHA-256  \(provenance.source ?? "none")")
        try emit("  licence         \(provenance.licence)")
    }

    private static func makeFolder(of target: String) {
        let folder = (target as NSString).deletingLastPathComponent
        guard !folder.isEmpty else { return }
        try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    private func load(_ encoder: EncoderID) throws -> ImportedWeights {
        do {
            switch encoder {
            case .stMEM: return try CheckpointImporter.importSTMEM(from: file)
            case .ecgFM: return try CheckpointImporter.importECGFM(from: file)
            }
        } catch {
            throw refusal("\(file): \(error)")
        }
    }

    /// Says what is wrong with the file; one that is not there has a code of its own.
    private func refusal(_ message: String) -> ExitCode {
        report(message)
        let type = try? FileManager.default.attributesOfItem(atPath: file)[.type] as? FileAttributeType
        return type == .typeRegular ? Exit.refused : Exit.noInput
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
