import Bytes

/// The header of a safetensors file, checked against the file's length.
///
/// Format: https://github.com/huggingface/safetensors, section Format. Invariants: names are unique; the
/// tensors' bytes follow each other without hole or overlap and end where the file ends; each has exactly the
/// bytes that its shape and type need.
struct SafetensorsHeader: Sendable {
    /// One tensor's place in the file.
    struct Entry: Sendable {
        let elementType: SafetensorsElementType
        let shape: [Int]
        /// Byte range in the file.
        let range: Range<Int>
    }

    /// The reference reader takes up to 100 MB; ours need less than 50 kB.
    static let maximumBytes = 16 << 20
    static let maximumDimensions = 16

    private(set) var metadata: [String: String] = [:]
    private(set) var entries: [String: Entry] = [:]

    /// Throws: ``SafetensorsError`` for the first rule of the format that `file` breaks.
    init(of file: UnsafeRawBufferPointer) throws(SafetensorsError) {
        let json = try unsafe Self.json(of: file)
        guard unsafe file[8] == UInt8(ascii: "{") else { throw .header(reason: "it does not begin with '{'") }
        let members: [JSONObject.Member]
        do {
            let limits = JSONLimits(depth: 4, values: 1_000_000)
            members = try JSONValue.parse(unsafe Array(file[json]), limits: limits).members ?? []
        } catch { throw .header(reason: error.message) }
        for member in members {
            if member.key == "__metadata__" {
                metadata = try Self.metadata(member.value)
            } else {
                entries[member.key] = try Self.entry(member, dataStart: json.upperBound, end: file.count)
            }
        }
        try checkOrder(dataStart: json.upperBound, end: file.count)
    }

    /// The byte range of the JSON text.
    private static func json(of file: UnsafeRawBufferPointer) throws(SafetensorsError) -> Range<Int> {
        guard file.count > 8 else {
            throw .headerLength(found: 0, fileBytes: file.count, limit: maximumBytes)
        }
        let length = UInt64(littleEndian: unsafe file.loadUnaligned(as: UInt64.self))
        guard length > 0, length <= maximumBytes, length <= file.count - 8 else {
            throw .headerLength(found: length, fileBytes: file.count, limit: maximumBytes)
        }
        return 8..<8 + Int(length)
    }

    private static func metadata(_ value: JSONValue) throws(SafetensorsError) -> [String: String] {
        guard let members = value.members else {
            throw .entry(name: "__metadata__", field: "value", found: value.kind, expected: "an object")
        }
        var metadata: [String: String] = [:]
        for member in members {
            guard let text = member.value.string else {
                throw .entry(
                    name: "__metadata__", field: member.key, found: member.value.kind, expected: "a string")
            }
            metadata[member.key] = text
        }
        return metadata
    }

    private static func entry(
        _ member: JSONObject.Member, dataStart: Int, end: Int
    ) throws(SafetensorsError) -> Entry {
        guard let members = member.value.members else {
            throw .entry(name: member.key, field: "entry", found: member.value.kind, expected: "an object")
        }
        if let unknown = members.first(where: { !["dtype", "shape", "data_offsets"].contains($0.key) }) {
            throw .entry(
                name: member.key, field: unknown.key, found: unknown.value.kind, expected: "nothing")
        }
        guard let name = member.value["dtype"]?.string else {
            let found = member.value["dtype"]?.kind ?? "absent"
            throw .entry(name: member.key, field: "dtype", found: found, expected: "a string")
        }
        guard let type = SafetensorsElementType(rawValue: name) else {
            throw .elementType(name: member.key, found: name)
        }
        let shape = try integers("shape", of: member, count: 0...maximumDimensions)
        let offsets = try integers("data_offsets", of: member, count: 2...2)
        guard offsets[0] <= offsets[1], offsets[1] <= end - dataStart else {
            throw .entry(
                name: member.key, field: "data_offsets", found: "\(offsets)",
                expected: "begin before end, both up to \(end - dataStart)")
        }
        let needed = byteCount(shape, type)
        guard offsets[1] - offsets[0] == needed else {
            throw .byteCount(name: member.key, found: offsets[1] - offsets[0], expected: needed)
        }
        return Entry(elementType: type, shape: shape, range: dataStart + offsets[0]..<dataStart + offsets[1])
    }

    /// A field that holds whole numbers of 0 or more.
    private static func integers(
        _ field: String, of member: JSONObject.Member, count: ClosedRange<Int>
    ) throws(SafetensorsError) -> [Int] {
        let integers = member.value[field]?.elements?.map { $0.integer ?? -1 }
        guard let integers, count.contains(integers.count), integers.allSatisfy({ $0 >= 0 }) else {
            throw .entry(
                name: member.key, field: field, found: member.value[field]?.kind ?? "absent",
                expected: "\(count.lowerBound) to \(count.upperBound) integers of 0 or more")
        }
        return integers
    }

    /// Bytes of a tensor; nil when no address space holds them.
    private static func byteCount(_ shape: [Int], _ type: SafetensorsElementType) -> Int? {
        var bytes = type.byteCount
        for extent in shape {
            let (product, overflow) = bytes.multipliedReportingOverflow(by: extent)
            guard !overflow else { return nil }
            bytes = product
        }
        return bytes
    }

    /// No hole, no overlap, nothing after the last tensor.
    private func checkOrder(dataStart: Int, end: Int) throws(SafetensorsError) {
        var position = dataStart
        let ordered = entries.sorted {
            ($0.value.range.lowerBound, $0.value.range.upperBound, $0.key)
                < ($1.value.range.lowerBound, $1.value.range.upperBound, $1.key)
        }
        for (name, entry) in ordered {
            guard entry.range.lowerBound == position else {
                throw .offsets(
                    name: name, found: entry.range.lowerBound - dataStart, expected: position - dataStart)
            }
            position = entry.range.upperBound
        }
        guard position == end else {
            throw .dataLength(found: end - dataStart, expected: position - dataStart)
        }
    }
}
