private import Bytes

extension BoosterTree {
    /// The split index of a node that pruning deleted: all ones in XGBoost's 31 bits.
    private static let deletedMark = 0x7FFF_FFFF
    /// The parent of the root.
    private static let noParent = 0x7FFF_FFFF

    /// Reads one element of `trees`: arrays of one entry a node.
    init(_ place: JSONPlace, featureCount: Int) throws(BoosterError) {
        let parameters = try place.member("tree_param")
        let count = try parameters.count("num_nodes", in: 1...BoosterLimits.nodes)
        deletedCount = try parameters.count("num_deleted", in: 0...count - 1)
        _ = try parameters.count("num_feature", in: featureCount...featureCount)
        _ = try parameters.count("size_leaf_vector", in: 0...1)
        if place.has("categories_nodes") { _ = try place.numbers("categories_nodes", count: 0) }
        let columns = Columns(place: place, count: count)
        nodes = try columns.nodes(featureCount: featureCount)
        try checkShape(place)
    }

    /// Every node but the deleted ones is reached from the root exactly once, by the parent that it names.
    private func checkShape(_ place: JSONPlace) throws(BoosterError) {
        var depths = [Int](repeating: -1, count: nodes.count)
        depths[0] = 0
        var open = [0]
        var reached = 1
        while let index = open.popLast() {
            let node = nodes[index]
            if node.isLeaf { continue }
            guard depths[index] < BoosterLimits.depth else {
                throw .tooLarge(
                    what: "levels in a tree", found: depths[index] + 1, limit: BoosterLimits.depth)
            }
            for child in [Int(node.left), Int(node.right)] {
                guard depths[child] < 0, Int(nodes[child].parent) == index else {
                    throw .structure(
                        pointer: "\(place.pointer)/parents/\(child)",
                        expected: "\(index), and no second path to this node",
                        found: "\(nodes[child].parent)")
                }
                depths[child] = depths[index] + 1
                open.append(child)
                reached += 1
            }
        }
        try checkDeleted(place, depths: depths, reached: reached)
    }

    private func checkDeleted(_ place: JSONPlace, depths: [Int], reached: Int) throws(BoosterError) {
        guard reached + deletedCount == nodes.count else {
            throw .structure(
                pointer: place.pointer, expected: "\(nodes.count - deletedCount) nodes below the root",
                found: "\(reached)")
        }
        for (index, node) in nodes.enumerated() {
            let isReached = depths[index] >= 0
            let isMarked = Int(node.feature) == Self.deletedMark
            guard isReached ? !isMarked : isMarked && node.missingGoesLeft else {
                throw .structure(
                    pointer: "\(place.pointer)/split_indices/\(index)",
                    expected: isReached ? "a feature" : "the mark of a deleted node, which nothing leads to",
                    found: "\(node.feature), default_left \(node.missingGoesLeft)")
            }
        }
    }

    /// The arrays of a tree, one entry a node.
    private struct Columns {
        let place: JSONPlace
        let count: Int

        func nodes(featureCount: Int) throws(BoosterError) -> [Node] {
            let left = try integers("left_children", in: -1...count - 1)
            let right = try integers("right_children", in: -1...count - 1)
            let parents = try integers("parents", in: 0...BoosterTree.noParent)
            let features = try integers("split_indices", in: 0...BoosterTree.deletedMark)
            let missing = try flags("default_left")
            if place.has("split_type") { _ = try integers("split_type", in: 0...0) }
            let thresholds = try floats("split_conditions")
            let changes = try floats("loss_changes")
            let hessians = try floats("sum_hessian")
            let weights = try floats("base_weights")
            var nodes: [Node] = []
            nodes.reserveCapacity(count)
            for index in 0..<count {
                try check(index, left[index], right[index])
                try check(index, parent: parents[index])
                try check(index, feature: features[index], below: featureCount)
                nodes.append(
                    Node(
                        left: Int32(left[index]), right: Int32(right[index]), parent: Int32(parents[index]),
                        feature: Int32(features[index]), missingGoesLeft: missing[index],
                        threshold: thresholds[index], lossChange: changes[index],
                        sumHessian: hessians[index], baseWeight: weights[index]))
            }
            return nodes
        }

        /// XGBoost 1.7 goes to `left + 1` for a present value and to `right` for a missing one.
        private func check(_ index: Int, _ left: Int, _ right: Int) throws(BoosterError) {
            guard left == -1 ? right == -1 : left > 0 && right == left + 1 else {
                throw .structure(
                    pointer: "\(place.pointer)/right_children/\(index)",
                    expected: left == -1 ? "-1 in a leaf" : "the node behind the left child",
                    found: "left \(left), right \(right)")
            }
        }

        private func check(_ index: Int, parent: Int) throws(BoosterError) {
            guard index == 0 ? parent == BoosterTree.noParent : parent < count else {
                throw .structure(
                    pointer: "\(place.pointer)/parents/\(index)",
                    expected: index == 0 ? "\(BoosterTree.noParent) at the root" : "a node below \(count)",
                    found: "\(parent)")
            }
        }

        private func check(_ index: Int, feature: Int, below featureCount: Int) throws(BoosterError) {
            guard feature < featureCount || feature == BoosterTree.deletedMark else {
                throw .structure(
                    pointer: "\(place.pointer)/split_indices/\(index)",
                    expected: "a feature below \(featureCount)", found: "\(feature)")
            }
        }

        private func integers(_ key: String, in range: ClosedRange<Int>) throws(BoosterError) -> [Int] {
            var integers: [Int] = []
            integers.reserveCapacity(count)
            for (index, number) in try place.numbers(key, count: count).enumerated() {
                guard let integer = Int(exactly: number), range.contains(integer) else {
                    throw .structure(
                        pointer: "\(place.pointer)/\(key)/\(index)",
                        expected: "a whole number in \(range.lowerBound)...\(range.upperBound)",
                        found: "\(number)")
                }
                integers.append(integer)
            }
            return integers
        }

        private func floats(_ key: String) throws(BoosterError) -> [Float] {
            var floats: [Float] = []
            floats.reserveCapacity(count)
            for (index, number) in try place.numbers(key, count: count).enumerated() {
                let float = Float(number)
                guard float.isFinite else {
                    throw .structure(
                        pointer: "\(place.pointer)/\(key)/\(index)",
                        expected: "a number that single precision holds", found: "\(number)")
                }
                floats.append(float)
            }
            return floats
        }

        /// 0 or 1; releases before 1.6 wrote false and true.
        private func flags(_ key: String) throws(BoosterError) -> [Bool] {
            let member = try place.member(key)
            guard case .array(let elements) = member.value else {
                return try integers(key, in: 0...1).map { $0 == 1 }
            }
            let flags = elements.compactMap(\.bool)
            guard flags.count == elements.count, flags.count == count else {
                throw member.wrong("an array of \(count) of 0 or 1, or of false or true")
            }
            return flags
        }
    }
}
