/// A one-dimensional ResNet of bottleneck blocks: He, Zhang, Ren and Sun, CVPR 2016, table 1, with the stride in the middle
/// convolution as torchvision has it (torchvision/models/resnet.py, class Bottleneck).
package struct ResNetConfig: Sendable, Equatable {
    /// Channels of the signal.
    package let leads: Int
    /// Channels of the stem; the stages have 1, 2, 4 and 8 times as many, and four times that at their ends.
    package let width: Int
    /// Blocks of each stage.
    package let blocks: [Int]

    /// Channels at the end of a block for each within.
    package static let expansion = 4
    /// The paper's baseline: ResNet-50 on twelve leads.
    package static let resNet50 = ResNetConfig(leads: 12, width: 64, blocks: [3, 4, 6, 3])

    package init(leads: Int, width: Int, blocks: [Int]) {
        precondition(leads > 0 && width > 0 && !blocks.isEmpty && blocks.allSatisfy { $0 > 0 })
        self.leads = leads
        self.width = width
        self.blocks = blocks
    }

    /// Channels that the classifier sees.
    package var features: Int { (width << (blocks.count - 1)) * Self.expansion }

    /// Every tensor of the network, learnt ones first.
    package var tensors: [(name: String, shape: [Int])] { parameters + buffers }

    var stem: Convolution {
        Convolution(inputs: leads, outputs: width, taps: 7, stride: 2, padding: 3)
    }

    static let stemPool = MaxPool(width: 3, stride: 2, padding: 1)

    /// All blocks, from the stem to the classifier.
    var bottlenecks: [Bottleneck] {
        var inputs = width
        return blocks.enumerated().flatMap { stage, count in
            (0..<count).map { index in
                let block = Bottleneck(
                    name: "layer\(stage + 1).\(index)", inputs: inputs, width: width << stage,
                    stride: stage > 0 && index == 0 ? 2 : 1)
                inputs = block.outputs
                return block
            }
        }
    }

    /// Learnt tensors by torchvision's names, in the network's order.
    package var parameters: [(name: String, shape: [Int])] {
        normalised("conv1", "bn1", stem)
            + bottlenecks.flatMap { block in
                block.convolutions.flatMap { normalised($0.name, $0.normalisation, $0.layer) }
            } + [("fc.weight", [1, features]), ("fc.bias", [1])]
    }

    /// Running means and variances by torchvision's names.
    package var buffers: [(name: String, shape: [Int])] {
        ([("bn1", width)]
            + bottlenecks.flatMap { $0.convolutions.map { ($0.normalisation, $0.layer.outputs) } })
            .flatMap { [($0.0 + ".running_mean", [$0.1]), ($0.0 + ".running_var", [$0.1])] }
    }

    private func normalised(
        _ convolution: String, _ normalisation: String, _ layer: Convolution
    ) -> [(name: String, shape: [Int])] {
        [
            (convolution + ".weight", layer.weightShape), (normalisation + ".weight", [layer.outputs]),
            (normalisation + ".bias", [layer.outputs]),
        ]
    }
}

/// Three convolutions and a way around them.
struct Bottleneck: Sendable {
    /// A convolution, and the batch normalisation behind it, by name.
    struct Part: Sendable {
        let name: String
        let normalisation: String
        let layer: Convolution

        var weight: String { name + ".weight" }
        var scale: String { normalisation + ".weight" }
        var shift: String { normalisation + ".bias" }
        var runningMean: String { normalisation + ".running_mean" }
        var runningVariance: String { normalisation + ".running_var" }
    }

    let reduce: Part
    let middle: Part
    let expand: Part
    /// Where the shape changes, what the input passes on its way around; nil where it is added as it is.
    let shortcut: Part?

    var outputs: Int { expand.layer.outputs }
    var convolutions: [Part] { [reduce, middle, expand] + (shortcut.map { [$0] } ?? []) }

    init(name: String, inputs: Int, width: Int, stride: Int) {
        let outputs = width * ResNetConfig.expansion
        reduce = Part(
            name: name + ".conv1", normalisation: name + ".bn1",
            layer: Convolution(inputs: inputs, outputs: width, taps: 1))
        middle = Part(
            name: name + ".conv2", normalisation: name + ".bn2",
            layer: Convolution(inputs: width, outputs: width, taps: 3, stride: stride, padding: 1))
        expand = Part(
            name: name + ".conv3", normalisation: name + ".bn3",
            layer: Convolution(inputs: width, outputs: outputs, taps: 1))
        shortcut =
            stride == 1 && inputs == outputs
            ? nil
            : Part(
                name: name + ".downsample.0", normalisation: name + ".downsample.1",
                layer: Convolution(inputs: inputs, outputs: outputs, taps: 1, stride: stride))
    }
}
