import Bytes
import ECG

/// Signals of one file in formats 508, 516 and 524: a channel of a FLAC stream for each (signal(5); RFC 9639).
///
/// A frame's samples of a signal follow one another in its channel. The header's offset counts samples of a channel, not
/// bytes, and the stream's own sample rate means nothing (`_rd_compressed_file` of wfdb-python 4.3.1).
enum WFDBCompressed {
    /// Decodes a group of signals of at most `bits` bits: a signal each, of as many frames as the record has, or all.
    ///
    /// Throws: ``FormatError``.
    static func read(
        _ group: ArraySlice<WFDBSignal>, bits: Int, of file: UploadPart, declared: Int?
    ) throws(FormatError) -> [PackedIntegers] {
        let first = group[group.startIndex]
        if let other = group.first(where: { $0.samplesPerFrame != first.samplesPerFrame }) {
            throw FormatError(
                .malformed, place: .line(other.line, column: nil),
                detail: "WFDB: signals of one FLAC file with different numbers of samples a frame")
        }
        let stream = try stream(of: file)
        guard stream.info.channelCount == group.count, stream.info.bitsPerSample <= bits else {
            throw FormatError(
                .malformed, part: file.name, place: .byteOffset(20),
                detail:
                    "WFDB: a FLAC stream of \(stream.info.channelCount) channels of "
                    + "\(stream.info.bitsPerSample) bits, the header has \(group.count) of at most \(bits)")
        }
        let start = min(first.offset, stream.channels[0].count)
        let available = stream.channels[0].count - start
        let count = (declared ?? available / first.samplesPerFrame) * first.samplesPerFrame
        guard count > 0, count <= available else {
            throw FormatError(
                .truncated, part: file.name, place: .byteOffset(file.bytes.count),
                detail: "WFDB: \(available) samples a signal, expected \(max(count, 1))")
        }
        return stream.channels.map { channel in
            channel.count == count ? channel : channel.part(from: start, count: count)
        }
    }

    private static func stream(of file: UploadPart) throws(FormatError) -> FLACStream {
        do {
            return try FLACStream(file.bytes[...], maximumSamples: Recording.maximumSamples)
        } catch {
            let code: FormatError.Code =
                switch error.kind {
                case .truncated: .truncated
                case .malformed: .malformed
                case .checksum: .checksumMismatch
                case .limit: .limitExceeded
                }
            throw FormatError(
                code, part: file.name, place: .byteOffset(error.offset),
                detail: "WFDB: \(error.detail) (FLAC)")
        }
    }
}
