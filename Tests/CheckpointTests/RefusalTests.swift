import Checkpoint
import Tensor
import Testing

/// Checkpoints written by the test, one thing wrong in each.
@Suite struct RefusalTests {
    private static func text(_ value: String) -> [UInt8] { Pickle.text(value) }

    /// A tiny ST-MEM, as `encoder.pth` has it.
    private func stmem(
        settings: [(String, [UInt8])] = [], modelName: String = "st_mem_vit_tiny", dimHead: Int? = 32
    ) throws -> TorchFile {
        var model = settings
        if let dimHead { model.append(("dim_head", Pickle.int(dimHead))) }
        let config = Pickle.dictionary([
            ("model_name", Pickle.text(modelName)), ("model", Pickle.dictionary(model)),
        ])
        return try TorchFile(
            entries: Fixture.tensors("stmem_tiny_encoder").map {
                TorchFile.Entry($0.name, $0.shape, WeightFill.values($0.name, $0.shape))
            }, others: [("config", config), ("optimizer", Pickle.none)])
    }

    private static let settings: [(String, [UInt8])] = [
        ("_name", text("wav2vec2_cmsc")), ("in_d", Pickle.int(12)),
        ("conv_feature_layers", text("[(32, 2, 2)] * 4")), ("encoder_embed_dim", Pickle.int(64)),
        ("encoder_layers", Pickle.int(2)), ("encoder_ffn_embed_dim", Pickle.int(128)),
        ("encoder_attention_heads", Pickle.int(4)), ("conv_pos", Pickle.int(16)),
        ("conv_pos_groups", Pickle.int(4)), ("conv_bias", Pickle.no), ("layer_norm_first", Pickle.no),
        ("extractor_mode", text("default")),
    ]

    /// A tiny ECG-FM pre-training file; `changed` replaces settings (nil removes one).
    private func ecgfm(changed: [String: [UInt8]?] = [:]) throws -> TorchFile {
        var model = Self.settings.compactMap { name, value -> (String, [UInt8])? in
            guard let change = changed[name] else { return (name, value) }
            return change.map { (name, $0) }
        }
        for (name, value) in changed where !Self.settings.contains(where: { $0.0 == name }) {
            if let value { model.append((name, value)) }
        }
        return try TorchFile(
            entries: Fixture.tensors("ecgfm_tiny_pretrained").map {
                TorchFile.Entry($0.name, $0.shape, WeightFill.values($0.name, $0.shape))
            }, others: [("cfg", Pickle.dictionary([("model", Pickle.dictionary(model))]))])
    }

    private func importing(_ encoder: EncoderKind, _ file: TorchFile) throws -> ImportedWeights {
        let scratch = try Scratch()
        return try CheckpointImporter.importCheckpoint(encoder, from: scratch.write(file.bytes))
    }

    @Test func theSyntheticFilesAreGoodAsTheyAre() throws {
        #expect(try importing(.stMEM, stmem()).tensors.count == 46)
        #expect(try importing(.ecgFM, ecgfm()).tensors.count == 47)
    }

    @Test func everyMissingTensorIsNamed() throws {
        for (encoder, file) in [(EncoderKind.stMEM, try stmem()), (.ecgFM, try ecgfm())] {
            let unused = ["mask_emb", "quantizer.", "project_q.", "final_proj."]
            for index in file.entries.indices {
                let name = file.entries[index].name
                if unused.contains(where: { name.hasPrefix($0) }) { continue }
                // The last lead embedding and the last layers change a count instead: another test.
                if name == "lead_embeddings.11" { continue }
                var cut = file
                cut.entries.remove(at: index)
                let error = #expect(throws: ImportError.self) { try importing(encoder, cut) }
                let text = error?.description ?? ""
                #expect(text.contains("tensor \(WeightFill.canonical(name)) is missing"), "\(text)")
            }
        }
    }

    @Test func everyMisshapenTensorIsNamed() throws {
        for (encoder, file) in [(EncoderKind.stMEM, try stmem()), (.ecgFM, try ecgfm())] {
            let unused = ["mask_emb", "quantizer.", "project_q.", "final_proj."]
            for index in file.entries.indices {
                let entry = file.entries[index]
                if unused.contains(where: { entry.name.hasPrefix($0) }) { continue }
                var changed = file
                changed.entries[index] = TorchFile.Entry(
                    entry.name, entry.shape + [1], WeightFill.values(entry.name, entry.shape))
                let error = #expect(throws: ImportError.self) { try importing(encoder, changed) }
                let text = error?.description ?? ""
                let found =
                    "tensor \(WeightFill.canonical(entry.name)) has the shape \(entry.shape + [1]), expected ["
                #expect(text.contains(found), "\(text)")
            }
        }
    }

