extension BoosterModel {
    /// The same trees, every threshold halfway between the two values that it parts: the largest below it and the least that
    /// is not, of the rows that reach the split.
    ///
    /// The histogram method puts thresholds at values of the rows that it was trained on, so that the last bit of such a
    /// value decides, and with it the rounding of another precision. Halfway, as XGBoost's exact method and CART
    /// (Breiman et al. 1984) put them, the rows themselves go where they went: their margins keep their bits.
    ///
    /// Throws: ``FeatureError`` of a batch.
    func centred(on batches: RowBatches) throws(FeatureError) -> BoosterModel {
        var gaps = trees.map { SplitGaps(nodeCount: $0.nodes.count) }
        for start in stride(from: 0, to: batches.rowCount, by: RowBatches.batchSize) {
            let range = start..<min(batches.rowCount, start + RowBatches.batchSize)
            let rows = try batches.rows(range)
            for (index, tree) in trees.enumerated() {
                for row in 0..<range.count { gaps[index].add(rows, at: row * featureCount, to: tree) }
            }
        }
        return BoosterModel(
            featureCount: featureCount, baseScore: baseScore, trees: zip(trees, gaps).map { $1.centred($0) },
            version: version)
    }
}

/// Of each split of a tree the nearest values on either side of its threshold.
private struct SplitGaps {
    private var below: [Float]
    private var above: [Float]

    init(nodeCount: Int) {
        below = [Float](repeating: -.infinity, count: nodeCount)
        above = [Float](repeating: .infinity, count: nodeCount)
    }

    /// Takes the values that a row, which begins at a place in `rows`, shows the splits on its way.
    mutating func add(_ rows: [Float], at start: Int, to tree: BoosterTree) {
        var place = 0
        while !tree.nodes[place].isLeaf {
            let node = tree.nodes[place]
            let value = rows[start + Int(node.feature)]
            if value < node.threshold {
                below[place] = max(below[place], value)
            } else {
                above[place] = min(above[place], value)
            }
            place = node.child(of: value)
        }
    }

    func centred(_ tree: BoosterTree) -> BoosterTree {
        let nodes = tree.nodes.enumerated().map { index, node in
            let (low, high) = (below[index], above[index])
            guard !node.isLeaf, low.isFinite, high.isFinite else { return node }
            let middle = low + (high - low) / 2
            // Of two neighbours the higher one alone has the lower one below it.
            return node.withThreshold(middle > low ? middle : high)
        }
        return BoosterTree(nodes: nodes, deletedCount: tree.deletedCount)
    }
}

extension BoosterTree.Node {
    fileprivate func withThreshold(_ threshold: Float) -> BoosterTree.Node {
        BoosterTree.Node(
            left: left, right: right, parent: parent, feature: feature, missingGoesLeft: missingGoesLeft,
            threshold: threshold, lossChange: lossChange, sumHessian: sumHessian, baseWeight: baseWeight)
    }
}
