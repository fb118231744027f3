import Bytes
import ECG
import ECGFormats
import TestSupport
import Testing

@Suite struct WFDBCompressedTests {
    private static let streams = [
        "bits_12", "bits_20", "bits_32", "bits_32_full", "constant", "fixed", "left_side", "linear",
        "linear_32", "mid_side", "rice_5_bits", "seek_table", "side_right", "verbatim", "wasted",
        "wasted_some",
    ]

    /// Streams by libFLAC of each kind of subframe, and of each way to store a pair.
    @Test(arguments: streams) func decodesAsLibFLACDoes(name: String) throws {
        let stream = try FLACStream(
            FixtureCase.bytes(at: "wfdb/flac/streams/\(name).flac")[...], maximumSamples: 2_000)
        let oracle = try NumpyArray(FixtureCase.bytes(at: "wfdb/flac/streams/\(name).npy"))
        #expect(stream.channels.count == oracle.shape[1])
        for (channel, samples) in stream.channels.enumerated() {
            #expect(samples.numbers.map(Double.init) == (0..<oracle.shape[0]).flatMap { oracle[$0, channel] })
        }
    }

    @Test(arguments: streams) func refusesEveryCutAndDamagedFrame(name: String) throws {
        let bytes = try FixtureCase.bytes(at: "wfdb/flac/streams/\(name).flac")
        for length in bytes.indices {
            #expect(throws: FLACError.self) { try FLACStream(bytes[..<length], maximumSamples: 2_000) }
        }
        // The last bytes are those of a frame.
        for place in (bytes.count - 10)..<bytes.count {
            var damaged = bytes
            damaged[place] ^= UInt8(1 << (place % 8))
            #expect(throws: FLACError.self) { try FLACStream(damaged[...], maximumSamples: 2_000) }
        }
    }

    /// CRC-16 of RFC 9639 section 9.3, bit by bit.
    private func crc16(_ bytes: ArraySlice<UInt8>) -> UInt16 {
        bytes.reduce(0) { sum, byte in
            (0..<8).reduce(sum ^ UInt16(byte) << 8) { value, _ in
                value & 0x8000 == 0 ? value << 1 : value << 1 ^ 0x8005
            }
        }
    }

    /// Streams of one frame, every byte of it changed and the CRC-16 made right again: what is left is the decoder's own
    /// care, and the MD5.
    @Test(arguments: [
        "bits_12", "bits_20", "bits_32", "bits_32_full", "constant", "left_side", "linear", "linear_32",
        "rice_5_bits", "verbatim", "wasted",
    ]) func refusesDamageThatNoCRCShows(name: String) throws {
        let bytes = try FixtureCase.bytes(at: "wfdb/flac/streams/\(name).flac")
        var (start, isLast) = (4, false)
        while !isLast {
            isLast = bytes[start] & 0x80 != 0
            start += 4 + Int(bytes[start + 1]) << 16 + Int(bytes[start + 2]) << 8 + Int(bytes[start + 3])
        }
        try #require(crc16(bytes[start..<bytes.count]) == 0)
        for place in (start + 9)..<(bytes.count - 2) {
            var damaged = bytes
            damaged[place] ^= UInt8(truncatingIfNeeded: place &* 37) | 1
            let sum = crc16(damaged[start..<bytes.count - 2])
            damaged.replaceSubrange(
                (bytes.count - 2)..., with: [UInt8(sum >> 8), UInt8(truncatingIfNeeded: sum)])
            #expect(throws: FLACError.self) { try FLACStream(damaged[...], maximumSamples: 2_000) }
        }
    }

    private func code(
        _ edit: (String) -> String, samples: ([UInt8]) -> [UInt8] = { $0 }
    ) throws -> String {
        let header = try FixtureCase.bytes(at: "wfdb/flac/valid/flac_frames.hea")
        let text = edit(String(decoding: header, as: UTF8.self))
        let data = samples(try FixtureCase.bytes(at: "wfdb/flac/valid/flac_frames.dat"))
        do {
            let upload = try Upload(files: [("a.hea", Array(text.utf8)), ("flac_frames.dat", data)])
            return "\(try FormatRegistry.read(upload, options: ReadOptions()).recording.sampleCount)"
        } catch { return error.code.rawValue }
    }

    @Test func refusesWhatHeaderAndStreamSayDifferently() throws {
        #expect(try code { $0 } == "900")
        #expect(try code { $0.replacing("8 125\n", with: "8 125 225\n") } == "900")
        #expect(try code { $0.replacing("8 125\n", with: "8 125 226\n") } == "truncated")
        #expect(try code { $0.replacing("+100", with: "+1000") } == "truncated")
        #expect(try code { $0.replacing("+100", with: "") } == "checksum-mismatch")
        #expect(try code { $0.replacing("524x4", with: "508x4") } == "malformed")
        #expect(try code { $0.replacing("524x4", with: "516x4") } == "900")
        #expect(try code { $0.replacing("524x4", with: "532x4") } == "unsupported-encoding")
        #expect(try code { $0.replacing(/524x4(.*II\n)/) { "524x2\($0.1)" } } == "unsupported-encoding")
        #expect(try code { $0.replacing("8 125", with: "7 125") } == "malformed")
        #expect(try code({ $0 }, samples: { $0 + [0] }) == "malformed")
        #expect(try code({ $0 }, samples: { $0.dropLast() }) == "truncated")
        #expect(try code({ $0 }, samples: { $0.dropLast() + [0] }) == "checksum-mismatch")
    }
}