    @Test func anUnknownTensorIsNamed() throws {
        var file = try stmem()
        file.entries.append(TorchFile.Entry("block0.attn.gate", [2], [1, 2]))
        #expect(throws: ImportError.weights(.unexpected(names: ["block0.attn.gate"]))) {
            try importing(.stMEM, file)
        }
        file = try ecgfm()
        file.entries.append(TorchFile.Entry("project_inp.weight", [1], [1]))
        file.entries.append(
            TorchFile.Entry("conv_pos.pos_conv.0.weight_g", [1, 1, 16], WeightFill.values("g", [16])))
        let both = ["conv_pos.pos_conv.0.parametrizations.weight.original0", "conv_pos.pos_conv.0.weight_g"]
        #expect(throws: ImportError.weights(.unexpected(names: both))) { try importing(.ecgFM, file) }
        file.entries.removeLast()
        #expect(throws: ImportError.weights(.unexpected(names: ["project_inp.weight"]))) {
            try importing(.ecgFM, file)
        }
    }

    @Test(arguments: [Float.nan, .infinity, -.infinity]) func notANumberIsNamedWithItsIndex(value: Float)
        throws
    {
        var file = try stmem()
        let index = try #require(file.entries.firstIndex { $0.name == "block1.ff.norm.bias" })
        file.entries[index].data.replaceSubrange(20..<24, with: littleEndian(value.bitPattern))
        #expect(throws: ImportError.weights(.notFinite(name: "block1.ff.norm.bias", index: 5))) {
            try importing(.stMEM, file)
        }
        // A double beyond float32 must not become infinite unseen.
        file.entries[index] = TorchFile.Entry(
            "block1.ff.norm.bias", [64], type: "DoubleStorage",
            data: (0..<64).flatMap { littleEndian(($0 == 9 ? 1e300 : 1).bitPattern) })
        #expect(throws: ImportError.weights(.notFinite(name: "block1.ff.norm.bias", index: 9))) {
            try importing(.stMEM, file)
        }
    }

    @Test func halfPrecisionWeightsAreConverted() throws {
        var file = try stmem()
        let values = WeightFill.values("norm.weight", [64]).map { Float16($0) }
        let index = try #require(file.entries.firstIndex { $0.name == "norm.weight" })
        file.entries[index] = TorchFile.Entry(
            "norm.weight", [64], type: "HalfStorage", data: values.flatMap { littleEndian($0.bitPattern) })
        let view = try importing(.stMEM, file).tensor("norm.weight", shape: [64])
        #expect(view.array == values.map { Float($0) })
    }

    @Test func weightsThatAreIntegersAreRefused() throws {
        var file = try stmem()
        let index = try #require(file.entries.firstIndex { $0.name == "norm.weight" })
        file.entries[index] = TorchFile.Entry(
            "norm.weight", [64], type: "IntStorage", data: [UInt8](repeating: 0, count: 256))
        #expect(throws: ImportError.checkpoint(.elementType(name: "norm.weight", found: "int32"))) {
            try importing(.stMEM, file)
        }
    }

    @Test func theAliasedPatchEmbeddingMustBeTheSame() throws {
        var file = try stmem()
        for index in file.entries.indices { file.entries[index].name = "encoder." + file.entries[index].name }
        let name = "to_patch_embedding.2.weight"
        file.entries.append(TorchFile.Entry(name, [64, 75], WeightFill.values(name, [64, 75])))
        let weights = try importing(.stMEM, file)
        #expect(weights.flavour == .pretraining)
        #expect(weights.leftOut == [name])
        file.entries[file.entries.count - 1].data[7] ^= 1
        #expect(throws: ImportError.aliasDiffers(name: name, other: "encoder." + name)) {
            try importing(.stMEM, file)
        }
    }

    @Test func aClassificationHeadIsLeftOut() throws {
        var file = try stmem()
        file.entries.append(
            TorchFile.Entry("head.weight", [2, 64], WeightFill.values("head.weight", [2, 64])))
        file.entries.append(TorchFile.Entry("head.bias", [2], [0, 0]))
        let weights = try importing(.stMEM, file)
        #expect(weights.flavour == .finetuned)
        #expect(weights.leftOut == ["head.weight", "head.bias"])
    }

    @Test(arguments: [
        ("seq_len", 2_250, true), ("seq_len", 2_000, false), ("patch_size", 50, false),
        ("num_leads", 8, false),
        ("width", 32, false), ("depth", 3, false), ("depth", 2, true), ("heads", 2, true),
        ("heads", 3, false),
        ("mlp_dim", 256, false),
    ])
    func theConfigurationOfSTMEMMustAgree(name: String, value: Int, isRight: Bool) throws {
        let file = try stmem(settings: [(name, Pickle.int(value))])
        if isRight {
            #expect(try importing(.stMEM, file).configuration.integer(name) == value)
        } else {
            let error = #expect(throws: ImportError.self) { try importing(.stMEM, file) }
            guard case .setting("config.model." + name, "integer \(value)", _) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
        }
    }

    @Test func headsFollowFromTheUsualWidthOfAHead() throws {
        // 192 = 3 x 64: one head as wide as the model, which upstream builds without an output projection.
        #expect(
            throws: ImportError.setting(
                name: "heads", found: "1 of width 64", expected: "more, or another width")
        ) {
            try importing(.stMEM, stmem(dimHead: nil))
        }
        #expect(
            throws: ImportError.dimensions(
                name: "block0.attn.fn.to_qkv.weight", found: [192, 64],
                expected: "a multiple of 3 x dim_head, dim_head 48")
        ) { try importing(.stMEM, stmem(dimHead: 48)) }
    }

    @Test func anUnsetOptionIsNoValue() throws {
        let file = try stmem(settings: [("depth", Pickle.text("???"))])
        let error = #expect(throws: ImportError.self) { try importing(.stMEM, file) }
        #expect(error?.description.contains("config.model.depth is string \"???\"") == true)
    }

    @Test func thePublishedSizeIsCheckedByName() throws {
        #expect(
            throws: ImportError.setting(name: "width", found: "64", expected: "768 as st_mem_vit_base has it")
        ) { try importing(.stMEM, stmem(modelName: "st_mem_vit_base")) }
    }

    @Test func fewerLeadsAreRefused() throws {
        var file = try stmem()
        file.entries.removeAll { $0.name == "lead_embeddings.11" }
        #expect(throws: ImportError.setting(name: "num_leads", found: "11", expected: "12")) {
            try importing(.stMEM, file)
        }
    }

    /// A setting of `cfg.model`, a value that is not implemented or no value (nil: absent), what is found.
    static let unsupported: [(name: String, value: [UInt8]?, found: String)] = [
        ("layer_norm_first", Pickle.yes, "True"), ("layer_norm_first", nil, "absent"),
        ("extractor_mode", text("layer_norm"), "string \"layer_norm\""), ("conv_bias", Pickle.yes, "True"),
        ("conv_bias", Pickle.int(0), "integer 0"), ("in_d", Pickle.int(8), "integer 8"),
        ("conv_feature_layers", text("[(32, 3, 2)] * 4"), "string \"[(32, 3, 2)] * 4\""),
        ("conv_feature_layers", text("[(32, 2, 1)] * 4"), "string \"[(32, 2, 1)] * 4\""),
        ("conv_feature_layers", text("[(32, 2, 2)] * 12"), "string \"[(32, 2, 2)] * 12\""),
        ("conv_feature_layers", text("__import__('os')"), "string \"__import__('os')\""),
        ("conv_feature_layers", text("???"), "string \"???\""), ("conv_feature_layers", nil, "absent"),
        ("encoder_embed_dim", text("???"), "string \"???\""), ("encoder_layers", nil, "absent"),
        ("encoder_layers", Pickle.int(1 << 40), "integer 1099511627776"),
        ("encoder_layers", Pickle.float(2), "float 2.0"), ("encoder_ffn_embed_dim", Pickle.none, "None"),
        ("encoder_attention_heads", Pickle.int(3), "integer 3"),
        ("encoder_attention_heads", Pickle.int(0), "integer 0"),
        ("conv_pos_groups", Pickle.int(7), "integer 7"),
        ("conv_pos", Pickle.int(-1), "integer -1"), ("activation_fn", text("relu"), "string \"relu\""),
        ("_name", text("ecg_transformer_classifier"), "string \"ecg_transformer_classifier\""),
        ("_name", text("conformer"), "string \"conformer\""),
    ]

    @Test(arguments: unsupported.indices) func settingsThatAreNotImplementedAreNamed(index: Int) throws {
        let (name, value, found) = Self.unsupported[index]
        let file = try ecgfm(changed: [name: value])
        let error = #expect(throws: ImportError.self) { try importing(.ecgFM, file) }
        guard case .setting("cfg.model." + name, found, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test func admittedVariantsOfSettings() throws {
        for changed: [String: [UInt8]?] in [
            ["activation_fn": Self.text("gelu")], ["_name": Pickle.none], ["_name": Optional<[UInt8]>.none],
            ["conv_feature_layers": Self.text("[(32,2,2),(32,2,2,),] + [(32, 2, 2)]*2")],
        ] { #expect(try importing(.ecgFM, ecgfm(changed: changed)).flavour == .pretraining) }
    }

    @Test func theConfigurationOfECGFMMustAgreeWithTheWeights() throws {
        #expect(
            throws: ImportError.weights(
                .missing(name: "encoder.layers.2.self_attn.k_proj.weight", expected: [64, 64]))
        ) { try importing(.ecgFM, ecgfm(changed: ["encoder_layers": Pickle.int(3)])) }
        let error = #expect(throws: ImportError.self) {
            try importing(.ecgFM, ecgfm(changed: ["encoder_layers": Pickle.int(1)]))
        }
        guard case .weights(.unexpected(let names)) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(names.count == 16)
        #expect(names.allSatisfy { $0.hasPrefix("encoder.layers.1.") })
    }

    @Test func whatIsNoTrainingCheckpointIsSaid() throws {
        let scratch = try Scratch()
        for (pickle, place) in [
            (Pickle.list(Pickle.none), "the checkpoint"), (Pickle.dictionary([]), "model"),
            (Pickle.dictionary([("model", Pickle.none)]), "model"),
            (Pickle.dictionary([("model", Pickle.dictionary([]))]), "model"),
            (
                Pickle.dictionary([("model", Pickle.dictionary([("a", Pickle.int(1))]))]),
                "model[\"a\"]"
            ),
        ] {
            let path = try scratch.write(TorchFile.archive(Pickle.program(pickle)))
            let error = #expect(throws: ImportError.self) { try CheckpointImporter.importSTMEM(from: path) }
            guard case .structure(place, _, _) = error else {
                Issue.record("\(String(describing: error))")
                continue
            }
        }
        var file = try ecgfm()
        file.others = []
        let error = #expect(throws: ImportError.self) { try importing(.ecgFM, file) }
        #expect(error?.description == "cfg.model is absent, expected the model's configuration")
    }
}

