/// One pass of a self-sorting transform: `count` butterflies of `radix`, each for `stride` interleaved series.
struct FourierPass: Sendable {
    let radix: Int
    /// Butterflies with roots of their own: the remaining length divided by the radix.
    let count: Int
    /// Series that earlier passes have interleaved: the product of their radices.
    let stride: Int
    /// exp(-2 pi i p k/(radix count)), `[count, radix - 1]` for k from 1.
    let roots: [Complex]

    /// The passes for a length whose only prime factors are 2, 3 and 5; nil for another length.
    static func passes(length: Int) -> [FourierPass]? {
        var remaining = length
        var radices: [Int] = []
        for radix in [5, 3, 4, 2] {
            while remaining % radix == 0 {
                radices.append(radix)
                remaining /= radix
            }
        }
        return remaining == 1 ? passes(length: length, radices: radices) : nil
    }

    /// The passes for 2^`twos`, or 3 times or 5 times that.
    static func passes(length: Int, twos: Int) -> [FourierPass] {
        let odd = length >> twos
        var radices = odd == 1 ? [] : [odd]
        radices += [Int](repeating: 4, count: twos / 2)
        if twos % 2 == 1 { radices.append(2) }
        return passes(length: length, radices: radices)
    }

    /// The smallest of 2^j, 3 2^j and 5 2^j that is at least `minimum`, and its j.
    static func nextLength(atLeast minimum: Int) -> (length: Int, twos: Int) {
        var best = (length: 1, twos: 0)
        while best.length < minimum { best = (best.length * 2, best.twos + 1) }
        for odd in [3, 5] {
            var candidate = (length: odd, twos: 0)
            while candidate.length < minimum { candidate = (candidate.length * 2, candidate.twos + 1) }
            if candidate.length < best.length { best = candidate }
        }
        return best
    }

    /// The transform: every pass in turn, from one array into the other.
    static func run(_ passes: [FourierPass], on samples: [Complex]) -> [Complex] {
        var input = samples
        var output = [Complex](repeating: .zero, count: samples.count)
        for pass in passes {
            switch pass.radix {
            case 2: pass.pairs(input, &output)
            case 3: pass.triples(input, &output)
            case 4: pass.quadruples(input, &output)
            default: pass.quintuples(input, &output)
            }
            swap(&input, &output)
        }
        return input
    }

    private static func passes(length: Int, radices: [Int]) -> [FourierPass] {
        var remaining = length
        var stride = 1
        return radices.map { radix in
            let pass = FourierPass(length: remaining, radix: radix, stride: stride)
            remaining /= radix
            stride *= radix
            return pass
        }
    }

    private init(length: Int, radix: Int, stride: Int) {
        self.radix = radix
        self.stride = stride
        count = length / radix
        roots = (0..<length / radix).flatMap { p in (1..<radix).map { Complex.root(p * $0, of: length) } }
    }

    // The butterflies, written out: sample j of butterfly p is input[series + stride (p + count j)], and its
    // bin k goes to output[series + stride (radix p + k)].

    private func pairs(_ input: [Complex], _ output: inout [Complex]) {
        let roots = roots
        for p in 0..<count {
            let root = roots[p]
            for series in 0..<stride {
                let from = series + stride * p
                let to = series + stride * 2 * p
                let a = input[from]
                let b = input[from + stride * count]
                output[to] = a + b
                output[to + stride] = Complex.product(a - b, root)
            }
        }
    }

    private func triples(_ input: [Complex], _ output: inout [Complex]) {
        let roots = roots
        let sine = 0.75.squareRoot()
        for p in 0..<count {
            for series in 0..<stride {
                let from = series + stride * p
                let to = series + stride * 3 * p
                let a = input[from]
                let b = input[from + stride * count]
                let c = input[from + stride * count * 2]
                let sum = b + c
                let middle = a - 0.5 * sum
                let turned = Complex.turned(b - c) * sine
                output[to] = a + sum
                output[to + stride] = Complex.product(middle + turned, roots[2 * p])
                output[to + 2 * stride] = Complex.product(middle - turned, roots[2 * p + 1])
            }
        }
    }

    private func quadruples(_ input: [Complex], _ output: inout [Complex]) {
        let roots = roots
        let step = stride * count
        for p in 0..<count {
            for series in 0..<stride {
                let from = series + stride * p
                let to = series + stride * 4 * p
                let evenSum = input[from] + input[from + 2 * step]
                let evenDifference = input[from] - input[from + 2 * step]
                let oddSum = input[from + step] + input[from + 3 * step]
                let oddDifference = Complex.turned(input[from + step] - input[from + 3 * step])
                output[to] = evenSum + oddSum
                output[to + stride] = Complex.product(evenDifference + oddDifference, roots[3 * p])
                output[to + 2 * stride] = Complex.product(evenSum - oddSum, roots[3 * p + 1])
                output[to + 3 * stride] = Complex.product(evenDifference - oddDifference, roots[3 * p + 2])
            }
        }
    }

    private func quintuples(_ input: [Complex], _ output: inout [Complex]) {
        let roots = roots
        let step = stride * count
        let one = Complex.root(1, of: 5)
        let two = Complex.root(2, of: 5)
        for p in 0..<count {
            for series in 0..<stride {
                let from = series + stride * p
                let to = series + stride * 5 * p
                let a = input[from]
                let outerSum = input[from + step] + input[from + 4 * step]
                let outerDifference = Complex.turned(input[from + step] - input[from + 4 * step])
                let innerSum = input[from + 2 * step] + input[from + 3 * step]
                let innerDifference = Complex.turned(input[from + 2 * step] - input[from + 3 * step])
                let first = a + one.x * outerSum + two.x * innerSum
                let firstTurned = -one.y * outerDifference - two.y * innerDifference
                let second = a + two.x * outerSum + one.x * innerSum
                let secondTurned = -two.y * outerDifference + one.y * innerDifference
                output[to] = a + outerSum + innerSum
                output[to + stride] = Complex.product(first + firstTurned, roots[4 * p])
                output[to + 2 * stride] = Complex.product(second + secondTurned, roots[4 * p + 1])
                output[to + 3 * stride] = Complex.product(second - secondTurned, roots[4 * p + 2])
                output[to + 4 * stride] = Complex.product(first - firstTurned, roots[4 * p + 3])
            }
        }
    }
}
