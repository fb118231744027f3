private import CBuildInfo

/// What this binary is, as provenance names it.
package enum Software {
    package static let name = "firstlead"
    /// Semantic version of the product; CHANGELOG.md has its history.
    package static let version = "0.1.0"
    /// Git commit of the build, "+modified" when the tree was not clean, or "unknown".
    package static let commit = unsafe String(cString: firstlead_commit())

    /// The OpenAPI description that was current when this binary was built.
    package static var openAPI: [UInt8] {
        var length = 0
        guard let start = unsafe firstlead_openapi(&length) else { return [] }
        return unsafe Array(UnsafeBufferPointer(start: start, count: length))
    }
}
