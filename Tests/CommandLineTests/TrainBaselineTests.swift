import TestSupport
import Testing

/// `firstlead train-baseline`, on four simulated ECGs and a network of width 1.
@Suite struct TrainBaselineTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        let simulated = try Tool.run(
            "simulate", "--output", folder.path("cohort"), "--records", "4", "--positives", "2",
            "--sample-rate", "250")
        try #require(simulated.status == 0, "\(simulated.errors)")
    }

    private func train(_ options: String...) throws -> Tool.Outcome {
        try Tool.run(
            Tool.binary,
            ["train-baseline", "--cohort", folder.path("cohort/cohort.csv"), "--width", "1", "--batch", "4"]
                + ["--output", folder.path("x.safetensors")] + options)
    }

    @Test func goesOnFromItsFileAndRefusesAnothers() throws {
        let one = try train("--epochs", "1")
        #expect(one.status == 0, "\(one.errors)")
        #expect(one.errors.contains("epoch 1 of 1: loss "))
        let first = try folder.bytes("x.safetensors")
        let two = try train("--epochs", "2", "--json")
        #expect(two.status == 0, "\(two.errors)")
        #expect(!two.errors.contains("epoch 1 of 2: loss ") && two.errors.contains("epoch 2 of 2: loss "))
        let second = try folder.bytes("x.safetensors")
        #expect(second != first)
        let other = try train("--epochs", "2", "--lr", "0.01")
        #expect(other.status == 65)
        #expect(other.errors.contains("learningRate 0.001, not 0.01"))
        #expect(try folder.bytes("x.safetensors") == second)
    }
}
