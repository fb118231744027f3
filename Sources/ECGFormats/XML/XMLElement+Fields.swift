private import Bytes
import ECG

// What readers ask of elements, each refusal with the element's path.
extension XMLElement {
    var place: FormatError.Place { .element(path) }

    func error(_ code: FormatError.Code, _ detail: String) -> FormatError {
        FormatError(code, place: place, detail: detail)
    }

    /// The first child of each name, one inside the other.
    ///
    /// Throws: ``FormatError`` `malformed` naming the one that is not there.
    func required(_ path: StaticString...) throws(FormatError) -> XMLElement {
        var element = self
        for name in path {
            guard let child = element.first(name) else {
                throw element.error(.malformed, "there is no <\(name)>")
            }
            element = child
        }
        return element
    }

    /// The text as a decimal number.
    ///
    /// Throws: ``FormatError`` `malformed`.
    func number() throws(FormatError) -> Double {
        guard let value = Decimal.value(string) else {
            throw error(.malformed, "found '\(token(string))', expected a number")
        }
        return value
    }

    /// An attribute as a decimal number.
    ///
    /// Throws: ``FormatError`` `malformed` when it is missing or no number.
    func number(attribute name: StaticString) throws(FormatError) -> Double {
        guard let text = attribute(name) else { throw error(.malformed, "there is no attribute \(name)") }
        guard let value = Decimal.value(text) else {
            throw error(.malformed, "attribute \(name) is '\(token(text))', expected a number")
        }
        return value
    }

    /// The text as bytes in base64.
    ///
    /// Throws: ``FormatError`` `malformed`.
    func base64() throws(FormatError) -> [UInt8] { try base64(content) }

    func base64(_ text: [UInt8]) throws(FormatError) -> [UInt8] {
        do { return try Base64.decode(text) } catch {
            switch error {
            case .illegal(let offset):
                throw self.error(.malformed, "base64: character \(offset) may not stand there")
            case .incomplete: throw self.error(.truncated, "base64: the last group is incomplete")
            }
        }
    }

    /// The text of a child if there is one, at most `limit` characters.
    func text(of name: StaticString, limit: Int = 100) -> String? {
        guard let text = first(name)?.string, !text.isEmpty else { return nil }
        return token(text, limit: limit)
    }
}

/// Numbers as text.
enum Decimal {
    /// The finite number that is all of `text` but the blanks around it.
    static func value(_ text: some StringProtocol) -> Double? {
        let bytes = Array(text.utf8)
        var index = bytes.firstIndex { $0 > 0x20 } ?? 0
        guard let value = DecimalScanner.scan(bytes, at: &index, grammar: .table), value.isFinite,
            bytes[index...].allSatisfy({ $0 <= 0x20 })
        else { return nil }
        return value
    }
}
