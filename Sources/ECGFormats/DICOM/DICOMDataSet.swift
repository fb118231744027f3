/// A set of DICOM data elements (PS3.5 section 7), with those sequences opened that waveforms need.
///
///     explicit VR  group u16, element u16, VR, length u16            value
///                  group u16, element u16, VR, 0 0, length u32       value   (OB OD OF OL OV OW SQ SV UC UN UR UT UV)
///     implicit VR  group u16, element u16, length u32                value
///     item         FFFE E000, length u32, elements, [FFFE E00D 0]            length FFFFFFFF: up to the delimiter
///     sequence     items, [FFFE E0DD 0]
struct DICOMDataSet {
    private(set) var elements: [DICOMTag: DICOMElement] = [:]

    subscript(_ tag: DICOMTag) -> DICOMElement? { elements[tag] }

    fileprivate mutating func insert(_ element: DICOMElement) { elements[element.tag] = element }
}

/// One element: bytes, or the items of a sequence.
struct DICOMElement {
    let tag: DICOMTag
    let value: BinaryView
    let order: BinaryView.ByteOrder
    let items: [DICOMDataSet]

    /// Character data without padding; nil when empty.
    var text: String? {
        let text =
            String(validating: value.bytes, as: UTF8.self)?.replacing("\0", with: "").trimmed
            ?? BinaryView.latin1(value.bytes)
        return text.isEmpty ? nil : text
    }

    /// A decimal string (DS, IS); the first of several.
    func decimal(_ name: String) throws(FormatError) -> Double? {
        guard let text else { return nil }
        let first = String(text.prefix { $0 != "\\" }).trimmed
        guard let number = Double(first), number.isFinite else {
            throw value.malformed(at: 0, "\(name) is '\(token(first))', expected a number")
        }
        return number
    }

    /// An unsigned integer (US, UL).
    func unsigned(_ name: String) throws(FormatError) -> Int {
        switch value.count {
        case 2: return Int(try value.integer(at: 0, as: UInt16.self, order, for: name))
        case 4: return Int(try value.integer(at: 0, as: UInt32.self, order, for: name))
        default: throw value.malformed(at: 0, "\(name) has \(value.count) bytes, expected 2 or 4")
        }
    }
}

struct DICOMTag: Hashable, CustomStringConvertible {
    let group: UInt16
    let element: UInt16

    init(_ group: UInt16, _ element: UInt16) {
        self.group = group
        self.element = element
    }

    var description: String {
        let digits = String(UInt32(group) << 16 | UInt32(element), radix: 16, uppercase: true)
        let padded = String(repeating: "0", count: 8 - digits.count) + digits
        return "(\(padded.prefix(4)),\(padded.suffix(4)))"
    }
}

/// Reads elements one after another, within limits on number and depth.
struct DICOMParser {
    let view: BinaryView
    let syntax: DICOMTransferSyntax
    private(set) var offset = 0
    private var elementCount = 0

    static let maximumElements = 50_000
    static let maximumDepth = 12
    private static let undefined = 0xFFFF_FFFF

    init(_ view: BinaryView, _ syntax: DICOMTransferSyntax) {
        self.view = view
        self.syntax = syntax
    }

    /// Elements up to `end`, or to the item delimiter when there is no end.
    mutating func dataSet(
        until end: Int?, depth: Int = 0, isImplicit: Bool? = nil, onlyGroup group: UInt16? = nil
    ) throws(FormatError) -> DICOMDataSet {
        guard depth <= Self.maximumDepth else {
            throw view.refusal(
                .limitExceeded, at: offset, "sequences nested more than \(Self.maximumDepth) deep")
        }
        var set = DICOMDataSet()
        let isImplicit = isImplicit ?? syntax.isImplicit
        let limit = end ?? view.count
        while offset < limit {
            if let group, try tag().group != group { break }
            let head = try header(isImplicit: isImplicit)
            if head.tag == .itemDelimiter {
                guard end == nil else { throw view.malformed(at: offset - 8, "an item ends twice") }
                return set
            }
            set.insert(try element(head, limit: limit, depth: depth, isImplicit: isImplicit))
        }
        guard end != nil else { throw view.truncated(at: offset, needed: 8, for: "the end of an item") }
        return set
    }

    private struct Header {
        let tag: DICOMTag
        let representation: String?
        let length: Int
        let start: Int
    }

    private func tag() throws(FormatError) -> DICOMTag {
        DICOMTag(
            try view.integer(at: offset, as: UInt16.self, syntax.order, for: "a tag"),
            try view.integer(at: offset + 2, as: UInt16.self, syntax.order, for: "a tag"))
    }

