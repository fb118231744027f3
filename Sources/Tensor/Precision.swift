/// Arithmetic of a network's products.
package enum Precision: String, Sendable, CaseIterable, Codable {
    /// IEEE 754 single precision throughout.
    case fp32
    /// 16-bit integers in the products of the transformer's blocks, single precision everywhere else.
    case int16
}
