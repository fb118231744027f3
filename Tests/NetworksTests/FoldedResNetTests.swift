import Networks
import Tensor
import Testing

/// Inference with folded normalisation, against the layers that training uses.
@Suite struct FoldedResNetTests {
    /// Lengths and widths that end within tiles, odd and even.
    @Test(arguments: [
        (1, [1], 2), (2, [3, 4, 6, 3], 128), (3, [1, 2], 131), (5, [2, 1, 1], 250), (16, [1, 1], 97),
    ])
    func agreesWithTheTrainingEngine(_ width: Int, _ blocks: [Int], _ positions: Int) throws {
        let config = ResNetConfig(leads: 12, width: width, blocks: blocks)
        let folded = try FoldedResNet(config, positions: positions, from: SeededWeights())
        let exact = try ResNet<Double>(config, from: SeededWeights())
        let single = try ResNet<Float>(config, from: SeededWeights())
        for record in 0..<2 {
            let signal = SeededWeights.uniform("ecg \(record)", count: 12 * positions)
            let transposed = (0..<positions).flatMap { at in (0..<12).map { signal[$0 * positions + at] } }
            let expected = exact.logits(
                Activations(
                    records: 1, positions: positions, channels: 12, values: transposed.map(Double.init)))[0]
            let unfolded = single.logits(
                Activations(records: 1, positions: positions, channels: 12, values: transposed))[0]
            let found = Double(folded.logit(signal, pool: .single))
            // Rounding once more or once less in each layer: a few times the error of the unfolded float32.
            let tolerance = 8 * abs(Double(unfolded) - expected) + 1e-5 * max(1, abs(expected))
            #expect(abs(found - expected) < tolerance, "\(found) for \(expected)")
        }
    }

    @Test func hasEqualBitsOnAnyNumberOfThreads() throws {
        let config = ResNetConfig(leads: 12, width: 16, blocks: [1, 2, 1])
        let network = try FoldedResNet(config, positions: 500, from: SeededWeights())
        let signal = SeededWeights.uniform("ecg", count: 12 * 500)
        let one = network.logit(signal, pool: .single)
        #expect(one != network.logit(signal.map { $0 / 2 }, pool: .single))
        for threads in [2, 3] { #expect(network.logit(signal, pool: WorkerPool(threads: threads)) == one) }
    }

    @Test func readsTheArchitectureOffTheTensors() throws {
        let config = ResNetConfig(leads: 12, width: 8, blocks: [3, 4, 6, 3])
        let shapes = Dictionary(uniqueKeysWithValues: config.tensors.map { ($0.name, $0.shape) })
        let found = try ResNetConfig(of: Set(shapes.keys)) { shapes[$0] }
        #expect(found == config)
        var odd = shapes
        odd["conv1.weight"] = [8, 1, 7, 7]
        #expect(throws: WeightError.shape(name: "conv1.weight", found: [8, 1, 7, 7], expected: [64, 12, 7])) {
            try ResNetConfig(of: Set(odd.keys)) { odd[$0] }
        }
    }
}
