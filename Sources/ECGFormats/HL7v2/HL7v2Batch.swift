/// The messages of a file or of a block of MLLP (HL7 2.6 chapter 2.10.3).
///
///     [FHS] { [BHS] { MSH... } [BTS: number of messages] } [FTS: number of batches]
///
/// Counts are verified where the trailers state them.
struct HL7v2Batch {
    private(set) var messages: [HL7v2Message] = []
    private var segments: [HL7v2Message.Segment] = []
    /// Messages of the batch that is open; nil between batches.
    private var countInBatch: Int?
    private var batchCount = 0

    private static let maximumSegments = 10_000
    private static let headers: Set<String> = ["FHS", "BHS", "MSH"]

    /// Whether bytes begin with a header segment and one of the usual separators.
    static func recognises(_ bytes: [UInt8]) -> Bool {
        let start = bytes.prefix(64).drop { $0 <= 0x20 || $0 == 0xEF || $0 == 0xBB || $0 == 0xBF }
        let name = String(decoding: start.prefix(3), as: UTF8.self)
        return headers.contains(name) && start.dropFirst(3).first.map { "|^".utf8.contains($0) } ?? false
    }

    /// Throws: ``FormatError``.
    init(_ bytes: [UInt8]) throws(FormatError) {
        let text = String(decoding: bytes.drop { $0 <= 0x20 || $0 >= 0x80 }, as: UTF8.self)
        // CR ends a segment; LF and the ends of a block of MLLP are taken too.
        let lines = text.utf8.split { $0 == 0x0D || $0 == 0x0A || $0 == 0x1C || $0 == 0x0B }
        guard lines.count <= Self.maximumSegments else {
            throw FormatError(.limitExceeded, detail: "more than \(Self.maximumSegments) segments")
        }
        var separators: HL7v2Message.Separators?
        for (index, line) in lines.enumerated() {
            let name = String(decoding: line.prefix(3), as: UTF8.self)
            if Self.headers.contains(name) { separators = HL7v2Message.Separators(line) }
            guard let separators else {
                throw FormatError(
                    .malformed, place: index == 0 ? .byteOffset(0) : .line(index + 1, column: nil),
                    detail: "expected an MSH, BHS or FHS segment with its separators")
            }
            try add(HL7v2Message.Segment(line, number: index + 1, separators), named: name)
        }
        endMessage()
        guard !messages.isEmpty else {
            throw FormatError(.malformed, place: .byteOffset(0), detail: "no MSH segment, expected a message")
        }
    }

    /// The one message that can hold an ECG, or the only one.
    ///
    /// Throws: ``FormatError`` `ambiguous-upload` when several can, or several are there and none can.
    func single() throws(FormatError) -> HL7v2Message {
        let candidates = messages.count == 1 ? messages : messages.filter(\.mayHoldECG)
        guard candidates.count == 1 else {
            throw FormatError(
                .ambiguousUpload,
                detail:
                    "a batch of \(messages.count) messages, of which \(candidates.count) can hold an ECG: send one"
            )
        }
        return candidates[0]
    }

    private mutating func add(_ segment: HL7v2Message.Segment, named name: String) throws(FormatError) {
        switch name {
        case "FHS": break
        case "BHS":
            endBatch()
            countInBatch = 0
        case "MSH":
            endMessage()
            countInBatch = countInBatch ?? 0
            segments = [segment]
        case "BTS":
            endMessage()
            try verify(segment, countInBatch ?? 0, "messages")
            endBatch()
        case "FTS":
            endBatch()
            try verify(segment, batchCount, "batches")
        default:
            guard !segments.isEmpty else {
                throw FormatError(
                    .malformed, place: segment.place(0), detail: "a segment outside any message, expected MSH"
                )
            }
            segments.append(segment)
        }
    }

    private mutating func endMessage() {
        guard !segments.isEmpty else { return }
        messages.append(HL7v2Message(all: segments))
        segments = []
        countInBatch = (countInBatch ?? 0) + 1
    }

    private mutating func endBatch() {
        endMessage()
        if countInBatch != nil { batchCount += 1 }
        countInBatch = nil
    }

    /// Compares the count that a trailer states, if it does, with what was found.
    private func verify(
        _ trailer: HL7v2Message.Segment, _ found: Int, _ what: String
    ) throws(FormatError) {
        let stated = trailer.field(1).trimmed
        guard stated.isEmpty || Int(stated) == found else {
            throw FormatError(
                .malformed, place: trailer.place(1),
                detail: "\(found) \(what) were found, the trailer states \(token(stated, limit: 9))")
        }
    }
}
