/// The deterministic fill of the fixtures' weights: splitmix64 seeded with the FNV-1a hash of the name.
enum WeightFill {
    static func values(_ name: String, _ shape: [Int], prefix: String = "") -> [Float] {
        let canonical = canonical(name)
        let (base, scale) = rule(canonical, shape)
        let seed = fnv1a(prefix + canonical)
        return (0..<shape.reduce(1, *)).map { Float(base + scale * uniform(seed, $0)) }
    }

    static func canonical(_ name: String) -> String {
        for (index, letter) in ["g", "v"].enumerated() {
            let suffix = "parametrizations.weight.original\(index)"
            if name.hasSuffix(suffix) { return name.dropLast(suffix.count) + "weight_" + letter }
        }
        return name
    }

    private static func fnv1a(_ text: String) -> UInt64 {
        text.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }

    private static func uniform(_ seed: UInt64, _ index: Int) -> Double {
        var z = seed &+ UInt64(index + 1) &* 0x9E37_79B9_7F4A_7C15
        z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
        z ^= z >> 31
        return Double(z >> 40) / Double(1 << 23) - 1
    }

    private static func rule(_ name: String, _ shape: [Int]) -> (base: Double, scale: Double) {
        let parts = name.split(separator: ".").map(String.init)
        let last = parts.last ?? ""
        if last == "weight_g" { return (2, 0.5) }
        if last == "bias" { return (0, 0.125) }
        if last == "weight" && shape.count == 1 { return (1, 0.25) }
        guard ["weight", "weight_v", "vars"].contains(last) else { return (0, 0.5) }
        let fanIn = shape.dropFirst().reduce(1, *)
        var exponent = 0
        while 3 << (2 * exponent + 1) <= fanIn { exponent += 1 }
        if !Set(parts).isDisjoint(with: ["q_proj", "k_proj", "to_qkv"]) { exponent -= 1 }
        if !Set(parts).isDisjoint(with: ["out_proj", "fc2"]) { exponent += 1 }
        if parts.contains("to_out") { exponent += 2 }
        if parts.dropLast().suffix(2) == ["net", "3"] { exponent += 1 }
        return (0, exponent < 0 ? Double(1 << -exponent) : 1 / Double(1 << exponent))
    }
}
