import ArgumentParser
import Bytes
import Scoring
import Tensor
import Training

/// `firstlead bundle`: what a server loads.
struct BundleCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bundle",
        abstract: "Verify a bundle, compare two, or build the demonstration bundle.",
        discussion: "Example: firstlead bundle verify Bundles/demonstration",
        subcommands: [Verify.self, Difference.self, Demonstration.self])

    /// `firstlead bundle diff`.
    struct Difference: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "diff",
            abstract:
                "Say what differs between two bundles: digests, versions, choices, calibrations, figures.",
            discussion: """
                Example: firstlead bundle diff site-2026 site-2027

                Every file of both is checked against its digest; no model is loaded. One line for each place in the \
                manifests that differs. Exit code 0: equal; 1: not equal; 78: one is no sound bundle.
                """)

        @Argument(help: ArgumentHelp("The first bundle's folder.", valueName: "dir")) var first: String
        @Argument(help: ArgumentHelp("The second bundle's folder.", valueName: "dir")) var second: String
        @Flag(help: "Print JSON.") var json = false
        @OptionGroup var threading: ThreadOptions

        func run() throws {
            let comparison = try orExit {
                try BundleComparison(first, second, pool: threading.makePool())
            }
            if json {
                try emit(comparison.document.serialised(pretty: true))
            } else {
                for line in comparison.lines { try emit(line) }
            }
            if !comparison.isEqual { throw Exit.different }
        }
    }

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
                try emit(
                    "  \(head.id): reads \(head.features.joined(separator: " + "))\(Self.metrics(head.metrics))"
                )
                if let ensemble = head.ensemble { try emit("    " + TrainingSummary.text(of: ensemble)) }
            }
            if let baseline = bundle.provenance.baseline {
                try emit(
                    "  \(LoadedBaseline.id): \(baseline.flavour), width \(baseline.width), \(baseline.preprocessingID)"
                        + Self.metrics(manifest.baseline?.metrics)
                )
            }
            let isExact = arithmetic.precision == .fp32
            try emit("  " + (isExact ? "self-test reproduced" : bundle.differenceFromSinglePrecision))
        }

        private static func metrics(_ metrics: Manifest.MetricsEntry?) -> String {
            guard let metrics else { return "" }
            return ", AUROC \(TrainingSummary.interval(metrics.auroc)), "
                + "AUCPR \(TrainingSummary.interval(metrics.auprc))"
        }
    }
}
