import HTTP

/// What a decoder made of a stream: its parts, and the refusal that ended it, if one did.
struct Transcript: Equatable {
    var parts: [RequestDecoder.Part] = []
    var refusal: MessageRefusal?

    /// Decodes a stream that arrives in pieces, asking for parts after each; with `straight` a body's bytes are put
    /// where they stay wherever that is possible.
    init(
        _ pieces: [ArraySlice<UInt8>], limits: MessageLimits = MessageLimits(), isSecure: Bool = false,
        straight: Bool = false
    ) {
        var decoder = RequestDecoder(limits: limits, isSecure: isSecure)
        do throws(MessageRefusal) {
            for piece in pieces {
                var rest = piece
                repeat {
                    rest = rest.dropFirst(straight ? decoder.fillBody(from: rest) : 0)
                    if decoder.straightBytes == 0 || !straight {
                        decoder.append(rest)
                        rest = []
                    }
                    while let part = try decoder.next() { parts.append(part) }
                } while !rest.isEmpty
            }
        } catch {
            refusal = error
        }
    }

    init(_ text: String, limits: MessageLimits = MessageLimits(), isSecure: Bool = false) {
        self.init([Array(text.utf8)[...]], limits: limits, isSecure: isSecure)
    }

    var heads: [RequestHead] {
        parts.compactMap { if case .head(let head) = $0 { head } else { nil } }
    }

    var bodies: [String] {
        parts.compactMap {
            if case .end(let body, _) = $0 { String(decoding: body, as: UTF8.self) } else { nil }
        }
    }

    var trailers: [HTTPFields] {
        parts.compactMap { if case .end(_, let trailers) = $0 { trailers } else { nil } }
    }
}

extension RequestDecoder {
    /// Puts as many of these bytes into the body as may be put there straight; returns how many.
    fileprivate mutating func fillBody(from bytes: ArraySlice<UInt8>) -> Int {
        unsafe fillBody(atMost: bytes.count) { room in
            unsafe room.copyBytes(from: bytes.prefix(room.count))
            return room.count
        }
    }
}

/// A request with a Host and the given lines and body.
func request(
    _ line: String = "GET / HTTP/1.1", _ fields: [String] = [], host: String? = "Host: a", body: String = ""
) -> String {
    let lines = [line] + (host.map { [$0] } ?? []) + fields
    return lines.map { $0 + "\r\n" }.joined() + "\r\n" + body
}

/// The same with a chunked body, given raw.
func chunked(_ raw: String, _ fields: [String] = []) -> String {
    request("POST / HTTP/1.1", ["Transfer-Encoding: chunked"] + fields, body: raw)
}
