/// Why a bundle is not served: the file at fault, what was expected and what was found.
package struct BundleError: Error, Sendable, Equatable {
    /// The cause, stable across versions.
    package enum Code: String, Sendable {
        case unreadable
        case manifest
        case digestMismatch = "digest-mismatch"
        case unlistedFile = "unlisted-file"
        case weights
        case booster
        case scaler
        case selfTest = "self-test"
        /// Not the file's fault: the kernels that would read it compute wrongly on this processor.
        case kernels
    }

    package let code: Code
    /// Name of the file within the bundle.
    package let file: String
    package let detail: String

    package init(_ code: Code, file: String, _ detail: String) {
        self.code = code
        self.file = file
        self.detail = detail
    }

    package var message: String { "\(file): \(detail) [\(code.rawValue)]" }
}
