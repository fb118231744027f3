import CKernels

/// One update of Adam on float32 arrays.
package struct AdamUpdate: Sendable {
    private let step: firstlead_adam_step

    /// Rate and correction of this update as ``Adam`` computes them.
    package init(
        firstDecay: Double, secondDecay: Double, rate: Float, correction: Float, epsilon: Float
    ) {
        step = firstlead_adam_step(
            follow: Float(1 - firstDecay), keep: Float(secondDecay), take: Float(1 - secondDecay), rate: rate,
            correction: correction, epsilon: epsilon)
    }

    /// Moves the values and their moments along a gradient of as many values, in one pass over all four.
    package func apply(
        _ values: inout [Float], gradient: Matrix, first: inout [Float], second: inout [Float],
        pool: WorkerPool
    ) {
        let count = values.count
        precondition(gradient.rows * gradient.columns == count && gradient.stride == gradient.columns)
        precondition(first.count == count && second.count == count)
        unsafe values.withUnsafeMutableBufferPointer { values in
            unsafe first.withUnsafeMutableBufferPointer { first in
                unsafe second.withUnsafeMutableBufferPointer { second in
                    guard let x = values.baseAddress, let m = first.baseAddress, let v = second.baseAddress
                    else { return }
                    let update = unsafe Update(step: step, x: x, m: m, v: v, gradient: gradient.start)
                    pool.parallel(over: count, unit: 1 << 14, update)
                }
            }
        }
    }

    @safe private struct Update: SharedWork {
        let step: firstlead_adam_step
        let x: UnsafeMutablePointer<Float>
        let m: UnsafeMutablePointer<Float>
        let v: UnsafeMutablePointer<Float>
        let gradient: UnsafePointer<Float>

        init(
            step: firstlead_adam_step, x: UnsafeMutablePointer<Float>, m: UnsafeMutablePointer<Float>,
            v: UnsafeMutablePointer<Float>, gradient: UnsafeMutablePointer<Float>
        ) {
            self.step = step
            unsafe self.x = unsafe x
            unsafe self.m = unsafe m
            unsafe self.v = unsafe v
            unsafe self.gradient = unsafe UnsafePointer(gradient)
        }

        func run(_ part: Range<Int>, worker: Int) {
            let at = part.lowerBound
            var step = step
            unsafe firstlead_adam(x + at, gradient + at, m + at, v + at, part.count, &step)
        }
    }
}
