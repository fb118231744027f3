import ArgumentParser
import Evaluation
import Foundation
import Networks
import Tensor
import Training

/// The baseline's row of an evaluation, as flags; without `--baseline-epochs` there is none.
struct BaselineOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Add the paper's baseline, trained for so many epochs on every development part; the paper's are 100. Takes hours.",
            valueName: "epochs"))
    var baselineEpochs: Int?
    @Option(help: "Records of one update of the baseline.") var baselineBatch = 64
    @Option(help: ArgumentHelp("The baseline's learning rate.", valueName: "rate")) var baselineLr = 0.001
    @Option(
        help: ArgumentHelp(
            "How many times a positive counts for the baseline, or balanced: negatives for each positive of the development part.",
            valueName: "number|balanced"))
    var baselinePositiveWeight = PositiveWeight.times(1)
    @Option(
        help: ArgumentHelp(
            "Share of the development part to choose the baseline's best epoch on. Default: none.",
            valueName: "share"))
    var baselineValidation = 0.0
    @Option(help: "Channels of the baseline's stem; 64 makes it a ResNet-50.") var baselineWidth = 64

    func validate() throws {
        guard baselineEpochs.map((1...1_000_000).contains) ?? true else {
            throw ValidationError("--baseline-epochs takes 1 or more")
        }
        guard (2...65_536).contains(baselineBatch) else {
            throw ValidationError("--baseline-batch takes 2 to 65536")
        }
        guard baselineLr > 0, baselineLr <= 1 else {
            throw ValidationError("--baseline-lr takes a number above 0, at most 1")
        }
        guard baselineValidation == 0 || (0.01...0.5).contains(baselineValidation) else {
            throw ValidationError("--baseline-validation takes 0, or a share from 0.01 to 0.5")
        }
        guard (1...256).contains(baselineWidth) else {
            throw ValidationError("--baseline-width takes 1 to 256")
        }
    }

    /// The row, with checkpoints in a folder below `output`; nil unless asked for.
    ///
    /// Throws: ``TrainingError`` with every record that cannot be used.
    func method(
        _ cohort: Cohort, seed: UInt64, output: String, pool: WorkerPool, _ bar: ProgressBar
    ) throws -> BaselineMethod? {
        guard let baselineEpochs else { return nil }
        var plan = BaselinePlan()
        plan.config = ResNetConfig(leads: 12, width: baselineWidth, blocks: ResNetConfig.resNet50.blocks)
        (plan.epochs, plan.batch, plan.learningRate) = (baselineEpochs, baselineBatch, baselineLr)
        (plan.positiveWeight, plan.validationShare) = (baselinePositiveWeight, baselineValidation)
        plan.seed = seed
        let signals = try BaselineSignals(reading: cohort) { bar.show("reading signals", $0, $1) }
        let folder = "\(output)/baseline"
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        } catch { throw OutputError(message: "cannot make \(folder): \(error.localizedDescription)") }
        return BaselineMethod(plan: plan, signals: signals, folder: folder, pool: pool) { progress in
            guard case .epoch(let epoch, let loss, _) = progress else { return }
            report("baseline, epoch \(epoch) of \(baselineEpochs): loss \(loss)")
        }
    }
}

extension PositiveWeight: ExpressibleByArgument {
    init?(argument: String) { self.init(argument) }
}
