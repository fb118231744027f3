package import Bytes
package import Tensor

/// A safetensors file, memory-mapped: its tensors cost nothing until they are read.
///
/// Format: https://github.com/huggingface/safetensors. Every entry is checked against the file when it is
/// opened; only float32 tensors can be read, and no bytes are interpreted as anything but numbers.
package struct SafetensorsFile: WeightSource {
    /// The header's `__metadata__`.
    package var metadata: [String: String] { header.metadata }
    package let names: Set<String>
    /// Bytes of the whole file.
    package var byteCount: Int { file.count }

    private let file: MappedFile
    private let header: SafetensorsHeader

    /// Maps a file and checks its header.
    ///
    /// Throws: ``SafetensorsError`` for the first rule of the format that it breaks.
    package init(path: String) throws(SafetensorsError) {
        do { file = try MappedFile(path: path) } catch { throw .file(reason: error.message) }
        header = try unsafe file.withUnsafeBytes { (bytes) throws(SafetensorsError) in
            try unsafe SafetensorsHeader(of: bytes)
        }
        names = Set(header.entries.keys)
    }

    /// A tensor's shape, outermost dimension first; nil when there is none of that name.
    package func shape(of name: String) -> [Int]? { header.entries[name]?.shape }

    /// SHA-256 of the whole file; reads it once.
    package func digest() -> Digest { file.digest() }

    /// A float32 tensor, `shape`, row-major: a view of the file, or a copy where the file is not aligned.
    ///
    /// Throws: ``WeightError`` when it is absent, has another shape, or is not float32.
    package func tensor(_ name: String, shape: [Int]) throws(WeightError) -> WeightView {
        guard let entry = header.entries[name] else { throw .missing(name: name, expected: shape) }
        guard entry.shape == shape else { throw .shape(name: name, found: entry.shape, expected: shape) }
        guard entry.elementType == .float32 else {
            throw .elementType(name: name, found: entry.elementType.rawValue)
        }
        return unsafe file.withUnsafeBytes { bytes in
            let window = unsafe UnsafeRawBufferPointer(rebasing: bytes[entry.range])
            guard UInt(bitPattern: window.baseAddress).isMultiple(of: 4) else {
                return unsafe WeightView(copying: window, shape: shape)
            }
            return unsafe WeightView(
                shape: shape, values: window.assumingMemoryBound(to: Float.self), owner: file)
        }
    }
}

extension SafetensorsFile {
    package func release(_ view: WeightView) {
        // A copy does not lie in the file.
        if view.owner === file { unsafe file.release(UnsafeRawBufferPointer(view.values)) }
    }
}

extension WeightView {
    /// A copy of float32 values that lie at an odd address.
    fileprivate init(copying bytes: UnsafeRawBufferPointer, shape: [Int]) {
        let owned = OwnedFloats(count: bytes.count / 4)
        unsafe UnsafeMutableRawBufferPointer(owned.values).copyMemory(from: bytes)
        unsafe self.init(shape: shape, values: UnsafeBufferPointer(owned.values), owner: owned)
    }
}
