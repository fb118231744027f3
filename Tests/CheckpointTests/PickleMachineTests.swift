import Bytes
import Checkpoint
import Testing

@Suite struct PickleMachineTests {
    private func root(_ body: [UInt8]...) throws -> (PickleDocument, PickleValue) {
        let document = try PickleMachine.run(Pickle.program(body.flatMap { $0 }))
        return (document, document.root)
    }

    @Test func readsScalars() throws {
        let (document, root) = try root(
            Pickle.tuple(
                Pickle.none, Pickle.yes, Pickle.no, Pickle.int(-5), [0x4B, 200], [0x4D, 0x34, 0x12],
                Pickle.int(1 << 40), Pickle.int(-(1 << 40)), [0x8A, 0], Pickle.float(-2.5),
                Pickle.text("\u{B5}V"), [0x8A, 10] + [UInt8](repeating: 1, count: 10)))
        let expected: [PickleValue] = [
            .none, .bool(true), .bool(false), .int(-5), .int(200), .int(0x1234), .int(1 << 40),
            .int(-(1 << 40)), .int(0), .float(-2.5), .string("\u{B5}V"), .opaque("integer of 10 bytes"),
        ]
        #expect(document.elements(of: root) == expected)
    }

    @Test func keepsTheOrderOfDictionariesAndIntegerKeys() throws {
        let (document, root) = try root(
            Pickle.emptyDictionary, Pickle.mark, Pickle.text("b"), Pickle.int(1), Pickle.int(7),
            Pickle.int(2), Pickle.text("a"), Pickle.int(3), [0x75], Pickle.text("c"), Pickle.int(4),
            Pickle.setItem)
        let dictionary = try #require(document.dictionary(root))
        #expect(dictionary.entries.map(\.key) == [.string("b"), .int(7), .string("a"), .string("c")])
        #expect(dictionary["c"] == .int(4))
        #expect(dictionary["7"] == nil)
    }

    @Test func aListMemoisedBeforeItIsFilledStaysOneList() throws {
        let (document, root) = try root(
            Pickle.emptyList, Pickle.put(0), Pickle.get(0), Pickle.mark, Pickle.int(1), Pickle.int(2),
            Pickle.appends, [0x86])
        let lists = try #require(document.elements(of: root))
        #expect(lists.map { document.elements(of: $0) } == [[.int(1), .int(2)], [.int(1), .int(2)]])
    }

    @Test func aCycleIsHarmless() throws {
        let (document, root) = try root(
            Pickle.emptyList, Pickle.put(0), Pickle.mark, Pickle.get(0), Pickle.int(1), Pickle.appends)
        #expect(document.elements(of: root) == [root, .int(1)])
    }

    @Test func dropsWhatMetricsHold() throws {
        let (document, root) = try root(
            Pickle.global("numpy.core.multiarray", "_reconstruct"),
            Pickle.tuple(
                Pickle.global("numpy", "ndarray"), Pickle.tuple(Pickle.int(0)),
                Pickle.global("_codecs", "encode")
                    + Pickle.tuple(Pickle.text("b"), Pickle.text("latin1")) + Pickle.reduce),
            Pickle.reduce, Pickle.tuple(Pickle.int(1)), Pickle.build)
        #expect(root == .opaque("numpy array"))
        #expect(document.elements(of: root) == nil)
    }

