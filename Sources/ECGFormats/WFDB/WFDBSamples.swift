package import Bytes
import ECG

/// The converter's values of all signals of a record of one segment.
package struct WFDBSamples: Sendable {
    /// Of each signal, as the file has them: skewed, and of a signal with several samples a frame all of them.
    package let values: [PackedIntegers]

    /// Finds the files, checks their sizes and the checksums, and separates the interleaved signals.
    ///
    /// Throws: ``FormatError``.
    package init(_ header: WFDBHeader, files: [UploadPart]) throws(FormatError) {
        var values: [PackedIntegers] = []
        var sampleCount = header.sampleCount
        var read: Set<String> = []
        while values.count < header.signals.count {
            let group = Self.group(in: header.signals, from: values.count)
            guard read.insert(group[group.startIndex].fileName).inserted else {
                throw FormatError(
                    .malformed, place: .line(group[group.startIndex].line, column: nil),
                    detail: "WFDB: signals of one file must follow one another and have one format")
            }
            let decoded = try Self.read(group, files: files, declared: sampleCount)
            sampleCount = (decoded.first?.count ?? 0) / group[group.startIndex].samplesPerFrame
            values += decoded
        }
        for (signal, samples) in zip(header.signals, values) { try signal.verify(samples) }
        self.values = values
    }

    /// The signals that share a file.
    private static func group(in signals: [WFDBSignal], from start: Int) -> ArraySlice<WFDBSignal> {
        let first = signals[start]
        return signals[start...].prefix {
            $0.fileName == first.fileName && $0.storage == first.storage && $0.offset == first.offset
        }
    }

    private static func read(
        _ group: ArraySlice<WFDBSignal>, files: [UploadPart], declared: Int?
    ) throws(FormatError) -> [PackedIntegers] {
        let first = group[group.startIndex]
        let place = FormatError.Place.line(first.line, column: nil)
        guard first.fileName != WFDBSignal.noFile else {
            throw FormatError(
                .unsupportedEncoding, place: place, detail: "WFDB: a signal without a file of its own")
        }
        let file = try find(first.fileName, in: files, place: place)
        switch first.storage {
        case .samples(let encoding): return try read(group, as: encoding, of: file, declared: declared)
        case .flac(let bits):
            return try WFDBCompressed.read(group, bits: bits, of: file, declared: declared)
        }
    }

    private static func read(
        _ group: ArraySlice<WFDBSignal>, as encoding: WFDBEncoding, of file: UploadPart, declared: Int?
    ) throws(FormatError) -> [PackedIntegers] {
        let first = group[group.startIndex]
        let width = group.reduce(0) { $0 + $1.samplesPerFrame }
        let available = max(0, file.bytes.count - first.offset)
        let count = declared ?? encoding.sampleCount(of: available) / width
        let most = group.reduce(1) { max($0, $1.samplesPerFrame) }
        guard count <= Recording.maximumSamples / most else {
            throw FormatError(
                .limitExceeded, part: file.name,
                detail: "WFDB: \(count * most) samples a signal, at most \(Recording.maximumSamples) are read"
            )
        }
        let needed = encoding.byteCount(of: count * width)
        guard count > 0, needed <= available else {
            throw FormatError(
                .truncated, part: file.name, place: .byteOffset(file.bytes.count),
                detail:
                    "WFDB: \(available) bytes of samples, expected \(max(needed, 1)) for \(count) samples of "
                    + "\(group.count) signals in format \(encoding.rawValue)")
        }
        let frames = encoding.decode(file.bytes[first.offset...], count: count * width)
        var start = 0
        return group.map { signal in
            defer { start += signal.samplesPerFrame }
            let column = signal.column(of: frames, from: start, width: width)
            return PackedIntegers(encoding == .differences8 ? signal.integrate(column) : column)
        }
    }

    /// The file of that name in any folder of the upload; upper and lower case count as equal only when no
    /// name fits exactly.
    private static func find(
        _ name: String, in files: [UploadPart], place: FormatError.Place
    ) throws(FormatError) -> UploadPart {
        var found = files.filter { $0.fileName == name }
        if found.isEmpty { found = files.filter { $0.fileName.lowercased() == name.lowercased() } }
        guard let file = found.first else {
            throw FormatError(
                .missingPart, place: place,
                detail:
                    "WFDB: the signal file '\(token(name, limit: 80))' is not in the upload; send it with the header"
            )
        }
        guard found.count == 1 else {
            throw FormatError(
                .ambiguousUpload, place: place,
                detail: "WFDB: \(found.count) files are named '\(token(name, limit: 80))'")
        }
        return file
    }
}

extension WFDBSignal {
    /// The signal's samples of each frame, of `width` samples, in which they begin at `start`.
    fileprivate func column(of frames: [Int32], from start: Int, width: Int) -> [Int32] {
        var samples: [Int32] = []
        samples.reserveCapacity(frames.count / width * samplesPerFrame)
        for frame in stride(from: start, to: frames.count, by: width) {
            for sample in 0..<samplesPerFrame { samples.append(frames[frame + sample]) }
        }
        return samples
    }

    /// Format 8: the header's initial value plus all differences so far. 600,000 differences of 8 bits and a
    /// 32-bit start need more than 32 bits only in a broken file: it wraps, and the checksum tells.
    fileprivate func integrate(_ differences: [Int32]) -> [Int32] {
        var value = Int32(truncatingIfNeeded: initialValue)
        return differences.map { difference in
            value = value &+ difference
            return value
        }
    }

    /// Compares the sum of all samples with the header's, both modulo 65,536.
    fileprivate func verify(_ samples: PackedIntegers) throws(FormatError) {
        guard let checksum else { return }
        var sum: UInt16 = 0
        for sample in samples.numbers { sum = sum &+ UInt16(truncatingIfNeeded: sample) }
        guard sum == checksum else {
            throw FormatError(
                .checksumMismatch, part: fileName, place: .line(line, column: nil),
                detail: "WFDB: the samples add up to \(sum), the header says \(checksum) (modulo 65536)")
        }
    }
}
