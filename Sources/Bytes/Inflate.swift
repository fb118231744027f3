private import CZlib

/// Inflates DEFLATE data (RFC 1951) bare, in a zlib wrapper (RFC 1950) or in gzip members (RFC 1952).
package enum Inflate {
    /// What surrounds the DEFLATE data.
    package enum Wrapper: Sendable {
        case raw, zlib, gzip

        /// zlib's `windowBits`: sign and offset select the wrapper, 15 is the largest window.
        fileprivate var windowBits: Int32 {
            switch self {
            case .raw: -15
            case .zlib: 15
            case .gzip: 31
            }
        }
    }

    /// What the output may cost.
    package struct Limits: Sendable {
        /// Bytes of output.
        package var bytes: Int
        /// Output bytes for each input byte, once the output is larger than ``ratioFreeBytes``. DEFLATE
        /// reaches 1,032; sampled signals stay below 20.
        package var ratio: Int

        package static let ratioFreeBytes = 1 << 20

        package init(bytes: Int, ratio: Int = 200) {
            self.bytes = bytes
            self.ratio = ratio
        }

        func largestOutput(for input: Int) -> Int {
            let (byRatio, overflows) = input.multipliedReportingOverflow(by: ratio)
            return overflows ? bytes : min(bytes, max(byRatio, Self.ratioFreeBytes))
        }
    }

    /// Inflates all of `input`, every gzip member of it, checking the checksums that the wrapper holds.
    ///
    /// Throws: ``InflateError``.
    package static func inflate(
        _ input: ArraySlice<UInt8>, as wrapper: Wrapper, limits: Limits
    ) throws(InflateError) -> [UInt8] {
        guard input.count < Int(UInt32.max) else {
            throw .limit(bytes: limits.largestOutput(for: input.count))
        }
        let stream = try InflateStream(wrapper)
        var output: [UInt8] = []
        let limit = limits.largestOutput(for: input.count)
        // Signals deflate to a half or a quarter: no copies while the output grows. What is not written takes no memory.
        output.reserveCapacity(min(limit, 4 * input.count))
        var rest = input
        repeat {
            rest = try stream.inflate(rest, into: &output, limit: limit)
            if !rest.isEmpty {
                guard wrapper == .gzip, rest.starts(with: [0x1F, 0x8B]) else {
                    throw .trailingBytes(offset: rest.startIndex - input.startIndex, count: rest.count)
                }
                stream.reset()
            }
        } while !rest.isEmpty
        return output
    }

    /// CRC-32 of IEEE 802.3 as zip and gzip use it.
    package static func crc32(of bytes: ArraySlice<UInt8>) -> UInt32 {
        unsafe bytes.withUnsafeBufferPointer { run in
            UInt32(truncatingIfNeeded: unsafe crc32_z(0, run.baseAddress, run.count))
        }
    }
}

/// Owns a zlib stream. Its address must not change between calls: zlib's state points back to it.
@safe private final class InflateStream {
    private let stream: UnsafeMutablePointer<z_stream>
    /// Kept between members, of which a body of a few megabytes may have a million.
    private var chunk = [UInt8](repeating: 0, count: 1 << 14)

    init(_ wrapper: Inflate.Wrapper) throws(InflateError) {
        unsafe stream = .allocate(capacity: 1)
        unsafe stream.initialize(to: z_stream())
        let code = unsafe inflateInit2_(
            stream, wrapper.windowBits, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        guard code == Z_OK else {
            unsafe stream.deallocate()
            throw .outOfMemory
        }
    }

    deinit {
        unsafe inflateEnd(stream)
        unsafe stream.deallocate()
    }

    func reset() { unsafe _ = inflateReset(stream) }

    /// Inflates one member and returns what follows it.
    func inflate(
        _ input: ArraySlice<UInt8>, into output: inout [UInt8], limit: Int
    ) throws(InflateError) -> ArraySlice<UInt8> {
        var failure: InflateError?
        var consumed = 0
        unsafe input.withUnsafeBufferPointer { source in
            // zlib takes a mutable pointer and does not write through it.
            unsafe stream.pointee.next_in = UnsafeMutablePointer(mutating: source.baseAddress)
            unsafe stream.pointee.avail_in = UInt32(source.count)
            failure = fill(&output, limit: limit, inputCount: source.count)
            consumed = unsafe source.count - Int(stream.pointee.avail_in)
            unsafe stream.pointee.next_in = nil
        }
        if let failure { throw failure }
        return input.dropFirst(consumed)
    }

    private func fill(
        _ output: inout [UInt8], limit: Int, inputCount: Int
    ) -> InflateError? {
        while true {
            let (code, produced) = unsafe chunk.withUnsafeMutableBufferPointer { run in
                unsafe stream.pointee.next_out = run.baseAddress
                unsafe stream.pointee.avail_out = UInt32(run.count)
                let code = unsafe CZlib.inflate(stream, Z_NO_FLUSH)
                return unsafe (code, run.count - Int(stream.pointee.avail_out))
            }
            guard produced <= limit - output.count else { return .limit(bytes: limit) }
            output.append(contentsOf: chunk[..<produced])
            let offset = unsafe inputCount - Int(stream.pointee.avail_in)
            switch code {
            case Z_STREAM_END: return nil
            case Z_OK where produced > 0: continue
            case Z_OK, Z_BUF_ERROR: return .truncated(offset: offset)
            case Z_MEM_ERROR: return .outOfMemory
            default: return .corrupt(offset: offset)
            }
        }
    }
}

/// Why compressed data could not be inflated; offsets are into the compressed bytes.
package enum InflateError: Error, Sendable, Equatable {
    case truncated(offset: Int)
    /// Not what DEFLATE or its wrapper allows, or a checksum that does not fit.
    case corrupt(offset: Int)
    case trailingBytes(offset: Int, count: Int)
    /// More output than allowed.
    case limit(bytes: Int)
    case outOfMemory

    /// The byte of the compressed data at which it shows, if it is one.
    package var offset: Int? {
        switch self {
        case .truncated(let offset), .corrupt(let offset), .trailingBytes(let offset, _): offset
        case .limit, .outOfMemory: nil
        }
    }

    /// What is wrong, for people.
    package var detail: String {
        switch self {
        case .truncated: "the compressed data end too early"
        case .corrupt: "the compressed data are damaged, or of another coding"
        case .trailingBytes(_, let count): "\(count) bytes follow the compressed data"
        case .limit(let bytes): "inflates to more than the \(bytes) bytes that are allowed"
        case .outOfMemory: "no memory is left to inflate"
        }
    }
}
