import CKernels

extension WeightSource {
    /// The values of a tensor, checked to be finite, for as long as `body` runs.
    ///
    /// Throws: ``WeightError`` of the source, or `notFinite`.
    func withTensor<Result>(
        _ name: String, shape: [Int], _ body: (UnsafeBufferPointer<Float>) -> Result
    ) throws(WeightError) -> Result {
        let view = try tensor(name, shape: shape)
        defer { release(view) }
        let count = unsafe view.values.count
        guard view.shape == shape, count == shape.reduce(1, *) else {
            throw .shape(name: name, found: view.shape, expected: shape)
        }
        if let start = unsafe view.values.baseAddress {
            let index = unsafe firstlead_first_not_finite(start, count)
            guard index == count else { throw .notFinite(name: name, index: index) }
        }
        return withExtendedLifetime(view.owner) { unsafe body(view.values) }
    }

    /// The values of a small tensor.
    ///
    /// Throws: as ``withTensor(_:shape:_:)``.
    package func floats(_ name: String, shape: [Int]) throws(WeightError) -> [Float] {
        try unsafe withTensor(name, shape: shape) { unsafe Array($0) }
    }

    /// A tensor as `[rows, columns]`, whatever its shape is in the file.
    ///
    /// Throws: as ``withTensor(_:shape:_:)``.
    package func matrix(
        _ name: String, shape: [Int], rows: Int, columns: Int
    ) throws(WeightError) -> Matrix {
        precondition(shape.reduce(1, *) == rows * columns)
        let matrix = Matrix(rows: rows, columns: columns)
        matrix.copy(try floats(name, shape: shape))
        return matrix
    }

    /// Refuses tensors that nobody asks for: a file with more than the architecture is another architecture.
    ///
    /// Throws: ``WeightError/unexpected(names:)``.
    package func refuseTensors(besides expected: [(name: String, shape: [Int])]) throws(WeightError) {
        let surplus = names.subtracting(expected.map(\.name))
        guard surplus.isEmpty else { throw .unexpected(names: surplus.sorted()) }
    }
}
