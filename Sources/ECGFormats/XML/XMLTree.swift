/// The elements of an XML document in memory: names, attributes and text as ranges of its bytes.
///
/// Bounded and non-validating: a document type declaration is skipped, never fetched, and only the five predefined
/// entities and character references are known, so that nothing expands (XML 1.0 fifth edition, sections 2 to 4).
struct XMLTree {
    /// What a document may cost.
    enum Limits {
        static let depth = 64
        static let elements = 100_000
        static let attributes = 200_000
    }

    struct Node {
        var name: Range<Int32>
        var parent: Int32
        var firstChild: Int32 = -1
        var lastChild: Int32 = -1
        var next: Int32 = -1
        var attributes: Range<Int32>
        var firstRun: Int32 = -1
        var lastRun: Int32 = -1
    }

    struct Attribute {
        let name: Range<Int32>
        let value: Range<Int32>
    }

    /// Text between two tags, comments or sections.
    struct Run {
        let range: Range<Int32>
        let hasReferences: Bool
        var next: Int32 = -1
    }

    let text: XMLText
    var nodes: [Node] = []
    var attributes: [Attribute] = []
    var runs: [Run] = []

    /// Throws: ``FormatError`` with the byte offset of the first violation of well-formedness.
    init(_ file: [UInt8]) throws(FormatError) {
        let text = try XMLText(file)
        self.text = text
        var parser = XMLParser(text)
        try parser.parse()
        nodes = parser.nodes
        attributes = parser.attributes
        runs = parser.runs
    }

    var root: XMLElement { XMLElement(tree: self, index: 0) }

    func slice(_ range: Range<Int32>) -> ArraySlice<UInt8> {
        text.bytes[Int(range.lowerBound)..<Int(range.upperBound)]
    }
}

/// An element of a tree. Names are compared without their prefix.
struct XMLElement {
    let tree: XMLTree
    let index: Int

    private var node: XMLTree.Node { tree.nodes[index] }

    /// Without prefix.
    var name: String { String(decoding: Self.local(tree.slice(node.name)), as: UTF8.self) }

    func isNamed(_ name: StaticString) -> Bool { Self.matches(Self.local(tree.slice(node.name)), name) }

    /// All children in order.
    var children: [XMLElement] {
        var found: [XMLElement] = []
        var child = node.firstChild
        while child >= 0 {
            found.append(XMLElement(tree: tree, index: Int(child)))
            child = tree.nodes[Int(child)].next
        }
        return found
    }

    func children(_ name: StaticString) -> [XMLElement] { children.filter { $0.isNamed(name) } }

    /// The first child of each name, one inside the other.
    func first(_ path: StaticString...) -> XMLElement? {
        var element = self
        for name in path {
            guard let child = element.firstChild(name) else { return nil }
            element = child
        }
        return element
    }

    private func firstChild(_ name: StaticString) -> XMLElement? {
        var child = node.firstChild
        while child >= 0 {
            let element = XMLElement(tree: tree, index: Int(child))
            if element.isNamed(name) { return element }
            child = tree.nodes[Int(child)].next
        }
        return nil
    }

    /// Elements of that name below this one, in document order.
    func descendants(_ name: StaticString) -> [XMLElement] {
        // A subtree is a run of nodes: they are numbered in document order.
        var found: [XMLElement] = []
        var next = index + 1
        while next < tree.nodes.count, tree.nodes[next].parent >= Int32(index) {
            let element = XMLElement(tree: tree, index: next)
            if element.isNamed(name) { found.append(element) }
            next += 1
        }
        return found
    }

    /// Value of an attribute by its name without prefix.
    func attribute(_ name: StaticString) -> String? {
        attributeBytes(name).map { String(decoding: $0, as: UTF8.self) }
    }

    func attributeBytes(_ name: StaticString) -> [UInt8]? {
        for attribute in node.attributes {
            let found = tree.attributes[Int(attribute)]
            if Self.matches(Self.local(tree.slice(found.name)), name) {
                return XMLReferences.resolved(tree.slice(found.value))
            }
        }
        return nil
    }

    /// The element's own text with references resolved, that of its children left out.
    var content: [UInt8] {
        var bytes: [UInt8] = []
        var run = node.firstRun
        while run >= 0 {
            let found = tree.runs[Int(run)]
            let slice = tree.slice(found.range)
            if found.hasReferences {
                bytes.append(contentsOf: XMLReferences.resolved(slice))
            } else {
                bytes.append(contentsOf: slice)
            }
            run = found.next
        }
        return bytes
    }

    /// ``content`` as a string without the blanks around it.
    var string: String {
        let bytes = content
        let isText: (UInt8) -> Bool = { $0 > 0x20 }
        guard let first = bytes.firstIndex(where: isText), let last = bytes.lastIndex(where: isText) else {
            return ""
        }
        return String(decoding: bytes[first...last], as: UTF8.self)
    }

    /// Names from the root down, the last eight, with a number where an earlier sibling has the same name.
    var path: String {
        var components: [String] = []
        var current = index
        while current >= 0, components.count < 8 {
            let element = XMLElement(tree: tree, index: current)
            let place = element.placeAmongNamesakes
            components.append(token(element.name) + (place > 1 ? "[\(place)]" : ""))
            current = Int(tree.nodes[current].parent)
        }
        return (current < 0 ? "/" : ".../") + components.reversed().joined(separator: "/")
    }

    /// Counted from 1, among siblings of the same name.
    private var placeAmongNamesakes: Int {
        guard node.parent >= 0 else { return 1 }
        let mine = Array(tree.slice(node.name))
        var place = 0
        var sibling = tree.nodes[Int(node.parent)].firstChild
        while sibling >= 0 {
            if tree.slice(tree.nodes[Int(sibling)].name).elementsEqual(mine) { place += 1 }
            if Int(sibling) == index { return place }
            sibling = tree.nodes[Int(sibling)].next
        }
        return place
    }

    private static func local(_ name: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        name.firstIndex(of: UInt8(ascii: ":")).map { name[($0 + 1)...] } ?? name
    }

    private static func matches(_ bytes: ArraySlice<UInt8>, _ name: StaticString) -> Bool {
        guard bytes.count == name.utf8CodeUnitCount else { return false }
        return unsafe bytes.elementsEqual(
            UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
    }
}
