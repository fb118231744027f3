/// The sections of an SCP-ECG record (EN 1064, ISO 11073-91064), all little endian.
///
///     record    CRC u16 (of all that follows), size u32, section 0, other sections
///     section   CRC u16 (of all that follows), id u16, length u32, version u8, protocol u8, 6 reserved, body
///     section 0 body: id u16, length u32, first byte u32 (counted from 1) of each section; 0 0: absent
struct SCPRecord {
    private let sections: [Int: BinaryView]
    /// Ten times the version of the standard: 13, 20, 30.
    let protocolVersion: Int
    /// Names of what has a wrong CRC.
    let damaged: [String]
    /// All bytes of the record.
    let view: BinaryView

    static let headerBytes = 16
    private static let maximumSections = 256

    static func recognises(_ bytes: [UInt8]) -> Bool {
        guard bytes.count >= 32 else { return false }
        if bytes[16..<22].elementsEqual("SCPECG".utf8) { return true }
        // Older writers leave the name out: section 0 points to itself at byte 7.
        return bytes[8...9].allSatisfy { $0 == 0 } && bytes[22...23].allSatisfy { $0 == 0 }
            && BinaryView.integer(bytes[28..<32], as: UInt32.self, .little) == 7
            && BinaryView.integer(bytes[24..<28], as: UInt32.self, .little)
                == BinaryView.integer(bytes[10..<14], as: UInt32.self, .little)
    }

    /// Throws: ``FormatError``.
    init(_ bytes: [UInt8]) throws(FormatError) {
        let file = BinaryView(bytes[...], format: "SCP-ECG")
        let size = Int(try file.integer(at: 2, as: UInt32.self, .little, for: "the record's size"))
        guard size <= bytes.count else {
            throw file.refusal(.truncated, at: 2, "the record has \(size) bytes, \(bytes.count) are here")
        }
        view = try file.window(at: 0, count: size, for: "the record")
        let length = Int(try view.integer(at: 10, as: UInt32.self, .little, for: "section 0"))
        guard length >= Self.headerBytes, length <= Self.headerBytes + 10 * Self.maximumSections else {
            throw view.malformed(at: 10, "section 0 has \(length) bytes")
        }
        let pointers = try view.window(at: 6, count: length, for: "section 0")
        protocolVersion = Int(try pointers.integer(at: 9, as: UInt8.self, .little, for: "section 0"))
        var sections: [Int: BinaryView] = [:]
        var damaged: [String] = []
        let stored = try view.integer(at: 0, as: UInt16.self, .little, for: "CRC")
        if stored != CRC16.of(view.bytes.dropFirst(2)) { damaged.append("the record") }
        var offset = Self.headerBytes
        while offset + 10 <= length {
            defer { offset += 10 }
            guard let (id, section) = try Self.section(of: view, pointer: pointers, at: offset) else {
                continue
            }
            guard sections.updateValue(section, forKey: id) == nil else {
                throw pointers.malformed(at: offset, "section \(id) is there twice")
            }
            let crc = try section.integer(at: 0, as: UInt16.self, .little, for: "CRC")
            if crc != CRC16.of(section.bytes.dropFirst(2)) { damaged.append("section \(id)") }
        }
        self.sections = sections
        self.damaged = damaged
    }

    /// The section that a pointer names; nil for an absent one, section 0 itself and manufacturers' sections.
    private static func section(
        of record: BinaryView, pointer: BinaryView, at offset: Int
    ) throws(FormatError) -> (id: Int, view: BinaryView)? {
        let id = Int(try pointer.integer(at: offset, as: UInt16.self, .little, for: "a pointer"))
        let length = Int(try pointer.integer(at: offset + 2, as: UInt32.self, .little, for: "a pointer"))
        let index = Int(try pointer.integer(at: offset + 6, as: UInt32.self, .little, for: "a pointer"))
        guard id > 0, id <= 12, length > 0 else { return nil }
        guard index > 0, index - 1 + length <= record.count, length >= headerBytes else {
            throw pointer.refusal(
                .truncated, at: offset,
                "section \(id) claims \(length) bytes from byte \(index) on, the record has \(record.count)")
        }
        let view = try record.window(at: index - 1, count: length, for: "a section")
        let found = try view.integer(at: 2, as: UInt16.self, .little, for: "a section's number")
        guard Int(found) == id else {
            throw view.malformed(at: 2, "section \(found) where section \(id) was expected")
        }
        let own = Int(try view.integer(at: 4, as: UInt32.self, .little, for: "a section's length"))
        guard own >= headerBytes else { throw view.malformed(at: 4, "section \(id) says \(own) bytes") }
        // Writers disagree on padding to an even length: what both count is there.
        return (id, try view.window(at: 0, count: min(own, length), for: "a section"))
    }

    /// A section without its header.
    func body(_ id: Int) throws(FormatError) -> BinaryView? {
        guard let section = sections[id] else { return nil }
        return try section.window(
            at: Self.headerBytes, count: section.count - Self.headerBytes, for: "section \(id)")
    }
}
