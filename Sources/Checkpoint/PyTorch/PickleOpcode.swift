extension PickleMachine {
    /// The admitted opcodes (CPython Lib/pickle.py), with what each takes from the pickle and the stack.
    enum Opcode: UInt8 {
        /// PROTO version.
        case proto = 0x80
        /// STOP: the root is on the stack.
        case stop = 0x2E
        case none = 0x4E
        case newTrue = 0x88
        case newFalse = 0x89
        /// BININT: 32 bits, signed.
        case binInt = 0x4A
        case binInt1 = 0x4B
        case binInt2 = 0x4D
        /// LONG1: a length byte, two's complement.
        case long1 = 0x8A
        /// BINFLOAT: 64 bits, most significant byte first.
        case binFloat = 0x47
        /// BINUNICODE: a 32-bit length, UTF-8.
        case binUnicode = 0x58
        /// GLOBAL: module and name, a line each.
        case global = 0x63
        case emptyTuple = 0x29
        case tuple1 = 0x85
        case tuple2 = 0x86
        case tuple3 = 0x87
        /// TUPLE: everything above the mark.
        case tuple = 0x74
        case emptyList = 0x5D
        case emptyDictionary = 0x7D
        case mark = 0x28
        case append = 0x61
        case appends = 0x65
        case setItem = 0x73
        case setItems = 0x75
        case binPut = 0x71
        case longBinPut = 0x72
        case binGet = 0x68
        case longBinGet = 0x6A
        /// BINPERSID: the value on the stack names a storage.
        case binPersistentID = 0x51
        /// REDUCE: callable and argument tuple.
        case reduce = 0x52
        /// BUILD: object and its state.
        case build = 0x62
    }
}
