import CKernels

/// A convolution of stride 1 whose channels fall into groups, padded by half the kernel on both sides; of an even
/// kernel the last output is dropped, so that there are as many outputs as inputs.
@safe package final class GroupedConvolution: Sendable {
    /// Channels of all groups together, of input and output alike.
    package let channels: Int
    package let groups: Int
    /// Length of the kernel in steps.
    package let taps: Int
    /// Of each sequence that it is applied to.
    package let steps: Int
    private let weights: AlignedStorage
    private let bias: AlignedStorage

    /// Takes weights as PyTorch stores them, `[channels, channels / groups, taps]`, and `[channels]` biases.
    package init(weights values: [Float], bias: [Float], groups: Int, taps: Int, steps: Int) {
        channels = bias.count
        self.groups = groups
        self.taps = taps
        self.steps = steps
        let each = channels / groups
        precondition(each * groups == channels && values.count == channels * each * taps)
        let packedEach = firstlead_packed_weights_count(each, each * taps)
        weights = AlignedStorage(longLived: groups * packedEach)
        self.bias = AlignedStorage(count: channels)
        for (index, value) in bias.enumerated() { unsafe self.bias.start[index] = value }
        let places = (0..<taps).map { firstlead_tap_place(steps, each, taps, $0) }
        let tapByTap = Matrix(rows: each, columns: taps * each)
        for group in 0..<groups {
            for output in 0..<each {
                for input in 0..<each {
                    for tap in 0..<taps {
                        tapByTap[output, places[tap] * each + input] =
                            values[((group * each + output) * each + input) * taps + tap]
                    }
                }
            }
            unsafe firstlead_pack_weights(
                tapByTap.start, each, each * taps, weights.start + group * packedEach)
        }
    }

    /// Scratch floats that one worker needs.
    package func scratchCount(sequences: Int = 1) -> Int {
        var shape = unsafe firstlead_convolution()
        unsafe shape.sequences = sequences
        unsafe shape.channels = channels / groups
        unsafe shape.steps = steps
        unsafe shape.taps = taps
        return unsafe firstlead_convolution_scratch_count(&shape)
    }

    /// `output = input + gelu(convolution(input) + bias)`, `[sequences * steps, channels]` both; each sequence is padded
    /// by itself.
    package func applyWithGELUAndResidual(
        _ input: Matrix, sequences: Int = 1, to output: Matrix, scratch: WorkerScratch, pool: WorkerPool
    ) {
        precondition(input.columns == channels && output.columns == channels && input.rows == output.rows)
        precondition(input.rows == sequences * steps)
        precondition(scratch.holds(scratchCount(sequences: sequences), threads: pool.threads))
        var convolution = unsafe firstlead_convolution()
        unsafe convolution.input = UnsafePointer(input.start)
        unsafe convolution.input_stride = input.stride
        unsafe convolution.sequences = sequences
        unsafe convolution.steps = steps
        unsafe convolution.channels = channels / groups
        unsafe convolution.outputs = channels / groups
        unsafe convolution.taps = taps
        unsafe convolution.weights = UnsafePointer(weights.start)
        unsafe convolution.epilogue = epilogue(bias: bias, gelu: true, residual: input)
        unsafe convolution.output = output.start
        unsafe convolution.output_stride = output.stride
        unsafe pool.parallel(over: groups, Groups(convolution: convolution, scratch: scratch))
    }

    @safe private struct Groups: SharedWork {
        let convolution: firstlead_convolution
        let scratch: WorkerScratch

        init(convolution: firstlead_convolution, scratch: WorkerScratch) {
            unsafe self.convolution = unsafe convolution
            self.scratch = scratch
        }

        func run(_ part: Range<Int>, worker: Int) {
            unsafe withUnsafePointer(to: convolution) { convolution in
                for group in part {
                    unsafe firstlead_convolve_group(convolution, group, scratch.part(worker))
                }
            }
        }
    }
}
