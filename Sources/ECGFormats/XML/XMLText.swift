/// The bytes of an XML entity, brought to an encoding that extends ASCII (XML 1.0 fifth edition, appendix F).
///
/// UTF-16 is transcoded. UTF-8 and the national encodings stay as they are: markup and every field that is read
/// is ASCII in all of them, and bytes above 0x7F stand only in free text.
struct XMLText {
    let bytes: [UInt8]
    /// Offset of the first byte after a mark, and whether offsets count bytes of a transcoded text.
    private let isUTF16: Bool

    /// Throws: ``FormatError`` for UTF-32 and for encodings that do not extend ASCII.
    init(_ file: [UInt8]) throws(FormatError) {
        if let order = Self.utf16Order(file) {
            bytes = UTF16Text.utf8(of: file, order)
            isUTF16 = true
            return
        }
        bytes = file.starts(with: [0xEF, 0xBB, 0xBF]) ? [0x20, 0x20, 0x20] + file[3...] : file
        isUTF16 = false
        if let name = Self.declaredEncoding(bytes), !Self.extendsASCII(name) {
            throw FormatError(
                .unsupportedEncoding, place: .byteOffset(0),
                detail:
                    "XML in the encoding '\(token(name))' is not read, expected UTF-8, UTF-16 or ISO-8859-1")
        }
    }

    /// Offset in the file of a byte of ``bytes``.
    func fileOffset(of index: Int) -> Int {
        isUTF16 ? UTF16Text.fileOffset(of: index, in: bytes) : index
    }

    /// The byte order if this is UTF-16, by its mark or by the declaration that it begins with.
    static func utf16Order(_ file: [UInt8]) -> UTF16Text.ByteOrder? {
        if file.starts(with: [0x3C, 0, 0x3F, 0]) { return .little }
        if file.starts(with: [0, 0x3C, 0, 0x3F]) { return .big }
        return UTF16Text.order(ofMark: file)
    }

    /// The encoding that an XML declaration names, in lower case.
    private static func declaredEncoding(_ bytes: [UInt8]) -> String? {
        let head = bytes.prefix(256).drop { $0 <= 0x20 }
        guard head.starts(with: "<?xml".utf8), let end = head.firstIndex(of: UInt8(ascii: ">")) else {
            return nil
        }
        let text = String(decoding: head[..<end], as: UTF8.self)
        guard let range = text.firstRange(of: "encoding") else { return nil }
        let value = text[range.upperBound...].drop { $0 == " " || $0 == "=" }
        guard let quote = value.first, quote == "\"" || quote == "'" else { return nil }
        return value.dropFirst().prefix { $0 != quote }.lowercased()
    }

    /// A file that says UTF-16 but is not has been transcoded on its way.
    private static func extendsASCII(_ name: String) -> Bool {
        let families = [
            "utf-8", "utf8", "utf-16", "us-ascii", "ascii", "iso-8859-", "latin", "windows-125", "cp125",
            "gb2312", "gbk", "gb18030", "euc-", "big5", "shift_jis", "koi8",
        ]
        return families.contains { name.hasPrefix($0) }
    }
}
