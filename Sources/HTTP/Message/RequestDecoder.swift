/// Turns a connection's bytes into requests (RFC 9112), however they are cut into pieces.
///
/// Bytes go in by ``append(_:)``; parts come out of ``next()`` until it needs more bytes. Every byte is looked
/// at a bounded number of times, and no more is held than ``MessageLimits`` allows and what was appended and
/// not yet asked for. Where the specification lets a server guess, this one refuses: line ends are CRLF only,
/// a framing that two readers could understand differently ends the connection.
package struct RequestDecoder: Sendable {
    /// What comes out, in turns.
    package enum Part: Sendable, Equatable {
        case head(RequestHead)
        case end(body: [UInt8], trailers: HTTPFields)
    }

    enum Stage: Sendable, Equatable {
        case requestLine, fields, bodyStart
        case length(remaining: Int)
        case chunkSize
        case chunkData(remaining: Int)
        case chunkEnd
        case trailers
        case failed(MessageRefusal)
    }

    let limits: MessageLimits
    let isSecure: Bool
    var buffer: [UInt8] = []
    /// Where in `buffer` the part begins that has not been taken.
    var cursor = 0
    /// Where in `buffer` the search for the line's end goes on.
    var scanned = 0
    var stage: Stage = .requestLine

    var emptyLines = 0
    var requestLine: RequestLine?
    var fields = HTTPFields()
    var fieldBytes = 0
    var fieldCount = 0
    var framing: BodyFraming = .none
    var bodyLimit: Int
    var storesBody = true
    var body: [UInt8] = []
    /// Bytes of the body that have come, stored or not.
    package internal(set) var bodyBytes = 0
    var extensionBytes = 0

    /// `isSecure`: whether the connection is encrypted, which decides the scheme that it may ask for.
    package init(limits: MessageLimits = MessageLimits(), isSecure: Bool = false) {
        self.limits = limits
        self.isSecure = isSecure
        bodyLimit = limits.bodyBytes
    }

    /// Bytes that were appended and not yet taken.
    package var bufferedBytes: Int { buffer.count - cursor }

    /// Whether some of a request has come, and not all of it.
    package var isInsideRequest: Bool { stage != .requestLine || bufferedBytes > 0 }

    /// Adds bytes from the connection.
    package mutating func append(_ bytes: some Collection<UInt8>) {
        if case .failed = stage { return }
        var bytes = bytes[...]
        if case .length(let remaining) = stage, bufferedBytes == 0, remaining > 0 {
            // A body's bytes need not pass through the buffer.
            let piece = bytes.prefix(remaining)
            receive(piece)
            stage = .length(remaining: remaining - piece.count)
            bytes = bytes[piece.endIndex...]
        }
        guard !bytes.isEmpty else { return }
        reclaim()
        buffer.append(contentsOf: bytes)
    }

    /// The next part, or nil when more bytes are needed.
    ///
    /// Throws: ``MessageRefusal``, and the same one ever after.
    package mutating func next() throws(MessageRefusal) -> Part? {
        do throws(MessageRefusal) {
            return try step()
        } catch {
            stage = .failed(error)
            buffer = []
            body = []
            (cursor, scanned) = (0, 0)
            throw error
        }
    }

    /// Between a head and its end: the most bytes that this request's body may have.
    package mutating func limitBody(to bytes: Int) { bodyLimit = bytes }

    /// Between a head and its end: read past the body, of at most so many bytes, without storing it.
    package mutating func discardBody(limit: Int) {
        storesBody = false
        body = []
        // What has come already was within the limit of its time.
        bodyLimit = limit > Int.max - bodyBytes ? Int.max : limit + bodyBytes
    }

    private mutating func step() throws(MessageRefusal) -> Part? {
        while true {
            switch stage {
            case .requestLine:
                guard try decodeRequestLine() else { return nil }
            case .fields:
                guard let head = try decodeField() else { return nil }
                if case .complete(let head) = head { return .head(head) }
            case .bodyStart: try beginBody()
            case .length(let remaining):
                guard takeData(remaining, then: { .length(remaining: $0) }) else { return nil }
                return finish()
            case .chunkSize:
                guard try decodeChunkSize() else { return nil }
            case .chunkData(let remaining):
                guard takeData(remaining, then: { .chunkData(remaining: $0) }) else { return nil }
                stage = .chunkEnd
            case .chunkEnd:
                guard try decodeChunkEnd() else { return nil }
            case .trailers:
                guard let isLast = try decodeTrailer() else { return nil }
                if isLast { return finish() }
            case .failed(let refusal): throw refusal
            }
        }
    }

    /// Drops what was taken once it is at least half of the buffer, so that each byte moves once on average.
    private mutating func reclaim() {
        if cursor == buffer.count {
            // An idle connection should not hold what one large request needed.
            if buffer.capacity > 16_384 { buffer = [] } else { buffer.removeAll(keepingCapacity: true) }
        } else if cursor >= buffer.count - cursor {
            buffer.removeFirst(cursor)
        } else {
            return
        }
        scanned -= cursor
        cursor = 0
    }

    /// Ends the request and makes ready for the next.
    private mutating func finish() -> Part {
        let part = Part.end(body: body, trailers: fields)
        stage = .requestLine
        requestLine = nil
        (emptyLines, fieldBytes, fieldCount, bodyBytes, extensionBytes) = (0, 0, 0, 0, 0)
        fields = HTTPFields()
        framing = .none
        bodyLimit = limits.bodyBytes
        storesBody = true
        body = []
        return part
    }
}

/// Lines.
extension RequestDecoder {
    /// The next line without its CRLF, as a place in the buffer; nil while its end has not come.
    ///
    /// Octets are judged in their order, before the line is: so the verdict does not depend on how the bytes
    /// were cut. `limit` counts the CRLF.
    mutating func takeLine(
        limit: Int, tooLong: @autoclosure () -> MessageRefusal
    ) throws(MessageRefusal) -> ArraySlice<UInt8>? {
        let end = buffer.count - cursor > limit ? cursor + limit : buffer.count
        let (place, isWhole) = try RequestDecoder.lineEnd(in: buffer.span, from: scanned, to: end)
        guard isWhole else {
            scanned = place
            if buffer.count - cursor >= limit { throw tooLong() }
            return nil
        }
        let line = buffer[cursor..<place]
        cursor = place + 2
        scanned = cursor
        return line
    }

    /// Where the line's CRLF begins, or where the search has to go on when more bytes have come.
    private static func lineEnd(
        in bytes: Span<UInt8>, from start: Int, to end: Int
    ) throws(MessageRefusal) -> (place: Int, isWhole: Bool) {
        var place = start
        while place < end {
            let byte = bytes[place]
            if byte >= 0x20 && byte != 0x7F || byte == 0x09 {
                place += 1
                continue
            }
            guard byte == 0x0D else { throw byte == 0x0A ? .bareLineFeed : .controlCharacter }
            guard place + 1 < end else { return (place, false) }
            guard bytes[place + 1] == 0x0A else { throw .bareCarriageReturn }
            return (place, true)
        }
        return (place, false)
    }

    /// Takes up to `count` bytes of the body; true when all of them have come.
    private mutating func takeData(_ count: Int, then rest: (Int) -> Stage) -> Bool {
        let piece = buffer[cursor...].prefix(count)
        receive(piece)
        cursor += piece.count
        scanned = cursor
        stage = rest(count - piece.count)
        return piece.count == count
    }

    private mutating func receive(_ piece: some Collection<UInt8>) {
        bodyBytes += piece.count
        if storesBody { body.append(contentsOf: piece) }
    }
}
