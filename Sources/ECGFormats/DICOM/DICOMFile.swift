private import Bytes

/// How the elements of a data set are written (PS3.5 annex A).
struct DICOMTransferSyntax {
    let isImplicit: Bool
    let order: BinaryView.ByteOrder
    var isDeflated = false

    static let implicitLittle = DICOMTransferSyntax(isImplicit: true, order: .little)
    static let explicitLittle = DICOMTransferSyntax(isImplicit: false, order: .little)

    init(isImplicit: Bool, order: BinaryView.ByteOrder, isDeflated: Bool = false) {
        self.isImplicit = isImplicit
        self.order = order
        self.isDeflated = isDeflated
    }

    /// Compression schemes of pixel data (1.2.840.10008.1.2.4 and later) write all other elements in explicit
    /// VR, little endian.
    init?(uid: String) {
        switch uid {
        case "1.2.840.10008.1.2": self = .implicitLittle
        case "1.2.840.10008.1.2.1": self = .explicitLittle
        case "1.2.840.10008.1.2.1.99": self.init(isImplicit: false, order: .little, isDeflated: true)
        case "1.2.840.10008.1.2.2": self.init(isImplicit: false, order: .big)
        default:
            guard uid.hasPrefix("1.2.840.10008.1.2.4.") || uid == "1.2.840.10008.1.2.5" else { return nil }
            self = .explicitLittle
        }
    }
}

/// A DICOM file (PS3.10 section 7.1): 128 bytes, "DICM", the meta elements of group 0002 in explicit VR little
/// endian, then the data set in the transfer syntax that (0002,0010) names. Files without that beginning hold
/// the data set alone, whose first element says which syntax it is.
struct DICOMFile {
    let dataSet: DICOMDataSet

    private static let preamble = 128
    private static let name = "DICOM"

    static func recognises(_ bytes: [UInt8]) -> Bool {
        if bytes.dropFirst(preamble).starts(with: "DICM".utf8) { return true }
        return bareSyntax(bytes) != nil
    }

    /// The syntax of a data set that begins with an element of group 0002 or 0008, little endian.
    private static func bareSyntax(_ bytes: [UInt8]) -> DICOMTransferSyntax? {
        guard bytes.count >= 16, bytes[1] == 0, bytes[3] == 0, bytes[0] == 8 || bytes[0] == 2,
            [0x00, 0x01, 0x05, 0x08, 0x12, 0x16, 0x18].contains(bytes[2])
        else { return nil }
        if bytes[4...5].allSatisfy({ (0x41...0x5A).contains($0) }) { return .explicitLittle }
        return bytes[0] == 8 && bytes[6] == 0 && bytes[7] == 0 ? .implicitLittle : nil
    }

    /// Throws: ``FormatError``.
    init(_ bytes: [UInt8]) throws(FormatError) {
        let whole = BinaryView(bytes[...], format: Self.name)
        let hasPreamble = bytes.dropFirst(Self.preamble).starts(with: "DICM".utf8)
        guard hasPreamble || Self.bareSyntax(bytes) != nil else {
            throw whole.malformed(at: 0, "no 'DICM' at byte \(Self.preamble)")
        }
        let start = hasPreamble ? Self.preamble + 4 : 0
        guard hasPreamble || bytes[0] == 2 else {
            var parser = DICOMParser(whole, Self.bareSyntax(bytes) ?? .implicitLittle)
            dataSet = try parser.dataSet(until: whole.count)
            return
        }
        let content = try whole.window(at: start, count: bytes.count - start, for: "meta information")
        var meta = DICOMParser(content, .explicitLittle)
        let information = try meta.dataSet(until: content.count, onlyGroup: 2)
        guard let uid = information[DICOMTag(0x0002, 0x0010)] else {
            throw content.malformed(at: meta.offset, "no transfer syntax (0002,0010)")
        }
        guard let syntax = DICOMTransferSyntax(uid: uid.text ?? "") else {
            throw uid.value.refusal(
                .unsupportedEncoding, at: 0,
                "transfer syntax '\(token(uid.text ?? "", limit: 64))' is not read")
        }
        let rest = try content.window(
            at: meta.offset, count: content.count - meta.offset, for: "the data set")
        dataSet = try Self.dataSet(rest, syntax)
    }

    private static func dataSet(
        _ view: BinaryView, _ syntax: DICOMTransferSyntax
    ) throws(FormatError) -> DICOMDataSet {
        guard syntax.isDeflated else {
            var parser = DICOMParser(view, syntax)
            return try parser.dataSet(until: view.count)
        }
        let content = try inflate(view)
        var parser = DICOMParser(BinaryView(content[...], format: "\(name), inflated"), syntax)
        return try parser.dataSet(until: content.count)
    }

    /// A deflated data set may be padded to an even length with one zero byte.
    private static func inflate(_ view: BinaryView) throws(FormatError) -> [UInt8] {
        let limits = Inflate.Limits(bytes: Upload.Limits.bytes)
        do {
            return try Inflate.inflate(view.bytes, as: .raw, limits: limits)
        } catch {
            guard case .trailingBytes(let offset, count: 1) = error, view.bytes.last == 0 else {
                throw FormatError(error, at: view.origin, format: name)
            }
            do {
                return try Inflate.inflate(view.bytes.prefix(offset), as: .raw, limits: limits)
            } catch { throw FormatError(error, at: view.origin, format: name) }
        }
    }
}
