import ECG

/// What a variable, a field of a structure or a cell holds.
enum MATLABValue {
    case numbers(MATLABMatrix)
    /// Rows of characters, without blanks around them.
    case text([String])
    case cells([MATLABValue])
    /// Fields, of all elements in turn.
    case structure([MATLABVariable])
    /// Sparse, logical, objects, functions: nothing of an ECG.
    case other
}

/// A variable, or a field of a structure.
struct MATLABVariable {
    let name: String
    let value: MATLABValue
}

/// Numbers in a grid; the first dimension varies fastest.
struct MATLABMatrix {
    /// How a number is stored.
    enum Storage {
        case integer(width: Int, isSigned: Bool)
        case single, double

        var width: Int {
            switch self {
            case .integer(let width, _): width
            case .single: 4
            case .double: 8
            }
        }
    }

    let dimensions: [Int]
    let storage: Storage
    let order: BinaryView.ByteOrder
    /// As many bytes as the dimensions ask for, checked when it was read.
    let data: BinaryView

    /// Throws: ``FormatError`` when the bytes are not there; nil dimensions overflow.
    init(
        dimensions: [Int], storage: Storage, order: BinaryView.ByteOrder, data: BinaryView
    ) throws(FormatError) {
        var count = 1
        for extent in dimensions {
            let product = count.multipliedReportingOverflow(by: extent)
            guard extent >= 0, !product.overflow, product.partialValue <= data.count / storage.width else {
                throw data.refusal(
                    extent < 0 ? .malformed : .truncated, at: 0,
                    "a matrix of \(dimensions.map(String.init).joined(separator: " x ")) numbers in \(data.count) bytes"
                )
            }
            count = product.partialValue
        }
        self.dimensions = dimensions
        self.storage = storage
        self.order = order
        self.data = data
    }

    var count: Int { dimensions.reduce(1, *) }

    /// Extents without those of 1: a row, a column and a list have one.
    var extents: [Int] { dimensions.filter { $0 != 1 } }

    /// The number at a place in storage, below ``count``.
    func value(at index: Int) -> Double {
        let width = storage.width
        let start = data.bytes.startIndex + index * width
        var bits: UInt64 = 0
        for place in 0..<width {
            let byte = data.bytes[start + (order == .little ? place : width - 1 - place)]
            bits |= UInt64(byte) << UInt64(8 * place)
        }
        switch storage {
        case .integer(_, let isSigned):
            let shift = UInt64(64 - 8 * width)
            return isSigned ? Double(Int64(bitPattern: bits << shift) >> Int64(shift)) : Double(bits)
        case .single: return Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits)))
        case .double: return Double(bitPattern: bits)
        }
    }
}
