package import Bytes

/// Why a booster could not be read, used or trained.
package enum BoosterError: Error, Sendable, Equatable {
    /// The file is not JSON.
    case notJSON(JSONError)
    /// The file is JSON, but no booster that this version serves; the place is a JSON pointer (RFC 6901).
    case structure(pointer: String, expected: String, found: String)
    /// A size beyond what is ever read.
    case tooLarge(what: String, found: Int, limit: Int)
    /// A vector is not as wide as the booster.
    case width(found: Int, expected: Int)
    /// A feature that is infinite, or not a number where none may be missing.
    case notFinite(feature: Int)
    /// XGBoost and the trees that were read from the same file disagree: one of them is broken.
    case selfCheck(libraryMargin: Float, treesMargin: Float)
    /// A training parameter outside its range.
    case parameter(name: String, expected: String, found: String)
    /// A label other than 0 and 1.
    case label(row: Int, found: Float)
    /// Not one label for each row.
    case labelCount(found: Int, expected: Int)
    /// The cohort has no example of this label.
    case oneClass(missing: Int)
    /// XGBoost refused; the message is the first line of its own.
    case library(call: String, message: String)

    /// The error in words, for a log line or a terminal.
    package var message: String {
        switch self {
        case .notJSON(let error): "the booster is not JSON: \(error.message)"
        case .structure(let pointer, let expected, let found):
            "the booster's \(pointer.isEmpty ? "root" : pointer): expected \(expected), found \(found)"
        case .tooLarge(let what, let found, let limit):
            "the booster has \(found) \(what); the limit is \(limit)"
        case .width(let found, let expected): "expected \(expected) features, found \(found)"
        case .notFinite(let feature): "feature \(feature) is not a finite number"
        case .selfCheck(let library, let trees):
            "XGBoost's margin \(library) is not the trees' sum \(trees): libxgboost or the file is broken"
        case .parameter(let name, let expected, let found): "\(name): expected \(expected), found \(found)"
        case .label(let row, let found): "row \(row): expected label 0 or 1, found \(found)"
        case .labelCount(let found, let expected): "expected \(expected) labels, found \(found)"
        case .oneClass(let missing): "no row has label \(missing)"
        case .library(let call, let message): "\(call): \(message)"
        }
    }
}