    @Test(arguments: [
        ("os", "system"), ("posix", "system"), ("builtins", "eval"), ("__builtin__", "getattr"),
        ("torch", "load"), ("torch.storage", "_load_from_bytes"), ("collections", "OrderedDict.fromkeys"),
        ("numpy", "load"), ("_codecs", "decode"), ("torch", "FloatStorage.from_file"), ("", ""),
        ("argparse", "Namespace"), ("omegaconf.dictconfig", "DictConfig"),
    ])
    func refusesEveryOtherGlobal(module: String, name: String) throws {
        // The argument comes before the call; the global is refused before either means anything.
        let pickle = Pickle.program(
            Pickle.global(module, name), Pickle.tuple(Pickle.text("touch /tmp/owned")), Pickle.reduce)
        #expect(throws: PickleError.forbiddenGlobal("\(module).\(name)", offset: 2)) {
            try PickleMachine.run(pickle)
        }
    }

    /// A pickle body and what refuses it.
    static let malformed: [(what: String, body: [UInt8], error: PickleError)] = [
        ("unknown opcode", [0x81], .opcode(0x81, offset: 2)),
        ("INST", [0x69], .opcode(0x69, offset: 2)),
        ("second PROTO", [0x80, 2], .opcode(0x80, offset: 2)),
        ("STOP on an empty stack", [], .stackUnderflow(offset: 2)),
        ("TUPLE2 of one", Pickle.none + [0x86], .stackUnderflow(offset: 3)),
        ("REDUCE of one", Pickle.emptyTuple + Pickle.reduce, .stackUnderflow(offset: 3)),
        ("BUILD of one", Pickle.none + Pickle.build, .stackUnderflow(offset: 3)),
        ("pop below a mark", Pickle.none + Pickle.mark + [0x85], .stackUnderflow(offset: 4)),
        ("TUPLE without mark", Pickle.none + [0x74], .noMark(offset: 3)),
        ("APPENDS without mark", Pickle.emptyList + Pickle.appends, .noMark(offset: 3)),
        ("BINGET of nothing", Pickle.get(9), .memo(index: 9, offset: 2)),
        ("LONG_BINGET of nothing", [0x6A, 255, 255, 255, 255], .memo(index: 4_294_967_295, offset: 2)),
        (
            "huge memo index", Pickle.none + [0x72, 255, 255, 255, 255],
            .limit(what: "memo entries", limit: 1 << 20, offset: 3)
        ),
        ("text is no UTF-8", [0x58, 2, 0, 0, 0, 0xC3, 0x28], .text(offset: 2)),
        (
            "text beyond the end", [0x58, 255, 255, 255, 255],
            .truncated(field: "text", offset: 7, needed: 4_294_967_295, available: 1)
        ),
        (
            "APPENDS to a dict", Pickle.emptyDictionary + Pickle.mark + Pickle.none + Pickle.appends,
            .operand(of: "APPENDS", found: "dict", expected: "list", offset: 5)
        ),
        (
            "SETITEM on a list", Pickle.emptyList + Pickle.text("a") + Pickle.none + Pickle.setItem,
            .operand(of: "SETITEMS", found: "list", expected: "dict", offset: 10)
        ),
        (
            "a list as key", Pickle.emptyDictionary + Pickle.emptyList + Pickle.none + Pickle.setItem,
            .operand(of: "SETITEMS", found: "the key list", expected: "text or an integer", offset: 5)
        ),
        (
            "half a pair", Pickle.emptyDictionary + Pickle.mark + Pickle.none + [0x75],
            .operand(of: "SETITEMS", found: "1 values", expected: "keys and values in pairs", offset: 5)
        ),
        (
            "a key twice", Pickle.dictionary([("a", Pickle.none), ("a", Pickle.none)]),
            .duplicateKey("string \"a\"", offset: 18)
        ),
        (
            "a call of text", Pickle.text("os") + Pickle.emptyTuple + Pickle.reduce,
            .operand(of: "REDUCE", found: "string \"os\"", expected: "an admitted global", offset: 10)
        ),
        (
            "a call of a class", Pickle.global("numpy", "ndarray") + Pickle.emptyTuple + Pickle.reduce,
            .operand(of: "REDUCE", found: "numpy.ndarray", expected: "a function", offset: 18)
        ),
        (
            "arguments that are no tuple",
            Pickle.global("_codecs", "encode") + Pickle.none + Pickle.reduce,
            .operand(of: "REDUCE", found: "None", expected: "tuple", offset: 19)
        ),
        (
            "OrderedDict of pairs",
            Pickle.global("collections", "OrderedDict") + Pickle.tuple(Pickle.emptyList) + Pickle.reduce,
            .operand(of: "OrderedDict", found: "1 arguments", expected: "none", offset: 30)
        ),
        (
            "BUILD on text", Pickle.text("a") + Pickle.emptyDictionary + Pickle.build,
            .operand(
                of: "BUILD", found: "string \"a\"", expected: "a dict or a numpy array", offset: 9)
        ),
        (
            "values left over", Pickle.none + Pickle.none,
            .operand(of: "STOP", found: "1 values left on the stack", expected: "none", offset: 4)
        ),
        (
            "persistent id that is text", Pickle.text("0") + Pickle.persistent,
            .operand(of: "BINPERSID", found: "string \"0\"", expected: "a tuple of five", offset: 8)
        ),
        (
            "persistent id of four",
            Pickle.tuple(Pickle.none, Pickle.none, Pickle.none, Pickle.none) + Pickle.persistent,
            .operand(of: "BINPERSID", found: "tuple", expected: "a tuple of five", offset: 8)
        ),
        (
            "persistent id of a negative count", Pickle.storage("0", count: -1),
            .operand(
                of: "BINPERSID", found: "integer -1", expected: "an element count", offset: 58)
        ),
        (
            "a long name", [0x63] + [UInt8](repeating: 0x61, count: 300),
            .operand(of: "GLOBAL", found: "byte 97 after 200", expected: "a short printable name", offset: 2)
        ),
    ]

    @Test(arguments: malformed.indices) func refuses(index: Int) {
        let pickle = Self.malformed[index]
        #expect(throws: pickle.error, "\(pickle.what)") {
            try PickleMachine.run(Pickle.program(pickle.body))
        }
    }

    /// Arguments of `_rebuild_tensor_v2` that no tensor has.
    @Test(arguments: [
        (-1, [2], [1]), (0, [-2], [1]), (0, [2], [-1]), (0, [2, 2], [1]), (0, [2], [1, 1]),
        (0, [Int](repeating: 1, count: 17), [Int](repeating: 1, count: 17)),
    ])
    func refusesImpossibleTensors(offset: Int, shape: [Int], strides: [Int]) {
        let tensor = Pickle.tensor(
            Pickle.storage("0", count: 4), offset: offset, shape: shape, strides: strides)
        let error = #expect(throws: PickleError.self) { try PickleMachine.run(Pickle.program(tensor)) }
        guard case .operand(let of, _, _, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(of == "_rebuild_tensor_v2")
    }

    @Test func refusesAnotherProtocolAndTrailingBytes() {
        #expect(throws: PickleError.protocolVersion(found: 4, expected: 2)) {
            try PickleMachine.run([0x80, 4, 0x4E, 0x2E])
        }
        #expect(throws: PickleError.opcode(0x4E, offset: 0)) { try PickleMachine.run([0x4E, 0x2E]) }
        #expect(throws: PickleError.trailing(offset: 4, bytes: 1)) {
            try PickleMachine.run(Pickle.program(Pickle.none) + [0])
        }
        #expect(throws: PickleError.self) { try PickleMachine.run([]) }
    }

    @Test func countsEverythingAgainstItsLimit() {
        var limits = PickleMachine.Limits()
        (limits.stack, limits.memo, limits.containers, limits.elements) = (8, 8, 8, 20)
        let bodies: [(String, [UInt8])] = [
            ("stack entries", [UInt8](repeating: 0x4E, count: 9)),
            ("marks", [UInt8](repeating: 0x28, count: 9)),
            ("memo entries", Pickle.none + Pickle.put(8)),
            ("containers", Pickle.none + [UInt8](repeating: 0x85, count: 9)),
            ("elements", Pickle.emptyList + [0x28, 0x4E, 0x4E, 0x4E, 0x65].cycled(7)),
        ]
        for (what, body) in bodies {
            let error = #expect(throws: PickleError.self, "\(what)") {
                try PickleMachine.run(Pickle.program(body), limits: limits)
            }
            guard case .limit(what, _, _) = error else {
                Issue.record("\(what): \(String(describing: error))")
                continue
            }
        }
        limits.bytes = 3
        #expect(throws: PickleError.tooLarge(bytes: 4, limit: 3)) {
            try PickleMachine.run(Pickle.program(Pickle.none), limits: limits)
        }
    }

    @Test func nestingOfAnyDepthIsReadAndFreed() throws {
        let deep = [UInt8](repeating: 0x85, count: 1_000_000)
        let (document, root) = try root(Pickle.none, deep)
        #expect(document.elements(of: root)?.count == 1)
    }

    /// Each level holds the one below twice: 2^200 leaves if anybody walked them.
    @Test func aBombOfSharedTuplesCostsWhatItsBytesCost() throws {
        var body = Pickle.none
        for _ in 0..<200 { body += Pickle.put(0) + Pickle.get(0) + [0x86] }
        let (document, root) = try root(body)
        #expect(document.elements(of: root)?.count == 2)
    }

    @Test(arguments: ImportCase.all.map(\.file)) func damagedPicklesNeverCrash(file: String) throws {
        let archive = try ZipArchive(bytes: Fixture.bytes(file))
        let entry = try #require(archive.entries.first { $0.name.hasSuffix("/data.pkl") })
        let pickle = try archive.data(of: entry, limit: 1 << 20)
        _ = try PickleMachine.run(pickle)
        for count in stride(from: 0, to: pickle.count, by: 197) {
            #expect(throws: PickleError.self) { try PickleMachine.run(Array(pickle.prefix(count))) }
        }
        var state: UInt64 = 0x5DEE_CE66
        var refused = 0
        for _ in 0..<200 {
            var damaged = pickle
            for _ in 0..<3 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                damaged[Int(state >> 33) % pickle.count] = UInt8(truncatingIfNeeded: state >> 25)
            }
            do { _ = try PickleMachine.run(damaged) } catch { refused += 1 }
        }
        #expect(refused > 50)
    }
}

extension Collection {
    /// The elements over and over.
    fileprivate func cycled(_ times: Int) -> [Element] { (0..<times).flatMap { _ in self } }
}
