/// One layer of ECG-FM's feature extractor: `(dim, kernel, stride)`.
package struct ConvolutionLayer: Sendable, Equatable {
    package let dim: Int
    package let kernel: Int
    package let stride: Int
}

/// Reads `conv_feature_layers`, which fairseq-signals stores as a Python expression in a string.
///
///     expression = list { "+" list }
///     list       = "[" tuple { "," tuple } [ "," ] "]" [ "*" number ]
///     tuple      = "(" number "," number "," number [ "," ] ")"
///
/// Nothing is evaluated: any other text is refused with its place, and lengths are bounded before they grow.
package struct ConvolutionLayers {
    static let maximumBytes = 1_000
    package static let maximumLayers = 32
    private static let maximumDigits = 6

    private let text: [UInt8]
    private var position = 0

    /// Throws: ``Refusal`` when the text does not follow the grammar.
    package static func parse(_ text: String) throws(Refusal) -> [ConvolutionLayer] {
        guard text.utf8.count <= maximumBytes else { throw Refusal(byte: maximumBytes) }
        var parser = ConvolutionLayers(text: Array(text.utf8))
        return try parser.expression()
    }

    /// Where the expression stops to be one.
    package struct Refusal: Error, Equatable { package let byte: Int }

    private init(text: [UInt8]) { self.text = text }

    private mutating func expression() throws(Refusal) -> [ConvolutionLayer] {
        var layers = try list()
        while accept("+") {
            layers += try list()
            guard layers.count <= Self.maximumLayers else { throw Refusal(byte: position) }
        }
        guard position == text.count, !layers.isEmpty else { throw Refusal(byte: position) }
        return layers
    }

    private mutating func list() throws(Refusal) -> [ConvolutionLayer] {
        try expect("[")
        var layers = [try tuple()]
        while accept(",") {
            if peek() == UInt8(ascii: "]") { break }
            layers.append(try tuple())
        }
        try expect("]")
        guard accept("*") else { return layers }
        let times = try number()
        guard times <= Self.maximumLayers, layers.count * times <= Self.maximumLayers else {
            throw Refusal(byte: position)
        }
        return (0..<times).flatMap { _ in layers }
    }

    private mutating func tuple() throws(Refusal) -> ConvolutionLayer {
        try expect("(")
        let dim = try number()
        try expect(",")
        let kernel = try number()
        try expect(",")
        let stride = try number()
        _ = accept(",")
        try expect(")")
        return ConvolutionLayer(dim: dim, kernel: kernel, stride: stride)
    }

    private mutating func number() throws(Refusal) -> Int {
        var value = 0
        var digits = 0
        while let byte = digits == 0 ? peek() : byteHere, (48...57).contains(byte) {
            guard digits < Self.maximumDigits else { throw Refusal(byte: position) }
            value = value * 10 + Int(byte - 48)
            digits += 1
            position += 1
        }
        guard digits > 0 else { throw Refusal(byte: position) }
        _ = peek()
        return value
    }

    private var byteHere: UInt8? { position < text.count ? text[position] : nil }

    /// The next byte that is no space.
    private mutating func peek() -> UInt8? {
        while byteHere == UInt8(ascii: " ") { position += 1 }
        return byteHere
    }

    private mutating func accept(_ byte: Unicode.Scalar) -> Bool {
        guard peek() == UInt8(ascii: byte) else { return false }
        position += 1
        _ = peek()
        return true
    }

    private mutating func expect(_ byte: Unicode.Scalar) throws(Refusal) {
        guard accept(byte) else { throw Refusal(byte: position) }
    }
}
