/// Arithmetic of an encoder's products.
package enum Precision: String, Sendable, CaseIterable, Codable {
    /// IEEE 754 single precision throughout.
    case fp32
}
