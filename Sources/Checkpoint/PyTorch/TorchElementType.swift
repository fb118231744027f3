/// What a torch storage holds, named as its class in module `torch` (torch/storage.py, legacy storage classes).
package enum TorchElementType: String, Sendable, CaseIterable {
    case float = "FloatStorage"
    case half = "HalfStorage"
    case bfloat16 = "BFloat16Storage"
    case double = "DoubleStorage"
    case long = "LongStorage"
    case int = "IntStorage"
    case short = "ShortStorage"
    case char = "CharStorage"
    case byte = "ByteStorage"
    case bool = "BoolStorage"

    /// Bytes of one element.
    package var byteCount: Int {
        switch self {
        case .double, .long: 8
        case .float, .int: 4
        case .half, .bfloat16, .short: 2
        case .char, .byte, .bool: 1
        }
    }

    /// The tensor's element type as torch prints it.
    package var name: String {
        switch self {
        case .float: "float32"
        case .half: "float16"
        case .bfloat16: "bfloat16"
        case .double: "float64"
        case .long: "int64"
        case .int: "int32"
        case .short: "int16"
        case .char: "int8"
        case .byte: "uint8"
        case .bool: "bool"
        }
    }
}

/// A run of elements in its own archive entry, `data/<key>`.
package struct TorchStorage: Sendable, Equatable {
    package let key: String
    package let elementType: TorchElementType
    /// Elements that the pickle declares; the entry's real size is checked when a tensor is read.
    package let count: Int
}

/// A strided window on a storage; nothing has been read yet.
///
/// Invariants: one stride per dimension, offset, sizes and strides are not negative, at most
/// ``PickleMachine/maximumDimensions`` dimensions. Whether the window lies inside the storage is checked when
/// it is read.
package struct TorchTensor: Sendable, Equatable {
    package let storage: TorchStorage
    /// Elements before the first.
    package let offset: Int
    /// Row-major, outermost dimension first.
    package let shape: [Int]
    /// Elements from one index to the next, per dimension.
    package let strides: [Int]
}
