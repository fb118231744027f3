import TestSupport
import Testing

/// The stored self-test must come out bit for bit whatever instructions the processor has.
@Suite struct KernelVariantTests {
    @Test(arguments: ["generic", "avx2", "avx512", "avx512vnni"]) func selfTestIsReproducedByEveryVariant(
        name: String
    )
        throws
    {
        // A variant that the processor lacks falls back to the best that it has.
        let outcome = try Tool.run(
            "/usr/bin/env",
            ["FIRSTLEAD_KERNELS=\(name)", Tool.binary, "bundle", "verify", "Bundles/demonstration"])
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.output.contains("self-test reproduced"))
    }

    @Test func saysThatAVariantIsNotThere() throws {
        let outcome = try Tool.run(
            "/usr/bin/env",
            ["FIRSTLEAD_KERNELS=avx1024", Tool.binary, "score", "Demonstration/ecg/ptbxl00173.zip"])
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.errors.contains("FIRSTLEAD_KERNELS names 'avx1024', this processor runs"))
        #expect(outcome.errors.contains("generic; the "))
    }
}
