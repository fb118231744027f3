/// One window of a recording as an encoder's network reads it: resampled, filtered and standardised.
package struct Segment: Sendable, Equatable {
    /// `[12, samples]`, row-major, leads in standard order, no unit (both recipes standardise).
    package let values: [Float]
    /// Samples of each lead.
    package let sampleCount: Int

    package init(values: [Float], sampleCount: Int) {
        self.values = values
        self.sampleCount = sampleCount
    }
}

/// What an encoder makes of a recording: `[width]` numbers without unit.
package struct Embedding: Sendable, Equatable {
    package let values: [Float]

    package init(_ values: [Float]) { self.values = values }

    package var width: Int { values.count }
}
