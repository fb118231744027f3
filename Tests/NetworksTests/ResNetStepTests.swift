import CAllocationCount
import Networks
import Tensor
import Testing

/// A batch of noise and a network on it.
private struct Batch {
    let config: ResNetConfig
    let records: [[Float]]
    let labels: [Bool]
    let positions: Int

    init(_ config: ResNetConfig, positions: Int, records count: Int, offset: Float = 0) {
        self.config = config
        self.positions = positions
        records = (0..<count).map { record in
            SeededWeights.uniform("ecg \(record)", count: config.leads * positions).map { $0 + offset }
        }
        labels = (0..<count).map { $0 % 3 == 0 }
    }

    /// What the layers in plain loops say: loss, gradients, running statistics.
    func plain<Scalar: NetworkScalar>(
        _: Scalar.Type
    ) throws -> (loss: Double, gradients: [String: [Double]], buffers: [String: [Double]]) {
        var network = try ResNet<Scalar>(config, from: SeededWeights())
        let values = records.flatMap { record in
            (0..<positions * config.leads).map {
                Scalar(record[$0 % config.leads * positions + $0 / config.leads])
            }
        }
        let input = Activations(
            records: records.count, positions: positions, channels: config.leads, values: values)
        let (loss, gradients) = network.gradients(input, labels: labels, positiveWeight: 1.5)
        return (
            loss, gradients.mapValues { $0.map { Double($0) } },
            network.buffers.mapValues { $0.map { Double($0) } }
        )
    }

    /// One step by the kernels: the network with its new running statistics, and the loss.
    func run(
        _ step: ResNetStep, records count: Int? = nil, pool: WorkerPool
    ) throws -> (network: ResNet<Float>, loss: Double) {
        var network = try ResNet<Float>(config, from: SeededWeights())
        let loss = step.run(
            &network, records: records, labels: labels,
            chosen: Array(records.indices)[..<(count ?? records.count)],
            positiveWeight: 1.5, pool: pool)
        return (network, loss)
    }
}

private func distance(_ found: [Double], _ expected: [Double]) -> Double {
    found.count == expected.count ? norm(zip(found, expected).map { $0 - $1 }) / norm(expected) : .infinity
}

@Suite struct ResNetStepTests {
    private static let small = ResNetConfig(leads: 3, width: 5, blocks: [2, 1])

    /// Widths and lengths around tiles, panels, groups of records and blocks of steps; odd and even.
    @Test(arguments: [
        (ResNetConfig(leads: 2, width: 4, blocks: [1, 1]), 33, 5),
        (ResNetConfig(leads: 3, width: 5, blocks: [2, 1]), 64, 11),
        (ResNetConfig(leads: 12, width: 16, blocks: [1, 2, 1]), 131, 7),
        (ResNetConfig(leads: 12, width: 24, blocks: [1]), 1_250, 2),
        (ResNetConfig(leads: 1, width: 16, blocks: [1, 1, 1]), 19, 37),
    ])
    func kernelsGiveThePlainLoopsGradients(
        _ config: ResNetConfig, _ positions: Int, _ records: Int
    ) throws {
        let batch = Batch(config, positions: positions, records: records, offset: 0.5)
        let exact = try batch.plain(Double.self)
        let single = try batch.plain(Float.self)
        let step = ResNetStep(config, positions: positions)
        let found = try batch.run(step, pool: WorkerPool(threads: 3))
        // The same numbers in another order of sums: a few times the rounding of the loops' own float32.
        #expect(abs(found.loss - exact.loss) < 4 * abs(single.loss - exact.loss) + 1e-6)
        for (name, expected) in exact.gradients {
            let gradient = try #require(step.gradient(name)).values.map { Double($0) }
            let tolerance = 4 * distance(single.gradients[name] ?? [], expected) + 1e-5
            #expect(distance(gradient, expected) < tolerance, "\(name)")
        }
        #expect(exact.buffers.count == config.buffers.count)
        for (name, expected) in exact.buffers {
            let values = (found.network.buffers[name] ?? []).map { Double($0) }
            #expect(deviation(values, expected) < 1e-5, "\(name)")
        }
    }

