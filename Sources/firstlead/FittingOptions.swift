import ArgumentParser
import Encoders
import Foundation
import Risk
import Scoring
import Tensor
import Training

extension TrainingPlan.Scaling: ExpressibleByArgument {}

/// Which embeddings there are: encoders, their order, their windows.
struct EncodingOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Order of concatenation; the paper does not say.", valueName: "a,b"))
    var order: String = "st-mem,ecg-fm"
    @Option(help: "Windows that ST-MEM averages: 1 (the centre) or the authors' 3.") var crops: Int = 1

    func validate() throws {
        guard crops == 1 || crops == 3 else { throw ValidationError("--crops takes 1 or 3") }
        guard Set(ids) == Set(EncoderID.allCases), ids.count == EncoderID.allCases.count else {
            throw ValidationError("--order takes st-mem,ecg-fm or ecg-fm,st-mem")
        }
    }

    /// In the order of concatenation.
    var ids: [EncoderID] {
        order.split(separator: ",").compactMap { EncoderID(rawValue: String($0)) }
    }
}

/// What the paper leaves open, and its own hyperparameters, as flags.
struct FittingOptions: ParsableArguments {
    @OptionGroup var encoding: EncodingOptions
    @Option(help: "Boosting rounds; the paper does not say.") var rounds: Int = 100
    @Option(help: "Min-max per-feature or per-encoder; the paper does not say.")
    var scaling: TrainingPlan.Scaling = .perFeature
    @Option(help: "Share of the records or patients kept for the test.") var testFraction: Double = 0.2
    @Option(help: "Equal seeds give equal splits and boosters.") var seed: UInt64 = 1

    func validate() throws {
        guard (1...10_000).contains(rounds) else { throw ValidationError("--rounds takes 1 to 10000") }
        guard seed <= UInt64(Int32.max) else { throw ValidationError("--seed takes 0 to \(Int32.max)") }
        guard (0.05...0.5).contains(testFraction) else {
            throw ValidationError("--test-fraction takes 0.05 to 0.5")
        }
    }

    var plan: TrainingPlan {
        var plan = TrainingPlan(seed: seed)
        plan.booster.rounds = rounds
        plan.scaling = scaling
        plan.order = encoding.ids
        plan.testFraction = testFraction
        return plan
    }
}

extension EncodingOptions {
    /// The encoders whose weights lie in a bundle's folder, in the order of concatenation.
    ///
    /// Throws: ``BundleError``.
    func encoders(in bundle: String) throws(BundleError) -> [LoadedEncoder] {
        var encoders: [LoadedEncoder] = []
        for id in ids {
            let file = BundleWriter.weightsFile(id)
            let path = (bundle as NSString).appendingPathComponent(file)
            guard FileManager.default.fileExists(atPath: path) else {
                throw BundleError(
                    .weights, file: path,
                    "there are no weights here; make them with 'firstlead import \(id.rawValue) FILE --output \(path)'"
                )
            }
            let recipe = RecipeCatalogue.name(for: id, crops: crops)
            encoders.append(try EncoderLoader.load(path: path, as: id, preprocessingID: recipe))
        }
        return encoders
    }

    /// The encoders of a finished bundle, verified as a server would, or of a folder with weights alone.
    ///
    /// Throws: ``BundleError``, also when the bundle was made with another recipe than the flags name.
    func encoders(evaluating folder: String, pool: WorkerPool) throws(BundleError) -> [LoadedEncoder] {
        guard FileManager.default.fileExists(atPath: folder + "/manifest.json") else {
            return try encoders(in: folder)
        }
        let bundle = try ModelBundle.load(directory: folder, pool: pool)
        for encoder in bundle.encoders {
            let recipe = encoder.provenance.preprocessingID
            guard recipe == RecipeCatalogue.name(for: encoder.id, crops: crops) else {
                throw BundleError(
                    .manifest, file: "manifest.json",
                    "the bundle prepares ECGs by \(recipe), which is not what --crops \(crops) asks for")
            }
        }
        return ids.compactMap { id in bundle.encoders.first { $0.id == id } }
    }
}

/// Where embeddings are kept.
struct CacheOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Embedding cache. Default: $XDG_CACHE_HOME/firstlead, else ~/.cache/firstlead.", valueName: "dir")
    )
    var cache: String?

    /// The cache in that folder.
    var store: EmbeddingCache {
        let environment = ProcessInfo.processInfo.environment
        let usual = (environment["XDG_CACHE_HOME"] ?? NSHomeDirectory() + "/.cache") + "/firstlead"
        return EmbeddingCache(folder: cache ?? usual)
    }
}
