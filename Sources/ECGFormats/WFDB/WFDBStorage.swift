/// How a WFDB signal file stores its samples, by the format field of a signal line (header(5), signal(5)).
package enum WFDBStorage: Sendable, Equatable {
    /// One by one, in as many bytes as their number says.
    case samples(WFDBEncoding)
    /// As channels of a FLAC stream of at most this many bits a sample: formats 508, 516 and 524.
    case flac(bits: Int)

    private static let flacBits = [8, 16, 24]

    /// Nil for a number that no format has.
    package init?(format: Int) {
        if let encoding = WFDBEncoding(rawValue: format) {
            self = .samples(encoding)
        } else if Self.flacBits.contains(format - 500) {
            self = .flac(bits: format - 500)
        } else {
            return nil
        }
    }

    /// The numbers of all formats.
    package static let formats = WFDBEncoding.allCases.map(\.rawValue) + flacBits.map { 500 + $0 }

    /// The format's number.
    package var format: Int {
        switch self {
        case .samples(let encoding): encoding.rawValue
        case .flac(let bits): 500 + bits
        }
    }

    /// The value that marks a missing sample; differences have none.
    package var missing: Int32? {
        switch self {
        case .samples(let encoding): encoding.missing
        case .flac(let bits): -1 << Int32(bits - 1)
        }
    }
}
