import Foundation
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

    /// Killed in the middle of an epoch, without a chance to tidy up, it ends with the bytes of a run that was left alone.
    @Test func aKilledTrainingGoesOnToTheSameBytes() throws {
        let whole = try train("--epochs", "12", "--positive-weight", "balanced")
        #expect(whole.status == 0, "\(whole.errors)")
        let expected = try folder.bytes("x.safetensors")
        try FileManager.default.removeItem(atPath: folder.path("x.safetensors"))
        let log = folder.path("log")
        let arguments = [
            "train-baseline", "--cohort", folder.path("cohort/cohort.csv"), "--width", "1", "--batch", "4",
            "--output", folder.path("x.safetensors"), "--epochs", "12", "--positive-weight", "balanced",
        ]
        let process = try Tool.start(
            Tool.binary, arguments, output: folder.path("output"), errors: log)
        let deadline = Date.now.addingTimeInterval(60)
        while process.isRunning, Date.now < deadline, try !Tool.text(log).contains("epoch 2 of 12: loss ") {
            Thread.sleep(forTimeInterval: 0.001)
        }
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        #expect(process.terminationReason == .uncaughtSignal && process.terminationStatus == SIGKILL)
        #expect(try folder.bytes("x.safetensors") != expected)
        let rest = try train("--epochs", "12", "--positive-weight", "balanced")
        #expect(rest.status == 0, "\(rest.errors)")
        #expect(
            !rest.errors.contains("epoch 2 of 12: loss ") && rest.errors.contains("epoch 12 of 12: loss "))
        #expect(try folder.bytes("x.safetensors") == expected)
    }

    @Test func refusesWeightsAndTestPartsThatCannotBe() throws {
        for options in [
            ["--positive-weight", "none"], ["--positive-weight", "0"], ["--test-fraction", "0.9"],
            ["--test-fraction", "0.2", "--test-fold", "1"],
        ] {
            let outcome = try Tool.run(
                Tool.binary,
                [
                    "train-baseline", "--cohort", folder.path("cohort/cohort.csv"), "--output",
                    folder.path("y"),
                ]
                    + options)
            #expect(outcome.status == 64, "\(options)")
        }
        #expect(!folder.files.contains("y"))
    }
}
