import ArgumentParser
import Bytes
import Foundation
import Networks
import Training

/// `firstlead train-baseline`: the paper's ResNet-50 on the raw signal, from a cohort.
struct TrainBaseline: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train-baseline",
        abstract: "Train the paper's baseline, a ResNet-50 on the raw signal.",
        discussion: """
            Example: firstlead train-baseline --cohort cohort.csv --output resnet50.safetensors

            The file is written after every epoch; the same command goes on from it, to the same bits as without \
            the interruption. It holds the network by torchvision's names and Adam's moments. docs/baseline.md \
            says what is trained and how.
            """)

    @Option(help: ArgumentHelp("The cohort's CSV file.", valueName: "cohort.csv")) var cohort: String
    @Option(help: ArgumentHelp("Where to write and to go on from.", valueName: "file")) var output: String
    @Option(help: "Epochs in all.") var epochs = 100
    @Option(help: "Records of one update.") var batch = 64
    @Option(help: ArgumentHelp("Adam's learning rate.", valueName: "rate")) var lr = 0.001
    @Option(help: "Seed of the initial weights and of the records' order.") var seed: UInt64 = 0
    @Option(
        help: ArgumentHelp(
            "How many times a positive counts, or balanced: negatives for each positive of what is learnt from.",
            valueName: "number|balanced"))
    var positiveWeight = PositiveWeight.times(1)
    @Option(
        help: ArgumentHelp(
            "Keep this share of the records, by patient, to choose the best epoch on. Default: none, as in the paper.",
            valueName: "share"))
    var validation = 0.0
    @Option(help: "Channels of the stem; 64 makes it a ResNet-50.") var width = 64
    @OptionGroup var leftOut: LeftOutOptions
    @OptionGroup var input: InputOptions
    @OptionGroup var threading: ThreadOptions
    @Flag(help: "Print JSON: the loss of every epoch.") var json = false

    func validate() throws {
        guard (1...1_000_000).contains(epochs) else { throw ValidationError("--epochs takes 1 or more") }
        guard (2...65_536).contains(batch) else { throw ValidationError("--batch takes 2 to 65536") }
        guard lr > 0, lr <= 1 else { throw ValidationError("--lr takes a number above 0, at most 1") }
        guard validation == 0 || (0.01...0.5).contains(validation) else {
            throw ValidationError("--validation takes 0, or a share from 0.01 to 0.5")
        }
        guard (1...256).contains(width) else { throw ValidationError("--width takes 1 to 256") }
    }

    func run() throws {
        var plan = BaselinePlan()
        plan.config = ResNetConfig(leads: 12, width: width, blocks: ResNetConfig.resNet50.blocks)
        (plan.epochs, plan.batch, plan.learningRate) = (epochs, batch, lr)
        (plan.seed, plan.positiveWeight, plan.validationShare) = (seed, positiveWeight, validation)
        let run = BaselineRun(plan: plan, checkpoint: output, pool: threading.makePool())
        let progress = BaselineProgress(epochs: epochs)
        let trained = try orExit { () throws -> ResNetTraining in
            let cohort = try loadCohort(cohort, stated: input.readOptions)
            let signals = try BaselineSignals(reading: cohort, records: leftOut.development(of: cohort)) {
                progress.show(.reading(done: $0, total: $1))
            }
            return try run.run(signals, progress: progress.show)
        }
        if json {
            let document: JSONDocument = [
                "output": .text(output), "losses": .array(trained.losses.map { .number($0) }),
                "validationLosses": .array((trained.validation?.losses ?? []).map { .number($0) }),
                "bestEpoch": trained.validation.map { .integer($0.bestEpoch) } ?? .null,
            ]
            return try emit(document.serialised(pretty: true))
        }
        try emit(
            "\(output): \(trained.losses.count) epochs, loss \(trained.losses[0]) in the first and "
                + "\(trained.losses[trained.losses.count - 1]) in the last"
                + (trained.validation.map { ", best epoch \($0.bestEpoch)" } ?? ""))
    }
}

/// Shows a baseline's training on standard error: the records of an epoch, then its loss and the time that is left.
final class BaselineProgress {
    private let epochs: Int
    private let bar = ProgressBar()
    private var learningSince: ContinuousClock.Instant?
    private var finished = 0

    init(epochs: Int) { self.epochs = epochs }

    func show(_ progress: BaselineRun.Progress) {
        switch progress {
        case .reading(let done, let total): bar.show("reading", done, total)
        case .learning(let epoch, let done, let total):
            if learningSince == nil { learningSince = .now }
            bar.show("epoch \(epoch)", done, total)
        case .epoch(let epoch, let loss, let validation):
            finished += 1
            let validated = validation.map { ", validation \($0)" } ?? ""
            report("epoch \(epoch) of \(epochs): loss \(loss)\(validated)\(remaining(after: epoch))")
        }
    }

    /// From the mean time of the epochs of this run.
    private func remaining(after epoch: Int) -> String {
        guard let learningSince, epoch < epochs else { return "" }
        let each = (ContinuousClock.now - learningSince) / finished
        return
            ", about \((each * (epochs - epoch)).formatted(.units(allowed: [.hours, .minutes, .seconds]))) left"
    }
}
