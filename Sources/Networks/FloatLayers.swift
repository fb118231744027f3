package import Tensor

/// Float32 on the kernels, shared by the pool's threads.
extension Float: NetworkScalar {
    package static func product(
        _ left: [Float], rows: Int, byRows right: [Float], outputs: Int, inner: Int, pool: WorkerPool
    ) -> [Float] {
        PackedFactor(rows: right, outputs: outputs, inner: inner).multiply(left, rows: rows, pool: pool)
    }

    package static func product(
        _ left: [Float], rows: Int, byColumns right: [Float], outputs: Int, inner: Int, pool: WorkerPool
    ) -> [Float] {
        PackedFactor(columns: right, outputs: outputs, inner: inner, pool: pool).multiply(
            left, rows: rows, pool: pool)
    }

    package static func transposed(
        _ values: [Float], rows: Int, columns: Int, pool: WorkerPool
    ) -> [Float] {
        TrainingOperations.transposed(values, rows: rows, columns: columns, pool: pool)
    }

    package static func transposedEach(
        _ values: [Float], rows: Int, columns: Int, pool: WorkerPool
    ) -> [Float] {
        TrainingOperations.transposedEach(values, rows: rows, columns: columns, pool: pool)
    }

    package static func add(_ x: inout [Float], _ y: [Float], pool: WorkerPool) {
        TrainingOperations.add(&x, y, pool: pool)
    }

    package static func rectify(_ x: inout [Float], pool: WorkerPool) {
        TrainingOperations.rectify(&x, pool: pool)
    }

    package static func rectifyGradient(_ gradient: inout [Float], output: [Float], pool: WorkerPool) {
        TrainingOperations.rectifyGradient(&gradient, output: output, pool: pool)
    }

    package static func moments(
        _ x: [Float], width: Int, pool: WorkerPool
    ) -> (means: [Double], variances: [Double]) {
        TrainingOperations.moments(x, width: width, pool: pool)
    }

    package static func normalised(
        _ x: [Float], by norm: ColumnNormalisation<Float>, pool: WorkerPool
    ) -> [Float] {
        TrainingOperations.normalised(x, by: norm.operand, pool: pool)
    }

    package static func normaliseGradient(
        _ gradient: inout [Float], input x: [Float], by norm: ColumnNormalisation<Float>, pool: WorkerPool
    ) -> (weight: [Float], bias: [Float]) {
        TrainingOperations.normaliseGradient(&gradient, input: x, by: norm.operand, pool: pool)
    }

    package static func stretches(
        _ input: Activations<Float>, _ layer: Convolution, pool: WorkerPool
    ) -> [Float] {
        layer.stretching(of: input.positions).stretched(input.values, records: input.records, pool: pool)
    }

    package static func gathered(
        _ stretches: [Float], like input: Activations<Float>, _ layer: Convolution, pool: WorkerPool
    ) -> [Float] {
        layer.stretching(of: input.positions).gathered(stretches, records: input.records, pool: pool)
    }

    package static func update(
        _ values: inout [Float], gradient: [Float], first: inout [Float], second: inout [Float],
        by step: AdamStep, pool: WorkerPool
    ) {
        AdamUpdate(
            firstDecay: step.firstDecay, secondDecay: step.secondDecay, rate: Float(step.rate),
            correction: Float(step.correction), epsilon: Float(step.epsilon)
        ).apply(&values, gradient: gradient, first: &first, second: &second, pool: pool)
    }
}

extension ColumnNormalisation<Float> {
    fileprivate var operand: TrainingOperations.Normalisation {
        .init(mean: mean, inverseDeviation: inverseDeviation, weight: weight, bias: bias)
    }
}

extension Convolution {
    fileprivate func stretching(of input: Int) -> Stretching {
        Stretching(
            positions: input, channels: inputs, taps: taps, stride: stride, padding: padding,
            outputs: positions(of: input))
    }
}
