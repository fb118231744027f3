/// What a restricted pickle can hold. Inert: no value runs, opens or imports anything.
///
/// Containers live in their ``PickleDocument`` and are named by number, so that aliases stay aliases (a list
/// memoised before it was filled), cycles leak nothing, and nesting of any depth is freed without recursion.
package enum PickleValue: Sendable, Equatable {
    case none
    case bool(Bool)
    case int(Int)
    case float(Double)
    case string(String)
    case tuple(Int)
    case list(Int)
    case dictionary(Int)
    /// An admitted global that has not been called.
    case global(PickleGlobal)
    indirect case storage(TorchStorage)
    indirect case tensor(TorchTensor)
    /// A value that nothing here needs (a numpy array in the metrics); its content was dropped.
    case opaque(String)

    /// What the value is, for error messages.
    package var kind: String {
        switch self {
        case .none: "None"
        case .bool(let value): value ? "True" : "False"
        case .int(let value): "integer \(value)"
        case .float(let value): "float \(value)"
        case .string(let value): "string \"\(value.prefix(80))\""
        case .tuple: "tuple"
        case .list: "list"
        case .dictionary: "dict"
        case .global(let global): "global \(global.name)"
        case .storage(let storage): "storage \(storage.key.prefix(80))"
        case .tensor(let tensor): "tensor of shape \(tensor.shape)"
        case .opaque(let name): name
        }
    }
}

/// A dictionary key: what training scripts use.
package enum PickleKey: Sendable, Hashable {
    case string(String)
    case int(Int)
    case bool(Bool)
    case none

    /// The key as Python writes it, for error messages.
    package var text: String {
        switch self {
        case .string(let text): "\"\(text.prefix(80))\""
        case .int(let number): "\(number)"
        case .bool(let flag): flag ? "True" : "False"
        case .none: "None"
        }
    }
}

/// The only globals that a checkpoint may name; every other is refused before it means anything.
package enum PickleGlobal: Sendable, Equatable {
    case orderedDictionary
    case rebuildTensor
    case storage(TorchElementType)
    case numpyReconstruct
    case numpyArray
    case numpyElementType
    case encodeText

    /// Nil for a global that is not admitted.
    init?(module: String, name: String) {
        switch (module, name) {
        case ("collections", "OrderedDict"): self = .orderedDictionary
        case ("torch._utils", "_rebuild_tensor_v2"): self = .rebuildTensor
        case ("numpy.core.multiarray", "_reconstruct"), ("numpy._core.multiarray", "_reconstruct"):
            self = .numpyReconstruct
        case ("numpy", "ndarray"): self = .numpyArray
        case ("numpy", "dtype"): self = .numpyElementType
        case ("_codecs", "encode"): self = .encodeText
        case ("torch", _):
            guard let type = TorchElementType(rawValue: name) else { return nil }
            self = .storage(type)
        default: return nil
        }
    }

    package var name: String {
        switch self {
        case .orderedDictionary: "collections.OrderedDict"
        case .rebuildTensor: "torch._utils._rebuild_tensor_v2"
        case .storage(let type): "torch.\(type.rawValue)"
        case .numpyReconstruct: "numpy.core.multiarray._reconstruct"
        case .numpyArray: "numpy.ndarray"
        case .numpyElementType: "numpy.dtype"
        case .encodeText: "_codecs.encode"
        }
    }
}

/// The result of unpickling: a root value and the containers that it and its parts name.
///
/// A hostile pickle can share one container a billion times over, so walk it along known keys, never whole.
package struct PickleDocument: Sendable {
    package internal(set) var root: PickleValue = .none
    var sequences: [[PickleValue]] = []
    var dictionaries: [PickleDictionary] = []

    /// The elements of a tuple or list; nil for anything else.
    package func elements(of value: PickleValue) -> [PickleValue]? {
        switch value {
        case .tuple(let index), .list(let index): sequences[index]
        default: nil
        }
    }

    /// The dictionary that a value names; nil for anything else.
    package func dictionary(_ value: PickleValue?) -> PickleDictionary? {
        guard case .dictionary(let index) = value else { return nil }
        return dictionaries[index]
    }
}

/// A Python dict, in its own order.
package struct PickleDictionary: Sendable {
    package private(set) var entries: [(key: PickleKey, value: PickleValue)] = []
    private var positions: [PickleKey: Int] = [:]

    /// The value under a text key.
    package subscript(key: String) -> PickleValue? {
        positions[.string(key)].map { entries[$0].value }
    }

    /// False when the key is there already: no pickler writes one twice.
    mutating func insert(_ value: PickleValue, for key: PickleKey) -> Bool {
        guard positions.updateValue(entries.count, forKey: key) == nil else { return false }
        entries.append((key, value))
        return true
    }
}
