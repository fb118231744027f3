import ECGFormats
import Networks
import Scoring
import Simulation
import Tensor
import TestSupport
import Testing
import Training

@Suite struct BaselineTests {
    /// Six simulated ECGs and a network that is small enough for a test.
    private struct Site {
        let folder: TemporaryFolder
        let cohort: Cohort
        var plan = BaselinePlan()

        init(positives: Int = 3) throws {
            folder = try TemporaryFolder()
            let simulated = try SimulatedCohort(
                size: 6, positives: positives, seed: 5, sampleRateHertz: 250)
            var table = "path,label\n"
            for ecg in simulated {
                let name = "ecg\(ecg.index)"
                let files = try WFDBWriter().files(of: ecg.recording(), name: name, comments: [])
                try folder.write(files.header, to: name + ".hea")
                try folder.write(files.signals, to: name + ".dat")
                table += "\(name).hea,\(ecg.label ? 1 : 0)\n"
            }
            cohort = try Cohort(csv: Array(table.utf8), folder: folder.path)
            plan.config = ResNetConfig(leads: 12, width: 1, blocks: [1, 1])
            (plan.epochs, plan.batch) = (3, 4)
        }

        func train(_ name: String, epochs: Int? = nil, threads: Int = 1) throws -> ResNetTraining {
            var plan = plan
            plan.epochs = epochs ?? plan.epochs
            return try BaselineRun(
                plan: plan, checkpoint: folder.path(name), pool: WorkerPool(threads: threads)
            ).run(cohort) { _ in }
        }
    }

    @Test func anInterruptedTrainingEndsWithTheSameBytes() throws {
        let site = try Site()
        _ = try site.train("whole")
        #expect(try site.train("parts", epochs: 1).losses.count == 1)
        let first = try site.folder.bytes("parts")
        #expect(try site.train("parts", threads: 2).losses.count == 3)
        #expect(try site.folder.bytes("parts") == site.folder.bytes("whole"))
        #expect(try site.folder.bytes("parts") != first)
    }

    /// The best epoch and its network survive an interruption, and are what the file is imported as.
    @Test func theBestEpochOnAValidationPartIsKept() throws {
        var site = try Site()
        site.plan.validationShare = 0.34
        (site.plan.epochs, site.plan.batch, site.plan.learningRate) = (5, 2, 0.05)
        let whole = try site.train("whole")
        _ = try site.train("parts", epochs: 2)
        _ = try site.train("parts", threads: 2)
        #expect(try site.folder.bytes("parts") == site.folder.bytes("whole"))
        let validation = try #require(whole.validation)
        #expect(validation.losses.count == 5)
        let best = try #require(validation.losses.min())
        #expect(validation.losses[validation.bestEpoch - 1] == best)
        // Trained up to the best epoch only, the network is the same.
        let short = try site.train("short", epochs: validation.bestEpoch)
        #expect(short.network.parameters == whole.result.parameters)
        #expect(short.network.buffers == whole.result.buffers)
        let imported = try BaselineFile(reading: site.folder.path("whole"))
        #expect(imported.metadata["bestEpoch"] == "\(validation.bestEpoch)")
        #expect(
            try imported.floats("fc.weight", shape: [1, site.plan.config.features])
                == whole.result.parameters["fc.weight"])
    }

    /// Four negatives for two positives: as if each positive were there twice.
    @Test func balancedPositivesCountAsOftenAsThereAreNegativesForEach() throws {
        var site = try Site(positives: 2)
        site.plan.positiveWeight = .balanced
        let balanced = try site.train("balanced").network.parameters
        site.plan.positiveWeight = .times(2)
        #expect(try site.train("twice").network.parameters == balanced)
        site.plan.positiveWeight = .times(1)
        #expect(try site.train("once").network.parameters != balanced)
        #expect {
            site.plan.positiveWeight = .balanced
            _ = try site.train("once")
        } throws: {
            ($0 as? TrainingError)?.message.contains("positiveWeight 1.0, not balanced") == true
        }
    }

    @Test func positiveWeightsAreNumbersOrBalanced() throws {
        #expect(PositiveWeight("balanced") == .balanced)
        #expect(PositiveWeight("2.5") == .times(2.5))
        for wrong in ["0", "-1", "nan", "inf", "1e7", "Balanced", ""] {
            #expect(PositiveWeight(wrong) == nil, "\(wrong)")
        }
        #expect(try PositiveWeight.balanced.factor([true, false, false, false]) == 3)
        for labels in [[true, true], [false, false]] {
            #expect {
                try PositiveWeight.balanced.factor(labels)
            } throws: {
                if case TrainingError.tooSmall = $0 { true } else { false }
            }
        }
    }

    @Test func theValidationPartIsNotLearntFrom() throws {
        var site = try Site()
        site.plan.validationShare = 0.34
        let learnt = try site.train("with").network.parameters
        site.plan.validationShare = 0
        #expect(try site.train("without").network.parameters != learnt)
    }

    @Test func anotherTrainingsCheckpointIsRefused() throws {
        var site = try Site()
        _ = try site.train("file", epochs: 1)
        let before = try site.folder.bytes("file")
        site.plan.seed = 1
        #expect {
            try site.train("file")
        } throws: {
            ($0 as? TrainingError)?.message.contains("a training with seed 0, not 1") == true
        }
        #expect(try site.folder.bytes("file") == before)
    }

    @Test func aCutCheckpointIsRefused() throws {
        let site = try Site()
        _ = try site.train("file", epochs: 1)
        let whole = try site.folder.bytes("file")
        for count in [0, 7, 100, whole.count - 1] {
            try site.folder.write(Array(whole.prefix(count)), to: "file")
            #expect {
                try site.train("file")
            } throws: {
                if case TrainingError.checkpoint = $0 { true } else { false }
            }
        }
    }
}
