/// The header of a frame (RFC 9639 section 9.1).
///
///     sync:15 variable:1 | block size:4 rate:4 | channels:4 bits:3 reserved:1
///     number: 1 to 7 bytes | block size-1: 0, 8 or 16 bits | rate: 0, 8 or 16 bits | CRC-8
struct FLACFrameHeader {
    /// How channels of a pair are stored; what differs has one bit more.
    enum Pairing: UInt64 {
        case leftSide = 8
        case sideRight = 9
        case midSide = 10
    }

    let blockSize: Int
    /// Nil: every channel by itself.
    let pairing: Pairing?

    /// Reads the header that begins at byte `offset` of `bytes`, with which `bits` begins.
    ///
    /// Throws: ``FLACError``.
    init(
        _ bits: inout BitReader, of bytes: ArraySlice<UInt8>, at offset: Int, _ info: FLACStream.Info
    ) throws(FLACError) {
        guard try bits.unsigned(15) == 0b111_1111_1111_1100 else {
            throw FLACError(.malformed, at: offset, "expected the beginning of a frame")
        }
        _ = try bits.unsigned(1)
        let (size, rate) = (try bits.unsigned(4), try bits.unsigned(4))
        let (channels, depth) = (try bits.unsigned(4), try bits.unsigned(3))
        guard try bits.unsigned(1) == 0, size != 0, rate != 15, channels <= 10, depth != 3 else {
            throw FLACError(.malformed, at: offset, "a frame's header has reserved values")
        }
        try Self.skipNumber(&bits, at: offset)
        blockSize = try Self.blockSize(size, &bits)
        _ = try bits.unsigned(rate == 12 ? 8 : rate > 12 ? 16 : 0)
        pairing = Pairing(rawValue: channels)
        let count = pairing == nil ? Int(channels) + 1 : 2
        let width = [info.bitsPerSample, 8, 12, 0, 16, 20, 24, 32][Int(depth)]
        let sum = FLACChecksum.crc8(
            bytes[(bytes.startIndex + offset)..<(bytes.startIndex + offset + bits.offset)])
        guard try bits.unsigned(8) == UInt64(sum) else {
            throw FLACError(.checksum, at: offset, "the CRC-8 of a frame's header is wrong")
        }
        guard count == info.channelCount, width == info.bitsPerSample, blockSize <= info.maximumBlockSize
        else {
            throw FLACError(
                .malformed, at: offset,
                "a frame of \(blockSize) samples of \(width) bits in \(count) channels, the stream has at most "
                    + "\(info.maximumBlockSize) of \(info.bitsPerSample) in \(info.channelCount)")
        }
    }

    /// The frame's or its first sample's number, coded as UTF-8 codes characters but in up to seven bytes. It is not
    /// needed: frames are read in order.
    private static func skipNumber(_ bits: inout BitReader, at offset: Int) throws(FLACError) {
        let first = UInt8(truncatingIfNeeded: try bits.unsigned(8))
        let ones = (~first).leadingZeroBitCount
        guard ones != 1, ones < 8 else {
            throw FLACError(.malformed, at: offset, "a frame's number is not coded as it must be")
        }
        for _ in 1..<max(1, ones) {
            guard try bits.unsigned(8) >> 6 == 0b10 else {
                throw FLACError(.malformed, at: offset, "a frame's number is not coded as it must be")
            }
        }
    }

    private static func blockSize(_ code: UInt64, _ bits: inout BitReader) throws(FLACError) -> Int {
        switch code {
        case 1: 192
        case 2...5: 144 << Int(code)
        case 6: Int(try bits.unsigned(8)) + 1
        case 7: Int(try bits.unsigned(16)) + 1
        default: 1 << Int(code)
        }
    }
}

/// Decodes frames one after another; its buffers serve them all.
struct FLACFrameDecoder {
    private let info: FLACStream.Info
    /// The samples of a channel, or of the two of a pair.
    private var blocks: [[Int64]] = [[], []]

    init(_ info: FLACStream.Info) { self.info = info }

    /// Decodes the frame at a byte, of at most `limit` samples, appends its samples and returns where it ends.
    ///
    /// Throws: ``FLACError``.
    mutating func decode(
        _ bytes: ArraySlice<UInt8>, at offset: Int, atMost limit: Int, into channels: inout [PackedIntegers]
    ) throws(FLACError) -> Int {
        let rest = bytes[(bytes.startIndex + offset)...]
        var bits = BitReader(rest)
        do throws(FLACError) {
            let header = try FLACFrameHeader(&bits, of: rest, at: 0, info)
            guard header.blockSize <= limit else {
                throw FLACError(.limit, at: 0, "a frame has more samples than are left of the stream")
            }
            for index in channels.indices {
                let width = info.bitsPerSample + (Self.isSide(index, header.pairing) ? 1 : 0)
                let block = header.pairing == nil ? 0 : index
                try FLACSubframe.decode(&bits, width: width, count: header.blockSize, into: &blocks[block])
                if header.pairing == nil { try append(blocks[block], to: &channels[index]) }
            }
            try bits.padding()
            let length = bits.offset
            guard try bits.unsigned(16) == UInt64(FLACChecksum.crc16(rest.prefix(length))) else {
                throw FLACError(.checksum, at: 0, "the CRC-16 of a frame is wrong")
            }
            if let pairing = header.pairing { try appendPair(pairing, to: &channels) }
        } catch { throw FLACError(error.kind, at: offset + error.offset, error.detail) }
        return offset + bits.offset
    }

    /// Whether a channel holds the difference of a pair.
    private static func isSide(_ channel: Int, _ pairing: FLACFrameHeader.Pairing?) -> Bool {
        switch pairing {
        case nil: false
        case .leftSide, .midSide: channel == 1
        case .sideRight: channel == 0
        }
    }

    /// Takes a pair apart (RFC 9639 section 4.2) and appends its samples.
    private mutating func appendPair(
        _ pairing: FLACFrameHeader.Pairing, to channels: inout [PackedIntegers]
    ) throws(FLACError) {
        for index in blocks[0].indices {
            let (first, second) = (blocks[0][index], blocks[1][index])
            switch pairing {
            case .leftSide: blocks[1][index] = first - second
            case .sideRight: blocks[0][index] = first + second
            case .midSide:
                let middle = first << 1 | second & 1
                (blocks[0][index], blocks[1][index]) = ((middle + second) >> 1, (middle - second) >> 1)
            }
        }
        for index in blocks.indices { try append(blocks[index], to: &channels[index]) }
    }

    /// Appends samples, if they have the stream's width.
    private func append(_ block: [Int64], to channel: inout PackedIntegers) throws(FLACError) {
        let range = FLACSubframe.range(info.bitsPerSample)
        guard block.allSatisfy(range.contains) else {
            throw FLACError(.malformed, at: 0, "a frame's samples are wider than the stream's")
        }
        for sample in block { channel.append(Int32(truncatingIfNeeded: sample)) }
    }
}
