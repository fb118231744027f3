package import Bytes
package import Tensor

/// The named tensors of a PyTorch file, whatever network they belong to: who reads them knows the names.
package struct StateDictionaryFile: WeightSource {
    private let checkpoint: PyTorchCheckpoint
    private let state: StateDictionary
    private let sources: [String: String]

    /// Reads the file's description; tensors are read when they are asked for. Names lose the prefix `module.` that
    /// `torch.nn.DataParallel` puts before all of them.
    ///
    /// Throws: ``ImportError``.
    package init(path: String) throws(ImportError) {
        do { checkpoint = try PyTorchCheckpoint(path: path) } catch { throw .checkpoint(error) }
        state = try StateDictionary(bareOr: checkpoint)
        let prefix = "module."
        let isParallel = state.names.allSatisfy { $0.hasPrefix(prefix) }
        sources = Dictionary(
            uniqueKeysWithValues: state.names.map {
                (isParallel ? String($0.dropFirst(prefix.count)) : $0, $0)
            })
    }

    package var names: Set<String> { Set(sources.keys) }

    /// Nil when there is no tensor of that name.
    package func shape(of name: String) -> [Int]? { sources[name].flatMap { state[$0]?.shape } }

    /// SHA-256 of the whole file.
    package func digest() -> Digest { checkpoint.digest() }

    package func tensor(_ name: String, shape: [Int]) throws(WeightError) -> WeightView {
        guard let source = sources[name], let found = state[source] else {
            throw .missing(name: name, expected: shape)
        }
        guard found.shape == shape else { throw .shape(name: name, found: found.shape, expected: shape) }
        do { return try checkpoint.values(of: found, named: name) } catch {
            throw .unreadable(name: name, reason: error.description)
        }
    }
}
