/// A named tensor of float32 weights that somebody else keeps alive.
///
/// A view of a memory-mapped file costs nothing until it is read; `owner` holds the mapping.
@safe package struct WeightView: @unchecked Sendable {  // the memory is never written after it was made
    /// Row-major shape, outermost dimension first.
    package let shape: [Int]
    /// `shape.reduce(1, *)` values.
    package let values: UnsafeBufferPointer<Float>
    /// Whatever keeps `values` valid.
    package let owner: AnyObject

    package init(shape: [Int], values: UnsafeBufferPointer<Float>, owner: AnyObject) {
        self.shape = shape
        unsafe self.values = unsafe values
        self.owner = owner
    }
}

/// Where an encoder takes its weights from: a safetensors file, or the deterministic fill.
package protocol WeightSource: Sendable {
    /// Every tensor's name.
    var names: Set<String> { get }

    /// The tensor of that name.
    ///
    /// Throws: ``WeightError`` when it is absent, has another shape, or is not float32.
    func tensor(_ name: String, shape: [Int]) throws(WeightError) -> WeightView

    /// Told when a tensor has been taken over and is not to be read again soon: a file gives its memory back, so that
    /// a process that loads does not hold weights twice.
    func release(_ view: WeightView)
}

extension WeightSource {
    package func release(_ view: WeightView) {}
}

/// Why weights do not fit the architecture. Random weights are never used in place of absent ones.
package enum WeightError: Error, Sendable, Equatable {
    case missing(name: String, expected: [Int])
    case shape(name: String, found: [Int], expected: [Int])
    case elementType(name: String, found: String)
    case notFinite(name: String, index: Int)
    /// The file does not hold the values that it promises.
    case unreadable(name: String, reason: String)
    /// Tensors that the architecture has no place for.
    case unexpected(names: [String])
    /// The configuration names a value that is not implemented.
    case unsupported(setting: String, found: String, supported: String)
}

extension WeightError: CustomStringConvertible {
    /// What is wrong, in words.
    package var description: String {
        switch self {
        case .missing(let name, let expected): "tensor \(name) is missing; expected \(expected)"
        case .shape(let name, let found, let expected): "tensor \(name) is \(found); expected \(expected)"
        case .elementType(let name, let found): "tensor \(name) is \(found); expected float32"
        case .notFinite(let name, let index): "value \(index) of tensor \(name) is not a finite number"
        case .unreadable(let name, let reason): "tensor \(name) cannot be read: \(reason)"
        case .unexpected(let names):
            "\(names.count) tensor(s) without a place in the architecture, such as "
                + names.prefix(3).joined(separator: ", ")
        case .unsupported(let setting, let found, let supported):
            "\(setting) is \(found); supported: \(supported)"
        }
    }
}
