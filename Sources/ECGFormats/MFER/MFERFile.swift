/// The definitions of an MFER file (ISO 22077-1; JAHIS): tag u8, length, value, and again.
///
///     length   below 80: itself; 81 to 84: that many bytes follow, most significant first; 80: up to 00 00
///     tag 3F   a channel's own definitions: channel number in 7-bit groups, length, definitions inside
///     01 byte order (0: big, which is the default)    04 samples a block    05 channels    06 blocks
///     09 lead (code u16, text)   0A data type   0B interval (unit, power of ten, mantissa)   0C resolution (same)
///     0D offset   0E compression   11 filter    12 value of missing samples     17 device    1E samples    80 end
///
/// Samples: of each block, of each channel, the samples of that block.
struct MFERFile {
    /// Definitions in force when a block of samples came, and the samples.
    struct Frame {
        let common: MFERChannel
        let channels: [MFERChannel]
        let blocks: Int?
        let order: BinaryView.ByteOrder
        let data: BinaryView
    }

    private(set) var frames: [Frame] = []
    private(set) var filters: [String] = []
    private(set) var device: String?
    /// By the device's clock.
    private(set) var localStartTime: String?

    private var common = MFERChannel()
    private var own: [Int: MFERChannel] = [:]
    private var channelCount = 1
    private var blocks: Int?
    private var order = BinaryView.ByteOrder.big
    private let view: BinaryView

    static let maximumChannels = 64
    private static let maximumFrames = 16

    static func recognises(_ bytes: [UInt8]) -> Bool {
        bytes.count > 6 && bytes[0] == 0x40 && bytes[2..<6].elementsEqual("MFR ".utf8)
    }

    /// Throws: ``FormatError``.
    init(_ view: BinaryView) throws(FormatError) {
        self.view = view
        try walk(view, channel: nil)
    }

    private mutating func walk(_ view: BinaryView, channel: Int?) throws(FormatError) {
        var offset = 0
        while offset < view.count {
            let tag = try view.integer(at: offset, as: UInt8.self, .big, for: "a tag")
            if tag == 0 {
                offset += 1
                continue
            }
            if tag == 0x80 { return }
            let start = offset
            offset += 1
            let target = tag == 0x3F ? try Self.channelNumber(view, at: &offset) : nil
            let length = try Self.length(view, at: &offset)
            guard length <= view.count - offset else {
                throw view.refusal(
                    .truncated, at: start,
                    "definition \(tag) claims \(length) bytes, \(view.count - offset) are left")
            }
            let value = try view.window(at: offset, count: length, for: "a definition")
            offset += length
            if tag == 0x3F {
                guard channel == nil, let target, target < channelCount else {
                    throw view.malformed(at: start, "definitions of a channel that does not exist")
                }
                try walk(value, channel: target)
            } else {
                try define(tag, value, channel: channel)
            }
        }
    }

    private static func channelNumber(_ view: BinaryView, at offset: inout Int) throws(FormatError) -> Int {
        var number = 0
        for _ in 0..<3 {
            let byte = try view.integer(at: offset, as: UInt8.self, .big, for: "a channel number")
            offset += 1
            number = number << 7 | Int(byte & 0x7F)
            if byte < 0x80 { return number }
        }
        throw view.malformed(at: offset, "a channel number of more than 3 bytes")
    }

    private static func length(_ view: BinaryView, at offset: inout Int) throws(FormatError) -> Int {
        let first = Int(try view.integer(at: offset, as: UInt8.self, .big, for: "a length"))
        offset += 1
        if first < 0x80 { return first }
        guard (0x81...0x84).contains(first) else {
            throw view.refusal(.unsupportedEncoding, at: offset - 1, "lengths of kind \(first) are not read")
        }
        let count = first - 0x80
        let value = try view.integer(at: offset, width: count, isSigned: false, .big, for: "a length")
        offset += count
        return Int(value)
    }

    private mutating func define(_ tag: UInt8, _ value: BinaryView, channel: Int?) throws(FormatError) {
        switch tag {
        case 0x01:
            // 1: little endian; without a value the default.
            order = value.bytes.first == 1 ? .little : .big
        case 0x05:
            channelCount = value.count == 0 ? 1 : try integer(value, "number of channels")
            guard (1...Self.maximumChannels).contains(channelCount) else {
                throw value.refusal(
                    .limitExceeded, at: 0, "\(channelCount) channels, expected 1 to \(Self.maximumChannels)")
            }
            own = [:]
        case 0x06: blocks = value.count == 0 ? nil : try integer(value, "number of blocks")
        case 0x0E:
            let method = value.count == 0 ? 0 : try integer(value, "compression")
            guard method == 0 else {
                throw value.refusal(.unsupportedEncoding, at: 0, "compressed samples are not read")
            }
        case 0x11: filters.append(try value.text(at: 0, count: value.count, for: "a filter"))
        case 0x17:
            let text = try value.text(at: 0, count: value.count, for: "the device")
            device = text.split(separator: "^").first.map { String($0.prefix(100)) }
        case 0x1E: try addFrame(value)
        case 0x85: localStartTime = try Self.time(value, order)
        default:
            var definitions = channel.map { own[$0] ?? MFERChannel() } ?? common
            try definitions.define(tag, value, order)
            if let channel { own[channel] = definitions } else { common = definitions }
        }
    }

