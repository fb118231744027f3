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

    /// Moves the values and their moments along a gradient.
    package func apply(
        _ values: inout [Float], gradient: [Float], first: inout [Float], second: inout [Float],
        pool: WorkerPool
    ) {
        let count = values.count
        precondition(gradient.count == count && first.count == count && second.count == count)
        unsafe values.withUnsafeMutableBufferPointer { values in
            unsafe first.withUnsafeMutableBufferPointer { first in
                unsafe second.withUnsafeMutableBufferPointer { second in
                    unsafe gradient.withUnsafeBufferPointer { gradient in
                        guard let x = values.baseAddress, let m = first.baseAddress,
                            let v = second.baseAddress, let g = gradient.baseAddress
                        else { return }
                        var step = step
                        unsafe withUnsafePointer(to: &step) { step in
                            pool.parallel(over: count, unit: 1 << 14) { _, part in
                                let at = part.lowerBound
                                unsafe firstlead_adam(x + at, g + at, m + at, v + at, part.count, step)
                            }
                        }
                    }
                }
            }
        }
    }
}
