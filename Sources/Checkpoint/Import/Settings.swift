/// A dictionary of settings inside a checkpoint, `cfg.model`, read with errors that name the setting.
struct Settings {
    /// Where the dictionary is, for messages.
    let place: String
    private let dictionary: PickleDictionary?

    /// The dictionary at a path of keys below the root; every value of an absent one is absent.
    init(of document: PickleDocument, at path: String...) {
        var found = document.dictionary(document.root)
        for key in path { found = document.dictionary(found?[key]) }
        dictionary = found
        place = path.joined(separator: ".")
    }

    var isAbsent: Bool { dictionary == nil }

    /// The value's description for messages; "absent" when there is none.
    func found(_ name: String) -> String { dictionary?[name]?.kind ?? "absent" }

    /// A whole number; nil when absent or None.
    ///
    /// Throws: ``ImportError/setting(name:found:expected:)`` for anything else, "???" included.
    func optionalInteger(_ name: String, in range: ClosedRange<Int>) throws(ImportError) -> Int? {
        switch dictionary?[name] {
        case nil, PickleValue.none?: return nil
        case .int(let value) where range.contains(value): return value
        default: throw refused(name, "an integer from \(range.lowerBound) to \(range.upperBound)")
        }
    }

    /// A whole number that must be there.
    ///
    /// Throws: ``ImportError/setting(name:found:expected:)``.
    func integer(_ name: String, in range: ClosedRange<Int>) throws(ImportError) -> Int {
        guard let value = try optionalInteger(name, in: range) else {
            throw refused(name, "an integer from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    /// A text; nil when absent or None.
    ///
    /// Throws: ``ImportError/setting(name:found:expected:)`` for anything else.
    func optionalText(_ name: String) throws(ImportError) -> String? {
        switch dictionary?[name] {
        case nil, PickleValue.none?: return nil
        case .string(let value): return value
        default: throw refused(name, "text")
        }
    }

    /// Whether there is such a setting.
    func has(_ name: String) -> Bool { dictionary?[name] != nil }

    /// Throws: ``ImportError/setting(name:found:expected:)`` unless the setting is the one that is implemented.
    func require(_ name: String, is expected: PickleValue) throws(ImportError) {
        guard dictionary?[name] == expected else { throw refused(name, expected.kind) }
    }

    func refused(_ name: String, _ expected: String) -> ImportError {
        .setting(name: "\(place).\(name)", found: found(name), expected: expected)
    }
}
