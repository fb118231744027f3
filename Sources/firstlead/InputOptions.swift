import ArgumentParser
import ECG
import ECGFormats
import Scoring
import Tensor

extension Precision: ExpressibleByArgument {}

/// What the caller states because the file does not.
struct InputOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Sample rate in Hz, for files that do not state it.", valueName: "hertz"))
    var sampleRate: Double?

    @Option(help: "Unit of the samples (V, mV, uV, nV), for files that do not state it.")
    var units: String?

    @Option(
        help: ArgumentHelp(
            "Lead names in the order of the signals, for files that do not name them.", valueName: "I,II,...")
    )
    var leads: String?

    @Option(
        help: ArgumentHelp(
            "What the content must be, else the file is refused: \(Self.formats).", valueName: "format"))
    var format: String?

    /// Help for the files of a command.
    static let fileKinds: ArgumentHelp = """
        ECG files: \(FormatRegistry.formats.map(\.name).joined(separator: ", ")); of a WFDB record its .hea; also within \
        gzip, zip and tar.
        """

    private static let formats = FormatRegistry.formats.map(\.id).joined(separator: ", ")

    func validate() throws {
        if let units, VoltageUnit(symbol: units) == nil {
            throw ValidationError("'\(units)' is not a unit of voltage: use V, mV, uV or nV")
        }
        if let sampleRate, (try? SampleRate(hertz: sampleRate)) == nil {
            throw ValidationError("a sample rate of \(sampleRate) Hz is not plausible")
        }
        if let format, FormatRegistry.format(id: format) == nil {
            throw ValidationError("'\(format)' is no format that is read: use one of \(Self.formats)")
        }
    }

    var readOptions: ReadOptions {
        var options = ReadOptions()
        options.sampleRate = sampleRate.flatMap { try? SampleRate(hertz: $0) }
        options.unit = units.flatMap(VoltageUnit.init(symbol:))
        options.leadOrder = leads?.split(separator: ",").map(String.init)
        options.format = format.flatMap(FormatRegistry.format(id:))
        return options
    }
}

/// Which part of a recording is scored.
struct WindowOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            """
            Score the ten seconds from here on. Default: recordings up to 15 s are scored whole, of longer ones the first \
            ten seconds.
            """, valueName: "seconds"))
    var start: Double?

    func validate() throws {
        if let start, !(start.isFinite && start >= 0) {
            throw ValidationError("--start takes seconds from 0")
        }
    }

    var window: AnalysisWindow { AnalysisWindow(start: start) }
}

/// Which models to use, on how many threads.
struct ModelOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The bundle's folder. Default: $FIRSTLEAD_BUNDLE, else Bundles/demonstration.", valueName: "dir"))
    var bundle: String?

    @OptionGroup var arithmetic: PrecisionOptions
    @OptionGroup var threading: ThreadOptions
}

/// The arithmetic of the encoders.
struct PrecisionOptions: ParsableArguments {
    @Option(help: "Arithmetic of the encoders: fp32, or int16, which is faster and a little less exact.")
    var precision: Precision = .fp32
}

/// How many threads the encoders use.
struct ThreadOptions: ParsableArguments {
    @Option(help: "Threads for the encoders. Default: one for each processor.")
    var threads: Int?

    func validate() throws {
        if let threads, !(1...256).contains(threads) { throw ValidationError("--threads takes 1 to 256") }
    }
}
