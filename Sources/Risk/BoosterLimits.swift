/// What a booster file may cost; checked before anything is allocated for it.
package enum BoosterLimits {
    /// Bytes of the file.
    package static let bytes = 256 << 20
    package static let trees = 20_000
    /// Nodes of one tree.
    package static let nodes = 1 << 20
    package static let features = 1 << 20
    /// Splits between a root and a leaf: XGBoost's own explanations recurse that deep.
    package static let depth = 512
}
