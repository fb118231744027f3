import ArgumentParser
import Bytes
import Encoders
import Foundation
import Risk
import Scoring
import Tensor
import Training

extension TrainingPlan.Scaling: ExpressibleByArgument {}

/// `firstlead train`: a bundle from a cohort and the two encoders.
struct Train: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Train the heads on a cohort and write a bundle.",
        discussion: """
            Example:
              firstlead import st-mem st_mem_vit_base_encoder.pth --output site/st-mem.safetensors
              firstlead import ecg-fm mimic_iv_ecg_physionet_pretrained.pt --output site/ecg-fm.safetensors
              firstlead train --cohort cohort.csv --bundle site

            The cohort is a CSV file with the columns path and label (0 or 1) and, if known, patient, age, sex \
            and site. The bundle's folder must hold the encoders' safetensors; the heads, the scaler and the \
            manifest are written beside them. Embeddings are kept in the cache: an interrupted run goes on where \
            it was. docs/training.md says what the paper leaves open and what is chosen here.
            """)

    @Option(help: ArgumentHelp("The cohort's CSV file.", valueName: "cohort.csv")) var cohort: String
    @Option(
        help: ArgumentHelp(
            "The bundle's folder, with st-mem.safetensors and ecg-fm.safetensors.", valueName: "dir"))
    var bundle: String
    @Option(help: "The bundle's name. Default: the folder's.") var name: String?
    @Option(help: "What a positive label means.") var target: String = "acute coronary syndrome"
    @OptionGroup var choices: TrainingOptions
    @Option(
        help: ArgumentHelp(
            "Embedding cache. Default: $XDG_CACHE_HOME/firstlead, else ~/.cache/firstlead.", valueName: "dir")
    )
    var cache: String?
    @OptionGroup var threading: ThreadOptions
    @Flag(help: "Print JSON: the answer of GET /v1/models.") var json = false

    func run() throws {
        let pool = threading.makePool()
        let trained = try orExit { () throws -> ModelBundle in
            let encoders = try loadEncoders()
            let run = TrainingRun(
                plan: choices.plan, identity: identity, directory: bundle, pool: pool,
                cache: EmbeddingCache(folder: cacheFolder))
            return try run.run(loadCohort(cohort), encoders: encoders, progress: ProgressBar().show)
        }
        for encoder in trained.manifest.encoders where encoder.flavour == Manifest.seededFlavour {
            report("the weights of \(encoder.id) were never trained: this bundle is a demonstration")
        }
        try emit(
            json ? trained.document.serialised(pretty: true) : TrainingSummary.text(of: trained, in: bundle))
    }

    private func loadEncoders() throws(BundleError) -> [LoadedEncoder] {
        var encoders: [LoadedEncoder] = []
        for id in choices.plan.order {
            let file = BundleWriter.weightsFile(id)
            let path = (bundle as NSString).appendingPathComponent(file)
            guard FileManager.default.fileExists(atPath: path) else {
                throw BundleError(
                    .weights, file: path,
                    "there are no weights here; make them with 'firstlead import \(id.rawValue) FILE --output \(path)'"
                )
            }
            let recipe = RecipeCatalogue.name(for: id, crops: choices.crops)
            encoders.append(try EncoderLoader.load(path: path, as: id, preprocessingID: recipe))
        }
        return encoders
    }

    private var identity: BundleIdentity {
        BundleIdentity(
            name: name ?? URL(fileURLWithPath: bundle).lastPathComponent, kind: .site,
            created: choices.createdOrNow,
            intendedUse: "Research on the site's own data. A score is no diagnosis and rules nothing out.",
            target: target, attributions: [], cohortName: URL(fileURLWithPath: cohort).lastPathComponent)
    }

    private var cacheFolder: String {
        if let cache { return cache }
        let environment = ProcessInfo.processInfo.environment
        return (environment["XDG_CACHE_HOME"] ?? NSHomeDirectory() + "/.cache") + "/firstlead"
    }
}

/// What the paper leaves open, and its own hyperparameters, as flags.
struct TrainingOptions: ParsableArguments {
    @Option(help: "Boosting rounds; the paper does not say.") var rounds: Int = 100
    @Option(help: "Min-max per-feature or per-encoder; the paper does not say.")
    var scaling: TrainingPlan.Scaling = .perFeature
    @Option(help: ArgumentHelp("Order of concatenation; the paper does not say.", valueName: "a,b"))
    var order: String = "st-mem,ecg-fm"
    @Option(help: "Windows that ST-MEM averages: 1 (the centre) or the authors' 3.") var crops: Int = 1
    @Option(help: "Share of the patients kept for the test.") var testFraction: Double = 0.2
    @Option(
        help: ArgumentHelp(
            "Test on this fold of the cohort file instead of a random part.", valueName: "fold"))
    var testFold: Int?
    @Option(help: "Equal seeds give equal splits and boosters.") var seed: UInt64 = 1
    @Option(
        help: ArgumentHelp(
            "Time to write into the manifest, for reproducible builds. Default: now.", valueName: "RFC 3339"))
    var created: String?

    func validate() throws {
        guard (1...10_000).contains(rounds) else { throw ValidationError("--rounds takes 1 to 10000") }
        guard seed <= UInt64(Int32.max) else { throw ValidationError("--seed takes 0 to \(Int32.max)") }
        guard crops == 1 || crops == 3 else { throw ValidationError("--crops takes 1 or 3") }
        guard (0.05...0.5).contains(testFraction) else {
            throw ValidationError("--test-fraction takes 0.05 to 0.5")
        }
        guard Set(encoders) == Set(EncoderID.allCases), encoders.count == EncoderID.allCases.count else {
            throw ValidationError("--order takes st-mem,ecg-fm or ecg-fm,st-mem")
        }
        if let created, (try? Date(created, strategy: .iso8601)) == nil {
            throw ValidationError("--created takes a time such as 2026-01-31T12:00:00Z")
        }
    }

    var plan: TrainingPlan {
        var plan = TrainingPlan(seed: seed)
        plan.booster.rounds = rounds
        plan.scaling = scaling
        plan.order = encoders
        plan.testFraction = testFraction
        plan.testFold = testFold
        return plan
    }

    var createdOrNow: String { created ?? Date.now.formatted(.iso8601) }

    private var encoders: [EncoderID] {
        order.split(separator: ",").compactMap { EncoderID(rawValue: String($0)) }
    }
}

/// Reads a cohort file and reports its warnings.
///
/// Throws: ``TrainingError/cohort(_:)``.
func loadCohort(_ path: String) throws(TrainingError) -> Cohort {
    do throws(CohortError) {
        let cohort = try Cohort(contentsOf: path)
        for warning in cohort.warnings { report("\(path): \(warning)") }
        return cohort
    } catch { throw .cohort(error) }
}
