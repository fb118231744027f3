/// The members of a field that states preferences, each with its weight: Accept, Accept-Encoding (RFC 9110 §12.4.2).
///
///     Accept = [ member *( OWS "," OWS member ) ],  member = value *( OWS ";" OWS parameter ) [ weight ]
///     weight = OWS ";" OWS "q=" qvalue,  qvalue = "0" [ "." 0*3DIGIT ] / "1" [ "." 0*3"0" ]
package struct WeightedList: Sendable, Equatable {
    /// One member.
    package struct Member: Sendable, Equatable {
        /// Lower case, without parameters.
        package let value: String
        /// Whether the member asks for parameters besides its weight.
        package let hasParameters: Bool
        /// Thousandths; 0 is a refusal.
        package let weight: Int
    }

    package let members: [Member]

    /// Reads all lines of a field; nil when they hold no member, which is as if there were none. What is no member is
    /// left out, as nobody can be asked.
    package init?(_ name: HTTPFieldName, in fields: HTTPFields) {
        members = fields.values(name).flatMap { Self.split($0, at: ",") }.compactMap(Self.member)
        if members.isEmpty { return nil }
    }

    private static func member(_ text: Substring) -> Member? {
        let parts = split(text, at: ";").map(trimmed)
        guard let value = parts.first, !value.isEmpty else { return nil }
        var weight = 1_000
        var others = 0
        for part in parts.dropFirst() where !part.isEmpty {
            if part.lowercased().hasPrefix("q=") {
                guard let found = thousandths(part.dropFirst(2)) else { return nil }
                weight = found
            } else {
                others += 1
            }
        }
        return Member(value: value.lowercased(), hasParameters: others > 0, weight: weight)
    }

    /// `qvalue`.
    private static func thousandths(_ text: Substring) -> Int? {
        let digits = Array(text.utf8)
        guard let first = digits.first, first == UInt8(ascii: "0") || first == UInt8(ascii: "1") else {
            return nil
        }
        guard digits.count > 1 else { return first == UInt8(ascii: "1") ? 1_000 : 0 }
        let fraction = digits.dropFirst(2)
        guard digits[1] == UInt8(ascii: "."), fraction.count <= 3,
            fraction.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        else { return nil }
        var value = first == UInt8(ascii: "1") ? 1_000 : 0
        for (digit, place) in zip(fraction, [100, 10, 1]) { value += Int(digit - UInt8(ascii: "0")) * place }
        return value <= 1_000 ? value : nil
    }

    /// Splits outside of quoted strings (RFC 9110 §5.6.4).
    private static func split(_ text: some StringProtocol, at separator: Character) -> [Substring] {
        var parts: [Substring] = []
        let text = Substring(text)
        var start = text.startIndex
        var isQuoted = false
        var isEscaped = false
        for index in text.indices {
            if isEscaped {
                isEscaped = false
                continue
            }
            switch text[index] {
            case "\\" where isQuoted: isEscaped = true
            case "\"": isQuoted.toggle()
            case separator where !isQuoted:
                parts.append(text[start..<index])
                start = text.index(after: index)
            default: break
            }
        }
        return parts + [text[start...]]
    }
}

extension WeightedList {
    /// How much a media type without parameters is wanted: of the ranges that cover it the most specific counts
    /// (RFC 9110 §12.5.1). A range with parameters asks for something else.
    package func weight(ofMediaType type: String) -> Int {
        let family = type.prefix { $0 != "/" } + "/*"
        for range in [type, String(family), "*/*"] {
            let found = members.filter { $0.value == range && !$0.hasParameters }.map(\.weight)
            if let weight = found.max() { return weight }
        }
        return 0
    }

    /// How much a content coding is wanted (RFC 9110 §12.5.3); `x-gzip` is another name of `gzip` (§8.4.1.3).
    package func weight(ofCoding coding: String) -> Int {
        let names = coding == "gzip" ? ["gzip", "x-gzip"] : [coding]
        if let named = members.first(where: { names.contains($0.value) }) { return named.weight }
        if let any = members.first(where: { $0.value == "*" }) { return any.weight }
        // No coding at all is acceptable unless it is refused.
        return coding == "identity" ? 1 : 0
    }
}
