/// Writes XML 1.0 in UTF-8, elements indented, text and attributes escaped.
struct XMLTextWriter {
    private(set) var bytes = Array("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".utf8)
    private var depth = 0

    /// An element with what `content` writes into it.
    mutating func element(
        _ name: String, _ attributes: [(String, String)] = [], _ content: (inout XMLTextWriter) -> Void
    ) {
        open(name, attributes, end: ">\n")
        depth += 1
        content(&self)
        depth -= 1
        indent()
        bytes += "</\(name)>\n".utf8
    }

    /// An element without content.
    mutating func element(_ name: String, _ attributes: [(String, String)]) {
        open(name, attributes, end: "/>\n")
    }

    /// An element that holds text.
    mutating func element(_ name: String, text: String) {
        open(name, [], end: ">")
        bytes += Self.escaped(text).utf8
        bytes += "</\(name)>\n".utf8
    }

    private mutating func open(_ name: String, _ attributes: [(String, String)], end: String) {
        indent()
        bytes += "<\(name)".utf8
        for (name, value) in attributes { bytes += " \(name)=\"\(Self.escaped(value))\"".utf8 }
        bytes += end.utf8
    }

    private mutating func indent() { bytes += [UInt8](repeating: UInt8(ascii: " "), count: 2 * depth) }

    /// Characters that XML 1.0 does not allow at all are left out.
    private static func escaped(_ text: String) -> String {
        var escaped = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": escaped.append(contentsOf: "&amp;".unicodeScalars)
            case "<": escaped.append(contentsOf: "&lt;".unicodeScalars)
            case ">": escaped.append(contentsOf: "&gt;".unicodeScalars)
            case "\"": escaped.append(contentsOf: "&quot;".unicodeScalars)
            case "\t", "\n", "\r": escaped.append(contentsOf: "&#\(scalar.value);".unicodeScalars)
            case _ where scalar.value < 0x20 || scalar.value == 0xFFFE || scalar.value == 0xFFFF: break
            default: escaped.append(scalar)
            }
        }
        return String(escaped)
    }
}
