/// A request line's three parts.
struct RequestLine: Sendable, Equatable {
    let method: HTTPMethod
    let target: RequestTarget
    let version: HTTPVersion
}

/// `request-line` and `field-line`: RFC 9112 §3 and §5.
extension RequestDecoder {
    enum FieldStep {
        case more
        case complete(RequestHead)
    }

    /// Decodes the request line; false when it has not come whole.
    mutating func decodeRequestLine() throws(MessageRefusal) -> Bool {
        let start = buffer[cursor...].prefix(limits.methodBytes + 1)
        let tooLong = start.contains(0x20) ? MessageRefusal.targetTooLong : .methodTooLong
        guard let line = try takeLine(limit: limits.lineBytes, tooLong: tooLong) else { return false }
        if line.isEmpty {
            // RFC 9112 §2.2: a client may have sent a CRLF too many after its last request.
            emptyLines += 1
            guard emptyLines <= limits.emptyLines else { throw .tooManyEmptyLines }
            return true
        }
        requestLine = try parsed(requestLine: line)
        stage = .fields
        return true
    }

    private func parsed(requestLine line: ArraySlice<UInt8>) throws(MessageRefusal) -> RequestLine {
        let name = line.prefix { $0 != 0x20 }
        guard !name.isEmpty else { throw .requestLine }
        let token = ByteSet.token
        guard name.allSatisfy({ token.contains($0) }) else { throw .method }
        guard name.count <= limits.methodBytes else { throw .methodTooLong }
        let target = line[name.endIndex...].dropFirst().prefix { $0 != 0x20 }
        guard !target.isEmpty, target.endIndex < line.endIndex else { throw .requestLine }
        let rest = line[(target.endIndex + 1)...]
        guard !rest.contains(0x20) else { throw .requestLine }
        let version = try parsed(version: rest)
        let method = HTTPMethod(token: name)
        guard method != .connect else { throw .connectUnsupported }
        return RequestLine(
            method: method, target: try RequestTarget(target, method: method, isSecure: isSecure),
            version: version)
    }

    /// `HTTP-version`, RFC 9112 §2.3.
    private func parsed(version text: ArraySlice<UInt8>) throws(MessageRefusal) -> HTTPVersion {
        let numbers = text.dropFirst(5)
        guard text.count == 8, text.starts(with: "HTTP/".utf8), let major = numbers.first,
            numbers.dropFirst().first == UInt8(ascii: "."), let minor = numbers.last,
            ByteSet.digits.contains(major), ByteSet.digits.contains(minor)
        else { throw .version }
        guard major == UInt8(ascii: "1") else { throw .versionUnsupported }
        return minor == UInt8(ascii: "0") ? .http10 : .http11
    }

    /// Decodes one field line, or the head's end; nil when the line has not come whole.
    mutating func decodeField() throws(MessageRefusal) -> FieldStep? {
        guard let line = try takeFieldLine() else { return nil }
        guard line.isEmpty else {
            fields.append(try parsed(fieldLine: line))
            return .more
        }
        guard let requestLine else { throw .requestLine }
        try judgeHost(requestLine)
        framing = try judgedFraming(requestLine)
        let head = RequestHead(
            method: requestLine.method, target: requestLine.target, version: requestLine.version,
            fields: fields,
            framing: framing)
        fields = HTTPFields()
        stage = .bodyStart
        return .complete(head)
    }

    /// A field line of the head or the trailer section, counted against the limits.
    mutating func takeFieldLine() throws(MessageRefusal) -> ArraySlice<UInt8>? {
        // The empty line that ends the section costs nothing.
        let room = limits.fieldBytes - fieldBytes + 2
        let limit = min(limits.lineBytes, room)
        let tooLong = room < limits.lineBytes ? MessageRefusal.fieldsTooLarge : .fieldLineTooLong
        guard let line = try takeLine(limit: limit, tooLong: tooLong) else { return nil }
        guard !line.isEmpty else { return line }
        fieldBytes += line.count + 2
        fieldCount += 1
        guard fieldBytes <= limits.fieldBytes else { throw .fieldsTooLarge }
        guard fieldCount <= limits.fieldCount else { throw .tooManyFields }
        return line
    }

    /// `field-line = field-name ":" OWS field-value OWS`; its octets have been judged already.
    func parsed(fieldLine line: ArraySlice<UInt8>) throws(MessageRefusal) -> HTTPField {
        guard let first = line.first, first != 0x20, first != 0x09 else { throw .foldedLine }
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { throw .fieldWithoutColon }
        guard let name = HTTPFieldName(String(decoding: line[..<colon], as: UTF8.self)) else {
            throw .fieldName
        }
        var value = line[(colon + 1)...]
        while let first = value.first, first == 0x20 || first == 0x09 { value = value.dropFirst() }
        while let last = value.last, last == 0x20 || last == 0x09 { value = value.dropLast() }
        return HTTPField(decodedName: name, value: value)
    }

    /// Exactly one valid Host in HTTP/1.1, at most one in HTTP/1.0: RFC 9112 §3.2.
    private func judgeHost(_ requestLine: RequestLine) throws(MessageRefusal) {
        let hosts = fields.values(.host)
        guard hosts.count <= 1 else { throw .hostRepeated }
        guard let host = hosts.first else {
            guard requestLine.version == .http10 else { throw .hostMissing }
            return
        }
        guard HostGrammar.accepts(host.utf8.span) else { throw .host }
    }

    /// Which of RFC 9112 §6.3's rules gives the body its end.
    private func judgedFraming(_ requestLine: RequestLine) throws(MessageRefusal) -> BodyFraming {
        let lengths = fields.values(.contentLength)
        let codings = fields.values(.transferEncoding)
        if !codings.isEmpty {
            guard requestLine.version == .http11 else { throw .transferEncodingIn10 }
            guard lengths.isEmpty else { throw .ambiguousFraming }
            return try judged(codings: codings)
        }
        guard lengths.count <= 1 else { throw .contentLengthRepeated }
        guard let length = lengths.first else { return .none }
        return .length(try parsed(contentLength: length))
    }

    /// `chunked`, once, and nothing else (RFC 9112 §6.1). Empty members, which other lists tolerate, are not
    /// tolerated in the field that decides where a message ends.
    private func judged(codings: [String]) throws(MessageRefusal) -> BodyFraming {
        let codings = codings.flatMap { $0.split(separator: ",", omittingEmptySubsequences: false) }
            .map { trimmed($0).lowercased() }
        guard codings.last == "chunked", !codings.dropLast().contains("chunked"), !codings.contains("") else {
            throw .transferEncoding
        }
        guard codings.count == 1 else { throw .transferCodingUnknown }
        return .chunked
    }

    /// `1*DIGIT`: no sign, no list, no white space inside.
    private func parsed(contentLength text: String) throws(MessageRefusal) -> Int {
        guard !text.isEmpty else { throw .contentLength }
        var length = 0
        for digit in text.utf8 {
            guard ByteSet.digits.contains(digit) else { throw .contentLength }
            let (product, overflows) = length.multipliedReportingOverflow(by: 10)
            let (sum, carries) = product.addingReportingOverflow(Int(digit - 0x30))
            guard !overflows, !carries else { throw .contentLength }
            length = sum
        }
        return length
    }
}
