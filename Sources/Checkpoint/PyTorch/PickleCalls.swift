// What REDUCE, BUILD and BINPERSID mean: inert values for the few calls that a checkpoint holds.

extension PickleMachine {
    /// REDUCE: the value that an admitted call would build.
    mutating func call(_ callable: PickleValue, with arguments: PickleValue) throws(PickleError)
        -> PickleValue
    {
        guard case .global(let global) = callable else {
            throw refused("REDUCE", callable.kind, "an admitted global")
        }
        guard case .tuple(let index) = arguments else { throw refused("REDUCE", arguments.kind, "tuple") }
        switch global {
        case .rebuildTensor: return .tensor(try tensor(document.sequences[index]))
        case .orderedDictionary:
            guard document.sequences[index].isEmpty else {
                throw refused("OrderedDict", "\(document.sequences[index].count) arguments", "none")
            }
            return try emptyDictionary()
        case .numpyReconstruct: return .opaque("numpy array")
        case .numpyElementType: return .opaque("numpy dtype")
        case .encodeText: return .opaque("bytes")
        case .storage, .numpyArray: throw refused("REDUCE", global.name, "a function")
        }
    }

    /// BUILD: only attributes that nothing here reads (`_metadata` of a state dict, a numpy array's content).
    func build(on target: PickleValue) throws(PickleError) {
        switch target {
        case .dictionary, .opaque: return
        default: throw refused("BUILD", target.kind, "a dict or a numpy array")
        }
    }

    /// BINPERSID: `("storage", class, key, device, element count)` (torch/serialization.py, `persistent_id`).
    func persistent(_ identifier: PickleValue) throws(PickleError) -> PickleValue {
        guard case .tuple(let index) = identifier, document.sequences[index].count == 5 else {
            throw refused("BINPERSID", identifier.kind, "a tuple of five")
        }
        let parts = document.sequences[index]
        guard parts[0] == .string("storage") else {
            throw refused("BINPERSID", parts[0].kind, "\"storage\"")
        }
        guard case .global(.storage(let type)) = parts[1] else {
            throw refused("BINPERSID", parts[1].kind, "a storage class")
        }
        guard case .string(let key) = parts[2], case .string = parts[3] else {
            throw refused("BINPERSID", "\(parts[2].kind), \(parts[3].kind)", "key and device as text")
        }
        guard case .int(let count) = parts[4], count >= 0 else {
            throw refused("BINPERSID", parts[4].kind, "an element count")
        }
        return .storage(TorchStorage(key: key, elementType: type, count: count))
    }

    /// `_rebuild_tensor_v2(storage, offset, size, stride, requires_grad, backward_hooks)` (torch/_utils.py).
    private func tensor(_ arguments: [PickleValue]) throws(PickleError) -> TorchTensor {
        guard arguments.count == 6 else {
            throw refused("_rebuild_tensor_v2", "\(arguments.count) arguments", "6")
        }
        guard case .storage(let storage) = arguments[0] else {
            throw refused("_rebuild_tensor_v2", arguments[0].kind, "a storage")
        }
        guard case .int(let first) = arguments[1], first >= 0 else {
            throw refused("_rebuild_tensor_v2", arguments[1].kind, "an offset")
        }
        let shape = try extents(arguments[2])
        let strides = try extents(arguments[3])
        guard shape.count == strides.count else {
            throw refused("_rebuild_tensor_v2", "\(strides.count) strides", "\(shape.count)")
        }
        return TorchTensor(storage: storage, offset: first, shape: shape, strides: strides)
    }

    /// A tuple of sizes or strides.
    private func extents(_ value: PickleValue) throws(PickleError) -> [Int] {
        guard case .tuple(let index) = value, document.sequences[index].count <= Self.maximumDimensions else {
            throw refused(
                "_rebuild_tensor_v2", value.kind, "a tuple of at most \(Self.maximumDimensions) sizes")
        }
        var extents: [Int] = []
        for element in document.sequences[index] {
            guard case .int(let extent) = element, extent >= 0 else {
                throw refused("_rebuild_tensor_v2", element.kind, "a size or stride of 0 or more")
            }
            extents.append(extent)
        }
        return extents
    }
}
