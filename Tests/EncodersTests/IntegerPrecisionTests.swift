import ECG
import Encoders
import Tensor
import Testing

/// The deterministic fill with six channels of some LayerNorms thirty times as large: trained transformers have such
/// channels (Bondarenko et al., EMNLP 2021, "Understanding and Overcoming the Challenges of Efficient Transformer
/// Quantization").
private struct OutlierWeights: WeightSource {
    /// Whether a tensor of that name is one of those norms' weights.
    let isLarge: @Sendable (String) -> Bool
    let names: Set<String> = []

    func tensor(_ name: String, shape: [Int]) throws(WeightError) -> WeightView {
        let view = try SeededWeights().tensor(name, shape: shape)
        guard isLarge(name) else { return view }
        var values = unsafe Array(view.values)
        for channel in 0..<6 { values[(channel * 127 + 5) % values.count] *= 30 }
        let owner = Values(values)
        return unsafe WeightView(shape: shape, values: UnsafeBufferPointer(owner.buffer), owner: owner)
    }

    @safe private final class Values {
        let buffer: UnsafeMutableBufferPointer<Float>

        init(_ values: [Float]) {
            unsafe buffer = .allocate(capacity: values.count)
            _ = unsafe buffer.initialize(from: values)
        }

        deinit { unsafe buffer.deallocate() }
    }
}

/// Integers against single precision, at the published size.
@Suite(.serialized) struct IntegerPrecisionTests {
    private static let pool = WorkerPool(threads: 2)

    @Test func stMEMKeepsItsDirection() throws {
        try compare("stmem", limit: 1e-6) {
            try STMEMEncoder(config: .published, weights: SeededWeights(), precision: $0)
        }
        // Not before attention: on such random weights its softmax then turns into a choice of one token, and an input
        // that differs by a ten-thousandth moves the embedding of the single-precision network by 2e-3.
        let weights = OutlierWeights { $0.hasSuffix("ff.norm.weight") || $0 == "norm.weight" }
        try compare("stmem", limit: 1e-5) {
            try STMEMEncoder(config: .published, weights: weights, precision: $0)
        }
    }

    @Test func ecgFMKeepsItsDirection() throws {
        try compare("ecgfm", limit: 1e-6) {
            try ECGFMEncoder(config: .published, weights: SeededWeights(), precision: $0)
        }
        let outliers = OutlierWeights { $0.hasSuffix("norm.weight") }
        try compare("ecgfm", limit: 1e-5) {
            try ECGFMEncoder(config: .published, weights: outliers, precision: $0)
        }
    }

    @Test func threadsAndVariantsGiveTheSameBits() throws {
        let encoders: [(String, any Encoder)] = [
            ("stmem", try STMEMEncoder(config: .tiny, weights: SeededWeights(), precision: .int16)),
            ("ecgfm", try ECGFMEncoder(config: .tiny, weights: SeededWeights(), precision: .int16)),
        ]
        for (folder, encoder) in encoders {
            #expect(encoder.precision == .int16)
            let segments = try Reference.segments(folder, "code15_1594286")
            let expected = try encoder.embed(segments, pool: .single)
            #expect(try encoder.embed(segments, pool: Self.pool) == expected)
            for variant in Kernels.available {
                let found = try Kernels.with(variant: variant) {
                    try encoder.embed(segments, pool: .single)
                }
                #expect(found == expected, "\(folder) \(variant)")
            }
        }
    }

    private func compare(
        _ folder: String, limit: Double, make: (Precision) throws -> any Encoder
    ) throws {
        let segments = try Reference.recordings(folder).prefix(3).flatMap {
            try Reference.segments(folder, $0)
        }
        let expected = try make(.fp32).embed(segments, pool: Self.pool)
        let found = try make(.int16).embed(segments, pool: Self.pool)
        let distances = zip(expected, found).map { distance($0.values, $1.values) }
        #expect(distances.count == segments.count && distances.allSatisfy { $0 <= limit })
        // Integers were used indeed.
        #expect(distances.allSatisfy { $0 > 1e-13 })
        print("\(folder), int16: 1 - cosine at most \(distances.max() ?? .nan)")
    }

    /// 1 - cosine.
    private func distance(_ a: [Float], _ b: [Float]) -> Double {
        func dot(_ a: [Float], _ b: [Float]) -> Double {
            zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) }
        }
        return 1 - dot(a, b) / (dot(a, a) * dot(b, b)).squareRoot()
    }
}
