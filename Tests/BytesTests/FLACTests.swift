import Bytes
import Testing

/// Streams written by hand: the examples of the standard, and what encoders never write.
@Suite struct FLACTests {
    private static func bytes(_ hexadecimal: String) -> [UInt8] {
        let digits = hexadecimal.compactMap(\.hexDigitValue)
        return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] * 16 + digits[$0 + 1]) }
    }

    /// RFC 9639 appendix D.1.
    private static let first = bytes(
        """
        664c6143 80000022 10001000 00000f00 000f0ac4 42f00000 00013e84 b41807dc 69030758
        6a3dad1a 2e0ffff8 69180000 bf0358fd 03128baa 9a
        """)

    /// RFC 9639 appendix D.2: a seek table, a comment, padding, two frames, a side channel and a fixed predictor.
    private static let second = bytes(
        """
        664c6143 00000022 00100010 00001700 00440ac4 42f00000 0013d5b0 564975e9 8b8d8b93
        0422757b 81030300 00120000 00000000 00000000 00000000 00000010 0400003a 20000000
        72656665 72656e63 65206c69 62464c41 4320312e 332e3320 32303139 30383034 01000000
        0e000000 5449544c 453dd7a9 d79cd795 d79d8100 00060000 00000000 fff86998 000f9912
        08670162 3d144299 8f5df70d 6fe00c17 caeb2100 0ee7a77a 24a1590c 1217b603 097b784f
        aa9a33d2 85e070ad 5b1b4851 b4010d99 d2cd1a68 f1e6b810 fff86918 0102a402 c382c40b
        c14a03ee 48dd03b6 7c1330
        """)

    private func decode(_ bytes: [UInt8], limit: Int = 10_000) throws(FLACError) -> [[Int32]] {
        try FLACStream(bytes[...], maximumSamples: limit).channels.map(\.numbers)
    }

    private func kind(_ bytes: [UInt8], limit: Int = 10_000) -> FLACError.Kind? {
        do {
            _ = try decode(bytes, limit: limit)
            return nil
        } catch {
            #expect((0...bytes.count).contains(error.offset) && error.detail.count > 10)
            return error.kind
        }
    }

    @Test func decodesTheExamplesOfTheStandard() throws {
        #expect(try decode(Self.first) == [[25_588], [10_416]])
        // Their MD5 is verified on the way.
        #expect(try decode(Self.second).map(\.count) == [19, 19])
    }

    @Test(arguments: [first, second]) func refusesEveryCutAndEveryFlippedBitOfAFrame(stream: [UInt8]) {
        for length in stream.indices { #expect(kind(Array(stream[..<length])) != nil) }
        let frames = stream.firstIndex(of: 0xFF) ?? 0
        for place in frames..<stream.count {
            for bit in 0..<8 {
                var damaged = stream
                damaged[place] ^= 1 << bit
                #expect(kind(damaged) != nil)
            }
        }
    }

    @Test func readsWhatEncodersDoNotWrite() throws {
        // Raw partitions of three bits and of none, behind a predictor of order 1; six bits of which two are wasted.
        let fixed = FLACWriter.frame { body in
            for (value, count) in [(9, 7), (1, 1), (1, 2), (-3, 4), (0, 2), (1, 4)] { body.put(value, count) }
            for (value, count) in [(15, 4), (3, 5)] { body.put(value, count) }
            for index in 0..<7 { body.put(index % 2 == 0 ? 2 : -2, 3) }
            for (value, count) in [(15, 4), (0, 5)] { body.put(value, count) }
        }
        let wave = (0..<16).map { Int32($0 < 8 && $0 % 2 == 1 ? -4 : -12) }
        let expected = Array(wave[..<8]) + [Int32](repeating: wave[7], count: 8)
        #expect(try decode(FLACWriter.stream(bits: 6, samples: 16, frames: [fixed])) == [expected])
        // A parameter of five bits, its escape, and a linear predictor with shift.
        let linear = FLACWriter.frame(extra: (14, 16), number: [0xFE, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80]) {
            body in
            for (value, count) in [(33, 7), (0, 1), (10, 8), (20, 8), (2, 4), (1, 5), (3, 3), (-1, 3)] {
                body.put(value, count)
            }
            for (value, count) in [(1, 2), (1, 4), (31, 5), (7, 5)] { body.put(value, count) }
            for _ in 0..<6 { body.put(-20, 7) }
            body.put(16, 5)
            for index in 0..<8 { body.rice(index - 70_000, parameter: 16) }
        }
        let stream = FLACWriter.stream(bits: 32, frames: [linear])
        // Of 32 bits the first samples have 32.
        #expect(kind(stream) != nil)
        #expect(kind(FLACWriter.stream(frames: [linear])) == .malformed)
    }

    @Test func takesPairsApart() throws {
        for (channels, expected) in [
            (8, [[9, 9], [12, 12]]), (9, [[-4, -4], [-3, -3]]), (10, [[8, 8], [11, 11]]),
        ] {
            let frame = FLACWriter.frame(size: 2, channels: channels) { body in
                let values = channels == 9 ? [(-1, 9), (-3, 8)] : [(9, 8), (-3, 9)]
                for (value, count) in values { for (v, c) in [(0, 8), (value, count)] { body.put(v, c) } }
            }
            let found = try decode(FLACWriter.stream(channels: 2, frames: [frame]))
            #expect(found == expected.map { $0.map(Int32.init) })
        }
    }

    @Test func boundsWhatAFewBytesCanBecome() throws {
        let flat = FLACWriter.frame(size: 65_535) { body in for (v, c) in [(0, 8), (5, 8)] { body.put(v, c) }
        }
        func stream(_ count: Int, samples: Int = 0) -> [UInt8] {
            let frames = [[UInt8]](repeating: flat, count: count)
            return FLACWriter.stream(samples: samples, largestBlock: 65_535, frames: frames)
        }
        #expect(try decode(stream(16), limit: 2_000_000).first?.count == 1_048_560)
        #expect(kind(stream(17), limit: 2_000_000) == .limit)
        #expect(kind(stream(17, samples: 17 * 65_535), limit: 2_000_000) == .limit)
    }

    /// A frame of one channel whose only subframe begins with these numbers of so many bits.
    private func subframe(_ fields: (Int, Int)...) -> [UInt8] {
        FLACWriter.stream(
            samples: 16, frames: [FLACWriter.frame { body in for (v, c) in fields { body.put(v, c) } }])
    }

    @Test func refusesEachDefect() {
        let constant = FLACWriter.frame { body in for (v, c) in [(0, 8), (5, 8)] { body.put(v, c) } }
        func edited(_ edit: @escaping (inout [UInt8]) -> Void) -> [UInt8] {
            FLACWriter.stream(
                frames: [
                    FLACWriter.frame(edit: edit) { body in for (v, c) in [(0, 8), (5, 8)] { body.put(v, c) } }
                ])
        }
        #expect(kind(FLACWriter.stream(samples: 16, frames: [constant])) == nil)
        let picture: [UInt8] = [6, 0xFF, 0xFF, 0xFF]
        let defects: [(FLACError.Kind, [UInt8])] = [
            (.malformed, Array("OggS".utf8) + constant),
            (.truncated, Array("fLaC".utf8)),
            (.malformed, Array("fLaC".utf8) + [0x81, 0, 0, 1, 0]),
            (.malformed, Array("fLaC".utf8) + [0x80, 0, 0, 1, 0]),
            (.truncated, FLACWriter.stream(metadata: picture, frames: [constant])),
            (.malformed, FLACWriter.stream(metadata: [0xFF, 0, 0, 0], frames: [constant])),
            (.malformed, FLACWriter.stream(metadata: [0x80, 0, 0, 0], frames: [constant])),
            (.malformed, FLACWriter.stream(bits: 3, frames: [constant])),
            (.malformed, FLACWriter.stream(largestBlock: 15, frames: [constant])),
            (.malformed, FLACWriter.stream(channels: 2, frames: [constant])),
            (.malformed, FLACWriter.stream(samples: 16, frames: [constant, [0]])),
            (.truncated, FLACWriter.stream(samples: 17, frames: [constant])),
            (.limit, FLACWriter.stream(samples: 15, frames: [constant])),
            (.limit, FLACWriter.stream(samples: 10_001, frames: [constant])),
            (.limit, FLACWriter.stream(frames: [[UInt8]](repeating: constant, count: 626))),
            (.checksum, FLACWriter.stream(md5: Array(1...16), frames: [constant])),
            (.malformed, FLACWriter.stream(frames: [[0xFF, 0xFA] + constant.dropFirst(2)])),
            (.checksum, FLACWriter.stream(frames: [constant.dropLast() + [constant.last! ^ 1]])),
            (.malformed, edited { $0[2] &= 0x0F }), (.malformed, edited { $0[2] |= 0x0F }),
            (.malformed, edited { $0[3] |= 0xB0 }), (.malformed, edited { $0[3] |= 0x06 }),
            (.malformed, edited { $0[3] |= 0x01 }), (.malformed, edited { $0[3] |= 0x08 }),
            (.malformed, edited { $0[4] = 0x80 }), (.malformed, edited { $0[4] = 0xFF }),
            (.malformed, edited { $0[4] = 0xC2 }), (.malformed, edited { $0[5] = 0xFF }),
            (.malformed, subframe((1, 1), (0, 15))), (.malformed, subframe((2, 7), (0, 9))),
            (.malformed, subframe((13, 7), (0, 9))), (.malformed, subframe((31, 7), (0, 9))),
            (.malformed, subframe((0, 7), (1, 1), (1, 8), (0, 8))),
            (.truncated, subframe((1, 7), (0, 1), (0, 8))),
            (.malformed, subframe((48, 7), (0, 129), (0, 64))),
            (.malformed, subframe((32, 7), (0, 1), (0, 8), (15, 4), (0, 5), (0, 64))),
            (.malformed, subframe((32, 7), (0, 1), (0, 8), (1, 4), (-1, 5), (0, 64))),
            (.malformed, subframe((8, 7), (0, 1), (2, 2), (0, 64))),
            (.malformed, subframe((8, 7), (0, 1), (0, 2), (5, 4), (0, 64))),
            (.malformed, subframe((12, 7), (0, 1), (0, 32), (0, 2), (3, 4), (0, 64))),
            (.malformed, subframe((8, 7), (0, 1), (1, 2), (0, 4), (30, 5), (0, 4), (1, 1), (0, 64))),
            (.malformed, subframe((8, 7), (0, 1), (0, 2), (0, 4), (0, 4), (0, 300), (-1, 16))),
            (.malformed, subframe((8, 7), (0, 1), (0, 2), (0, 4), (0, 4), (-1, 16), (1, 6))),
        ]
        for (index, (expected, bytes)) in defects.enumerated() {
            #expect(kind(bytes) == expected, "defect \(index)")
        }
    }
}
