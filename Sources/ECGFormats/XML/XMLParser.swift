/// Builds the tables of an ``XMLTree``: one pass over the bytes, no recursion.
struct XMLParser {
    private let text: XMLText
    private let bytes: [UInt8]
    private var index = 0
    private var open: [Int32] = []
    private(set) var nodes: [XMLTree.Node] = []
    private(set) var attributes: [XMLTree.Attribute] = []
    private(set) var runs: [XMLTree.Run] = []

    init(_ text: XMLText) {
        self.text = text
        self.bytes = text.bytes
    }

    /// Throws: ``FormatError``.
    mutating func parse() throws(FormatError) {
        guard bytes.count < Int(Int32.max) else { throw .tooLarge }
        while index < bytes.count {
            if bytes[index] != UInt8(ascii: "<") {
                try characters()
            } else if starts("<!--") {
                try skip(past: "-->", of: "a comment")
            } else if starts("<![CDATA[") {
                try section()
            } else if starts("<?") {
                try skip(past: "?>", of: "a processing instruction")
            } else if starts("<!DOCTYPE") {
                try documentType()
            } else if starts("</") {
                try endTag()
            } else {
                try startTag()
            }
        }
        guard !nodes.isEmpty else { throw error(.truncated, "the text ends before any element") }
        guard let element = open.last else { return }
        let name = token(String(decoding: slice(nodes[Int(element)].name), as: UTF8.self))
        throw error(.truncated, "the text ends inside the element '\(name)'")
    }

    // MARK: - Text

    private mutating func characters() throws(FormatError) {
        let start = index
        var hasReferences = false
        var isBlank = true
        while index < bytes.count, bytes[index] != UInt8(ascii: "<") {
            let byte = bytes[index]
            if byte > 0x20 {
                isBlank = false
                if byte == UInt8(ascii: "&") {
                    hasReferences = true
                    try checkReference()
                }
            } else if byte < 0x20, byte != 0x0A, byte != 0x0D, byte != 0x09 {
                throw error(.malformed, "a control character, expected text")
            }
            index += 1
        }
        guard !isBlank else { return }
        guard !open.isEmpty else {
            index = start
            throw error(.malformed, "text outside the root element, expected '<'")
        }
        add(XMLTree.Run(range: Int32(start)..<Int32(index), hasReferences: hasReferences))
    }

    private func checkReference() throws(FormatError) {
        guard XMLReferences.reference(bytes[...], at: index) == nil else { return }
        throw error(
            .malformed,
            "an entity that XML does not predefine, expected &amp; &lt; &gt; &quot; &apos; or &#...;")
    }

    private mutating func section() throws(FormatError) {
        guard !open.isEmpty else { throw error(.malformed, "a CDATA section outside the root element") }
        let start = index + 9
        try skip(past: "]]>", of: "a CDATA section")
        add(XMLTree.Run(range: Int32(start)..<Int32(index - 3), hasReferences: false))
    }

    private mutating func add(_ run: XMLTree.Run) {
        guard let element = open.last.map(Int.init), !run.range.isEmpty else { return }
        let place = Int32(runs.count)
        runs.append(run)
        if nodes[element].lastRun >= 0 {
            runs[Int(nodes[element].lastRun)].next = place
        } else {
            nodes[element].firstRun = place
        }
        nodes[element].lastRun = place
    }

    // MARK: - Tags

    private mutating func startTag() throws(FormatError) {
        let start = index
        guard nodes.isEmpty || !open.isEmpty else {
            throw error(.malformed, "a second root element")
        }
        guard open.count < XMLTree.Limits.depth else {
            throw error(.limitExceeded, "elements more than \(XMLTree.Limits.depth) deep")
        }
        guard nodes.count < XMLTree.Limits.elements else {
            throw error(.limitExceeded, "more than \(XMLTree.Limits.elements) elements")
        }
        index += 1
        let name = try name()
        let firstAttribute = Int32(attributes.count)
        var isEmpty = false
        while true {
            skipBlanks()
            guard index < bytes.count else {
                index = start
                throw error(.truncated, "the text ends inside a tag")
            }
            if take(UInt8(ascii: ">")) { break }
            if starts("/>") {
                index += 2
                isEmpty = true
                break
            }
            try attribute()
        }
        addElement(name, firstAttribute..<Int32(attributes.count), stayOpen: !isEmpty)
    }

    private mutating func addElement(_ name: Range<Int32>, _ attributes: Range<Int32>, stayOpen: Bool) {
        let place = Int32(nodes.count)
        let parent = open.last ?? -1
        nodes.append(XMLTree.Node(name: name, parent: parent, attributes: attributes))
        if parent >= 0 {
            let last = nodes[Int(parent)].lastChild
            if last >= 0 { nodes[Int(last)].next = place } else { nodes[Int(parent)].firstChild = place }
            nodes[Int(parent)].lastChild = place
        }
        if stayOpen { open.append(place) }
    }

