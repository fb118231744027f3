import Foundation
import Yams

/// The part of JSON Schema 2020-12 that openapi.yaml uses. A keyword outside that part is an error, so that no
/// constraint is passed over in silence.
struct JSONSchema {
    private let root: [String: Any]

    struct SchemaError: Error { let message: String }

    init(openAPI path: String) throws {
        let text = try String(contentsOfFile: path, encoding: .utf8)
        guard let root = try Yams.load(yaml: text) as? [String: Any] else {
            throw SchemaError(message: "openapi.yaml is no mapping")
        }
        self.root = root
    }

    /// Everything in which `value` differs from the schema of that name.
    func violations(of value: Any, against name: String) throws -> [String] {
        try check(value, resolve("#/components/schemas/\(name)"), at: "")
    }

    /// Every path of the description with its methods.
    var operations: [(path: String, method: String)] {
        let paths = root["paths"] as? [String: [String: Any]] ?? [:]
        return paths.flatMap { path, item in item.keys.map { (path, $0) } }
    }

    private static let annotations: Set<String> = [
        "description", "examples", "example", "title", "contentMediaType", "format",
    ]

    private func resolve(_ reference: String) throws -> [String: Any] {
        var node: Any = root
        for key in reference.split(separator: "/").dropFirst() {
            guard let next = (node as? [String: Any])?[String(key)] else {
                throw SchemaError(message: "\(reference) leads nowhere")
            }
            node = next
        }
        guard let schema = node as? [String: Any] else {
            throw SchemaError(message: "\(reference) is no schema")
        }
        return schema
    }

    private func check(_ value: Any, _ schema: [String: Any], at place: String) throws -> [String] {
        var found: [String] = []
        for (keyword, constraint) in schema where !Self.annotations.contains(keyword) {
            switch keyword {
            case "$ref":
                found += try check(value, resolve(constraint as? String ?? ""), at: place)
            case "type": found += checkType(value, constraint, place)
            case "const", "enum":
                let allowed = (constraint as? [Any]) ?? [constraint]
                if !allowed.contains(where: {
                    ($0 as? NSObject) == (value as? NSObject) || "\($0)" == "\(value)"
                }) {
                    found.append("\(place): \(value) is not one of \(allowed)")
                }
            case "pattern": found += try checkPattern(value, constraint, place)
            case "minimum", "maximum": found += checkRange(value, constraint, keyword, place)
            case "minItems":
                if let items = value as? [Any], items.count < (constraint as? Int ?? 0) {
                    found.append("\(place): too few items")
                }
            case "maxLength":
                if let text = value as? String, text.count > (constraint as? Int ?? 0) {
                    found.append("\(place): too long")
                }
            case "items": found += try checkItems(value, constraint, place)
            case "required":
                let keys = (value as? [String: Any])?.keys.map(\.self) ?? []
                if value is [String: Any] {
                    for key in constraint as? [String] ?? [] where !keys.contains(key) {
                        found.append("\(place)/\(key) is absent")
                    }
                }
            case "properties", "additionalProperties": continue
            default: throw SchemaError(message: "\(place): keyword '\(keyword)' is not implemented here")
            }
        }
        return found + (try checkMembers(value, schema, place))
    }

    private func checkType(_ value: Any, _ constraint: Any, _ place: String) -> [String] {
        let allowed = (constraint as? [String]) ?? [constraint as? String ?? ""]
        let number = value as? NSNumber
        let isBoolean = number.map { self.isBoolean($0) } ?? false
        let types: [String] =
            switch value {
            case is NSNull: ["null"]
            case is String: ["string"]
            case is [Any]: ["array"]
            case is [String: Any]: ["object"]
            default:
                isBoolean
                    ? ["boolean"]
                    : (number?.doubleValue.rounded() == number?.doubleValue
                        ? ["number", "integer"] : ["number"])
            }
        return Set(types).isDisjoint(with: allowed) ? ["\(place): \(types) where \(allowed) is expected"] : []
    }

    /// JSON's booleans come as the one-byte numbers that Objective-C encodes as "c".
    private func isBoolean(_ number: NSNumber) -> Bool {
        unsafe number.objCType.pointee == CChar(UInt8(ascii: "c"))
    }

    private func checkPattern(_ value: Any, _ constraint: Any, _ place: String) throws -> [String] {
        guard let text = value as? String, let pattern = constraint as? String else { return [] }
        return try Regex(pattern).firstMatch(in: text) == nil
            ? ["\(place): \(text) does not match \(pattern)"] : []
    }

    private func checkRange(_ value: Any, _ constraint: Any, _ keyword: String, _ place: String) -> [String] {
        guard let number = (value as? NSNumber)?.doubleValue,
            let limit = (constraint as? NSNumber)?.doubleValue
        else { return [] }
        let isFine = keyword == "minimum" ? number >= limit : number <= limit
        return isFine ? [] : ["\(place): \(number) breaks \(keyword) \(limit)"]
    }

    private func checkItems(_ value: Any, _ constraint: Any, _ place: String) throws -> [String] {
        guard let items = value as? [Any], let schema = constraint as? [String: Any] else { return [] }
        return try items.enumerated().flatMap { try check($1, schema, at: "\(place)/\($0)") }
    }

    private func checkMembers(_ value: Any, _ schema: [String: Any], _ place: String) throws -> [String] {
        guard let members = value as? [String: Any] else { return [] }
        let properties = schema["properties"] as? [String: [String: Any]] ?? [:]
        var found: [String] = []
        for (key, member) in members {
            if let property = properties[key] {
                found += try check(member, property, at: "\(place)/\(key)")
            } else if let isAllowed = schema["additionalProperties"] as? Bool, !isAllowed {
                found.append("\(place)/\(key) is not in the schema")
            } else if let other = schema["additionalProperties"] as? [String: Any] {
                found += try check(member, other, at: "\(place)/\(key)")
            }
        }
        return found
    }
}
