import Foundation
import Risk
import Testing

@Suite struct BoosterStructureTests {
    private static func text() throws -> String {
        String(decoding: try TrainedBooster.json { $0.rounds = 3 }, as: UTF8.self)
    }

    /// Replaces the first occurrence of a pattern and expects a refusal at this JSON pointer.
    @Test(arguments: [
        (#""name":"gbtree""#, #""name":"dart""#, "/learner/gradient_booster/name"),
        (#""name":"binary:logistic""#, #""name":"reg:squarederror""#, "/learner/objective/name"),
        (#""num_trees":"3""#, #""num_trees":"4""#, "/learner/gradient_booster/model/tree_info"),
        (
            #""num_trees":"3""#, #""num_trees":"20001""#,
            "/learner/gradient_booster/model/gbtree_model_param/num_trees"
        ),
        (
            #""num_parallel_tree":"1""#, #""num_parallel_tree":"4""#,
            "/learner/gradient_booster/model/gbtree_model_param/num_parallel_tree"
        ),
        (#""tree_info":[0,0,0]"#, #""tree_info":[0,1,0]"#, "/learner/gradient_booster/model/tree_info/1"),
        (#""tree_info":[0,0,0]"#, #""tree_info":[0,0]"#, "/learner/gradient_booster/model/tree_info"),
        (#""base_score":"0.5""#, #""base_score":"0""#, "/learner/learner_model_param/base_score"),
        (#""base_score":"0.5""#, #""base_score":"nan""#, "/learner/learner_model_param/base_score"),
        (#""base_score":"0.5""#, #""base_score":0.5"#, "/learner/learner_model_param/base_score"),
        (#""num_class":"0""#, #""num_class":"3""#, "/learner/learner_model_param/num_class"),
        (
            #""num_feature":"9","num_target""#, #""num_feature":"99999999","num_target""#,
            "/learner/learner_model_param/num_feature"
        ),
        (
            #""num_feature":"9","num_target""#, #""num_feature":"8","num_target""#,
            "/learner/gradient_booster/model/trees/0/tree_param/num_feature"
        ),
        (#""version":[1,"#, #""version":[4,"#, "/version"),
        (#""learner":"#, #""other":"#, ""),
    ])
    func refusesAt(pattern: String, replacement: String, pointer: String) throws {
        let text = try Self.text()
        let range = try #require(text.range(of: pattern))
        let changed = text.replacingCharacters(in: range, with: replacement)
        let error = #expect(throws: BoosterError.self) { try BoosterModel(json: Array(changed.utf8)) }
        guard case .structure(let place, _, _) = try #require(error) else {
            Issue.record("not refused for its structure: \(String(describing: error))")
            return
        }
        #expect(place == pointer)
    }

    /// Sets one entry of one array of the first tree to a value that XGBoost would follow or trip over.
    @Test(arguments: [
        ("left_children", 0, 0.0), ("left_children", 0, 1_000_000), ("left_children", 0, -2),
        ("left_children", 0, 1.5), ("left_children", 1, 1), ("left_children", 0, -1),
        ("right_children", 0, 0), ("right_children", 0, 1), ("right_children", 0, 4e9),
        ("parents", 0, 0), ("parents", 1, 2), ("parents", 1, 2_147_483_647), ("parents", 2, -1),
        ("split_indices", 0, 9), ("split_indices", 0, -1), ("split_indices", 0, 2_147_483_647),
        ("split_type", 0, 1), ("default_left", 0, 2), ("default_left", 0, -1),
        ("split_conditions", 0, 1e39), ("base_weights", 0, -1e300), ("sum_hessian", 1, 1e39),
        ("loss_changes", 2, 3.5e38),
    ])
    func refusesAWrongEntry(array: String, place: Int, value: Double) throws {
        let root = try JSONSerialization.jsonObject(with: Data(Self.text().utf8))
        var document = try #require(root as? [String: Any])
        try edit(&document, ["learner", "gradient_booster", "model"]) { model in
            var trees = try #require(model["trees"] as? [[String: Any]])
            var numbers = try #require(trees[0][array] as? [Any])
            numbers[place] = value
            trees[0][array] = numbers
            model["trees"] = trees
        }
        let changed = try JSONSerialization.data(withJSONObject: document)
        let error = #expect(throws: BoosterError.self) { try BoosterModel(json: Array(changed)) }
        guard case .structure(let pointer, _, _) = try #require(error) else {
            Issue.record("not refused for its structure: \(String(describing: error))")
            return
        }
        #expect(pointer.hasPrefix("/learner/gradient_booster/model/trees/0/"))
    }

    private func edit(
        _ document: inout [String: Any], _ path: [String], _ change: (inout [String: Any]) throws -> Void
    ) throws {
        guard let key = path.first else { return try change(&document) }
        var inner = try #require(document[key] as? [String: Any])
        try edit(&inner, Array(path.dropFirst()), change)
        document[key] = inner
    }

    @Test func refusesEveryTruncation() throws {
        let bytes = try TrainedBooster.json { $0.rounds = 1 }
        for length in 0..<bytes.count {
            #expect(throws: BoosterError.self) { try BoosterModel(json: Array(bytes[..<length])) }
        }
    }

    @Test func acceptsNodesThatPruningDeleted() throws {
        let text = try Self.text()
        let model = try BoosterModel(json: Array(text.utf8))
        let tree = try #require(model.trees.first)
        let pruned = try #require(
            tree.nodes.first {
                !$0.isLeaf && tree.nodes[Int($0.left)].isLeaf && tree.nodes[Int($0.right)].isLeaf
            })
        let root = try JSONSerialization.jsonObject(with: Data(text.utf8))
        var document = try #require(root as? [String: Any])
        try edit(&document, ["learner", "gradient_booster", "model"]) { model in
            var trees = try #require(model["trees"] as? [[String: Any]])
            let parent = Int(tree.nodes[Int(pruned.left)].parent)
            for array in ["left_children", "right_children", "split_indices", "default_left"] {
                var numbers = try #require(trees[0][array] as? [Any])
                for child in [Int(pruned.left), Int(pruned.right)] {
                    if array == "split_indices" { numbers[child] = 2_147_483_647 }
                    if array == "default_left" { numbers[child] = 1 }
                }
                if array.hasSuffix("children") { numbers[parent] = -1 }
                trees[0][array] = numbers
            }
            var parameters = try #require(trees[0]["tree_param"] as? [String: Any])
            parameters["num_deleted"] = "2"
            trees[0]["tree_param"] = parameters
            model["trees"] = trees
        }
        let booster = try Booster(json: Array(try JSONSerialization.data(withJSONObject: document)))
        #expect(booster.model.trees[0].deletedCount == 2)
        let features = [Float](repeating: 0.4, count: 9)
        #expect(try booster.margin(features) == booster.model.margin(features))
    }

    /// What broke XGBoost's own loader 15 times in 3,000: bytes changed at random.
    @Test(arguments: 0..<4 as Range<UInt64>)
    func surviveMutation(seed: UInt64) throws {
        let bytes = try TrainedBooster.json(rows: 60) { $0.rounds = 2 }
        var generator = SplitMix64(seed: seed)
        let features = [Float](repeating: 0.5, count: 9)
        var refused = 0
        for _ in 0..<1_500 {
            let mutated = Self.mutate(bytes, &generator)
            do throws(BoosterError) {
                let booster = try Booster(json: mutated)
                if booster.featureCount == 9 { #expect(try booster.margin(features).isFinite) }
            } catch {
                refused += 1
            }
        }
        #expect(refused > 500)
        #expect(refused < 1_500)
    }

    private static func mutate(_ bytes: [UInt8], _ generator: inout SplitMix64) -> [UInt8] {
        var bytes = bytes
        for _ in 0...generator.below(3) {
            let place = generator.below(bytes.count)
            switch generator.below(5) {
            case 0: bytes[place] ^= 1 << UInt8(generator.below(8))
            case 1: bytes[place] = Array("0123456789-.,E[]{}\"tfn".utf8)[generator.below(22)]
            case 2: bytes.insert(UInt8(48 + generator.below(10)), at: place)
            case 3: bytes.removeSubrange(place..<min(bytes.count - 1, place + 1 + generator.below(4)))
            default:
                // Another number in place of one: the kind of damage that stays valid JSON.
                guard let digit = bytes[place...].firstIndex(where: { (48...57).contains($0) }) else {
                    continue
                }
                let end = bytes[digit...].firstIndex { !(48...57).contains($0) } ?? bytes.count
                let numbers = ["0", "1", "7", "99", "2147483647", "2147483648", "4294967295", "-1", "1e38"]
                bytes.replaceSubrange(digit..<end, with: numbers[generator.below(numbers.count)].utf8)
            }
        }
        return bytes
    }
}
