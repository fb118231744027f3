/// Huffman tables (EN 1064 section 5.5, section 2 of a record), each as a tree, one bit a step.
///
///     section 2   19999: the default table; else number of tables u16, of each: number of codes u16, codes
///     code        bits of the prefix u8, bits in all u8, mode u8 (1: value, 0: go to table), value i16, prefix u32
///
/// The first bit of a prefix is its least significant one. Bits beyond the prefix are the value itself, in two's
/// complement.
struct SCPHuffman {
    private var tables: [Tree] = []

    private static let defaultTable = 19_999
    private static let maximumCodes = 4_096

    /// Reads section 2; nil when it has no table, as samples are then not coded.
    ///
    /// Throws: ``FormatError``.
    init?(_ body: BinaryView) throws(FormatError) {
        let count = Int(try body.integer(at: 0, as: UInt16.self, .little, for: "number of tables"))
        guard count != Self.defaultTable else {
            tables = [.standard]
            return
        }
        guard count > 0 else { return nil }
        var offset = 2
        for _ in 0..<count {
            let codes = Int(try body.integer(at: offset, as: UInt16.self, .little, for: "number of codes"))
            guard codes <= Self.maximumCodes else {
                throw body.refusal(.limitExceeded, at: offset, "\(codes) codes in one Huffman table")
            }
            let run = try body.window(at: offset + 2, count: 9 * codes, for: "Huffman codes")
            var tree = Tree()
            for index in 0..<codes { try tree.insert(run, at: 9 * index) }
            tables.append(tree)
            offset += 2 + 9 * codes
        }
    }

    /// Decodes exactly `count` values; bits beyond are padding.
    ///
    /// Throws: ``FormatError`` when the bits end early or are no code.
    func decode(_ data: BinaryView, count: Int) throws(FormatError) -> [Int32] {
        // Each value takes a bit or more: a count that cannot fit is refused before memory is set aside.
        guard count <= 8 * data.count else { throw data.truncated(at: data.count, needed: 1, for: "samples") }
        var values: [Int32] = []
        values.reserveCapacity(count)
        var bits = Bits(data)
        var table = 0
        while values.count < count {
            let leaf = try tables[table].walk(&bits)
            if leaf.switchesTable {
                guard (1...tables.count).contains(Int(leaf.value)) else {
                    throw data.malformed(at: bits.position / 8, "no Huffman table \(leaf.value)")
                }
                table = Int(leaf.value) - 1
                continue
            }
            values.append(leaf.value &+ (try bits.signed(leaf.extraBits)))
        }
        return values
    }

    /// Bits from the most significant of the first byte on.
    struct Bits {
        let data: BinaryView
        private let start: Int
        private let end: Int
        private(set) var position = 0

        init(_ data: BinaryView) {
            self.data = data
            start = data.bytes.startIndex
            end = 8 * data.count
        }

        mutating func next() throws(FormatError) -> Int {
            guard position < end else {
                throw data.truncated(at: data.count, needed: 1, for: "Huffman coded samples")
            }
            defer { position += 1 }
            return Int(data.bytes[start + position >> 3] >> UInt8(7 - position & 7)) & 1
        }

        mutating func signed(_ count: Int) throws(FormatError) -> Int32 {
            guard count > 0 else { return 0 }
            var value: UInt32 = 0
            for _ in 0..<count { value = value << 1 | UInt32(try next()) }
            let shift = UInt32(32 - count)
            return Int32(bitPattern: value << shift) >> Int32(shift)
        }
    }

    struct Leaf {
        let value: Int32
        let extraBits: Int
        let switchesTable: Bool
    }

    struct Tree {
        /// Positive: next node; negative: leaf -1 - n; 0: no code.
        private var nodes: [(Int, Int)] = [(0, 0)]
        private var leaves: [Leaf] = []

        /// EN 1064 table 7: 0; n ones, a zero and the sign for 1 to 8; 8 or 16 bits after ten bits.
        static let standard: Tree = {
            var tree = Tree()
            tree.insert(bits: [0], Leaf(value: 0, extraBits: 0, switchesTable: false))
            for magnitude in 1...8 {
                let ones = [Int](repeating: 1, count: magnitude) + [0]
                for (sign, value) in [(0, magnitude), (1, -magnitude)] {
                    tree.insert(
                        bits: ones + [sign], Leaf(value: Int32(value), extraBits: 0, switchesTable: false))
                }
            }
            let long = [Int](repeating: 1, count: 9)
            tree.insert(bits: long + [0], Leaf(value: 0, extraBits: 8, switchesTable: false))
            tree.insert(bits: long + [1], Leaf(value: 0, extraBits: 16, switchesTable: false))
            return tree
        }()

        /// False when another code is in the way.
        @discardableResult mutating func insert(bits: [Int], _ leaf: Leaf) -> Bool {
            var node = 0
            for (index, bit) in bits.enumerated() {
                let next = bit == 0 ? nodes[node].0 : nodes[node].1
                let isLast = index == bits.count - 1
                guard next >= 0, !isLast || next == 0 else { return false }
                guard next == 0 else {
                    node = next
                    continue
                }
                if isLast { leaves.append(leaf) } else { nodes.append((0, 0)) }
                let target = isLast ? -leaves.count : nodes.count - 1
                if bit == 0 { nodes[node].0 = target } else { nodes[node].1 = target }
                node = target
            }
            return true
        }

        mutating func insert(_ codes: BinaryView, at offset: Int) throws(FormatError) {
            let head = try codes.run(at: offset, count: 3, for: "a Huffman code")
            let (prefix, total, mode) = (
                Int(head[head.startIndex]), Int(head[head.startIndex + 1]), head.last
            )
            let value = try codes.integer(at: offset + 3, as: Int16.self, .little, for: "a Huffman code")
            let code = try codes.integer(at: offset + 5, as: UInt32.self, .little, for: "a Huffman code")
            guard (1...32).contains(prefix), (prefix...prefix + 24).contains(total) else {
                throw codes.malformed(at: offset, "a Huffman code of \(prefix) and \(total) bits")
            }
            let bits = (0..<prefix).map { Int(code >> UInt32($0)) & 1 }
            let leaf = Leaf(value: Int32(value), extraBits: total - prefix, switchesTable: mode == 0)
            guard insert(bits: bits, leaf) else {
                throw codes.malformed(at: offset, "a Huffman code that begins like another")
            }
        }

        func walk(_ bits: inout Bits) throws(FormatError) -> Leaf {
            var node = 0
            while true {
                let at = bits.position
                node = try bits.next() == 0 ? nodes[node].0 : nodes[node].1
                if node < 0 { return leaves[-1 - node] }
                guard node > 0 else { throw bits.data.malformed(at: at / 8, "bits that are no Huffman code") }
            }
        }
    }
}
