import ArgumentParser
import Bytes
import Encoders
import Foundation
import Scoring
import Tensor
import Training

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
    @Option(
        help: "Calibration of the probability on out-of-fold scores, with operating points: logistic or none."
    )
    var calibration: TrainingPlan.Calibration = .logistic
    @Option(
        help: ArgumentHelp(
            "Share of positives where the bundle is used: probability, thresholds, PPV and NPV are re-based to it.",
            valueName: "share"))
    var sitePrevalence: Double?
    @Option(
        help: ArgumentHelp(
            "Boosters of each head's ensemble, on whose spread answers abstain; 0 leaves it out. Default: \(BoostedEnsemble.memberCount).",
            valueName: "n"))
    var members: Int?
    @Option(
        help: ArgumentHelp(
            "A head's booster trained elsewhere (fusion-xgb=FILE, then perhaps st-mem-xgb=FILE, ecg-fm-xgb=FILE): none is "
                + "fitted, and the cohort must be one that it did not learn from. docs/scale.md.",
            valueName: "head=file"))
    var booster: [String] = []
    @Option(
        help: ArgumentHelp(
            "A baseline to put into the bundle: the file of import resnet50 or of train-baseline.",
            valueName: "file"))
    var baseline: String?
    @OptionGroup var choices: TrainingOptions
    @OptionGroup var checking: CheckOptions
    @OptionGroup var caching: CacheOptions
    @OptionGroup var threading: ThreadOptions
    @Flag(help: "Print JSON: the answer of GET /v1/models.") var json = false

    func validate() throws {
        try checkSitePrevalence(sitePrevalence)
        guard memberCount == 0 || Manifest.EnsembleEntry.memberCounts.contains(memberCount) else {
            throw ValidationError(
                "--members takes 0, or 2 to \(Manifest.EnsembleEntry.memberCounts.upperBound)")
        }
        try checkBoosters()
        if sitePrevalence != nil, calibration == .none {
            throw ValidationError(
                "--site-prevalence re-bases the calibration, which --calibration none leaves out")
        }
    }

    func run() throws {
        let pool = threading.makePool()
        let trained = try orExit { () throws -> ModelBundle in
            let encoders = try choices.fitting.encoding.encoders(in: bundle)
            var run = TrainingRun(
                plan: try plan, identity: identity, directory: bundle, pool: pool,
                cache: caching.store, baseline: try baseline.map { try BaselineFile(reading: $0) })
            run.excludesUnreadable = checking.excludeUnreadable
            return try run.run(checking.cohort(at: cohort), encoders: encoders, progress: ProgressBar().show)
        }
        for encoder in trained.manifest.encoders where encoder.flavour == Manifest.seededFlavour {
            report("the weights of \(encoder.id) were never trained: this bundle is a demonstration")
        }
        for head in trained.manifest.heads where head.origin != nil {
            report(
                "\(head.id) was trained elsewhere: its figures hold if it learnt from no ECG of this cohort")
        }
        for head in trained.manifest.heads where calibration == .logistic && head.calibration == nil {
            report(
                "\(head.id) is not calibrated: its out-of-fold scores separate the labels or rank them wrongly"
            )
        }
        for head in trained.manifest.heads where memberCount > 0 && head.ensemble == nil {
            report(
                "\(head.id) has no ensemble: no threshold of its out-of-fold scores tells the labels apart")
        }
        try emit(
            json ? trained.document.serialised(pretty: true) : TrainingSummary.text(of: trained, in: bundle))
    }

    private var memberCount: Int { members ?? (booster.isEmpty ? BoostedEnsemble.memberCount : 0) }

    /// Heads and files of `--booster`.
    private var foreign: [(head: String, path: String)] {
        booster.map { text in
            let parts = text.split(separator: "=", maxSplits: 1)
            return (String(parts.first ?? ""), parts.count == 2 ? String(parts[1]) : "")
        }
    }

    private func checkBoosters() throws {
        guard !booster.isEmpty else { return }
        let heads = foreign.map(\.head)
        guard heads.contains(TrainingPlan.fusedHead), Set(heads).count == heads.count,
            heads.allSatisfy(TrainingPlan.headIDs.contains), foreign.allSatisfy({ !$0.path.isEmpty })
        else {
            throw ValidationError(
                "--booster takes fusion-xgb=FILE, and beside it each of st-mem-xgb=FILE and ecg-fm-xgb=FILE once"
            )
        }
        guard memberCount == 0, choices.fitting.scaling == .perFeature else {
            throw ValidationError(
                "--booster takes a finished booster of unscaled embeddings: --members and --scaling have no part in it"
            )
        }
    }

    private var plan: TrainingPlan {
        get throws {
            var plan = choices.plan
            plan.calibration = calibration
            plan.sitePrevalence = sitePrevalence
            plan.members = memberCount
            for (head, path) in foreign { plan.boosters[head] = try ForeignBooster(contentsOf: path) }
            return plan
        }
    }

    private var identity: BundleIdentity {
        BundleIdentity(
            name: name ?? URL(fileURLWithPath: bundle).lastPathComponent, kind: .site,
            created: choices.createdOrNow,
            intendedUse: "Research on the site's own data. A score is no diagnosis and rules nothing out.",
            target: target, attributions: [], cohortName: URL(fileURLWithPath: cohort).lastPathComponent,
            command: [Software.name] + CommandLine.arguments.dropFirst())
    }
}

extension TrainingPlan.Calibration: ExpressibleByArgument {}

/// Throws: `ValidationError` for what is no share of patients.
func checkSitePrevalence(_ share: Double?) throws {
    if let share, !(0.0001...0.9999).contains(share) {
        throw ValidationError("--site-prevalence takes a share such as 0.05")
    }
}

/// The choices of a training run, as flags.
struct TrainingOptions: ParsableArguments {
    @OptionGroup var fitting: FittingOptions
    @Option(
        help: ArgumentHelp(
            "Test on this fold of the cohort file instead of a random part.", valueName: "fold"))
    var testFold: Int?
    @Option(
        help: ArgumentHelp(
            "Time to write into the manifest, for reproducible builds. Default: now.", valueName: "RFC 3339"))
    var created: String?

    func validate() throws {
        if let created, (try? Date(created, strategy: .iso8601)) == nil {
            throw ValidationError("--created takes a time such as 2026-01-31T12:00:00Z")
        }
    }

    var plan: TrainingPlan {
        var plan = fitting.plan
        plan.testFold = testFold
        return plan
    }

    var createdOrNow: String { created ?? Date.now.formatted(.iso8601) }
}
