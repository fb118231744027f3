package import Bytes
package import Tensor

/// What tells two bundles apart: every member of their manifests, which state versions, choices, calibrations, operating
/// points and figures, and cover all other files by digests.
package struct BundleComparison: Sendable, Equatable {
    /// One of the two.
    package struct Side: Sendable, Equatable {
        package let name: String
        /// SHA-256 of its manifest.
        package let digest: Digest
    }

    /// A place in the manifests where they are not the same.
    package struct Difference: Sendable, Equatable {
        /// Members from the root, those of lists by their id or name: "heads/fusion-xgb/calibration/slope".
        package let place: String
        /// What the first bundle has there, and the second; nil for nothing.
        package let first: JSONValue?
        package let second: JSONValue?
    }

    package let first: Side
    package let second: Side
    /// In the order of the first manifest, which is that of the letters.
    package let differences: [Difference]

    package var isEqual: Bool { first.digest == second.digest }

    /// Compares two folders after every file of both has been found to be what its manifest says.
    ///
    /// No model is loaded. Throws: ``BundleError`` naming the folder with the file in it.
    package init(_ first: String, _ second: String, pool: WorkerPool) throws(BundleError) {
        let one = try Self.verified(first, pool)
        let other = try Self.verified(second, pool)
        self.first = one.side
        self.second = other.side
        differences = Self.differences(one.manifest, other.manifest, at: "")
    }

    private static func verified(
        _ path: String, _ pool: WorkerPool
    ) throws(BundleError) -> (side: Side, manifest: JSONValue) {
        let folder = BundleFolder(path: path)
        do throws(BundleError) {
            let (manifest, digest) = try folder.manifest()
            try folder.verify(manifest.files, pool: pool)
            return (Side(name: manifest.name, digest: digest), try folder.manifestJSON())
        } catch { throw BundleError(error.code, file: folder.url(error.file), error.detail) }
    }

    private static func differences(
        _ first: JSONValue?, _ second: JSONValue?, at place: String
    ) -> [Difference] {
        guard first != second else { return [] }
        guard let one = parts(first), let other = parts(second) else {
            return [Difference(place: place, first: first, second: second)]
        }
        var found: [Difference] = []
        for part in one {
            found += differences(
                part.value, other.first { $0.name == part.name }?.value, at: inside(place, part.name))
        }
        for part in other where !one.contains(where: { $0.name == part.name }) {
            found += differences(nil, part.value, at: inside(place, part.name))
        }
        // Members of an object have no order, elements of a list have.
        let isReordered = first?.elements != nil && one.map(\.name) != other.map(\.name)
        return found.isEmpty && isReordered
            ? [Difference(place: place, first: first, second: second)] : found
    }

    private static func inside(_ place: String, _ part: String) -> String {
        place.isEmpty ? part : "\(place)/\(part)"
    }

    /// Members of an object, or elements of a list of objects by their id, name or reason, else by number; nil for a value
    /// that is compared whole.
    private static func parts(_ value: JSONValue?) -> [(name: String, value: JSONValue)]? {
        if let members = value?.members { return members.map { ($0.key, $0.value) } }
        guard let elements = value?.elements, !elements.isEmpty,
            elements.allSatisfy({ $0.members != nil })
        else { return nil }
        for key in ["id", "name", "reason"] {
            let names = elements.compactMap { $0[key]?.string }
            if Set(names).count == elements.count { return Array(zip(names, elements)) }
        }
        return elements.enumerated().map { ("\($0)", $1) }
    }
}

extension BundleComparison {
    /// Schema "firstlead/bundle-comparison/1".
    package var document: JSONDocument {
        [
            "schema": "firstlead/bundle-comparison/1", "equal": .bool(isEqual),
            "first": first.document, "second": second.document,
            "differences": .array(
                differences.map {
                    [
                        "place": .text($0.place), "first": JSONDocument($0.first),
                        "second": JSONDocument($0.second),
                    ]
                }),
        ]
    }

    /// Both digests, then a line for each difference.
    package var lines: [String] {
        guard !isEqual else { return ["equal: '\(first.name)', SHA-256 \(first.digest)"] }
        var lines = [first, second].map { "'\($0.name)', SHA-256 \($0.digest)" }
        for difference in differences {
            let values = [difference.first, difference.second].map {
                $0.map { JSONDocument($0).serialised() } ?? "nothing"
            }
            lines.append("  \(difference.place): \(values[0]) | \(values[1])")
        }
        return differences.isEmpty ? lines + ["  manifests that say the same in other bytes"] : lines
    }
}

extension BundleComparison.Side {
    fileprivate var document: JSONDocument {
        ["name": .text(name), "sha256": .text(digest.hexadecimal)]
    }
}

extension JSONDocument {
    /// The same value, to be written; `null` for none.
    fileprivate init(_ value: JSONValue?) {
        switch value {
        case nil, .null: self = .null
        case .bool(let value): self = .bool(value)
        case .number(let value): self = .number(value)
        case .string(let value): self = .text(value)
        case .array(let elements): self = .array(elements.map { JSONDocument($0) })
        case .numbers(let numbers): self = .array(numbers.map { .number($0) })
        case .object(let object):
            self = .object(object.members.map { Member($0.key, JSONDocument($0.value)) })
        }
    }
}
