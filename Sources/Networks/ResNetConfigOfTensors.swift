package import Tensor

extension ResNetConfig {
    private static let widths = 1...256
    private static let stageCounts = 1...6
    private static let blockCounts = 1...64

    /// The network whose tensors have these names (torchvision's) and shapes: leads and width from the stem, blocks by
    /// counting.
    ///
    /// Throws: ``WeightError`` when there is no such stem or stage, or more of them than any ResNet has.
    package init(
        of names: Set<String>, shape: (_ name: String) -> [Int]?
    ) throws(WeightError) {
        let stem = "conv1.weight"
        guard let dimensions = shape(stem) else { throw .missing(name: stem, expected: [64, 12, 7]) }
        guard dimensions.count == 3, Self.widths.contains(dimensions[0]), dimensions[1] == 12 else {
            throw .shape(name: stem, found: dimensions, expected: [64, 12, 7])
        }
        var blocks: [Int] = []
        while true {
            let stage = blocks.count + 1
            let count = (0...Self.blockCounts.upperBound).first {
                !names.contains("layer\(stage).\($0).conv1.weight")
            }
            guard count != 0 else { break }
            guard let count, Self.stageCounts.contains(stage) else {
                throw .unsupported(
                    setting: "layer\(stage)", found: "more of them",
                    supported:
                        "\(Self.stageCounts.upperBound) stages of \(Self.blockCounts.upperBound) blocks")
            }
            blocks.append(count)
        }
        guard !blocks.isEmpty else {
            throw .missing(name: "layer1.0.conv1.weight", expected: [dimensions[0], dimensions[0], 1])
        }
        self.init(leads: dimensions[1], width: dimensions[0], blocks: blocks)
    }
}
