/// The electrocardiograph as its file describes it. Nothing here identifies a patient.
package struct Device: Sendable, Hashable, Codable {
    package var manufacturer: String?
    package var model: String?
    package var softwareVersion: String?

    package init(manufacturer: String? = nil, model: String? = nil, softwareVersion: String? = nil) {
        self.manufacturer = manufacturer
        self.model = model
        self.softwareVersion = softwareVersion
    }
}
