/// The paper's table: means over ten reshuffles of MEDIC, 5,813 prehospital ECGs with 1,207 acute coronary
/// syndromes, a private cohort (*Fusion of ECG Foundation Model Embeddings to Improve Early Detection of Acute
/// Coronary Syndromes*).
///
/// They belong to the published weights and that cohort; no other cohort is expected to give them.
package struct PublishedResult: Sendable, Equatable {
    /// As in the first column of the table.
    package let name: String
    package let areaUnderROC: Double
    package let averagePrecision: Double

    /// The baseline is a ResNet-50 on the raw signal (``BaselineMethod``). Its precision is the second figure of
    /// the paper's "0.701 +- 0.471", by all other rows the mean of AUCPR and no deviation.
    package static let medic = [
        PublishedResult(name: "Baseline", areaUnderROC: 0.701, averagePrecision: 0.471),
        PublishedResult(name: "ST-MEM", areaUnderROC: 0.783, averagePrecision: 0.594),
        PublishedResult(name: "ECG-FM", areaUnderROC: 0.835, averagePrecision: 0.667),
        PublishedResult(name: "Fusion", areaUnderROC: 0.843, averagePrecision: 0.674),
    ]

    /// The row of a method.
    package static func medic(_ name: String) -> PublishedResult? { medic.first { $0.name == name } }
}
