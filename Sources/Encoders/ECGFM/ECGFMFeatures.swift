import Tensor

/// ECG-FM's convolutional feature extractor: convolutions without bias whose stride is their kernel's length,
/// each followed by GELU, the first with a norm of each channel over time in between
/// (Jwoo5/fairseq-signals@6b9e137 modules/conv_feature_extraction.py:32-78).
///
/// Activations are `[steps, channels]`, so that a kernel's window is a run of the row-major values and the
/// convolution a plain product of the reshaped matrix.
struct ECGFMFeatures: Sendable {
    private let convLayers: [Linear]
    private let norm: ChannelNorm

    init(_ config: ECGFMConfig, _ source: some WeightSource) throws(WeightError) {
        var layers: [Linear] = []
        var channels = config.inD
        for (index, shape) in config.convFeatureLayers.enumerated() {
            let values = try source.floats(
                Self.name(index) + "0.weight", shape: [shape.dim, channels, shape.kernel])
            layers.append(Self.product(values, channels: channels, shape))
            channels = shape.dim
        }
        convLayers = layers
        norm = try ChannelNorm(
            Self.name(0) + "2", channels: config.convFeatureLayers[0].dim, from: source)
    }

    static func tensorShapes(_ config: ECGFMConfig) -> [(name: String, shape: [Int])] {
        var shapes: [(name: String, shape: [Int])] = []
        var channels = config.inD
        for (index, layer) in config.convFeatureLayers.enumerated() {
            shapes.append((name(index) + "0.weight", [layer.dim, channels, layer.kernel]))
            if index == 0 {
                shapes += [(name(0) + "2.weight", [layer.dim]), (name(0) + "2.bias", [layer.dim])]
            }
            channels = layer.dim
        }
        return shapes
    }

    /// `space.signal` `[samples, leads]` to `extracted` `[steps, channels]`.
    func apply(_ space: ECGFMWorkspace, to extracted: Matrix, pool: WorkerPool, probe: Probe?) {
        var input = space.signal
        for (index, layer) in convLayers.enumerated() {
            let output = index + 1 < convLayers.count ? space.features(index) : extracted
            let windows = input.reshaped(rows: output.rows, columns: layer.inputs)
            layer.apply(windows, to: output, gelu: index > 0, scratch: space.scratch, pool: pool)
            if index == 0 {
                norm.applyWithGELU(output, pool: pool)
                probe?("conv0", output)
            }
            input = output
        }
        probe?("conv_features", input)
    }

    private static func name(_ index: Int) -> String { "feature_extractor.conv_layers.\(index)." }

    /// `[outputs, channels, kernel]` to `[outputs, kernel * channels]`.
    private static func product(_ values: [Float], channels: Int, _ shape: ConvolutionShape) -> Linear {
        let weights = Matrix(rows: shape.dim, columns: shape.kernel * channels)
        for output in 0..<shape.dim {
            for channel in 0..<channels {
                for tap in 0..<shape.kernel {
                    weights[output, tap * channels + channel] =
                        values[(output * channels + channel) * shape.kernel + tap]
                }
            }
        }
        return Linear(weights: weights, bias: nil)
    }
}
