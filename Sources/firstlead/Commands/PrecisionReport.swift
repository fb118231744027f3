import Bytes
import Encoders
import Measurement
import Scoring
import Tensor
import Training

/// `firstlead bench --precision-report`: a bundle's ECGs with both arithmetics.
struct PrecisionReport {
    /// The bundle's folder and the cohort's file.
    let bundle: String
    let cohort: String
    let input: InputOptions

    func run(pool: WorkerPool, json: Bool) throws {
        let cost = try orExit { try measure(pool) }
        if json {
            let document: JSONDocument = ["machine": Machine.document, "precisionReport": cost.document]
            return try emit(document.serialised(pretty: true))
        }
        try emit(Self.table(cost))
    }

    private func measure(_ pool: WorkerPool) throws -> PrecisionCost {
        let single = try ModelBundle.load(directory: bundle, pool: pool)
        let integer = try ModelBundle.load(directory: bundle, pool: pool, precision: .int16)
        let records = try loadCohort(cohort, stated: input.readOptions).records
        var cost = PrecisionCost(of: single)
        let progress = ProgressBar()
        for (index, record) in records.enumerated() {
            let submitted = try ECGFile.submission(at: record.file)
            try cost.add(submitted, options: input.readOptions, single: single, integer: integer, pool: pool)
            progress.show("comparing", index + 1, records.count)
        }
        return cost
    }

    private static func table(_ cost: PrecisionCost) -> String {
        let count = Double(max(cost.ecgs, 1))
        var lines = [
            "\(cost.ecgs) ECGs with int16 against fp32", "",
            columns(["encoder", "1 - cosine", "largest", "fp32 ms", "int16 ms"]),
        ]
        lines += cost.encoders.map { encoder in
            columns([
                encoder.id.rawValue, scientific(encoder.distances / count),
                scientific(encoder.largestDistance), fixed(encoder.single / count, digits: 1),
                fixed(encoder.integer / count, digits: 1),
            ])
        }
        lines += [
            "", columns(["risk", "mean", "largest", "above 0.01", "unchanged", "on edge", "elsewhere"]),
        ]
        lines += cost.heads.map { head in
            columns([
                head.id, scientific(head.mean), fixed(head.largest, digits: 6),
                "\(head.aboveHundredth)", "\(head.unchanged)", "\(head.onThreshold)",
                fixed(head.largestElsewhere, digits: 6),
            ])
        }
        lines += [
            "",
            "On edge: ECGs whose value is the very threshold of a split, as of many that a booster was trained on elsewhere;",
            "elsewhere: the largest difference of the others.",
        ]
        return lines.joined(separator: "\n")
    }
}