    private mutating func attribute() throws(FormatError) {
        guard attributes.count < XMLTree.Limits.attributes else {
            throw error(.limitExceeded, "more than \(XMLTree.Limits.attributes) attributes")
        }
        let name = try name()
        skipBlanks()
        guard take(UInt8(ascii: "=")) else { throw unexpected("'=' after an attribute's name") }
        skipBlanks()
        guard index < bytes.count, bytes[index] == UInt8(ascii: "\"") || bytes[index] == UInt8(ascii: "'")
        else {
            throw unexpected("an attribute's value in quotation marks")
        }
        let quote = bytes[index]
        index += 1
        let start = index
        while index < bytes.count, bytes[index] != quote {
            if bytes[index] == UInt8(ascii: "<") { throw error(.malformed, "'<' in an attribute's value") }
            if bytes[index] == UInt8(ascii: "&") { try checkReference() }
            index += 1
        }
        guard index < bytes.count else {
            index = start
            throw error(.truncated, "the text ends inside an attribute's value")
        }
        attributes.append(XMLTree.Attribute(name: name, value: Int32(start)..<Int32(index)))
        index += 1
    }

    private mutating func endTag() throws(FormatError) {
        let start = index
        index += 2
        let name = try name()
        skipBlanks()
        guard take(UInt8(ascii: ">")) else { throw unexpected("'>' at the end of a tag") }
        guard let element = open.popLast(), slice(nodes[Int(element)].name).elementsEqual(slice(name)) else {
            index = start
            throw error(.malformed, "an end tag that does not match the start tag before it")
        }
    }

    private mutating func name() throws(FormatError) -> Range<Int32> {
        let start = index
        while index < bytes.count, Self.isNamePart(bytes[index]) { index += 1 }
        guard index > start, index - start <= 256, !(0x2D...0x39).contains(bytes[start]) else {
            index = min(start, bytes.count)
            throw unexpected("a name of at most 256 bytes")
        }
        return Int32(start)..<Int32(index)
    }

    /// Letters, digits, '-', '.', ':', '_' and everything beyond ASCII.
    private static func isNamePart(_ byte: UInt8) -> Bool {
        (0x61...0x7A).contains(byte | 0x20) || (0x30...0x3A).contains(byte) || byte == 0x2D || byte == 0x2E
            || byte == 0x5F || byte >= 0x80
    }

    // MARK: - What is skipped

    /// A declaration with its internal subset; nothing of it is used, and nothing that it names is fetched.
    private mutating func documentType() throws(FormatError) {
        let start = index
        guard nodes.isEmpty else {
            throw error(.malformed, "a document type declaration after the root element")
        }
        var brackets = 0
        index += 9
        while index < bytes.count {
            let byte = bytes[index]
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
                index += 1
                while index < bytes.count, bytes[index] != byte { index += 1 }
            } else if starts("<!--") {
                try skip(past: "-->", of: "a comment")
                continue
            } else if byte == UInt8(ascii: "[") {
                brackets += 1
            } else if byte == UInt8(ascii: "]") {
                brackets -= 1
            } else if byte == UInt8(ascii: ">"), brackets <= 0 {
                index += 1
                return
            }
            index += 1
        }
        index = start
        throw error(.truncated, "the text ends inside the document type declaration")
    }

    private mutating func skip(past end: StaticString, of what: StaticString) throws(FormatError) {
        let start = index
        index += 2
        while index < bytes.count {
            if starts(end) {
                index += end.utf8CodeUnitCount
                return
            }
            index += 1
        }
        index = start
        throw error(.truncated, "the text ends inside \(what)")
    }

    // MARK: - Bytes

    private func starts(_ word: StaticString) -> Bool {
        let count = word.utf8CodeUnitCount
        guard bytes.count - index >= count else { return false }
        for place in 0..<count where unsafe bytes[index + place] != word.utf8Start[place] { return false }
        return true
    }

    private mutating func skipBlanks() {
        while index < bytes.count, bytes[index] <= 0x20 { index += 1 }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard index < bytes.count, bytes[index] == byte else { return false }
        index += 1
        return true
    }

    private func slice(_ range: Range<Int32>) -> ArraySlice<UInt8> {
        bytes[Int(range.lowerBound)..<Int(range.upperBound)]
    }

    private func unexpected(_ expected: String) -> FormatError {
        index < bytes.count
            ? error(.malformed, "expected \(expected)")
            : error(.truncated, "the text ends, expected \(expected)")
    }

    private func error(_ code: FormatError.Code, _ detail: String) -> FormatError {
        FormatError(code, place: .byteOffset(text.fileOffset(of: index)), detail: "XML: \(detail)")
    }
}
