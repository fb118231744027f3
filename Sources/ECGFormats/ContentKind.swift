/// What bytes look like, by their first ones: for refusing them in words that help.
enum ContentKind {
    case empty
    case signature(String)
    case json
    case text
    case binary

    private static let signatures: [(offset: Int, bytes: [UInt8], name: String)] = [
        (0, Array("%PDF".utf8), "a PDF document: the samples are needed, not a report"),
        (0, [0xFF, 0xD8, 0xFF], "a JPEG picture: the samples are needed, not a printout"),
        (0, [0x89, 0x50, 0x4E, 0x47], "a PNG picture: the samples are needed, not a printout"),
        (0, Array("GIF8".utf8), "a GIF picture: the samples are needed, not a printout"),
        (0, [0x49, 0x49, 0x2A, 0], "a TIFF picture: the samples are needed, not a printout"),
        (0, [0x4D, 0x4D, 0, 0x2A], "a TIFF picture: the samples are needed, not a printout"),
        (128, Array("DICM".utf8), "a DICOM object"),
        (0, Array("MSH|".utf8), "an HL7 version 2 message"),
        (0, Array("ISHNE1.0".utf8), "an ISHNE Holter file"),
        (16, Array("SCPECG".utf8), "an SCP-ECG record"),
        (0, Array("MATLAB".utf8), "a MATLAB file"),
        (0, [0x89] + Array("HDF".utf8), "an HDF5 file"),
        (0, [0xFF] + Array("BIOSEMI".utf8), "a BDF file"),
        (0, Array("0       ".utf8), "an EDF file"),
        (0, [0x1F, 0x8B], "gzip data"),
        (0, [0x50, 0x4B, 3, 4], "a zip archive"),
    ]

    init(_ bytes: [UInt8]) {
        let start = bytes.prefix(1_024)
        if bytes.isEmpty {
            self = .empty
        } else if let found = Self.signatures.first(where: {
            start.dropFirst($0.offset).starts(with: $0.bytes)
        }) {
            self = .signature(found.name)
        } else if let order = UTF16Text.order(ofMark: start) {
            self = ContentKind(UTF16Text.utf8(of: Array(start), order))
        } else if start.contains(where: Self.isNoText) {
            self = .binary
        } else {
            self = Self.text(start)
        }
    }

    /// Text in any encoding that extends ASCII.
    var isText: Bool {
        switch self {
        case .text, .json: true
        default: false
        }
    }

    var description: String {
        switch self {
        case .empty: "an empty file"
        case .signature(let name): name
        case .json: "JSON without \"leads\""
        case .text: "text that is no table"
        case .binary: "binary data of an unknown kind"
        }
    }

    private static func isNoText(_ byte: UInt8) -> Bool {
        byte < 0x20 && byte != 0x09 && byte != 0x0A && byte != 0x0D && byte != 0x0C || byte == 0x7F
    }

    private static func text(_ bytes: ArraySlice<UInt8>) -> ContentKind {
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        let content = bytes.dropFirst(bytes.starts(with: mark) ? 3 : 0).drop { $0 <= 0x20 }
        switch content.first {
        case UInt8(ascii: "{"), UInt8(ascii: "["): return .json
        case UInt8(ascii: "<"):
            let lower = content.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
            let isHTML = lower.starts(with: "<!doctype html".utf8) || lower.starts(with: "<html".utf8)
            return .signature(isHTML ? "an HTML page" : "an XML document")
        default: return .text
        }
    }
}
