import CKernels

/// The instruction set that the kernels use. The results do not depend on it, bit for bit.
package enum Kernels {
    /// "avx512", "avx2" or "generic"; the environment variable FIRSTLEAD_KERNELS can name it.
    package static var variant: String { unsafe String(cString: firstlead_kernels_variant()) }

    /// Those that this processor has, narrowest first.
    package static var available: [String] {
        ["generic", "avx2", "avx512"].filter { unsafe firstlead_kernels_available($0) != 0 }
    }

    /// Runs `body` with that variant in the calling thread (a pool of one thread stays on it); nil when the
    /// processor lacks it.
    package static func with<Result>(variant: String, _ body: () throws -> Result) rethrows -> Result? {
        guard unsafe firstlead_kernels_force(variant) == 0 else { return nil }
        defer { _ = firstlead_kernels_force(nil) }
        return try body()
    }
}
