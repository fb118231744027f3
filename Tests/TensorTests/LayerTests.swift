import Tensor
import Testing

/// One tensor, whatever its name.
private final class OneTensor: WeightSource {
    let names: Set<String>
    private let values: [Float]

    init(_ values: [Float], names: Set<String> = []) {
        self.values = values
        self.names = names
    }

    func tensor(_ name: String, shape: [Int]) throws(WeightError) -> WeightView {
        let copy = Holder(values)
        return unsafe WeightView(shape: shape, values: UnsafeBufferPointer(copy.buffer), owner: copy)
    }
}

@safe private final class Holder {
    let buffer: UnsafeMutableBufferPointer<Float>

    init(_ values: [Float]) {
        unsafe buffer = .allocate(capacity: values.count)
        _ = unsafe buffer.initialize(from: values)
    }

    deinit { unsafe buffer.deallocate() }
}

@Suite struct LayerTests {
    @Test func seededWeightsHaveTheirPublishedCheckValues() throws {
        let checks: [(String, [Int], UInt64, [UInt32])] = [
            (
                "norm.weight", [768], 0xE45E_8831_76C5_CE0F,
                [0x3F61_A845, 0x3F43_71F2, 0x3F84_8373, 0x3F68_9E58]
            ),
            (
                "block0.attn.fn.to_qkv.weight", [2_304, 768], 0x3FBE_D5DE_3AC3_4397,
                [0x3D2E_0010, 0x3AAD_7800, 0x3CEB_DFD0, 0x3D8D_63F4]
            ),
            (
                "conv_pos.pos_conv.0.weight_g", [1, 1, 128], 0x5029_DB89_2C30_9CB1,
                [0x4008_2C6E, 0x4019_DD2C, 0x3FF4_25E8, 0x4012_42F6]
            ),
            (
                "feature_extractor.conv_layers.0.0.weight", [256, 12, 2], 0x8662_9DB2_58CC_0C99,
                [0x3E73_79F2, 0x3D3A_05A8, 0xBDFE_5514, 0x3DAB_6568]
            ),
        ]
        for (name, shape, hash, first) in checks {
            #expect(SeededWeights.fnv1a(name) == hash)
            #expect(bits(Array(try SeededWeights().floats(name, shape: shape).prefix(4))) == first)
        }
        #expect(SeededWeights.fnv1a("a") == 0xAF63_DC4C_8601_EC8C)
        let other = try SeededWeights(prefix: "demo/").floats("norm.weight", shape: [768])
        #expect(try other != SeededWeights().floats("norm.weight", shape: [768]))
    }

    @Test func stackedLayersEqualSeparateOnes() throws {
        let source = SeededWeights()
        let pool = WorkerPool(threads: 2)
        let names = ["q_proj", "k_proj", "v_proj"]
        let stacked = try Linear(stacking: names, inputs: 20, outputsEach: 10, from: source)
        let input = Matrix(rows: 9, columns: 20)
        input.copy(noise(180, seed: 20))
        let scratch = WorkerScratch(
            threads: 2, products: [(rows: 9, outputs: 30, inputs: 20)])
        let output = Matrix(rows: 9, columns: 30)
        stacked.apply(input, to: output, scratch: scratch, pool: pool)
        for (index, name) in names.enumerated() {
            let single = Matrix(rows: 9, columns: 10)
            try Linear(name, inputs: 20, outputs: 10, from: source).apply(
                input, to: single, scratch: scratch, pool: pool)
            #expect(single.values == output.columns(index * 10..<(index + 1) * 10).values)
        }
    }

    @Test func refusesWeightsThatAreNotFinite() {
        var values = [Float](repeating: 0, count: 12)
        values[7] = .nan
        #expect(throws: WeightError.notFinite(name: "a.weight", index: 7)) {
            try Linear("a", inputs: 3, outputs: 4, from: OneTensor(values))
        }
        #expect(throws: WeightError.notFinite(name: "n.weight", index: 7)) {
            try LayerNorm("n", width: 12, from: OneTensor(values))
        }
    }

    @Test func refusesASourceThatAnswersWithAnotherCount() {
        #expect(throws: WeightError.shape(name: "n.weight", found: [12], expected: [12])) {
            try LayerNorm("n", width: 12, from: OneTensor([1, 2, 3]))
        }
    }

    @Test func refusesSurplusTensors() {
        #expect(throws: WeightError.unexpected(names: ["b", "c"])) {
            try OneTensor([], names: ["a", "c", "b"]).refuseTensors(besides: [(name: "a", shape: [1])])
        }
    }

    @Test func transposesAndReshapes() {
        let matrix = Matrix(rows: 3, columns: 2)
        matrix.copyTransposed([1, 2, 3, 4, 5, 6])
        #expect(matrix.values == [1, 4, 2, 5, 3, 6])
        #expect(matrix.reshaped(rows: 1, columns: 4).values == [1, 4, 2, 5])
        #expect(matrix.rows(1..<2).columns(1..<2).values == [5])
    }
}
