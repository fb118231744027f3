import ArgumentParser
import ECG
import ECGFormats
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
            "Lead names in column order, for tables without a header row.", valueName: "I,II,..."))
    var leads: String?

    func validate() throws {
        if let units, VoltageUnit(symbol: units) == nil {
            throw ValidationError("'\(units)' is not a unit of voltage: use V, mV, uV or nV")
        }
        if let sampleRate, (try? SampleRate(hertz: sampleRate)) == nil {
            throw ValidationError("a sample rate of \(sampleRate) Hz is not plausible")
        }
    }

    var readOptions: ReadOptions {
        var options = ReadOptions()
        options.sampleRate = sampleRate.flatMap { try? SampleRate(hertz: $0) }
        options.unit = units.flatMap(VoltageUnit.init(symbol:))
        options.leadOrder = leads?.split(separator: ",").map(String.init)
        return options
    }
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
