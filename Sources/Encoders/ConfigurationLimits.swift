import Tensor

/// Parameters that an encoder may have at most, about twelve times the published sizes (4 GB of float32).
let parameterLimit = 1 << 30

/// Refuses a setting outside its range.
///
/// Throws: ``WeightError/unsupported(setting:found:supported:)``.
func require(_ setting: String, _ value: Int, in range: ClosedRange<Int>) throws(WeightError) {
    guard range.contains(value) else {
        throw .unsupported(
            setting: setting, found: "\(value)", supported: "\(range.lowerBound) to \(range.upperBound)")
    }
}

/// Refuses a setting whose value is not the one that is implemented.
///
/// Throws: ``WeightError/unsupported(setting:found:supported:)``.
func require<Value: Equatable>(
    _ setting: String, _ value: Value, equals supported: Value
) throws(WeightError) {
    guard value == supported else {
        throw .unsupported(setting: setting, found: "\(value)", supported: "\(supported)")
    }
}

/// Refuses a number that is no multiple of another.
///
/// Throws: ``WeightError/unsupported(setting:found:supported:)``.
func require(
    _ setting: String, _ value: Int, divisibleBy divisor: Int, named name: String
) throws(WeightError) {
    guard value.isMultiple(of: divisor) else {
        throw .unsupported(
            setting: setting, found: "\(value)", supported: "a multiple of \(name), which is \(divisor)")
    }
}

/// Refuses an architecture of more than ``parameterLimit`` parameters. Each size has been limited before, so that
/// the product of a shape fits.
///
/// Throws: ``WeightError/unsupported(setting:found:supported:)``.
func requireModestSize(_ shapes: [(name: String, shape: [Int])]) throws(WeightError) {
    let parameters = shapes.reduce(0) { $0 + $1.shape.reduce(1, *) }
    guard parameters <= parameterLimit else {
        throw .unsupported(
            setting: "parameters", found: "\(parameters)", supported: "at most \(parameterLimit)")
    }
}
