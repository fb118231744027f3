import Encoders
package import Training

/// The experiment as tables for other programs: numbers in full precision, no patient, no path.
package struct CommaSeparated: Sendable {
    package let experiment: Experiment

    package init(_ experiment: Experiment) { self.experiment = experiment }

    /// One row a grouping and method: mean and SD beside the paper's means.
    package var table: String {
        var lines = ["grouping,method,auroc_mean,auroc_sd,aucpr_mean,aucpr_sd,medic_auroc,medic_aucpr"]
        for series in experiment.series {
            for method in series.methods {
                let auroc = Spread(method.areasUnderROC)
                let aucpr = Spread(method.averagePrecisions)
                let medic = PublishedResult.medic(method.name)
                let numbers = [
                    auroc.mean, auroc.standardDeviation, aucpr.mean, aucpr.standardDeviation,
                    medic?.areaUnderROC ?? .nan, medic?.averagePrecision ?? .nan,
                ]
                lines.append("\(series.grouping.rawValue),\(method.id)," + Self.cells(numbers))
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// One row a grouping, reshuffle and method.
    package var reshuffles: String {
        var lines = ["grouping,reshuffle,method,records,positives,auroc,aucpr"]
        for series in experiment.series {
            for method in series.methods {
                for (place, tested) in method.tested.enumerated() {
                    lines.append(
                        "\(series.grouping.rawValue),\(place + 1),\(method.id),\(tested.count),"
                            + "\(tested.positiveCount),"
                            + Self.cells([tested.areaUnderROC, tested.averagePrecision]))
                }
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// One row a tested ECG, by its line in the cohort file: whatever is reported follows from this table.
    package var scores: String {
        let header = experiment.series.first?.methods.map(\.id) ?? []
        var lines = ["grouping,reshuffle,line,label," + header.joined(separator: ",")]
        for series in experiment.series {
            for (place, split) in series.splits.enumerated() {
                for (row, record) in split.test.enumerated() {
                    let record = experiment.cohort.records[record]
                    lines.append(
                        "\(series.grouping.rawValue),\(place + 1),\(record.line),\(record.isPositive ? 1 : 0),"
                            + Self.cells(series.methods.map { $0.tested[place].scores[row] }))
                }
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// One row a point of Figure 1, by the ECG's line in the cohort file.
    package static func maps(_ maps: [EmbeddingMap], of cohort: Cohort) -> String {
        var lines = ["encoder,line,label,x,y"]
        for map in maps {
            for (point, place) in map.records.enumerated() {
                lines.append(
                    "\(map.encoder.rawValue),\(cohort.records[place].line),\(map.isPositive[point] ? 1 : 0),"
                        + cells([map.map.x[point], map.map.y[point]]))
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func cells(_ numbers: [Double]) -> String {
        numbers.map { $0.isFinite ? "\($0)" : "" }.joined(separator: ",")
    }
}
