package import Bytes
private import CPlatform
package import ECGFormats
private import Foundation

/// What it costs to make a recording of an ECG file: containers, recognition and reader.
package struct DecodingSpeed: Sendable {
    /// The format's id.
    package let format: String
    /// As it was handed in, still compressed if it came so.
    package let bytes: Int
    /// Without its containers.
    package let contentBytes: Int
    package let times: Distribution
    /// The most that was resident beyond what was before, the recording included, in the least of three readings: where
    /// in its pages the heap has room is chance, and can only add. Nil where the system does not say.
    package let memoryBytes: Int?

    /// Reads the files thrice for memory, then `rounds` times for time.
    ///
    /// Throws: ``FormatError`` when they are no ECG.
    package static func measure(
        _ files: [(name: String, bytes: [UInt8])], options: ReadOptions, rounds: Int
    ) throws(FormatError) -> DecodingSpeed {
        let upload = try Upload(files: files)
        let format = try FormatRegistry.read(upload, options: options).format.id
        var peaks: [Int?] = []
        for _ in 0..<3 {
            peaks.append(
                try peakBytes { () throws(FormatError) in
                    _ = try FormatRegistry.read(Upload(files: files), options: options)
                })
        }
        let clock = ContinuousClock()
        var times: [Double] = []
        for _ in 0..<max(1, rounds) {
            let start = clock.now
            _ = try FormatRegistry.read(Upload(files: files), options: options)
            times.append(start.duration(to: clock.now) / .milliseconds(1))
        }
        guard let times = Distribution(milliseconds: times) else { preconditionFailure("at least one round") }
        return DecodingSpeed(
            format: format, bytes: files.reduce(0) { $0 + $1.bytes.count },
            contentBytes: upload.parts.reduce(0) { $0 + $1.bytes.count }, times: times,
            memoryBytes: peaks.compactMap(\.self).min())
    }

    /// Of the content, 10^6 bytes a second at the median time.
    package var megabytesPerSecond: Double { Double(contentBytes) / times.median / 1_000 }

    package var document: JSONDocument {
        .object(
            [
                .init("format", .text(format)), .init("bytes", .integer(bytes)),
                .init("contentBytes", .integer(contentBytes)),
                .init("memoryBytes", memoryBytes.map { .integer($0) } ?? .null),
                .init("megabytesPerSecond", .rounded(megabytesPerSecond, digits: 1)),
            ] + times.members)
    }

    /// How far the process's resident memory rises during `work`, to a page: writing 5 to clear_refs makes the
    /// system forget the highest mark so far (proc(5), Linux 4.0).
    private static func peakBytes(
        _ work: () throws(FormatError) -> Void
    ) throws(FormatError) -> Int? {
        firstlead_trim_memory()
        let isReset = (try? Data("5".utf8).write(to: URL(filePath: "/proc/self/clear_refs"))) != nil
        let before = Machine.memory.resident
        try work()
        guard isReset, let before, let peak = Machine.memory.peak else { return nil }
        return max(0, Int((peak - before) * 1e6))
    }
}