    /// Year, then month, day, hour, minute, second in a byte each; fractions follow.
    private static func time(_ value: BinaryView, _ order: BinaryView.ByteOrder) throws(FormatError)
        -> String?
    {
        guard value.count >= 7 else { return nil }
        let year = Int(try value.integer(at: 0, as: UInt16.self, order, for: "year"))
        let rest = value.bytes.dropFirst(2).prefix(5).map(Int.init)
        return LocalTime.of(
            year: year, month: rest[0], day: rest[1], hour: rest[2], minute: rest[3], second: rest[4])
    }

    private func integer(_ value: BinaryView, _ name: String) throws(FormatError) -> Int {
        guard (1...4).contains(value.count) else {
            throw value.malformed(at: 0, "\(name) has \(value.count) bytes")
        }
        return Int(
            try value.integer(at: 0, width: value.count, isSigned: false, order, for: name))
    }

    private mutating func addFrame(_ data: BinaryView) throws(FormatError) {
        guard frames.count < Self.maximumFrames else {
            throw data.refusal(.limitExceeded, at: 0, "more than \(Self.maximumFrames) runs of samples")
        }
        let channels = (0..<channelCount).map { (own[$0] ?? MFERChannel()).completed(by: common) }
        frames.append(Frame(common: common, channels: channels, blocks: blocks, order: order, data: data))
    }
}

/// What is defined for all channels or for one.
struct MFERChannel {
    /// Unit, power of ten and mantissa.
    struct Quantity {
        let unit: UInt8
        let value: Double
        let place: BinaryView
    }

    private(set) var lead: Int?
    private(set) var kind: Int?
    private(set) var blockLength: Int?
    private(set) var dataType: Int?
    private(set) var interval: Quantity?
    private(set) var resolution: Quantity?
    private(set) var offset: Int64?
    private(set) var missing: Int64?

    /// Bytes of a sample and whether it is signed, by data type.
    static let integerTypes: [Int: (width: Int, isSigned: Bool)] = [
        0: (2, true), 1: (2, false), 2: (4, true), 3: (1, false), 5: (1, true), 6: (4, false),
    ]

    mutating func define(
        _ tag: UInt8, _ value: BinaryView, _ order: BinaryView.ByteOrder
    ) throws(FormatError) {
        let unsigned = { () throws(FormatError) -> Int? in
            guard value.count > 0 else { return nil }
            let width = min(value.count, tag == 0x09 || tag == 0x08 ? 2 : 4)
            return Int(
                try value.integer(at: 0, width: width, isSigned: false, order, for: "definition \(tag)"))
        }
        let signed = { () throws(FormatError) -> Int64? in
            guard (1...4).contains(value.count) else { return nil }
            return try value.integer(
                at: 0, width: value.count, isSigned: true, order, for: "definition \(tag)")
        }
        switch tag {
        case 0x04: blockLength = try unsigned()
        case 0x08: kind = try unsigned()
        case 0x09: lead = try unsigned()
        case 0x0A: dataType = try unsigned()
        case 0x0B: interval = try Self.quantity(value, order)
        case 0x0C: resolution = try Self.quantity(value, order)
        case 0x0D: offset = try signed()
        case 0x12: missing = try signed()
        default: break
        }
    }

    private static func quantity(
        _ value: BinaryView, _ order: BinaryView.ByteOrder
    ) throws(FormatError) -> Quantity? {
        guard value.count > 0 else { return nil }
        guard (3...6).contains(value.count) else {
            throw value.malformed(at: 0, "a quantity of \(value.count) bytes, expected 3 to 6")
        }
        let unit = try value.integer(at: 0, as: UInt8.self, order, for: "a unit")
        let power = try value.integer(at: 1, as: Int8.self, order, for: "a power of ten")
        let mantissa = try value.integer(
            at: 2, width: value.count - 2, isSigned: true, order, for: "a mantissa")
        // Dividing by a power of ten keeps decimal values exact.
        let scale = (0..<Int(power.magnitude)).reduce(1.0) { value, _ in value * 10 }
        let number = power < 0 ? Double(mantissa) / scale : Double(mantissa) * scale
        return Quantity(unit: unit, value: number, place: value)
    }

    func completed(by common: MFERChannel) -> MFERChannel {
        var all = self
        all.lead = lead ?? common.lead
        all.kind = kind ?? common.kind
        all.blockLength = blockLength ?? common.blockLength
        all.dataType = dataType ?? common.dataType
        all.interval = interval ?? common.interval
        all.resolution = resolution ?? common.resolution
        all.offset = offset ?? common.offset
        all.missing = missing ?? common.missing
        return all
    }
}
