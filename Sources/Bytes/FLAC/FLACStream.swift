/// The samples of a FLAC stream, decoded and verified.
///
///     "fLaC"  metadata block...  frame...
///     metadata block: last:1 type:7 length:24 content; the first one is STREAMINFO
///
/// Source: RFC 9639. Every frame's CRC-8 and CRC-16 and the stream's MD5 are verified; metadata other than STREAMINFO, seek
/// tables among them, are skipped.
package struct FLACStream: Sendable {
    /// What the first block of metadata says of all frames (RFC 9639 section 8.2).
    package struct Info: Sendable, Equatable {
        /// The most samples of a channel that a frame has.
        package let maximumBlockSize: Int
        package let sampleRate: Int
        package let channelCount: Int
        package let bitsPerSample: Int
        /// Samples of each channel; nil where the encoder did not know.
        package let sampleCount: Int?
        /// MD5 of all samples; nil where the encoder did not make it.
        let digest: [UInt8]?
    }

    package let info: Info
    package let channels: [PackedIntegers]

    static let marker = Array("fLaC".utf8)
    /// Samples of all channels that any stream may have, and that a longer one may have for each byte: a flat line takes next
    /// to none, recorded signals a byte for three.
    private static let freeSamples = 1 << 20
    private static let samplesPerByte = 64

    /// Whether bytes begin as a FLAC stream does.
    package static func isFLAC(_ bytes: some Sequence<UInt8>) -> Bool { bytes.starts(with: marker) }

    /// Decodes a whole stream of at most `maximumSamples` samples a channel.
    ///
    /// Throws: ``FLACError``.
    package init(_ bytes: ArraySlice<UInt8>, maximumSamples: Int) throws(FLACError) {
        let (info, start) = try Self.metadata(bytes)
        let allowed = max(Self.freeSamples, Self.samplesPerByte * bytes.count) / info.channelCount
        let maximum = min(maximumSamples, allowed)
        guard info.sampleCount ?? 0 <= maximum else {
            throw FLACError(
                .limit, at: 21, "\(info.sampleCount ?? 0) samples a channel, at most \(maximum) are read")
        }
        var channels = (0..<info.channelCount).map { _ in PackedIntegers() }
        var decoder = FLACFrameDecoder(info)
        var offset = start
        while offset < bytes.count, channels[0].count < info.sampleCount ?? .max {
            let left = (info.sampleCount ?? maximum) - channels[0].count
            offset = try decoder.decode(bytes, at: offset, atMost: left, into: &channels)
        }
        if let expected = info.sampleCount {
            guard channels[0].count == expected else {
                throw FLACError(
                    .truncated, at: bytes.count,
                    "the stream ends after \(channels[0].count) samples a channel of \(expected)")
            }
            guard offset == bytes.count else {
                throw FLACError(.malformed, at: offset, "bytes follow the last frame")
            }
        }
        if let digest = info.digest {
            let found = FLACChecksum.md5(of: channels, bitsPerSample: info.bitsPerSample)
            guard found == nil || found == digest else {
                throw FLACError(.checksum, at: 26, "the samples' MD5 is not the one that the stream states")
            }
        }
        for index in channels.indices { channels[index].release() }
        self.info = info
        self.channels = channels
    }

    /// STREAMINFO, and where the first frame begins.
    ///
    /// Throws: ``FLACError``.
    private static func metadata(_ bytes: ArraySlice<UInt8>) throws(FLACError) -> (Info, Int) {
        guard isFLAC(bytes) else {
            throw FLACError(.malformed, at: 0, "expected 'fLaC' at the beginning of a FLAC stream")
        }
        var reader = ByteReader(bytes)
        var info: Info?
        var isLast = false
        do {
            try reader.seek(to: marker.count, for: "marker")
            while !isLast {
                let start = reader.offset
                let head: UInt32 = try reader.bigEndian(for: "metadata block")
                isLast = head >> 31 == 1
                let (type, length) = (head >> 24 & 0x7F, Int(head & 0xFF_FFFF))
                let content = try reader.take(length, for: "metadata block")
                guard (type == 0) == (info == nil), type != 127 else {
                    throw FLACError(
                        .malformed, at: start,
                        "a metadata block of type \(type), expected STREAMINFO first and once")
                }
                if type == 0 { info = try Info(content, at: start + 4) }
            }
        } catch let error as FLACError { throw error } catch {
            throw FLACError(.truncated, at: bytes.count, "the stream ends inside its metadata")
        }
        guard let info else { throw FLACError(.malformed, at: marker.count, "no STREAMINFO") }
        return (info, reader.offset)
    }
}

extension FLACStream.Info {
    /// min block:16 max block:16 min frame:24 max frame:24 rate:20 channels-1:3 bits-1:5 samples:36 md5:128
    ///
    /// Throws: ``FLACError``.
    fileprivate init(_ content: ArraySlice<UInt8>, at offset: Int) throws(FLACError) {
        guard content.count == 34 else {
            throw FLACError(.malformed, at: offset, "STREAMINFO of \(content.count) bytes, expected 34")
        }
        var bits = BitReader(content)
        _ = try bits.unsigned(16)
        maximumBlockSize = Int(try bits.unsigned(16))
        _ = try bits.unsigned(48)
        sampleRate = Int(try bits.unsigned(20))
        channelCount = Int(try bits.unsigned(3)) + 1
        bitsPerSample = Int(try bits.unsigned(5)) + 1
        let count = Int(try bits.unsigned(36))
        sampleCount = count == 0 ? nil : count
        let digest = Array(content.suffix(16))
        self.digest = digest.allSatisfy { $0 == 0 } ? nil : digest
        guard maximumBlockSize >= 16, bitsPerSample >= 4 else {
            throw FLACError(
                .malformed, at: offset,
                "STREAMINFO states blocks of \(maximumBlockSize) samples of \(bitsPerSample) bits, "
                    + "expected at least 16 of 4")
        }
    }
}
