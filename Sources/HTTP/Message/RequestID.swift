private import Glibc
private import Synchronization

/// Request ids: 128 random bits in the form of a UUID, version 4 (RFC 9562 §5.4).
package enum RequestID {
    private static let source = RequestIDSource()

    /// A new one, from the system's random numbers.
    package static func make() -> String { source.make() }
}

/// Makes request ids. Callable from any thread; threads that need many have one each, so that none waits for another.
final class RequestIDSource: Sendable {
    /// Numbers of the system that have not been used. A call for each id would cost as much as the rest of a small
    /// answer's head; getentropy(3) gives at most 256 bytes.
    private let unused = Mutex<[UInt64]>([])
    private static let refill = 32

    func make() -> String {
        var (high, low) = unused.withLock { unused in
            if unused.count < 2 { unused = RequestIDSource.fresh() }
            return (unused.removeLast(), unused.removeLast())
        }
        high = high & ~0xF000 | 0x4000
        low = low & ~(0b11 << 62) | 0b10 << 62
        return unsafe String(unsafeUninitializedCapacity: 36) { text in
            var place = 0
            for nibble in 0..<32 {
                if nibble == 8 || nibble == 12 || nibble == 16 || nibble == 20 {
                    unsafe text[place] = UInt8(ascii: "-")
                    place += 1
                }
                let digit = UInt8(truncatingIfNeeded: high >> 60)
                unsafe text[place] = digit &+ (digit < 10 ? 0x30 : 0x57)
                place += 1
                (high, low) = (high << 4 | low >> 60, low << 4)
            }
            return place
        }
    }

    private static func fresh() -> [UInt64] {
        var numbers = [UInt64](repeating: 0, count: refill)
        let code = unsafe numbers.withUnsafeMutableBytes { unsafe getentropy($0.baseAddress, $0.count) }
        // Systems that have no getentropy; Swift's generator ends the process where there is no other source.
        return code == 0 ? numbers : numbers.map { _ in .random(in: .min ... .max) }
    }
}
