import Bytes

extension BoosterModel {
    /// Reads a model as XGBoost saves it, in JSON or in Universal Binary JSON (schema: dmlc/xgboost doc/model.schema;
    /// releases 1 to 3), and checks every part that prediction depends on.
    ///
    /// Accepted is what the paper trains: `gbtree`, `binary:logistic`, one tree a round, numerical splits.
    /// Since 3.1 XGBoost writes the base score as an array of one, which 1.7 reads without complaint and wrongly: here it
    /// is read as it is meant. Members that prediction does not use are ignored.
    ///
    /// Throws: ``BoosterError`` `tooLarge`, `notJSON` or `structure` with the JSON pointer of what is wrong.
    package init(json bytes: [UInt8]) throws(BoosterError) {
        guard bytes.count <= BoosterLimits.bytes else {
            throw .tooLarge(what: "bytes", found: bytes.count, limit: BoosterLimits.bytes)
        }
        let root: JSONPlace
        do throws(JSONError) {
            let limits = JSONLimits(depth: 16)
            let value =
                try Self.isBinary(bytes)
                ? JSONValue.parse(ubjson: bytes, limits: limits) : JSONValue.parse(bytes, limits: limits)
            root = JSONPlace(value: value, pointer: "")
        } catch {
            throw .notJSON(error)
        }
        version = try Self.version(root.member("version"))
        let learner = try root.member("learner")
        let parameters = try learner.member("learner_model_param")
        featureCount = try parameters.count("num_feature", in: 1...BoosterLimits.features)
        _ = try parameters.count("num_class", in: 0...0)
        if parameters.has("num_target") { _ = try parameters.count("num_target", in: 0...1) }
        baseScore = try Self.baseScore(parameters.member("base_score"))
        try learner.member("objective").member("name").require("binary:logistic")
        let booster = try learner.member("gradient_booster")
        try booster.member("name").require("gbtree")
        trees = try Self.trees(booster.member("model"), featureCount: featureCount)
    }

    /// In UBJSON the length of a key follows an object's brace; in JSON a quotation mark or white space.
    package static func isBinary(_ bytes: [UInt8]) -> Bool {
        bytes.count > 1 && bytes[0] == UInt8(ascii: "{") && "iUIlL".utf8.contains(bytes[1])
    }

    private static func version(_ place: JSONPlace) throws(BoosterError) -> [Int] {
        let numbers = place.value.doubles ?? []
        let version = numbers.compactMap { Int(exactly: $0) }
        guard numbers.count == 3, version.count == 3, (1...3).contains(version[0]), version[1] >= 0 else {
            throw place.wrong("the XGBoost release that wrote it, 1, 2 or 3 and two more numbers")
        }
        return version
    }

    private static func baseScore(_ place: JSONPlace) throws(BoosterError) -> Float {
        var text = try place.string()[...]
        if text.hasPrefix("["), text.hasSuffix("]") { text = text.dropFirst().dropLast() }
        guard let score = Float(text), score > 0, score < 1 else {
            throw place.wrong("a probability between 0 and 1, both excluded")
        }
        return score
    }

    private static func trees(_ model: JSONPlace, featureCount: Int) throws(BoosterError) -> [BoosterTree] {
        let parameters = try model.member("gbtree_model_param")
        let count = try parameters.count("num_trees", in: 1...BoosterLimits.trees)
        _ = try parameters.count("num_parallel_tree", in: 0...1)
        let groups = try model.numbers("tree_info", count: count)
        for (index, group) in groups.enumerated() where group != 0 {
            throw .structure(
                pointer: "\(model.pointer)/tree_info/\(index)", expected: "0, the only class",
                found: "\(group)")
        }
        if model.has("iteration_indptr") { try checkRounds(model, treeCount: count) }
        let place = try model.member("trees")
        guard let elements = place.value.elements, elements.count == count else {
            throw place.wrong("an array of \(count) trees, as num_trees says")
        }
        var trees: [BoosterTree] = []
        for (index, element) in elements.enumerated() {
            let tree = JSONPlace(value: element, pointer: "\(place.pointer)/\(index)")
            trees.append(try BoosterTree(tree, featureCount: featureCount))
        }
        return trees
    }

    /// Since 2.0: where each round's trees begin; with one tree a round it counts up.
    private static func checkRounds(_ model: JSONPlace, treeCount: Int) throws(BoosterError) {
        let starts = try model.numbers("iteration_indptr", count: treeCount + 1)
        for (index, start) in starts.enumerated() where start != Double(index) {
            throw .structure(
                pointer: "\(model.pointer)/iteration_indptr/\(index)",
                expected: "\(index), one tree a round", found: "\(start)")
        }
    }
}

/// A JSON value and where it stands, so that every refusal can say where.
struct JSONPlace {
    let value: JSONValue
    /// RFC 6901. Only names that this reader asks for are in it: none needs escaping.
    let pointer: String

    func has(_ key: String) -> Bool { value[key] != nil }

    func member(_ key: String) throws(BoosterError) -> JSONPlace {
        guard let member = value[key] else {
            throw .structure(pointer: pointer, expected: "an object with \"\(key)\"", found: value.kind)
        }
        return JSONPlace(value: member, pointer: "\(pointer)/\(key)")
    }

    func string() throws(BoosterError) -> String {
        guard let string = value.string else { throw wrong("a string") }
        return string
    }

    func require(_ expected: String) throws(BoosterError) {
        guard value.string == expected else { throw wrong("\"\(expected)\"") }
    }

    /// A whole number that XGBoost writes as a string.
    func count(_ key: String, in range: ClosedRange<Int>) throws(BoosterError) -> Int {
        let place = try member(key)
        guard let text = place.value.string, let count = Int(text), range.contains(count) else {
            throw place.wrong("a number in \(range.lowerBound)...\(range.upperBound), as a string")
        }
        return count
    }

    func numbers(_ key: String, count: Int) throws(BoosterError) -> [Double] {
        let place = try member(key)
        guard let numbers = place.value.doubles, numbers.count == count else {
            throw place.wrong("an array of \(count) numbers")
        }
        return numbers
    }

    func wrong(_ expected: String) -> BoosterError {
        .structure(pointer: pointer, expected: expected, found: found)
    }

    private var found: String {
        if let string = value.string { return "\"\(string.prefix(40))\"" }
        if let elements = value.elements { return "an array of \(elements.count)" }
        if let number = value.double { return "\(number)" }
        return value.kind
    }
}
