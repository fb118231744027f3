/// Float32 values in memory of their own, for tensors that cannot be a view of a file.
@safe package final class OwnedFloats {
    /// Whoever made them fills them, before anybody reads.
    package let values: UnsafeMutableBufferPointer<Float>

    /// Zeros.
    package init(count: Int) {
        unsafe values = .allocate(capacity: count)
        unsafe values.initialize(repeating: 0)
    }

    deinit { unsafe values.deallocate() }
}

extension WeightView {
    /// Row-major index of the first value that is NaN or infinite; nil when all are finite.
    package var firstNotFinite: Int? { unsafe values.firstIndex { !$0.isFinite } }

    /// Bytes of all values.
    package var byteCount: Int { unsafe values.count * 4 }

    /// The values as bytes, in memory order (little-endian on every machine that this runs on).
    package var bytes: UnsafeRawBufferPointer { unsafe UnsafeRawBufferPointer(values) }
}

extension WeightView {
    /// Whether both hold the same bits.
    package func hasSameBits(as other: WeightView) -> Bool {
        unsafe byteCount == other.byteCount
            && zip(values, other.values).allSatisfy { $0.bitPattern == $1.bitPattern }
    }
}

extension WeightView {
    /// A copy of values that have just been computed, `shape`, row-major.
    package init(_ computed: [Float], shape: [Int]) {
        precondition(computed.count == shape.reduce(1, *))
        let owned = OwnedFloats(count: computed.count)
        _ = unsafe owned.values.update(from: computed)
        unsafe self.init(shape: shape, values: UnsafeBufferPointer(owned.values), owner: owned)
    }
}
