private import Bytes
package import Tensor

/// Writes float32 tensors as a safetensors file: equal input gives equal bytes.
///
/// Format: https://github.com/huggingface/safetensors, section Format. Names are sorted by their UTF-8 bytes,
/// tensors follow in that order, and spaces after the header put the data at a multiple of 64 bytes.
package enum SafetensorsWriter {
    /// Data begins at a multiple of this, a cache line.
    package static let alignment = 64

    /// Writes the file beside `path` and renames it, so that `path` is either whole or as it was, also after a power cut
    /// if it `isFlushed`.
    ///
    /// Throws: ``SafetensorsError`` when a name occurs twice or is `__metadata__`, or the disk refuses.
    package static func write(
        _ tensors: [(name: String, view: WeightView)], metadata: [String: String], to path: String,
        isFlushed: Bool = true
    ) throws(SafetensorsError) {
        let sorted = tensors.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        let header = try header(of: sorted, metadata: metadata)
        let file = try PartialFile(beside: path)
        try file.write(header)
        for tensor in sorted { try file.write(tensor.view) }
        try file.finish(as: path, isFlushed: isFlushed)
    }

    /// Length, JSON and padding.
    private static func header(
        of tensors: [(name: String, view: WeightView)], metadata: [String: String]
    ) throws(SafetensorsError) -> [UInt8] {
        var members: [JSONDocument.Member] = []
        if !metadata.isEmpty {
            let pairs = metadata.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
            members.append(.init("__metadata__", .object(pairs.map { .init($0.key, .text($0.value)) })))
        }
        var begin = 0
        var previous: String?
        for tensor in tensors {
            guard tensor.name != previous, tensor.name != "__metadata__" else {
                throw .duplicateName(tensor.name)
            }
            previous = tensor.name
            let end = begin + tensor.view.byteCount
            members.append(
                .init(
                    tensor.name,
                    [
                        "dtype": "F32", "shape": .array(tensor.view.shape.map { .integer($0) }),
                        "data_offsets": [.integer(begin), .integer(end)],
                    ]))
            begin = end
        }
        var json = JSONDocument.object(members).bytes
        while !(json.count + 8).isMultiple(of: alignment) { json.append(UInt8(ascii: " ")) }
        return (0..<8).map { UInt8(truncatingIfNeeded: UInt64(json.count) >> (8 * UInt64($0))) } + json
    }
}
