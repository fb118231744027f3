import CKernels

/// Operations of a training step beside products, on float32 arrays, shared by a pool's threads: equal bits on any
/// number of them.
package enum TrainingOperations {
    /// Elements that a thread takes at least.
    private static let elementsAtOnce = 1 << 16
    /// Rows whose sums are kept apart: fixed, so that the order of additions is.
    private static let rowsOfASum = 512

    /// x += y.
    package static func add(_ x: inout [Float], _ y: [Float], pool: WorkerPool) {
        precondition(x.count == y.count)
        let count = x.count
        unsafe x.withUnsafeMutableBufferPointer { x in
            unsafe y.withUnsafeBufferPointer { y in
                guard let to = x.baseAddress, let from = y.baseAddress else { return }
                pool.parallel(over: count, unit: elementsAtOnce) { _, part in
                    unsafe firstlead_add(to + part.lowerBound, from + part.lowerBound, part.count)
                }
            }
        }
    }

    /// max(x, 0) in place.
    package static func rectify(_ x: inout [Float], pool: WorkerPool) {
        let count = x.count
        unsafe x.withUnsafeMutableBufferPointer { x in
            guard let start = x.baseAddress else { return }
            pool.parallel(over: count, unit: elementsAtOnce) { _, part in
                unsafe firstlead_rectify(start + part.lowerBound, part.count)
            }
        }
    }

    /// Zeros in the gradient where the output is not above 0.
    package static func rectifyGradient(_ gradient: inout [Float], output: [Float], pool: WorkerPool) {
        precondition(gradient.count == output.count)
        let count = gradient.count
        unsafe gradient.withUnsafeMutableBufferPointer { gradient in
            unsafe output.withUnsafeBufferPointer { output in
                guard let to = gradient.baseAddress, let from = output.baseAddress else {
                    return
                }
                pool.parallel(over: count, unit: elementsAtOnce) { _, part in
                    unsafe firstlead_rectify_gradient(
                        to + part.lowerBound, from + part.lowerBound, part.count)
                }
            }
        }
    }

    /// Mean and biased variance of every column of `[rows, width]`, in float64, two passes.
    package static func moments(
        _ x: [Float], width: Int, pool: WorkerPool
    ) -> (means: [Double], variances: [Double]) {
        let rows = x.count / width
        let share = 1 / Double(rows)
        let means = unsafe sums(rows: rows, width: width, pool: pool) { part, into in
            unsafe x.withUnsafeBufferPointer { x in
                guard let start = x.baseAddress else { return }
                unsafe firstlead_sum_columns(
                    start + part.lowerBound * width, width, part.count, width, into, nil)
            }
        }.map { $0 * share }
        let variances = unsafe sums(rows: rows, width: width, pool: pool) { part, into in
            unsafe x.withUnsafeBufferPointer { x in
                guard let start = x.baseAddress else { return }
                unsafe firstlead_sum_squares(
                    start + part.lowerBound * width, part.count, width, means, into)
            }
        }.map { $0 * share }
        return (means, variances)
    }

    /// Sums down columns: of blocks of rows first, then of the blocks in their order. `body` adds its rows' to zeros,
    /// `[width]`.
    private static func sums(
        rows: Int, width: Int, pool: WorkerPool, _ body: (Range<Int>, UnsafeMutablePointer<Double>) -> Void
    ) -> [Double] {
        let blocks = (rows + rowsOfASum - 1) / rowsOfASum
        var partial = [Double](repeating: 0, count: blocks * width)
        unsafe partial.withUnsafeMutableBufferPointer { partial in
            guard let start = partial.baseAddress else { return }
            pool.parallel(over: blocks) { _, part in
                for block in part {
                    let first = block * rowsOfASum
                    unsafe body(first..<min(first + rowsOfASum, rows), start + block * width)
                }
            }
        }
        var sums = Array(partial.prefix(width))
        for block in 1..<max(blocks, 1) {
            for column in 0..<width { sums[column] += partial[block * width + column] }
        }
        return sums
    }

    /// Statistics and affine part of a batch normalisation.
    package struct Normalisation {
        let mean: [Float]
        let inverseDeviation: [Float]
        let weight: [Float]
        let bias: [Float]

        package init(mean: [Float], inverseDeviation: [Float], weight: [Float], bias: [Float]) {
            precondition(
                mean.count == inverseDeviation.count && mean.count == weight.count && mean.count == bias.count
            )
            self.mean = mean
            self.inverseDeviation = inverseDeviation
            self.weight = weight
            self.bias = bias
        }

        func with(_ body: (UnsafePointer<firstlead_normalisation>) -> Void) {
            unsafe mean.withUnsafeBufferPointer { mean in
                unsafe inverseDeviation.withUnsafeBufferPointer { deviation in
                    unsafe weight.withUnsafeBufferPointer { weight in
                        unsafe bias.withUnsafeBufferPointer { bias in
                            var norm = unsafe firstlead_normalisation(
                                mean: mean.baseAddress, inverse_deviation: deviation.baseAddress,
                                weight: weight.baseAddress, bias: bias.baseAddress)
                            unsafe body(&norm)
                        }
                    }
                }
            }
        }
    }

    /// `[rows, width]`, each column standardised, times weight, plus bias.
    package static func normalised(_ x: [Float], by norm: Normalisation, pool: WorkerPool) -> [Float] {
        let width = norm.mean.count
        return unsafe [Float](unsafeUninitializedCapacity: x.count) { output, filled in
            filled = x.count
            guard let to = output.baseAddress else { return }
            unsafe x.withUnsafeBufferPointer { x in
                guard let from = x.baseAddress else { return }
                unsafe norm.with { norm in
                    pool.parallel(over: filled / width, unit: elementsAtOnce / width + 1) { _, part in
                        let offset = part.lowerBound * width
                        unsafe firstlead_normalise_columns(
                            from + offset, part.count, width, norm, to + offset)
                    }
                }
            }
        }
    }

    /// The gradient of the output to that of the input, in place; gives those of weight and bias.
    package static func normaliseGradient(
        _ gradient: inout [Float], input x: [Float], by norm: Normalisation, pool: WorkerPool
    ) -> (weight: [Float], bias: [Float]) {
        precondition(gradient.count == x.count)
        let width = norm.mean.count
        let rows = x.count / width
        let both = gradientSums(gradient, x, norm, rows: rows, pool: pool)
        let (weight, bias) = (both.prefix(width).map { Float($0) }, both.dropFirst(width).map { Float($0) })
        let share = 1 / Float(rows)
        let shares = (weight.map { $0 * share }, bias.map { $0 * share })
        unsafe gradient.withUnsafeMutableBufferPointer { gradient in
            unsafe x.withUnsafeBufferPointer { x in
                guard let to = gradient.baseAddress, let from = x.baseAddress else { return }
                unsafe norm.with { norm in
                    pool.parallel(over: rows, unit: elementsAtOnce / width + 1) { _, part in
                        let offset = part.lowerBound * width
                        unsafe firstlead_normalise_gradient(
                            to + offset, from + offset, part.count, width, norm, shares.0, shares.1)
                    }
                }
            }
        }
        return (weight, bias)
    }

    private static func gradientSums(
        _ gradient: [Float], _ x: [Float], _ norm: Normalisation, rows: Int, pool: WorkerPool
    ) -> [Double] {
        let width = norm.mean.count
        return unsafe sums(rows: rows, width: 2 * width, pool: pool) { part, into in
            unsafe gradient.withUnsafeBufferPointer { gradient in
                unsafe x.withUnsafeBufferPointer { x in
                    guard let slope = gradient.baseAddress, let value = x.baseAddress else {
                        return
                    }
                    let offset = part.lowerBound * width
                    unsafe norm.with { norm in
                        unsafe firstlead_normalise_sums(
                            slope + offset, value + offset, part.count, width, norm, into, into + width)
                    }
                }
            }
        }
    }

    /// `[columns, rows]` of `[rows, columns]`.
    package static func transposed(_ x: [Float], rows: Int, columns: Int, pool: WorkerPool) -> [Float] {
        precondition(x.count == rows * columns)
        return unsafe [Float](unsafeUninitializedCapacity: x.count) { output, filled in
            filled = x.count
            guard let to = output.baseAddress else { return }
            unsafe x.withUnsafeBufferPointer { x in
                guard let from = x.baseAddress else { return }
                pool.parallel(over: rows, unit: 64) { _, part in
                    for first in stride(from: part.lowerBound, to: part.upperBound, by: 64) {
                        unsafe firstlead_transpose(
                            from, rows, columns, first, min(first + 64, part.upperBound), to)
                    }
                }
            }
        }
    }

    /// The transpose of each of several `[rows, columns]` that lie behind each other.
    package static func transposedEach(
        _ x: [Float], rows: Int, columns: Int, pool: WorkerPool
    ) -> [Float] {
        let each = rows * columns
        precondition(x.count % each == 0)
        return unsafe [Float](unsafeUninitializedCapacity: x.count) { output, filled in
            filled = x.count
            guard let to = output.baseAddress else { return }
            unsafe x.withUnsafeBufferPointer { x in
                guard let from = x.baseAddress else { return }
                pool.parallel(over: filled / each, unit: 16) { _, part in
                    for block in part {
                        unsafe firstlead_transpose(
                            from + block * each, rows, columns, 0, rows, to + block * each)
                    }
                }
            }
        }
    }
}
