import Bytes
import Testing

@Suite struct PackedIntegersTests {
    private static func noise(_ count: Int, bits: Int, seed: UInt64) -> [Int32] {
        var state = seed
        return (0..<count).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int32(truncatingIfNeeded: Int64(bitPattern: state) >> Int64(64 - bits))
        }
    }

    /// Of every width, and ending within, at and behind a block.
    @Test(arguments: [0, 1, 63, 64, 65, 127, 128, 129, 1_000])
    func givesBackWhatWasPutIn(count: Int) {
        for bits in 1...32 {
            let numbers = Self.noise(count, bits: bits, seed: UInt64(count + bits))
            let packed = PackedIntegers(numbers)
            #expect(packed.count == count)
            #expect(packed.numbers == numbers)
        }
    }

    @Test func holdsTheLargestDifferences() {
        let extremes = (0..<200).map { $0 % 2 == 0 ? Int32.min : .max }
        #expect(PackedIntegers(extremes).numbers == extremes)
        let steps = (0..<200).map { [0, Int32.min, Int32.max, Int32.max][$0 % 4] }
        #expect(PackedIntegers(steps).numbers == steps)
    }

    @Test func readsWhileNumbersAreStillAdded() {
        let numbers = Self.noise(300, bits: 12, seed: 3)
        var packed = PackedIntegers()
        for (index, number) in numbers.enumerated() {
            packed.append(number)
            if index % 50 == 0 { #expect(packed.numbers == Array(numbers[...index])) }
        }
        packed.release()
        #expect(packed.numbers == numbers)
    }

    /// A ramp has second differences of 0, a level line first ones; noise of 5 bits differs by 6 at most.
    @Test func takesAsFewBitsAsTheDifferencesHave() {
        let ends = 64 * MemoryLayout<Int32>.size + 64
        let ramp = PackedIntegers((0..<6_400).map { Int32($0) * 1_000 })
        let level = PackedIntegers([Int32](repeating: 1_234_567, count: 6_400))
        let noise = PackedIntegers(Self.noise(6_400, bits: 5, seed: 9))
        #expect(ramp.byteCount < 100 * 2 + ends)
        #expect(level.byteCount < 100 * 2 + ends)
        #expect(noise.byteCount < 6_400 * 6 / 8 + 100 + 6_400 / 8 + ends)
    }
}
