import Bytes

/// An element of a FHIR resource, in JSON or in XML (FHIR R4 sections 2.6.1 and 2.6.2).
protocol FHIRNode: SendableMetatype {
    /// The elements of that name; more than one where the resource has a list.
    func all(_ name: StaticString) -> [Self]
    /// A primitive value as text.
    var scalar: String? { get }
    /// "Observation", of the element that is a resource.
    var resourceType: String? { get }
    /// The resource that an element contains.
    var resource: Self? { get }
    var place: FormatError.Place { get }
}

extension FHIRNode {
    func first(_ name: StaticString) -> Self? { all(name).first }

    func text(_ name: StaticString) -> String? { first(name)?.scalar }

    /// Throws: ``FormatError`` `malformed` for a value that is no number; nil when there is none.
    func number(_ name: StaticString) throws(FormatError) -> Double? {
        guard let node = first(name) else { return nil }
        guard let value = node.scalar.flatMap({ Decimal.value($0) }) else {
            throw FormatError(.malformed, place: node.place, detail: "expected a number")
        }
        return value
    }
}

extension JSONPlace: FHIRNode {
    func all(_ name: StaticString) -> [JSONPlace] {
        guard let member = self["\(name)"] else { return [] }
        guard case .array(let elements) = member.value else { return [member] }
        return elements.enumerated().map { member.child("\($0)", $1) }
    }

    var scalar: String? { value.string ?? value.double.map { "\($0)" } }
    var resourceType: String? { self["resourceType"]?.value.string }
    var resource: JSONPlace? { self["resource"] }
    var place: FormatError.Place { .pointer(pointer) }
}

extension XMLElement: FHIRNode {
    func all(_ name: StaticString) -> [XMLElement] { children(name) }
    var scalar: String? { attribute("value") }
    var resourceType: String? { name }
    var resource: XMLElement? { first("resource" as StaticString)?.children.first }
}
