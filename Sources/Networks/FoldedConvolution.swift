import Tensor

/// A convolution with the batch normalisation behind it folded into weights and biases, for inference.
///
/// With running mean m and variance v, weight g and bias b, normalising w * x gives (s w) * x + (b - s m), s = g /
/// sqrt(v + epsilon). Both are computed in float64 and rounded once.
struct FoldedConvolution: Sendable {
    let layer: Convolution
    private let product: Linear

    /// Reads the convolution's weights and the normalisation's four vectors.
    ///
    /// Throws: ``WeightError``.
    init(_ part: Bottleneck.Part, from source: some WeightSource) throws(WeightError) {
        layer = part.layer
        let weights = try source.floats(part.name + ".weight", shape: layer.weightShape)
        let channels = [layer.outputs]
        let scale = try source.floats(part.normalisation + ".weight", shape: channels)
        let shift = try source.floats(part.normalisation + ".bias", shape: channels)
        let mean = try source.floats(part.normalisation + ".running_mean", shape: channels)
        let variance = try source.floats(part.normalisation + ".running_var", shape: channels)
        if let negative = variance.firstIndex(where: { $0 < 0 }) {
            throw .unsupported(
                setting: part.normalisation + ".running_var", found: "\(variance[negative])",
                supported: "variances of 0 and more")
        }
        let factors = zip(scale, variance).map {
            Double($0) / (Double($1) + BatchNormalisation<Double>.epsilon).squareRoot()
        }
        let biases = layer.outputIndices.map { Float(Double(shift[$0]) - factors[$0] * Double(mean[$0])) }
        product = Linear(
            weights: Self.tapByTap(weights, scaled: factors, of: layer), bias: biases)
    }

    /// Rows, outputs and inputs of the product for so many output positions.
    func shape(positions: Int) -> ProductShape { (positions, layer.outputs, layer.inputs * layer.taps) }

    /// `[positions, inputs]`, padded already, to `[positions', outputs]`: convolution, then the residual if given, then
    /// the rectifier if asked.
    func apply(
        _ padded: Matrix, to output: Matrix, residual: Matrix? = nil, relu: Bool, scratch: WorkerScratch,
        pool: WorkerPool
    ) {
        product.apply(
            padded.stretches(output.rows, taps: layer.taps, stride: layer.stride), to: output,
            residual: residual, relu: relu, scratch: scratch, pool: pool)
    }

    /// `[outputs, inputs, taps]` to `[outputs, taps * inputs]`, as neighbouring positions lie, each output times its
    /// factor.
    private static func tapByTap(_ weights: [Float], scaled factors: [Double], of layer: Convolution)
        -> Matrix
    {
        let matrix = Matrix(rows: layer.outputs, columns: layer.taps * layer.inputs)
        for output in layer.outputIndices {
            for input in 0..<layer.inputs {
                for tap in 0..<layer.taps {
                    let weight = weights[(output * layer.inputs + input) * layer.taps + tap]
                    matrix[output, tap * layer.inputs + input] = Float(factors[output] * Double(weight))
                }
            }
        }
        return matrix
    }
}

extension Convolution {
    fileprivate var outputIndices: Range<Int> { 0..<outputs }
}
