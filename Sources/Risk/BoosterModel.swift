/// A gradient-boosted classifier as read from XGBoost's JSON, checked in every part.
///
/// XGBoost 1.7 believes what a file says: an index out of range is a segmentation fault, a cycle an endless
/// loop. So the file's bytes never reach it. They are read into this value, which cannot hold such a model,
/// and XGBoost is given the text that ``BoosterModel/json`` writes from it.
package struct BoosterModel: Sendable, Equatable {
    /// Width of the vectors it takes.
    package let featureCount: Int
    /// The probability that training started from; the margin begins at its logit.
    package let baseScore: Float
    /// In the order of the boosting rounds.
    package let trees: [BoosterTree]
    /// The XGBoost release that wrote the file: major, minor, patch.
    package let version: [Int]

    /// Sum of the trees' leaves for one vector, `[features]`, in the order and precision of XGBoost; NaN means
    /// missing.
    ///
    /// XGBoost starts at `-logf(1 / baseScore - 1)` and adds leaf after leaf in single precision.
    package func margin(_ features: [Float]) -> Float {
        var sum = Logistic.margin(probability: baseScore)
        for tree in trees { sum += tree.leaf(features) }
        return sum
    }

    /// Whether a split that one vector meets, `[features]`, has the vector's very value as its threshold, so that the
    /// least change of it can send it the other way.
    ///
    /// XGBoost's histogram method puts every threshold at a value of the rows that it was trained on: so it is with many of
    /// those, and hardly ever with another. ``BoosterTrainer`` moves them between the rows.
    package func meetsThreshold(_ features: [Float]) -> Bool {
        trees.contains { $0.meetsThreshold(features) }
    }
}

/// One regression tree: node 0 is the root, a left child's right sibling is the next node.
package struct BoosterTree: Sendable, Equatable {
    package let nodes: [Node]
    /// Nodes that pruning took out; they stay in the arrays and are reached from nowhere.
    package let deletedCount: Int

    /// A split, or a leaf when `left` is -1.
    package struct Node: Sendable, Equatable {
        package let left: Int32
        package let right: Int32
        package let parent: Int32
        package let feature: Int32
        package let missingGoesLeft: Bool
        /// Smaller values go left; a leaf's contribution to the margin.
        package let threshold: Float
        package let lossChange: Float
        package let sumHessian: Float
        package let baseWeight: Float

        package var isLeaf: Bool { left < 0 }
    }

    /// The leaf that a vector ends in.
    func leaf(_ features: [Float]) -> Float {
        var place = 0
        while !nodes[place].isLeaf {
            place = nodes[place].child(of: features[Int(nodes[place].feature)])
        }
        return nodes[place].threshold
    }

    func meetsThreshold(_ features: [Float]) -> Bool {
        var place = 0
        while !nodes[place].isLeaf {
            let value = features[Int(nodes[place].feature)]
            if value == nodes[place].threshold { return true }
            place = nodes[place].child(of: value)
        }
        return false
    }
}

extension BoosterTree.Node {
    /// The node that a vector with this value of the split's feature goes to; NaN means missing.
    func child(of value: Float) -> Int {
        Int((value.isNaN ? missingGoesLeft : value < threshold) ? left : right)
    }
}