    private mutating func header(isImplicit: Bool) throws(FormatError) -> Header {
        elementCount += 1
        guard elementCount <= Self.maximumElements else {
            throw view.refusal(.limitExceeded, at: offset, "more than \(Self.maximumElements) elements")
        }
        let start = offset
        let tag = try tag()
        if isImplicit || tag.group == 0xFFFE {
            let length = try view.integer(at: start + 4, as: UInt32.self, syntax.order, for: "a length")
            offset += 8
            return Header(tag: tag, representation: nil, length: Int(length), start: start)
        }
        let code = try view.run(at: start + 4, count: 2, for: "a value representation")
        guard code.allSatisfy({ (0x41...0x5A).contains($0) }) else {
            throw view.malformed(at: start + 4, "no value representation of \(tag)")
        }
        let representation = String(decoding: code, as: UTF8.self)
        if Self.hasLongLength.contains(representation) {
            let length = try view.integer(at: start + 8, as: UInt32.self, syntax.order, for: "a length")
            offset += 12
            return Header(tag: tag, representation: representation, length: Int(length), start: start)
        }
        let length = try view.integer(at: start + 6, as: UInt16.self, syntax.order, for: "a length")
        offset += 8
        return Header(tag: tag, representation: representation, length: Int(length), start: start)
    }

    private static let hasLongLength: Set<String> = [
        "OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV",
    ]

    private mutating func element(
        _ head: Header, limit: Int, depth: Int, isImplicit: Bool
    ) throws(FormatError) -> DICOMElement {
        let isUndefined = head.length == Self.undefined
        guard isUndefined || head.length <= limit - offset else {
            throw view.refusal(
                .truncated, at: head.start,
                "\(head.tag) claims \(head.length) bytes, \(limit - offset) are left")
        }
        guard isUndefined || DICOMTag.sequences.contains(head.tag) else {
            let value = try view.window(at: offset, count: head.length, for: "a value")
            offset += head.length
            return DICOMElement(tag: head.tag, value: value, order: syntax.order, items: [])
        }
        // PS3.5 section 6.2.2: the content of an unknown element of undefined length is implicit VR.
        let inner = isImplicit || head.representation == "UN"
        let end = isUndefined ? nil : offset + head.length
        let items = try items(until: end, limit: limit, depth: depth + 1, isImplicit: inner)
        let empty = try view.window(at: head.start, count: 0, for: "a sequence")
        return DICOMElement(tag: head.tag, value: empty, order: syntax.order, items: items)
    }

    private mutating func items(
        until end: Int?, limit: Int, depth: Int, isImplicit: Bool
    ) throws(FormatError) -> [DICOMDataSet] {
        var items: [DICOMDataSet] = []
        while offset < end ?? limit {
            let head = try header(isImplicit: isImplicit)
            if head.tag == .sequenceDelimiter, end == nil { return items }
            guard head.tag == .item else {
                throw view.malformed(at: head.start, "\(head.tag) where an item was expected")
            }
            if head.length == Self.undefined {
                items.append(try dataSet(until: nil, depth: depth, isImplicit: isImplicit))
                continue
            }
            guard head.length <= (end ?? limit) - offset else {
                throw view.refusal(
                    .truncated, at: head.start,
                    "an item claims \(head.length) bytes, \((end ?? limit) - offset) are left")
            }
            items.append(try dataSet(until: offset + head.length, depth: depth, isImplicit: isImplicit))
        }
        guard end != nil else { throw view.truncated(at: offset, needed: 8, for: "the end of a sequence") }
        return items
    }
}

extension DICOMTag {
    static let item = DICOMTag(0xFFFE, 0xE000)
    static let itemDelimiter = DICOMTag(0xFFFE, 0xE00D)
    static let sequenceDelimiter = DICOMTag(0xFFFE, 0xE0DD)
    static let waveformSequence = DICOMTag(0x5400, 0x0100)
    static let channelDefinitionSequence = DICOMTag(0x003A, 0x0200)
    static let channelSourceSequence = DICOMTag(0x003A, 0x0208)
    static let channelSensitivityUnitsSequence = DICOMTag(0x003A, 0x0211)

    /// What is opened even when its length is given; all other sequences are passed over.
    static let sequences: Set<DICOMTag> = [
        waveformSequence, channelDefinitionSequence, channelSourceSequence, channelSensitivityUnitsSequence,
    ]
}
