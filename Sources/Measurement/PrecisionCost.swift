package import Bytes
package import ECG
package import ECGFormats
package import Encoders
import Foundation
package import Scoring
package import Tensor

/// What 16-bit integers cost a bundle: embeddings and risks of the same ECGs with both arithmetics.
package struct PrecisionCost: Sendable {
    /// Encoders in the order of concatenation, heads with the fused one first.
    package private(set) var encoders: [EncoderCost]
    package private(set) var heads: [HeadCost]
    package private(set) var ecgs = 0

    /// Distances of one encoder's embeddings, and times.
    package struct EncoderCost: Sendable {
        package let id: EncoderID
        /// 1 - cosine of the angle between the two embeddings, largest and mean.
        package fileprivate(set) var largestDistance = 0.0
        package fileprivate(set) var distances = 0.0
        /// Milliseconds of all ECGs.
        package fileprivate(set) var single = 0.0
        package fileprivate(set) var integer = 0.0
    }

    /// Differences of one head's risks.
    package struct HeadCost: Sendable {
        package let id: String
        /// Of the probability, an ECG each; apart for ECGs that meet a threshold of the booster exactly, as many of
        /// those do that a booster was trained on elsewhere: there any other arithmetic decides anew.
        package fileprivate(set) var differencesOnThreshold: [Double] = []
        package fileprivate(set) var differencesElsewhere: [Double] = []

        var differences: [Double] { differencesOnThreshold + differencesElsewhere }
        package var onThreshold: Int { differencesOnThreshold.count }
        package var largest: Double { differences.max() ?? 0 }
        package var largestElsewhere: Double { differencesElsewhere.max() ?? 0 }
        package var mean: Double { differences.reduce(0, +) / Double(max(differences.count, 1)) }
        /// ECGs whose probability moved by more than 0.01.
        package var aboveHundredth: Int { differences.count(where: { $0 > 0.01 }) }
        /// ECGs of which not a bit of the risk changed.
        package var unchanged: Int { differences.count(where: { $0 == 0 }) }
    }

    /// No ECG yet.
    package init(of bundle: ModelBundle) {
        encoders = bundle.encoders.map { EncoderCost(id: $0.id) }
        heads = bundle.heads.map { HeadCost(id: $0.id) }
    }

    /// Scores an ECG with both.
    ///
    /// Throws: ``Refusal``.
    package mutating func add(
        _ submitted: SubmittedECG, options: ReadOptions = ReadOptions(), single: ModelBundle,
        integer: ModelBundle,
        pool: WorkerPool
    ) throws(Refusal) {
        var clock = StageClock()
        let recording = try Scorer.readScorable(
            submitted, options: options, neededSeconds: single.neededSeconds, clock: &clock
        ).recording
        let exact = try Outcome(of: recording, single, pool)
        let rounded = try Outcome(of: recording, integer, pool)
        for index in encoders.indices {
            let id = encoders[index].id
            guard let left = exact.embeddings[id], let right = rounded.embeddings[id] else { continue }
            let distance = left.cosineDistance(to: right)
            encoders[index].largestDistance = max(encoders[index].largestDistance, distance)
            encoders[index].distances += distance
            encoders[index].single += exact.milliseconds(of: id)
            encoders[index].integer += rounded.milliseconds(of: id)
        }
        let onThreshold = try single.meetThresholds(exact.embeddings)
        for (index, scores) in zip(exact.scores, rounded.scores).enumerated() {
            let difference = Double(abs(scores.0.probability - scores.1.probability))
            if onThreshold[index] {
                heads[index].differencesOnThreshold.append(difference)
            } else {
                heads[index].differencesElsewhere.append(difference)
            }
        }
        ecgs += 1
    }

    /// What one bundle makes of a recording.
    private struct Outcome {
        let embeddings: [EncoderID: Embedding]
        let scores: [HeadScore]
        let clock: StageClock

        init(of recording: Recording, _ bundle: ModelBundle, _ pool: WorkerPool) throws(Refusal) {
            var clock = StageClock()
            embeddings = try bundle.embed(recording, pool: pool, clock: &clock)
            scores = try bundle.scores(embeddings, clock: &clock).scores
            self.clock = clock
        }

        func milliseconds(of id: EncoderID) -> Double {
            clock.stages.first { $0.name == "encode/\(id.rawValue)" }?.milliseconds ?? 0
        }
    }

    package var document: JSONDocument {
        let count = Double(max(ecgs, 1))
        return [
            "ecgs": .integer(ecgs),
            "encoders": .array(
                encoders.map { cost in
                    [
                        "encoder": .text(cost.id.rawValue),
                        "largestCosineDistance": .rounded(cost.largestDistance, digits: 12),
                        "meanCosineDistance": .rounded(cost.distances / count, digits: 12),
                        "fp32Milliseconds": .rounded(cost.single / count, digits: 3),
                        "int16Milliseconds": .rounded(cost.integer / count, digits: 3),
                    ]
                }),
            "heads": .array(
                heads.map { cost in
                    [
                        "model": .text(cost.id), "largestDifference": .rounded(cost.largest, digits: 6),
                        "meanDifference": .rounded(cost.mean, digits: 8),
                        "aboveHundredth": .integer(cost.aboveHundredth),
                        "unchanged": .integer(cost.unchanged),
                        "onThreshold": .integer(cost.onThreshold),
                        "largestDifferenceElsewhere": .rounded(cost.largestElsewhere, digits: 6),
                    ]
                }),
        ]
    }
}

extension Embedding {
    /// 1 - cosine of the angle between the two, in float64, from the difference of their directions so that small
    /// angles keep their digits: half the squared length.
    package func cosineDistance(to other: Embedding) -> Double {
        let norm = { (values: [Float]) in
            values.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
        }
        let (left, right) = (norm(values), norm(other.values))
        guard left > 0, right > 0 else { return left == right ? 0 : 1 }
        return zip(values, other.values).reduce(0.0) { sum, pair in
            let difference = Double(pair.0) / left - Double(pair.1) / right
            return sum + difference * difference
        } / 2
    }
}
