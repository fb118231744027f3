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
    /// Pages that reading took beyond what was there before, the recording included; nil where the system does not say.
    package let memoryBytes: Int?

    /// Reads the files once for memory, then `rounds` times for time.
    ///
    /// Throws: ``FormatError`` when they are no ECG.
    package static func measure(
        _ files: [(name: String, bytes: [UInt8])], options: ReadOptions, rounds: Int
    ) throws(FormatError) -> DecodingSpeed {
        let upload = try Upload(files: files)
        let format = try FormatRegistry.read(upload, options: options).format.id
        let memory = try memoryBytes { () throws(FormatError) in
            _ = try FormatRegistry.read(Upload(files: files), options: options)
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
            contentBytes: upload.parts.reduce(0) { $0 + $1.bytes.count }, times: times, memoryBytes: memory)
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

    /// How many bytes more of the process are in memory after `work`, to a page, while the heap gives nothing back: what
    /// is freed on the way serves what comes next, and the most that was needed at once is what stays.
    ///
    /// The system's own mark of the peak is too coarse for it: its counters may be 32 pages behind for each core.
    private static func memoryBytes(
        _ work: () throws(FormatError) -> Void
    ) throws(FormatError) -> Int? {
        firstlead_trim_memory()
        firstlead_keep_memory(largestKept, Int(Int32.max))
        defer { firstlead_keep_memory(usualLimit, usualLimit) }
        let before = anonymousBytes
        try work()
        guard let before, let after = anonymousBytes else { return nil }
        return max(0, after - before)
    }

    /// The most that the threshold of mallopt(3) can be; and what it is at first, 128 KiB.
    private static let largestKept = 32 << 20
    private static let usualLimit = 128 << 10

    /// Memory that is no file's (proc(5), smaps_rollup: counted page by page).
    private static var anonymousBytes: Int? {
        let text = try? String(contentsOfFile: "/proc/self/smaps_rollup", encoding: .utf8)
        let line = text?.split(separator: "\n").first { $0.hasPrefix("Anonymous:") }
        return line?.split(separator: " ").dropFirst().first.flatMap { Int($0) }.map { $0 << 10 }
    }
}
