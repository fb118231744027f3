import Tensor

extension TorchTensor {
    /// The tensor as float32, `shape`, row-major.
    ///
    /// A contiguous float32 tensor is a view of `bytes`, which `owner` keeps alive; any other floating-point
    /// tensor is gathered and converted into memory of its own. Never more elements than the storage holds.
    ///
    /// Throws: ``TorchError`` when the storage's bytes are not as declared, the window leaves it, or the
    /// elements are no floating-point numbers.
    func values(
        named name: String, in bytes: UnsafeRawBufferPointer, owner: AnyObject
    ) throws(TorchError) -> WeightView {
        let type = storage.elementType
        let (declared, overflow) = storage.count.multipliedReportingOverflow(by: type.byteCount)
        guard !overflow, declared == bytes.count else {
            throw .storageSize(
                key: storage.key, bytes: bytes.count, declared: storage.count, elementType: type.name)
        }
        guard let count = elementCountInStorage else {
            throw .outsideStorage(name: name, tensor: self)
        }
        guard [.float, .half, .bfloat16, .double].contains(type) else {
            throw .elementType(name: name, found: type.name)
        }
        if type == .float, count > 0, isContiguous,
            let view = unsafe view(of: bytes, count: count, owner: owner)
        {
            return view
        }
        let owned = OwnedFloats(count: count)
        unsafe gather(from: bytes, into: owned.values)
        return unsafe WeightView(shape: shape, values: UnsafeBufferPointer(owned.values), owner: owned)
    }

    /// Elements of the window; nil when it leaves the storage or has more elements than it.
    private var elementCountInStorage: Int? {
        var count = 1
        var last = offset
        for (extent, stride) in zip(shape, strides) {
            let (product, overflow) = count.multipliedReportingOverflow(by: extent)
            guard !overflow, product <= storage.count else { return nil }
            count = product
            guard extent > 1 else { continue }
            let (reach, overflow1) = (extent - 1).multipliedReportingOverflow(by: stride)
            let (sum, overflow2) = last.addingReportingOverflow(reach)
            guard !overflow1, !overflow2 else { return nil }
            last = sum
        }
        if count == 0 { return offset <= storage.count ? 0 : nil }
        return last < storage.count ? count : nil
    }

    /// Whether elements follow each other in row-major order. Only for a window that has been checked.
    private var isContiguous: Bool {
        var expected = 1
        for (extent, stride) in zip(shape, strides).reversed() where extent != 1 {
            if stride != expected { return false }
            expected *= extent
        }
        return true
    }

    /// A view of the bytes themselves; nil when they are not aligned for float32.
    private func view(of bytes: UnsafeRawBufferPointer, count: Int, owner: AnyObject) -> WeightView? {
        let window = unsafe UnsafeRawBufferPointer(
            rebasing: bytes[offset * 4..<(offset + count) * 4])
        guard UInt(bitPattern: window.baseAddress).isMultiple(of: 4) else { return nil }
        return unsafe WeightView(
            shape: shape, values: window.assumingMemoryBound(to: Float.self), owner: owner)
    }

    /// Copies the window element by element, the last dimension fastest.
    private func gather(from bytes: UnsafeRawBufferPointer, into values: UnsafeMutableBufferPointer<Float>) {
        // A dimension of one element may declare any stride; it must not be added.
        let steps = zip(shape, strides).map { $0 > 1 ? $1 : 0 }
        var index = [Int](repeating: 0, count: shape.count)
        var position = offset
        for target in values.indices {
            unsafe values[target] = storage.elementType.float(at: position, in: bytes)
            var axis = shape.count - 1
            while axis >= 0 {
                index[axis] += 1
                position += steps[axis]
                if index[axis] < shape[axis] { break }
                position -= steps[axis] * shape[axis]
                index[axis] = 0
                axis -= 1
            }
        }
    }
}

extension TorchElementType {
    /// Element `index` of a little-endian storage, rounded to float32; NaN for types that are no floats.
    fileprivate func float(at index: Int, in bytes: UnsafeRawBufferPointer) -> Float {
        let byte = index * byteCount
        switch self {
        case .float:
            return Float(bitPattern: unsafe bytes.loadUnaligned(fromByteOffset: byte, as: UInt32.self))
        case .half:
            return Float(
                Float16(bitPattern: unsafe bytes.loadUnaligned(fromByteOffset: byte, as: UInt16.self)))
        case .bfloat16:
            let bits = unsafe bytes.loadUnaligned(fromByteOffset: byte, as: UInt16.self)
            return Float(bitPattern: UInt32(bits) << 16)
        case .double:
            return Float(
                Double(bitPattern: unsafe bytes.loadUnaligned(fromByteOffset: byte, as: UInt64.self)))
        case .long, .int, .short, .char, .byte, .bool: return .nan
        }
    }
}
