/// Data elements in explicit VR, little endian (PS3.5 section 7.1.2): written in the order of their tags.
struct DICOMElements {
    private var elements: [(tag: DICOMTag, bytes: [UInt8])] = []

    /// All elements, sorted.
    var bytes: [UInt8] {
        elements.sorted { ($0.tag.group, $0.tag.element) < ($1.tag.group, $1.tag.element) }.flatMap(\.bytes)
    }

    /// Character data, padded to an even length: UIDs with a zero byte, others with a blank.
    mutating func text(_ group: UInt16, _ element: UInt16, _ vr: String, _ value: String) {
        var bytes = Array(value.utf8)
        if bytes.count % 2 == 1 { bytes.append(vr == "UI" ? 0 : 0x20) }
        add(group, element, vr, bytes)
    }

    mutating func unsigned16(_ group: UInt16, _ element: UInt16, _ value: Int) {
        add(group, element, "US", Self.little(UInt16(truncatingIfNeeded: value)))
    }

    mutating func unsigned32(_ group: UInt16, _ element: UInt16, _ value: Int) {
        add(group, element, "UL", Self.little(UInt32(truncatingIfNeeded: value)))
    }

    /// 16-bit words, such as samples.
    mutating func words(_ group: UInt16, _ element: UInt16, _ bytes: [UInt8]) {
        add(group, element, "OW", bytes)
    }

    /// Items of defined length.
    mutating func sequence(_ group: UInt16, _ element: UInt16, _ items: [DICOMElements]) {
        var bytes: [UInt8] = []
        for item in items {
            let content = item.bytes
            bytes += [0xFE, 0xFF, 0x00, 0xE0] + Self.little(UInt32(content.count)) + content
        }
        add(group, element, "SQ", bytes)
    }

    /// A sequence of one code (PS3.3 section 8.8).
    mutating func code(
        _ group: UInt16, _ element: UInt16, value: String, scheme: String, meaning: String
    ) {
        var item = DICOMElements()
        item.text(0x0008, 0x0100, "SH", value)
        item.text(0x0008, 0x0102, "SH", scheme)
        item.text(0x0008, 0x0104, "LO", meaning)
        sequence(group, element, [item])
    }

    private mutating func add(_ group: UInt16, _ element: UInt16, _ vr: String, _ value: [UInt8]) {
        let isLong = vr == "OB" || vr == "OW" || vr == "SQ"
        let length = isLong ? [0, 0] + Self.little(UInt32(value.count)) : Self.little(UInt16(value.count))
        let head = Self.little(group) + Self.little(element) + Array(vr.utf8) + length
        elements.append((DICOMTag(group, element), head + value))
    }

    /// The version of the meta information, the only element of VR OB that is written.
    mutating func bytes(_ group: UInt16, _ element: UInt16, _ value: [UInt8]) {
        add(group, element, "OB", value)
    }

    private static func little<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
        (0..<Value.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> Value(8 * $0)) }
    }
}
