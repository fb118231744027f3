/// Whole numbers of which most are near the one before, such as a converter's counts, in as few bits as their blocks need.
///
///     block     64 numbers of width bits each, least significant first: as many words as the width has bits
///     number    first or second difference: 0, -1, 1, -2, 2, ... as 0, 1, 2, 3, 4, ...
///
/// A block has the differences that need fewer bits, as the fixed predictors of RFC 9639 section 9.2.5. What does not fill a
/// block is held as it is. Numbers are read from the beginning on.
package struct PackedIntegers: Sendable, Sequence {
    fileprivate static let blockSize = 64

    /// Of each block: 128 for second differences, and its width.
    private var heads: [UInt8] = []
    private var words: [UInt64] = []
    /// The numbers behind the last block.
    private var open: [Int32] = []
    /// The last two in a block.
    private var last = Pair()

    package init() {}

    package init(_ numbers: [Int32]) {
        let whole = numbers.count / Self.blockSize * Self.blockSize
        heads.reserveCapacity(numbers.count / Self.blockSize)
        for start in stride(from: 0, to: whole, by: Self.blockSize) {
            pack(numbers.span.extracting(start..<start + Self.blockSize))
        }
        open = Array(numbers[whole...])
        release()
    }

    package var count: Int { heads.count * Self.blockSize + open.count }

    /// Bytes that the numbers take.
    package var byteCount: Int {
        heads.capacity + words.capacity * MemoryLayout<UInt64>.size + open.capacity * MemoryLayout<Int32>.size
    }

    package mutating func append(_ number: Int32) {
        open.append(number)
        guard open.count == Self.blockSize else { return }
        let full = open
        pack(full.span)
        open.removeAll(keepingCapacity: true)
    }

    /// Gives back the room that was kept for more numbers.
    package mutating func release() {
        guard words.capacity > words.count + words.count / 8 else { return }
        var exact: [UInt64] = []
        exact.reserveCapacity(words.count)
        exact += words
        words = exact
    }

    /// All of them.
    package var numbers: [Int32] {
        var numbers = [Int32](repeating: 0, count: count)
        let words = words.span
        var target = numbers.mutableSpan
        var reader = Reader()
        for (block, head) in heads.enumerated() {
            reader.begin(head)
            let start = block * Self.blockSize
            for index in start..<start + Self.blockSize { target[index] = reader.next(words) }
        }
        for (index, number) in open.enumerated() { target[heads.count * Self.blockSize + index] = number }
        return numbers
    }

    /// One after another, for who cannot have all at once.
    package func makeIterator() -> Iterator { Iterator(self) }

    package struct Iterator: IteratorProtocol {
        private let integers: PackedIntegers
        private var reader = Reader()
        private var position = 0

        fileprivate init(_ integers: PackedIntegers) { self.integers = integers }

        package mutating func next() -> Int32? {
            let (block, place) = position.quotientAndRemainder(dividingBy: blockSize)
            position += 1
            guard block < integers.heads.count else {
                return place < integers.open.count && block == integers.heads.count
                    ? integers.open[place] : nil
            }
            if place == 0 { reader.begin(integers.heads[block]) }
            let words = integers.words
            return reader.next(words.span)
        }
    }

    /// Some of them, packed again.
    package func part(from first: Int, count: Int) -> PackedIntegers {
        PackedIntegers(Array(numbers.dropFirst(first).prefix(count)))
    }

    /// Packs the numbers of a block.
    private mutating func pack(_ numbers: Span<Int32>) {
        let order = Self.order(numbers, behind: last)
        var (held, heldCount) = (UInt64(0), 0)
        for index in numbers.indices {
            let number = Int64(numbers[index])
            let folded = Self.folded(number - last.predicted(order.isSecond))
            last.push(number)
            held |= folded &<< UInt64(heldCount)
            heldCount += order.width
            guard heldCount >= UInt64.bitWidth else { continue }
            words.append(held)
            heldCount -= UInt64.bitWidth
            held = heldCount == 0 ? 0 : folded &>> UInt64(order.width - heldCount)
        }
        heads.append((order.isSecond ? 128 : 0) | UInt8(order.width))
    }

    /// Which differences of a block need fewer bits, and how many.
    private static func order(_ numbers: Span<Int32>, behind last: Pair) -> (isSecond: Bool, width: Int) {
        var (first, second, before) = (UInt64(0), UInt64(0), last)
        for index in numbers.indices {
            let number = Int64(numbers[index])
            first |= folded(number - before.predicted(false))
            second |= folded(number - before.predicted(true))
            before.push(number)
        }
        let (one, two) = (first.leadingZeroBitCount, second.leadingZeroBitCount)
        return (two > one, UInt64.bitWidth - Swift.max(one, two))
    }

    @inline(__always)
    private static func folded(_ difference: Int64) -> UInt64 {
        UInt64(bitPattern: difference &<< 1 ^ difference &>> 63)
    }

    /// Two numbers, of which the next one is predicted.
    fileprivate struct Pair: Sendable {
        private var (newer, older) = (Int64(0), Int64(0))

        @inline(__always)
        func predicted(_ isSecond: Bool) -> Int64 { isSecond ? 2 &* newer &- older : newer }

        @inline(__always)
        mutating func push(_ number: Int64) { (newer, older) = (number, newer) }
    }

    /// Unpacks the numbers of one block after another.
    fileprivate struct Reader {
        private var place = 0
        private var held: UInt64 = 0
        private var heldCount = 0
        private var isSecond = false
        private var width = 0
        private var mask: UInt64 = 0
        private var last = Pair()

        mutating func begin(_ head: UInt8) {
            (isSecond, width) = (head >= 128, Int(head & 127))
            mask = 1 &<< UInt64(width) &- 1
        }

        @inline(__always)
        mutating func next(_ words: Span<UInt64>) -> Int32 {
            var folded = held
            if heldCount < width {
                let word = words[place]
                place += 1
                folded |= word &<< UInt64(heldCount)
                held = word &>> UInt64(width - heldCount)
                heldCount += UInt64.bitWidth - width
            } else {
                held &>>= UInt64(width)
                heldCount -= width
            }
            folded &= mask
            let number = last.predicted(isSecond) &+ (Int64(folded &>> 1) ^ -Int64(folded & 1))
            last.push(number)
            return Int32(truncatingIfNeeded: number)
        }
    }
}
