/// The tensors of a source whose names begin alike, by the rest of their names.
package struct PrefixedWeights<Source: WeightSource>: WeightSource {
    private let source: Source
    private let prefix: String

    package init(_ source: Source, prefix: String) {
        self.source = source
        self.prefix = prefix
    }

    package var names: Set<String> {
        Set(source.names.filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) })
    }

    /// Throws: ``WeightError`` with the source's name.
    package func tensor(_ name: String, shape: [Int]) throws(WeightError) -> WeightView {
        try source.tensor(prefix + name, shape: shape)
    }

    package func release(_ view: WeightView) { source.release(view) }
}
