/// One channel of a frame (RFC 9639 section 9.2).
///
///     0:1 type:6 wasted:1 [zeros and a one: the number of wasted bits]
///     type 0 constant: sample            1 verbatim: samples
///     8+p fixed, p 0 to 4: p samples, residual
///     31+p linear, p 1 to 32: p samples, precision-1:4 shift:5 coefficients, residual
enum FLACSubframe {
    /// The numbers that two's complement of some bits can hold.
    static func range(_ bits: Int) -> ClosedRange<Int64> { -(1 << (bits - 1))...(1 << (bits - 1)) - 1 }

    /// Coefficients of the fixed predictors by their order (RFC 9639 section 9.2.5).
    private static let fixed: [[Int64]] = [[], [1], [2, -1], [3, -3, 1], [4, -6, 4, -1]]

    /// Decodes `count` samples of at most `width` bits in place of those in `block`.
    ///
    /// Throws: ``FLACError``.
    static func decode(
        _ bits: inout BitReader, width: Int, count: Int, into block: inout [Int64]
    ) throws(FLACError) {
        let place = bits.offset
        let reserved = FLACError(.malformed, at: place, "a subframe's header has reserved values")
        guard try bits.unsigned(1) == 0 else { throw reserved }
        let type = Int(try bits.unsigned(6))
        let wasted = try bits.unsigned(1) == 0 ? 0 : try bits.zerosBeforeOne() + 1
        guard wasted < width else {
            throw FLACError(.malformed, at: place, "\(wasted) wasted bits of \(width)")
        }
        let stored = width - wasted
        block.removeAll(keepingCapacity: true)
        switch type {
        case 0: block.append(contentsOf: repeatElement(try bits.signed(stored), count: count))
        case 1: for _ in 0..<count { block.append(try bits.signed(stored)) }
        case 8...12:
            try warmUp(&bits, order: type - 8, stored, count, into: &block)
            try FLACResidual.decode(&bits, order: type - 8, count: count, into: &block)
            try predict(&block, fixed[type - 8], shift: 0, within: range(stored), at: place)
        case 32...63:
            try warmUp(&bits, order: type - 31, stored, count, into: &block)
            let (coefficients, shift) = try linear(&bits, order: type - 31)
            try FLACResidual.decode(&bits, order: type - 31, count: count, into: &block)
            try predict(&block, coefficients, shift: shift, within: range(stored), at: place)
        default: throw reserved
        }
        if wasted > 0 { for index in block.indices { block[index] <<= Int64(wasted) } }
    }

    /// The samples that the first prediction is made of.
    private static func warmUp(
        _ bits: inout BitReader, order: Int, _ width: Int, _ count: Int, into block: inout [Int64]
    ) throws(FLACError) {
        guard order <= count else {
            throw FLACError(
                .malformed, at: bits.offset, "a predictor of order \(order) in a block of \(count) samples")
        }
        for _ in 0..<order { block.append(try bits.signed(width)) }
    }

    /// Coefficients, the one of the sample just before first, and by how many bits their sum of products is shifted.
    private static func linear(
        _ bits: inout BitReader, order: Int
    ) throws(FLACError) -> (coefficients: [Int64], shift: Int64) {
        let place = bits.offset
        let precision = Int(try bits.unsigned(4)) + 1
        let shift = try bits.signed(5)
        guard precision < 16, shift >= 0 else {
            throw FLACError(.malformed, at: place, "a linear predictor has reserved values")
        }
        var coefficients: [Int64] = []
        for _ in 0..<order { coefficients.append(try bits.signed(precision)) }
        return (coefficients, shift)
    }

    /// Adds to every residual what the samples before it predict.
    ///
    /// Each sample is checked before it takes part in a prediction: samples of 33 bits times 32 coefficients of 15 and a
    /// residual of 32 stay within 64.
    private static func predict(
        _ block: inout [Int64], _ coefficients: [Int64], shift: Int64, within range: ClosedRange<Int64>,
        at place: Int
    ) throws(FLACError) {
        let order = coefficients.count
        for index in order..<max(order, block.count) {
            var sum: Int64 = 0
            for place in 0..<order { sum += coefficients[place] * block[index - 1 - place] }
            let sample = block[index] + (sum >> shift)
            guard range.contains(sample) else {
                throw FLACError(.malformed, at: place, "a predicted sample is wider than the stream's")
            }
            block[index] = sample
        }
    }
}

/// What a predictor left, in partitions of Rice codes (RFC 9639 section 9.2.7).
///
///     method:2 partition order:4, for each of 2^order partitions
///     parameter: 4 or 5 bits; its highest value: width:5 and the numbers as they are
///     else each number: zeros and a one, parameter bits; even ones positive, odd ones negative
enum FLACResidual {
    /// Appends as many numbers as `block` lacks of `count`.
    ///
    /// Throws: ``FLACError``.
    static func decode(
        _ bits: inout BitReader, order: Int, count: Int, into block: inout [Int64]
    ) throws(FLACError) {
        let place = bits.offset
        let method = try bits.unsigned(2)
        let partitions = 1 << Int(try bits.unsigned(4))
        guard method < 2 else {
            throw FLACError(.malformed, at: place, "a residual's coding method is reserved")
        }
        guard count % partitions == 0, count / partitions >= order else {
            throw FLACError(
                .malformed, at: place,
                "\(partitions) partitions of \(count) samples behind a predictor of order \(order)")
        }
        let width = method == 0 ? 4 : 5
        for partition in 0..<partitions {
            let size = count / partitions - (partition == 0 ? order : 0)
            let parameter = Int(try bits.unsigned(width))
            if parameter == 1 << width - 1 {
                let raw = Int(try bits.unsigned(5))
                for _ in 0..<size { block.append(try bits.signed(raw)) }
            } else {
                try rice(&bits, parameter: parameter, size, into: &block)
            }
        }
    }

    private static func rice(
        _ bits: inout BitReader, parameter: Int, _ count: Int, into block: inout [Int64]
    ) throws(FLACError) {
        for _ in 0..<count {
            let high = try bits.zerosBeforeOne()
            guard high <= Int(UInt32.max) >> parameter else {
                throw FLACError(.malformed, at: bits.offset, "a residual of more than 32 bits")
            }
            let folded = UInt64(high) << UInt64(parameter) | (try bits.unsigned(parameter))
            block.append(Int64(folded >> 1) ^ -Int64(folded & 1))
        }
    }
}
