package import Bytes
import ECG
import Encoders

extension EmbeddedECG {
    /// The answer as JSON, schema `Embeddings` of openapi.yaml.
    package func document(requestID: String, bundle: BundleProvenance) -> JSONDocument {
        [
            "schema": "firstlead/embeddings/1",
            "requestId": .text(requestID),
            "notForClinicalUse": .bool(bundle.manifest.notForClinicalUse),
            "embeddings": .array(
                embeddings.map { item in
                    [
                        "encoder": .text(item.id.rawValue), "width": .integer(item.embedding.width),
                        "values": .array(item.embedding.values.map { .float($0) }),
                    ]
                }),
            "warnings": .array(warnings.map(\.document)),
            "input": input.document,
            "provenance": bundle.document,
            "timingMilliseconds": clock.document,
        ]
    }
}
