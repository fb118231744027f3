import CKernels

/// The instruction set that the kernels use. The results do not depend on it, bit for bit.
package enum Kernels {
    /// What this process uses: picked and checked at the first use of this or of any kernel, in some 30 ms.
    package static let choice = KernelChoice(
        variant: firstlead_kernels_start() == 0 ? unsafe String(cString: firstlead_kernels_variant()) : nil,
        reason: unsafe String(cString: firstlead_kernels_reason()))

    /// "avx512vnni", "avx512", "avx2", "neon" or "generic"; the environment variable FIRSTLEAD_KERNELS can name it.
    package static var variant: String { unsafe String(cString: firstlead_kernels_variant()) }

    /// Why it is not the widest that the processor has, or not the one that FIRSTLEAD_KERNELS names; nil if it is.
    package static var fallbackReason: String? { choice.fallbackReason }

    /// Those that this processor has, narrowest first.
    package static var available: [String] {
        ["generic", "neon", "avx2", "avx512", "avx512vnni"].filter {
            unsafe firstlead_kernels_available($0) != 0
        }
    }

    /// Runs `body` with that variant in the calling thread (a pool of one thread stays on it); nil when the
    /// processor lacks it.
    package static func with<Result>(variant: String, _ body: () throws -> Result) rethrows -> Result? {
        guard unsafe firstlead_kernels_force(variant) == 0 else { return nil }
        defer { _ = firstlead_kernels_force(nil) }
        return try body()
    }
}

/// The outcome of the check at start-up: which variant of the kernels is used, and why not another.
package struct KernelChoice: Sendable, Equatable {
    /// Nil if not even the generic variant computes what its naive twins do.
    package let variant: String?
    /// What was found wrong, empty if nothing.
    private let reason: String

    package init(variant: String?, reason: String) {
        self.variant = variant
        self.reason = reason
    }

    /// A sentence for the log; nil when nothing is wrong.
    package var fallbackReason: String? {
        if reason.isEmpty { return nil }
        return variant.map { "\(reason); the \($0) kernels are used" } ?? reason
    }

    /// Throws: ``KernelError`` if there is no variant that may be used.
    package func requireSound() throws(KernelError) {
        if variant == nil { throw KernelError(reason: reason) }
    }
}

/// No variant of the kernels computes right on this processor: nothing may be scored.
package struct KernelError: Error, Sendable, Equatable {
    /// Kernel, shape, element, found and expected, for each variant.
    package let reason: String

    package init(reason: String) { self.reason = reason }
}
