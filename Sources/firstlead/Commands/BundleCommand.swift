import ArgumentParser
import Bytes
import Scoring
import Tensor
import Training

/// `firstlead bundle`: what a server loads.
struct BundleCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bundle",
        abstract: "Verify a bundle, or build the demonstration bundle.",
        discussion: "Example: firstlead bundle verify Bundles/demonstration",
        subcommands: [Verify.self, Demonstration.self])

    /// `firstlead bundle verify`.
    struct Verify: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Check every digest, structure and the self-test, as the server does at start-up.",
            discussion: "Example: firstlead bundle verify Bundles/demonstration")

        @Argument(help: ArgumentHelp("The bundle's folder.", valueName: "dir")) var directory: String
        @Flag(help: "Print JSON: the answer of GET /v1/models.") var json = false
        @OptionGroup var arithmetic: PrecisionOptions
        @OptionGroup var threading: ThreadOptions

        func run() throws {
            let bundle = try orExit {
                try ModelBundle.load(
                    directory: directory, pool: threading.makePool(), precision: arithmetic.precision)
            }
            if json { return try emit(bundle.document.serialised(pretty: true)) }
            let manifest = bundle.manifest
            try emit("\(directory): sound")
            try emit("  \(manifest.name) (\(manifest.kind.rawValue)), SHA-256 \(bundle.provenance.digest)")
            for encoder in bundle.provenance.encoders {
                try emit(
                    "  \(encoder.id): \(encoder.flavour), width \(encoder.width), \(encoder.preprocessingID)")
            }
            for head in manifest.heads {
                try emit("  \(head.id): reads \(head.features.joined(separator: " + "))\(Self.metrics(head))")
                if let ensemble = head.ensemble { try emit("    " + TrainingSummary.text(of: ensemble)) }
            }
            if let baseline = bundle.provenance.baseline {
                try emit(
                    "  \(LoadedBaseline.id): \(baseline.flavour), width \(baseline.width), \(baseline.preprocessingID)"
                )
            }
            let isExact = arithmetic.precision == .fp32
            try emit("  " + (isExact ? "self-test reproduced" : bundle.differenceFromSinglePrecision))
        }

        private static func metrics(_ head: Manifest.HeadEntry) -> String {
            guard let metrics = head.metrics else { return "" }
            let show = { (entry: Manifest.IntervalEntry) in
                [entry.value, entry.low, entry.high].map { "\(($0 * 1_000).rounded() / 1_000)" }
            }
            let auroc = show(metrics.auroc)
            let auprc = show(metrics.auprc)
            return
                ", AUROC \(auroc[0]) (\(auroc[1]) to \(auroc[2])), AUCPR \(auprc[0]) (\(auprc[1]) to \(auprc[2]))"
        }
    }
}
