package import Bytes

/// The samples of one lead as a recording holds them.
///
/// Counts stay what they are in the file, packed in a tenth to a quarter of the memory, and become millivolts where they are
/// looked at. Equal are samples that are the same voltages, however they are held.
package enum LeadSamples: Sendable, Equatable {
    /// NaN marks a missing sample.
    case millivolts([Float])
    case counts(PackedIntegers, CountScale)

    package var count: Int {
        switch self {
        case .millivolts(let samples): samples.count
        case .counts(let counts, _): counts.count
        }
    }

    package var millivolts: [Float] {
        switch self {
        case .millivolts(let samples): return samples
        case .counts(let counts, let scale):
            var samples: [Float] = []
            samples.reserveCapacity(counts.count)
            for count in counts.numbers { samples.append(scale.millivolts(Int(count))) }
            return samples
        }
    }

    /// Some of the samples, held in the same way.
    package func part(from first: Int, count: Int) -> LeadSamples {
        switch self {
        case .millivolts(let samples): .millivolts(Array(samples.dropFirst(first).prefix(count)))
        case .counts(let counts, let scale):
            .counts(counts.part(from: first, count: count), scale)
        }
    }

    /// The same without the room that an array keeps for more when it has grown.
    var withoutSlack: LeadSamples {
        guard case .millivolts(let samples) = self, samples.capacity > samples.count + samples.count / 8
        else {
            return self
        }
        return .millivolts(samples.map(\.self))
    }

    package static func == (one: LeadSamples, other: LeadSamples) -> Bool {
        one.millivolts == other.millivolts
    }
}
