import ECG
package import Encoders

/// A shard's embeddings in forms that other programs read: matrices, labels and places in the cohort file.
package struct ShardFiles: Sendable {
    package let embedded: EmbeddedCohort
    package let order: [EncoderID]

    package init(embedded: EmbeddedCohort, order: [EncoderID]) {
        self.embedded = embedded
        self.order = order
    }

    /// Embeddings in the order of concatenation, `[records, features]`, unscaled.
    package var features: [Float] {
        embedded.cohort.records.indices.flatMap { row in
            order.flatMap { embedded.embeddings[$0]?[row].values ?? [] }
        }
    }

    /// 0 or 1, `[records]`.
    package var labels: [Float] { embedded.cohort.records.map { $0.isPositive ? 1 : 0 } }

    /// One line a record: label, then every feature by its index from 0
    /// (https://xgboost.readthedocs.io/en/stable/tutorials/input_format.html).
    package var libsvm: String {
        var text = ""
        for (row, record) in embedded.cohort.records.enumerated() {
            text += record.isPositive ? "1" : "0"
            var feature = 0
            for id in order {
                for value in embedded.embeddings[id]?[row].values ?? [] {
                    text += " \(feature):\(value)"
                    feature += 1
                }
            }
            text += "\n"
        }
        return text
    }

    /// Line of the cohort file and SHA-256 of the ECG, one row a record: no path, no patient.
    package var rows: String {
        "line,label,sha256\n"
            + zip(embedded.cohort.records, embedded.contents).map {
                "\($0.line),\($0.isPositive ? 1 : 0),\($1)\n"
            }.joined()
    }
}
