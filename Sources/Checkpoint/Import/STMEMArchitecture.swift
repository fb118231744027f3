/// The sizes of an ST-MEM encoder, field names as upstream's constructor has them.
///
/// Source: bakqui/ST-MEM@69ec702 models/encoder/st_mem_vit.py:93-121, vit.py:42-148. Checkpoints do not store
/// them all: they follow from the shapes, and whatever the file's configuration says must agree.
struct STMEMArchitecture: Equatable {
    let seq_len: Int
    let patch_size: Int
    let num_leads: Int
    let width: Int
    let depth: Int
    let heads: Int
    let dim_head: Int
    let mlp_dim: Int

    /// Upstream's default; the published models have it.
    private static let usualHeadWidth = 64
    private static let maximumSize = 1 << 16
    private static let maximumDepth = 256

    /// Throws: ``ImportError`` when shapes and configuration do not make one architecture.
    init(
        _ renaming: Renaming, _ state: StateDictionary, settings: Settings, modelName: String?
    ) throws(ImportError) {
        let shapes = ProbedShapes(renaming: renaming, state: state)
        width = try shapes.dimensions("sep_embedding", "[width]", rank: 1)[0]
        patch_size = try shapes.dimensions("to_patch_embedding.1.weight", "[patch_size]", rank: 1)[0]
        let positions = try shapes.dimensions("pos_embedding", "[1, positions, width]", rank: 3)[1]
        guard (3...Self.maximumSize).contains(positions), (1...Self.maximumSize).contains(patch_size) else {
            throw .dimensions(
                name: "pos_embedding", found: [1, positions, width],
                expected: "3 to \(Self.maximumSize) positions, for patches of at most as many samples")
        }
        seq_len = (positions - 2) * patch_size
        num_leads = shapes.count(numberedAfter: "lead_embeddings.")
        depth = shapes.count(numberedAfter: "block")
        mlp_dim = try shapes.dimensions("block0.ff.fn.net.0.weight", "[mlp_dim, width]", rank: 2)[0]
        let projected = try shapes.dimensions(
            "block0.attn.fn.to_qkv.weight", "[3 x heads x dim_head, width]", rank: 2)[0]
        let sizes = 1...Self.maximumSize
        dim_head = try settings.optionalInteger("dim_head", in: sizes) ?? Self.usualHeadWidth
        guard projected > 0, projected.isMultiple(of: 3 * dim_head) else {
            throw .dimensions(
                name: "block0.attn.fn.to_qkv.weight", found: [projected, width],
                expected: "a multiple of 3 x dim_head, dim_head \(dim_head)")
        }
        heads = projected / (3 * dim_head)
        try check(settings)
        try check(modelName: modelName)
    }

    /// The file's own configuration must agree wherever it says something.
    private func check(_ settings: Settings) throws(ImportError) {
        for (name, value) in integers {
            guard (1...Self.maximumSize).contains(value) else {
                throw .setting(name: name, found: "\(value)", expected: "1 to \(Self.maximumSize)")
            }
            let stated = try settings.optionalInteger(name, in: 1...Self.maximumSize)
            guard stated ?? value == value else { throw settings.refused(name, "\(value) as in the weights") }
        }
        guard num_leads == 12 else {
            throw .setting(name: "num_leads", found: "\(num_leads)", expected: "12")
        }
        guard depth <= Self.maximumDepth else {
            throw .setting(name: "depth", found: "\(depth)", expected: "1 to \(Self.maximumDepth)")
        }
        // With one head as wide as the model upstream omits the output projection (vit.py).
        guard heads > 1 || dim_head != width else {
            throw .setting(name: "heads", found: "1 of width \(width)", expected: "more, or another width")
        }
    }

    /// The published size has a name, and a file that lacks its last blocks would otherwise look complete.
    private func check(modelName: String?) throws(ImportError) {
        guard let modelName, modelName.hasPrefix("st_mem_vit_base") else { return }
        let base = ["width": 768, "depth": 12, "heads": 12, "dim_head": 64, "mlp_dim": 3_072]
        for (name, value) in integers {
            guard base[name] ?? value == value else {
                throw .setting(
                    name: name, found: "\(value)", expected: "\(base[name] ?? value) as \(modelName) has it")
            }
        }
    }

    private var integers: [(name: String, value: Int)] {
        [
            ("seq_len", seq_len), ("patch_size", patch_size), ("num_leads", num_leads), ("width", width),
            ("depth", depth), ("heads", heads), ("dim_head", dim_head), ("mlp_dim", mlp_dim),
        ]
    }

    var configuration: EncoderConfiguration {
        EncoderConfiguration(
            settings: Dictionary(uniqueKeysWithValues: integers.map { ($0.name, .integer($0.value)) }))
    }

    /// Every tensor of the encoder, in the order of upstream's state dict.
    var tensors: [ExpectedTensor] {
        let projected = heads * dim_head
        var tensors = [
            ExpectedTensor("pos_embedding", [1, seq_len / patch_size + 2, width]),
            ExpectedTensor("sep_embedding", [width]),
        ]
        tensors += affine("to_patch_embedding.1", [patch_size])
        tensors += affine("to_patch_embedding.2", [width, patch_size])
        tensors += affine("to_patch_embedding.3", [width])
        tensors += (0..<num_leads).map { ExpectedTensor("lead_embeddings.\($0)", [width]) }
        for block in 0..<depth {
            tensors += affine("block\(block).attn.norm", [width])
            tensors += affine("block\(block).attn.fn.to_qkv", [3 * projected, width])
            tensors += affine("block\(block).attn.fn.to_out.0", [width, projected])
            tensors += affine("block\(block).ff.norm", [width])
            tensors += affine("block\(block).ff.fn.net.0", [mlp_dim, width])
            tensors += affine("block\(block).ff.fn.net.3", [width, mlp_dim])
        }
        return tensors + affine("norm", [width])
    }
}

/// A weight and the bias that goes with its outermost dimension.
func affine(_ name: String, _ shape: [Int]) -> [ExpectedTensor] {
    [ExpectedTensor(name + ".weight", shape), ExpectedTensor(name + ".bias", Array(shape.prefix(1)))]
}

/// Shapes of the tensors that fix an architecture, by canonical name.
private struct ProbedShapes {
    let renaming: Renaming
    let state: StateDictionary

    /// Throws: ``ImportError/dimensions(name:found:expected:)`` when absent or of another rank.
    func dimensions(_ name: String, _ expected: String, rank: Int) throws(ImportError) -> [Int] {
        let shape = renaming.sources[name].flatMap { state[$0]?.shape }
        guard let shape, shape.count == rank else {
            throw .dimensions(name: name, found: shape, expected: expected)
        }
        return shape
    }

    /// One more than the largest number right after the prefix; gaps surface as missing tensors.
    func count(numberedAfter prefix: String) -> Int {
        let numbers = renaming.sources.keys.compactMap { name -> Int? in
            guard name.hasPrefix(prefix) else { return nil }
            return Int(name.dropFirst(prefix.count).prefix { $0.isASCII && $0.isNumber }.prefix(6))
        }
        return (numbers.max() ?? -1) + 1
    }
}
