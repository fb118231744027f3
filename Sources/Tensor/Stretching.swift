import CKernels

/// What the outputs of a one-dimensional convolution see of every record, laid out for a product of matrices (im2col).
package struct Stretching: Sendable {
    private let positions: Int
    private let channels: Int
    private let taps: Int
    private let stride: Int
    private let padding: Int
    /// Output positions of a record.
    private let outputs: Int

    /// Of records `[positions, channels]`, zeros beyond both ends.
    package init(positions: Int, channels: Int, taps: Int, stride: Int, padding: Int, outputs: Int) {
        precondition((outputs - 1) * stride + taps <= positions + 2 * padding)
        self.positions = positions
        self.channels = channels
        self.taps = taps
        self.stride = stride
        self.padding = padding
        self.outputs = outputs
    }

    private var shape: firstlead_stretching {
        firstlead_stretching(
            positions: positions, channels: channels, taps: taps, stride: stride, padding: padding,
            outputs: outputs)
    }

    /// `[records, positions, channels]` to `[records * outputs, taps * channels]`, tap by tap.
    package func stretched(_ x: [Float], records: Int, pool: WorkerPool) -> [Float] {
        unsafe run(x, records: records, each: (positions * channels, outputs * taps * channels), pool) {
            unsafe firstlead_stretch($0, $1, $2)
        }
    }

    /// The transpose: for every input value the sum of all its places.
    package func gathered(_ stretches: [Float], records: Int, pool: WorkerPool) -> [Float] {
        unsafe run(stretches, records: records, each: (outputs * taps * channels, positions * channels), pool)
        {
            unsafe firstlead_gather($0, $1, $2)
        }
    }

    private func run(
        _ x: [Float], records: Int, each: (from: Int, to: Int), _ pool: WorkerPool,
        _ body: (UnsafePointer<Float>, UnsafePointer<firstlead_stretching>, UnsafeMutablePointer<Float>) ->
            Void
    ) -> [Float] {
        precondition(x.count == records * each.from)
        return unsafe [Float](unsafeUninitializedCapacity: records * each.to) { output, filled in
            filled = records * each.to
            guard let to = output.baseAddress else { return }
            unsafe x.withUnsafeBufferPointer { x in
                guard let from = x.baseAddress else { return }
                var shape = shape
                unsafe withUnsafePointer(to: &shape) { shape in
                    pool.parallel(records) { record in
                        unsafe body(from + record * each.from, shape, to + record * each.to)
                    }
                }
            }
        }
    }
}
