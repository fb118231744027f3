import Damage
import ECGFormats
import HTTP

/// What the fuzzer drives: bytes in, and nil or the promise that was broken.
struct FuzzTarget: Sendable {
    let name: String
    let violation: @Sendable ([UInt8]) -> String?

    /// A target for each format by its id, then what stands in front of them and behind.
    static var all: [FuzzTarget] {
        FormatRegistry.readers.map { reader in
            FuzzTarget(name: reader.format.id) { ReaderProbe.violation(reading: $0, by: reader) }
        } + [
            FuzzTarget(name: "upload") { ReaderProbe.violation(reading: $0) },
            FuzzTarget(name: "form", violation: form),
            FuzzTarget(name: "http", violation: http),
        ]
    }

    /// A multipart body: its first line tells the boundary.
    private static func form(_ body: [UInt8]) -> String? {
        let boundary = body.prefix { $0 != 13 && $0 != 10 }.dropFirst(2)
        let type = "multipart/form-data; boundary=" + String(decoding: boundary, as: UTF8.self)
        do throws(FormatError) {
            let upload = try Upload(multipart: body, contentType: type)
            return upload.parts.count <= Upload.Limits.parts ? nil : "\(upload.parts.count) parts"
        } catch { return nil }
    }

    /// A stream of requests means the same however it is cut, and nothing follows a refusal.
    private static func http(_ stream: [UInt8]) -> String? {
        let whole = decode([stream[...]])
        let cut = stream.isEmpty ? 0 : Int(stream[stream.count / 2]) % (stream.count + 1)
        let halves = [stream[..<cut], stream[cut...]]
        if decode(halves) != whole { return "a cut at \(cut) changes the requests" }
        if decode(halves, straight: true) != whole {
            return "a body read straight to its place after \(cut) changes the requests"
        }
        if stream.count < 2_048, decode(stream.indices.map { stream[$0...$0] }) != whole {
            return "byte by byte the requests are others"
        }
        return nil
    }

    private struct Decoded: Equatable {
        var parts: [RequestDecoder.Part] = []
        var refusal: MessageRefusal?
    }

    /// With `straight` what is known to belong to a body is put where it stays.
    private static func decode(_ pieces: [ArraySlice<UInt8>], straight: Bool = false) -> Decoded {
        var decoder = RequestDecoder()
        var decoded = Decoded()
        do throws(MessageRefusal) {
            for piece in pieces {
                let filled = straight ? fillBody(of: &decoder, from: piece) : 0
                while let part = try decoder.next() { decoded.parts.append(part) }
                decoder.append(piece.dropFirst(filled))
                while let part = try decoder.next() { decoded.parts.append(part) }
            }
        } catch { decoded.refusal = error }
        return decoded
    }

    private static func fillBody(of decoder: inout RequestDecoder, from bytes: ArraySlice<UInt8>) -> Int {
        unsafe decoder.fillBody(atMost: bytes.count) { room in
            unsafe room.copyBytes(from: bytes.prefix(room.count))
            return room.count
        }
    }
}
