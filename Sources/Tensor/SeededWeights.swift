import CKernels

/// Weights from a fixed rule instead of training, a pure function of each tensor's name and shape.
///
/// For tests, sizing and the demonstration: the encoders can be built at full size without any file. A value is
/// `base + scale * u`, `u` uniform in [-1, 1) from splitmix64 seeded with the FNV-1a hash of `prefix + name`. Base
/// and scale follow the kind of tensor, so that activations keep their size through a deep network.
package struct SeededWeights: WeightSource {
    private let prefix: String

    /// Another `prefix` gives other weights.
    package init(prefix: String = "") { self.prefix = prefix }

    /// Empty: no tensor of its own, it answers any name.
    package var names: Set<String> { [] }

    /// The tensor of that name and shape, generated now.
    package func tensor(_ name: String, shape: [Int]) throws(WeightError) -> WeightView {
        let storage = AlignedStorage(count: shape.reduce(1, *))
        let rule = Self.rule(name, shape: shape)
        unsafe firstlead_fill(
            Self.fnv1a(prefix + name), rule.base, rule.scale, storage.start, storage.count)
        let values = unsafe UnsafeBufferPointer(start: storage.start, count: storage.count)
        return unsafe WeightView(shape: shape, values: values, owner: storage)
    }

    /// FNV-1a, 64 bits (Fowler, Noll, Vo).
    package static func fnv1a(_ text: String) -> UInt64 {
        text.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }

    /// `count` values uniform in [-1, 1), seeded with the hash of `name`: an input for measurements.
    package static func uniform(_ name: String, count: Int) -> [Float] {
        unsafe [Float](unsafeUninitializedCapacity: count) { buffer, filled in
            if let start = buffer.baseAddress {
                unsafe firstlead_fill(fnv1a(name), 0, 1, start, count)
            }
            filled = count
        }
    }

    private static func rule(_ name: String, shape: [Int]) -> (base: Double, scale: Double) {
        let parts = name.split(separator: ".")
        switch parts.last {
        case "weight_g": return (2, 0.5)
        case "bias": return (0, 0.125)
        case "weight" where shape.count == 1: return (1, 0.25)
        case "running_var": return (1, 0.25)
        case "weight", "weight_v", "vars":
            let exponent = fanInExponent(shape.dropFirst().reduce(1, *)) + shift(parts)
            return (0, exponent < 0 ? Double(1 << -exponent) : 1 / Double(1 << exponent))
        default: return (0, 0.5)
        }
    }

    /// The smallest k with 3 * 2^(2k + 1) > fan-in: 2^-k is near sqrt(3 / fan-in).
    private static func fanInExponent(_ fanIn: Int) -> Int {
        var exponent = 0
        while 3 << (2 * exponent + 1) <= fanIn { exponent += 1 }
        return exponent
    }

    /// Sharper attention, damped residual branches.
    private static func shift(_ parts: [Substring]) -> Int {
        var shift = 0
        if !Set(parts).isDisjoint(with: ["q_proj", "k_proj", "to_qkv"]) { shift -= 1 }
        if !Set(parts).isDisjoint(with: ["out_proj", "fc2"]) { shift += 1 }
        if parts.contains("to_out") { shift += 2 }
        if parts.dropLast().suffix(2) == ["net", "3"] { shift += 1 }
        return shift
    }
}