@Suite struct ConvolutionLayersTests {
    @Test func readsTheExpressionsThatConfigurationsHold() throws {
        let one = try ConvolutionLayers.parse(" [ (256,3,2) ] ")
        #expect(one.map { [$0.dim, $0.kernel, $0.stride] } == [[256, 3, 2]])
        #expect(try ConvolutionLayers.parse("[(256, 3, 2)] * 4") == one + one + one + one)
        let mixed = try ConvolutionLayers.parse("[(512, 10, 5)] + [(512, 8, 4)] * 2 + [(1, 2, 3), (4, 5, 6)]")
        #expect(mixed.map(\.dim) == [512, 512, 512, 1, 4])
        #expect(mixed.map(\.stride) == [5, 4, 4, 3, 6])
    }

    @Test(arguments: [
        "", "[]", "[()]", "[(1, 2)]", "[(1, 2, 3, 4)]", "[(1, 2, 3)", "(1, 2, 3)", "[(1, 2, 3)] *",
        "[(1, 2, 3)] * 4 * 4", "4 * [(1, 2, 3)]", "[(1, 2, 3)] * -1", "[(1, 2, 3)] * 0", "[(1 2, 3, 4)]",
        "[(1, 2, 3)] * 33", "[(1, 2, 3)] * 99999999999999999999", "[(9999999, 2, 2)]", "[(1.5, 2, 2)]",
        "[(1, 2, 3)] + __import__('os').system('x')", "[(1, 2, 3)];", "[(\u{661}, 2, 3)]",
        String(repeating: "[", count: 2_000), "[(1,2,3)]" + String(repeating: "+[(1,2,3)]", count: 40),
    ])
    func refusesAnythingElse(text: String) {
        #expect(throws: ConvolutionLayers.Refusal.self) { try ConvolutionLayers.parse(text) }
    }
}