    @Test func hasEqualBitsOnAnyNumberOfThreadsAndEveryVariant() throws {
        let config = ResNetConfig(leads: 12, width: 16, blocks: [2, 1, 1])
        let batch = Batch(config, positions: 150, records: 3)
        func bits(_ pool: WorkerPool) throws -> [[Float]] {
            let step = ResNetStep(config, positions: 150)
            let network = try batch.run(step, pool: pool).network
            return config.parameters.map { step.gradient($0.name)?.values ?? [] }
                + config.buffers.map { network.buffers[$0.name] ?? [] }
        }
        let one = try bits(.single)
        #expect(one.allSatisfy { $0.allSatisfy(\.isFinite) && !$0.isEmpty })
        for threads in [2, 3] { #expect(try bits(WorkerPool(threads: threads)) == one) }
        for variant in Kernels.available {
            let found = try Kernels.with(variant: variant) { try bits(.single) }
            #expect(found == one, "\(variant)")
        }
    }

    /// What earlier batches have left in the memory counts for nothing.
    @Test func batchesOfOtherSizesLeaveNoTrace() throws {
        let batch = Batch(Self.small, positions: 50, records: 9)
        let used = ResNetStep(Self.small, positions: 50)
        for count in [9, 2, 7] { _ = try batch.run(used, records: count, pool: .single) }
        let found = try batch.run(used, records: 4, pool: .single)
        let fresh = ResNetStep(Self.small, positions: 50)
        let expected = try batch.run(fresh, records: 4, pool: .single)
        #expect(found.loss == expected.loss)
        for (name, _) in Self.small.parameters {
            #expect(used.gradient(name)?.values == fresh.gradient(name)?.values, "\(name)")
        }
    }

    /// Only the first batch of a size takes memory: afterwards the arena is as it was, and nothing that a thread takes from
    /// the heap is as large as the activations of one layer.
    @Test func laterBatchesAllocateNeitherActivationsNorGradients() throws {
        let config = ResNetConfig(leads: 12, width: 16, blocks: [1, 1])
        let batch = Batch(config, positions: 500, records: 8)
        let step = ResNetStep(config, positions: 500)
        var network = try ResNet<Float>(config, from: SeededWeights())
        var adam = Adam<Float>(learningRate: 0.001)
        func update(_ count: Int) {
            _ = step.run(
                &network, records: batch.records, labels: batch.labels, chosen: Array(0..<count)[...],
                pool: .single)
            adam.update(&network, by: step, pool: .single)
        }
        update(8)
        update(5)
        let floats = step.arenaCount
        #expect(floats > 8 * 250 * 16)
        _ = firstlead_take_largest_allocation()
        for count in [8, 5, 8] { update(count) }
        // The smallest activations of a batch, 5 records of 63 positions and 32 channels, take 40 KB, and the weights
        // between stages 16 KB; the names and places of some 40 tensors take less.
        #expect(firstlead_take_largest_allocation() < 8 << 10)
        #expect(step.arenaCount == floats)
    }

    @Test func adamsUpdatesAreTheLoops() throws {
        let batch = Batch(Self.small, positions: 40, records: 4)
        let step = ResNetStep(Self.small, positions: 40)
        var network = try ResNet<Float>(Self.small, from: SeededWeights())
        var exact = network.parameters.mapValues { $0.map { Double($0) } }
        let before = exact
        var (fast, plain) = (Adam<Float>(learningRate: 0.01), Adam<Double>(learningRate: 0.01))
        let pool = WorkerPool(threads: 3)
        for _ in 0..<3 {
            _ = step.run(
                &network, records: batch.records, labels: batch.labels, chosen: [0, 1, 2, 3], pool: pool)
            let gradients = Dictionary(
                uniqueKeysWithValues: step.names.map { name in
                    (name, (step.gradient(name)?.values ?? []).map { Double($0) })
                })
            fast.update(&network, by: step, pool: pool)
            plain.update(&exact, gradients: gradients)
        }
        #expect(fast.steps == 3 && Set(step.names) == Set(Self.small.parameters.map(\.name)))
        for (name, expected) in exact {
            let values = (network.parameters[name] ?? []).map { Double($0) }
            #expect(deviation(values, expected) < 1e-6, "\(name)")
            #expect(expected != before[name])
        }
    }
}
