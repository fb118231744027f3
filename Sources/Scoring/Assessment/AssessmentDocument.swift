package import Bytes
import ECG
import ECGFormats
import Risk

extension Assessment {
    /// The answer as JSON, schema `Assessment` of openapi.yaml; the same for HTTP, command line and batch.
    package func document(requestID: String) -> JSONDocument {
        let manifest = bundle.manifest
        let head = manifest.heads.first { $0.id == risk.id }
        return [
            "schema": "firstlead/assessment/1",
            "requestId": .text(requestID),
            "notForClinicalUse": .bool(manifest.notForClinicalUse),
            "risk": [
                "probability": .float(risk.probability),
                "rawScore": .float(risk.rawScore),
                "model": .text(risk.id),
                "modelKind": "single-model",
                "calibration": .text(head?.calibration?.method ?? "none"),
                "sitePrevalence": .optional(number: head?.calibration?.sitePrevalence),
                "operatingPoints": .array(
                    (head?.operatingPoints ?? []).map { $0.document(probability: risk.probability) }),
                "ensemble": risk.ensemble?.document ?? .null,
                "target": .text(manifest.target),
            ],
            "models": .array(heads.map(\.document)),
            "warnings": .array(warnings.map(\.document)),
            "input": input.document,
            "provenance": bundle.document,
            "timingMilliseconds": clock.document,
        ]
    }
}

extension HeadScore {
    package var document: JSONDocument {
        [
            "id": .text(id),
            "features": .texts(features),
            "probability": .float(probability),
            "rawScore": .float(rawScore),
            "margin": .float(margin),
            "ensemble": ensemble?.document ?? .null,
        ]
    }
}

extension Warning {
    package var document: JSONDocument { ["code": .text(code), "message": .text(message)] }
}

extension InputFacts {
    package var document: JSONDocument {
        [
            "sha256": .text(digest.hexadecimal),
            "bytes": .integer(byteCount),
            "format": .text(format.id),
            "sampleRate": .number(sampleRate.hertz),
            "durationSeconds": .number(durationSeconds),
            "analysedStartSeconds": .number(analysedStartSeconds),
            "analysedSeconds": .number(analysedSeconds),
            "leadsReceived": .texts(leadsReceived.map(\.rawValue)),
            "leadsDerived": .texts(leadsDerived.map(\.rawValue)),
            "leadsIgnored": .texts(leadsIgnored),
            "einthoven": residualDocument,
            "startTime": .optional(startTime),
            "localStartTime": .optional(localStartTime),
            "device": device.map {
                [
                    "manufacturer": .optional($0.manufacturer),
                    "model": .optional($0.model),
                    "softwareVersion": .optional($0.softwareVersion),
                ]
            } ?? .null,
            "filters": filters.map {
                [
                    "highPassHertz": .optional(number: $0.highPassHertz),
                    "lowPassHertz": .optional(number: $0.lowPassHertz),
                    "notchHertz": .optional(number: $0.notchHertz),
                ]
            } ?? .null,
        ]
    }

    private var residualDocument: JSONDocument {
        guard let residual else { return .null }
        return [
            "lead": .text(residual.lead.rawValue),
            "rmsMillivolts": .rounded(residual.rootMeanSquareMillivolts, digits: 6),
            "maximumMillivolts": .rounded(residual.maximumMillivolts, digits: 6),
            "consistent": .bool(residual.isConsistent),
        ]
    }
}

extension EncoderProvenance {
    package var document: JSONDocument {
        [
            "id": .text(id),
            "weightsSha256": .text(weights.hexadecimal),
            "licence": .text(licence),
            "flavour": .text(flavour),
            "sourceSha256": .optional(source),
            "preprocessingId": .text(preprocessingID),
            "precision": .text(precision),
            "width": .integer(width),
        ]
    }
}

extension BundleProvenance {
    package var document: JSONDocument {
        [
            "software": [
                "name": .text(Software.name), "version": .text(Software.version),
                "commit": .text(Software.commit), "xgboost": .text(Booster.libraryVersion),
            ],
            "bundle": [
                "name": .text(manifest.name), "kind": .text(manifest.kind.rawValue),
                "sha256": .text(digest.hexadecimal), "created": .text(manifest.created),
            ],
            "encoders": .array(encoders.map(\.document)),
            "fusion": [
                "order": .texts(manifest.fusion.order), "scaling": .text(manifest.fusion.scaling),
                "windows": .text(manifest.fusion.windows),
            ],
            "scalerSha256": .text(scaler.hexadecimal),
            "boosters": .array(
                manifest.heads.compactMap { head in
                    boosters[head.id].map {
                        [
                            "model": .text(head.id), "sha256": .text($0.hexadecimal),
                            "rounds": .number(head.hyperparameters["num_boost_round"] ?? .nan),
                        ]
                    }
                }),
            "baseline": baseline?.document ?? .null,
            "cohort": [
                "name": .text(manifest.cohort.name), "sha256": .text(manifest.cohort.sha256),
                "records": .integer(manifest.cohort.records),
                "positives": .integer(manifest.cohort.positives),
            ],
        ]
    }
}

extension StageClock {
    package var document: JSONDocument {
        .object(
            stages.map { JSONDocument.Member($0.name, .rounded($0.milliseconds, digits: 3)) }
                + [JSONDocument.Member("total", .rounded(totalMilliseconds, digits: 3))])
    }
}
