import Bytes
import Foundation
import Risk
import Testing

@Suite struct BoosterTests {
    private static func fixture(_ name: String, _ type: String = "json") throws -> [UInt8] {
        let url = try #require(
            Bundle.module.url(forResource: name, withExtension: type, subdirectory: "Fixtures"))
        return Array(try Data(contentsOf: url))
    }

    @Test(arguments: [BoosterParameters.TreeMethod.histogram, .exact], [0.5, 0.208] as [Float])
    func agreesWithItsTreesToTheLastBit(method: BoosterParameters.TreeMethod, baseScore: Float) throws {
        let booster = try Booster(
            json: TrainedBooster.json(rows: 400, features: 24) {
                $0.rounds = 60
                $0.treeMethod = method
                $0.baseScore = baseScore
            })
        var generator = SplitMix64(seed: 99)
        for trial in 0..<2_000 {
            let features = (0..<24).map { _ in
                trial % 3 == 2 && generator.below(5) == 0 ? Float.nan : Float(generator.unit()) * 1.4 - 0.2
            }
            let margin = try booster.margin(features)
            #expect(margin.bitPattern == booster.model.margin(features).bitPattern)
        }
    }

    @Test func sendsThresholdsThemselvesToTheRight() throws {
        let booster = try Booster(json: TrainedBooster.json())
        for node in booster.model.trees.flatMap(\.nodes) where !node.isLeaf {
            for value in [node.threshold, node.threshold.nextDown, node.threshold.nextUp] {
                var features = [Float](repeating: 0.5, count: 9)
                features[Int(node.feature)] = value
                #expect(try booster.margin(features) == booster.model.margin(features))
            }
        }
    }

    private struct Margins: Decodable {
        let rows: [[Float?]]
        let margins: [Float]
        let probabilities: [Float]
    }

    @Test func tellsRowsThatLieOnAThreshold() throws {
        let model = try BoosterModel(json: TrainedBooster.json())
        for tree in model.trees where !tree.nodes[0].isLeaf {
            let (feature, threshold) = (Int(tree.nodes[0].feature), tree.nodes[0].threshold)
            for (value, isOn) in [(threshold, true), (threshold.nextUp, false), (threshold.nextDown, false)] {
                // NaN goes its way through all other splits and is no threshold.
                var features = [Float](repeating: .nan, count: 9)
                features[feature] = value
                let others = model.trees.contains {
                    $0.nodes.contains { !$0.isLeaf && $0.threshold == value }
                }
                if isOn || !others { #expect(model.meetsThreshold(features) == isOn) }
            }
        }
    }

    @Test(arguments: [
        ("1.7.6", "json"), ("2.1.4", "json"), ("3.0.5", "json"), ("3.1.1", "json"), ("3.2.0", "json"),
        ("2.1.4", "ubj"), ("3.2.0", "ubj"),
    ])
    func readsOtherReleasesAsTheyPredict(release: String, type: String) throws {
        let booster = try Booster(json: Self.fixture("booster-\(release)", type))
        let expected = try JSONDecoder().decode(
            Margins.self, from: Data(Self.fixture("margins-\(release)")))
        #expect(expected.rows.count == 40)
        for (row, features) in expected.rows.enumerated() {
            let margin = try booster.margin(features.map { $0 ?? .nan })
            #expect(margin == expected.margins[row])
            #expect(RiskScore(margin: margin).rawScore == expected.probabilities[row])
        }
    }

    /// The same model in both forms is one value; what XGBoost is given never has the array of 3.1.
    @Test func readsUBJSONAsJSON() throws {
        let text = try BoosterModel(json: Self.fixture("booster-3.2.0"))
        let binary = try BoosterModel(json: Self.fixture("booster-3.2.0", "ubj"))
        #expect(text == binary && text.version == [3, 2, 0] && text.baseScore == 0.2)
        #expect(String(decoding: text.json, as: UTF8.self).contains(#""base_score":"0.2""#))
    }

    /// A file that ends anywhere, or has any byte turned, is read as a checked model or refused.
    @Test func refusesUBJSONThatIsCutOrSpoilt() throws {
        let bytes = try Self.fixture("booster-2.1.4", "ubj")
        for count in stride(from: 2, to: bytes.count, by: 97) {
            #expect(throws: BoosterError.self) { try BoosterModel(json: Array(bytes.prefix(count))) }
        }
        var refused = 0
        for place in stride(from: 1, to: bytes.count, by: 61) {
            var spoilt = bytes
            spoilt[place] ^= 0x80
            do throws(BoosterError) { _ = try Booster(json: spoilt) } catch { refused += 1 }
        }
        #expect(refused > 100)
        for pair in ["[1E-1,2E-1]", "[]", "[2E-1", "2E-1]"] {
            let text = String(decoding: try Self.fixture("booster-3.2.0"), as: UTF8.self)
                .replacing("[2E-1]", with: pair)
            #expect(throws: BoosterError.self) { try BoosterModel(json: Array(text.utf8)) }
        }
    }

    @Test func givesXGBoostTheSameModelThatItRead() throws {
        let model = try BoosterModel(json: TrainedBooster.json())
        #expect(try BoosterModel(json: model.json).trees == model.trees)
        #expect(model.version == [1, 7, 4])
        #expect(model.trees.count == 20)
        #expect(Booster.libraryVersion.hasPrefix("1.7."))
    }

    @Test func turnsMarginsIntoProbabilities() {
        #expect(RiskScore(margin: 0).rawScore == 0.5)
        #expect(abs(RiskScore(margin: 1.386_294_4).rawScore - 0.8) < 1e-7)
        #expect(RiskScore(margin: 200).rawScore == 1)
        let lowest = RiskScore(margin: -200).rawScore
        #expect(lowest > 0 && lowest < 1e-37)
    }

    @Test func refusesVectorsThatAreNone() throws {
        let booster = try Booster(json: TrainedBooster.json())
        #expect(throws: BoosterError.width(found: 3, expected: 9)) { try booster.margin([1, 2, 3]) }
        var features = [Float](repeating: 0, count: 9)
        features[4] = .nan
        #expect(throws: BoosterError.notFinite(feature: 4)) { try booster.score(features) }
        features[4] = -.infinity
        #expect(throws: BoosterError.notFinite(feature: 4)) { try booster.margin(features) }
    }

    @Test func predictsAlikeFromManyTasks() async throws {
        let booster = try Booster(json: TrainedBooster.json())
        await withTaskGroup(of: Bool.self) { group in
            for task in 0..<8 {
                group.addTask {
                    var generator = SplitMix64(seed: UInt64(task))
                    return (0..<500).allSatisfy { _ in
                        let features = (0..<9).map { _ in Float(generator.unit()) }
                        let score = try? booster.score(features)
                        return score == RiskScore(margin: booster.model.margin(features))
                    }
                }
            }
            for await agreed in group { #expect(agreed) }
        }
    }
}
