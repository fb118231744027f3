/// A JSON text's value (RFC 8259).
///
/// An array of nothing but numbers is stored flat, as ``numbers(_:)``: ECG samples and the arrays of a
/// booster's trees are that. Every other array, the empty one included, is ``array(_:)``.
package enum JSONValue: Sendable, Equatable {
    case null
    case bool(Bool)
    case number(Double)
    case string(String)
    case array([JSONValue])
    case numbers([Double])
    case object(JSONObject)

    /// The member of an object; nil for anything else.
    package subscript(key: String) -> JSONValue? {
        guard case .object(let object) = self else { return nil }
        return object[key]
    }

    package var isNull: Bool { self == .null }

    package var bool: Bool? {
        guard case .bool(let value) = self else { return nil }
        return value
    }

    package var double: Double? {
        guard case .number(let value) = self else { return nil }
        return value
    }

    /// The number, if it is a whole one that `Int` holds.
    package var integer: Int? {
        guard case .number(let value) = self else { return nil }
        return Int(exactly: value)
    }

    package var string: String? {
        guard case .string(let value) = self else { return nil }
        return value
    }

    /// The elements of an array of any kind; prefer ``doubles`` for many numbers.
    package var elements: [JSONValue]? {
        switch self {
        case .array(let elements): elements
        case .numbers(let numbers): numbers.map { .number($0) }
        default: nil
        }
    }

    /// The elements of an array of numbers, the empty array included.
    package var doubles: [Double]? {
        switch self {
        case .numbers(let numbers): numbers
        case .array(let elements) where elements.isEmpty: []
        default: nil
        }
    }

    /// The members of an object in the order of the text.
    package var members: [JSONObject.Member]? {
        guard case .object(let object) = self else { return nil }
        return object.members
    }

    /// What kind of value this is, for messages: "an object", "a string".
    package var kind: String {
        switch self {
        case .null: "null"
        case .bool: "a boolean"
        case .number: "a number"
        case .string: "a string"
        case .array, .numbers: "an array"
        case .object: "an object"
        }
    }
}

/// The members of a JSON object: every key once, in the order of the text, found by key in constant time.
package struct JSONObject: Sendable, Equatable {
    /// A key and its value.
    package struct Member: Sendable, Equatable {
        package let key: String
        package let value: JSONValue
    }

    package private(set) var members: [Member] = []
    /// Places of the keys; only kept once a search from the start would cost more.
    private var places: [String: Int] = [:]
    private static let searchedUpTo = 8

    package init() {}

    package subscript(key: String) -> JSONValue? { place(of: key).map { members[$0].value } }

    package static func == (one: JSONObject, other: JSONObject) -> Bool { one.members == other.members }

    func contains(_ key: String) -> Bool { place(of: key) != nil }

    /// Adds a member whose key is new.
    mutating func append(_ key: String, _ value: JSONValue) {
        members.append(Member(key: key, value: value))
        if members.count == Self.searchedUpTo + 1 {
            for (place, member) in members.enumerated() { places[member.key] = place }
        } else if members.count > Self.searchedUpTo {
            places[key] = members.count - 1
        }
    }

    private func place(of key: String) -> Int? {
        members.count <= Self.searchedUpTo ? members.firstIndex { $0.key == key } : places[key]
    }
}

/// What a JSON text may cost.
package struct JSONLimits: Sendable {
    /// Arrays and objects inside one another.
    package var depth: Int
    /// Values in all, those of flat arrays of numbers not counted.
    package var values: Int
    /// Members of all objects together: each costs a key and its place in a table.
    package var members: Int

    package init(depth: Int = 64, values: Int = 4_000_000, members: Int = 200_000) {
        self.depth = depth
        self.values = values
        self.members = members
    }
}

/// Where and why a text is no JSON that can be read.
package struct JSONError: Error, Sendable, Equatable {
    /// What kind of rule the text breaks.
    package enum Reason: Sendable { case syntax, truncated, encoding, duplicateKey, numberRange, limit }

    package let reason: Reason
    /// Byte offset from the start of the text.
    package let offset: Int
    package let expected: String
    package let found: String

    package init(reason: Reason, offset: Int, expected: String, found: String) {
        self.reason = reason
        self.offset = offset
        self.expected = expected
        self.found = found
    }

    package var message: String { "at byte \(offset): expected \(expected), found \(found)" }
}
