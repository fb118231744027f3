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

    /// Nil when nothing is known.
    package var ifKnown: Device? { self == Device() ? nil : self }
}

/// The filters that an electrocardiograph applied to the samples it stored, in hertz.
package struct AppliedFilters: Sendable, Hashable, Codable {
    /// Removes what is slower: 0.05 Hz in diagnostic recordings, 0.5 Hz or more in monitors.
    package var highPassHertz: Double?
    /// Removes what is faster: 150 Hz in diagnostic recordings, 40 Hz in monitors.
    package var lowPassHertz: Double?
    /// Mains.
    package var notchHertz: Double?

    package init(highPassHertz: Double? = nil, lowPassHertz: Double? = nil, notchHertz: Double? = nil) {
        self.highPassHertz = highPassHertz
        self.lowPassHertz = lowPassHertz
        self.notchHertz = notchHertz
    }

    /// Nil when nothing is known.
    package var ifKnown: AppliedFilters? { self == AppliedFilters() ? nil : self }
}
