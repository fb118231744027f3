package import Tensor

extension ResNet: WeightSource where Scalar == Float {
    package var names: Set<String> { Set(config.tensors.map(\.name)) }

    /// A copy: the network may go on learning.
    ///
    /// Throws: ``WeightError``.
    package func tensor(_ name: String, shape: [Int]) throws(WeightError) -> WeightView {
        guard let values = parameters[name] ?? buffers[name],
            let known = config.tensors.first(where: { $0.name == name })?.shape
        else { throw .missing(name: name, expected: shape) }
        guard known == shape else { throw .shape(name: name, found: known, expected: shape) }
        return WeightView(values, shape: shape)
    }
}
