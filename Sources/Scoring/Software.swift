private import CBuildInfo

/// What this binary is, as provenance names it.
package enum Software {
    package static let name = "firstlead"
    /// Semantic version of the product; CHANGELOG.md has its history.
    package static let version = "0.1.0"
    /// Git commit of the build, "+modified" when the tree was not clean, or "unknown".
    package static let commit = unsafe String(cString: firstlead_commit())

    /// Version of the compiler, as far as a program can tell.
    package static var swift: String {
        #if compiler(>=6.5)
            "6.5 or later"
        #elseif compiler(>=6.4)
            "6.4"
        #elseif compiler(>=6.3)
            "6.3"
        #else
            "6.2"
        #endif
    }

    package static var processor: String {
        #if arch(x86_64)
            "x86_64"
        #elseif arch(arm64)
            "arm64"
        #else
            "other"
        #endif
    }

    /// The OpenAPI description that was current when this binary was built.
    package static var openAPI: [UInt8] {
        var length = 0
        guard let start = unsafe firstlead_openapi(&length) else { return [] }
        return unsafe Array(UnsafeBufferPointer(start: start, count: length))
    }
}
