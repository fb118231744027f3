import Bytes
import ECG
import ECGFormats
import Testing

private let boundary = "xYzZY"
private let contentType = "multipart/form-data; boundary=\(boundary)"

private func part(_ name: String, _ bytes: [UInt8], extra: String = "") -> [UInt8] {
    Array(
        "--\(boundary)\r\nContent-Disposition: form-data; name=\"file\"; filename=\"\(name)\"\r\n\(extra)\r\n"
            .utf8)
        + bytes + Array("\r\n".utf8)
}

private let closing = Array("--\(boundary)--\r\n".utf8)

private func code(_ body: () throws(FormatError) -> Upload) -> String {
    do {
        _ = try body()
        return "accepted"
    } catch { return error.code.rawValue }
}

private func form(_ body: [UInt8], _ type: String = contentType) -> String {
    code { () throws(FormatError) in try Upload(multipart: body, contentType: type) }
}

/// A tar of files, ustar headers.
private func tar(_ files: [(String, [UInt8])]) -> [UInt8] {
    files.flatMap { name, bytes in
        var block = [UInt8](repeating: 0, count: 512)
        block.replaceSubrange(0..<name.utf8.count, with: Array(name.utf8))
        let size = Array(String(bytes.count, radix: 8).utf8)
        block.replaceSubrange(124..<124 + size.count, with: size)
        block.replaceSubrange(148..<156, with: [UInt8](repeating: 0x20, count: 8))
        block[156] = 0x30
        let sum = Array(String(block.reduce(0) { $0 + Int($1) }, radix: 8).utf8)
        block.replaceSubrange(148..<148 + sum.count, with: sum)
        return block + bytes + [UInt8](repeating: 0, count: (512 - bytes.count % 512) % 512)
    } + [UInt8](repeating: 0, count: 1_024)
}

@Suite struct MultipartTests {
    @Test func readsPartsAsTheyAre() throws {
        let tricky = Array("\r\n--\(boundary.dropLast())\r\n\0\u{FF}--".utf8)
        let body =
            Array("preamble\r\n".utf8)
            + part("a.bin", tricky, extra: "Content-Type: Text/Plain; charset=x\r\n")
            + part("empty.bin", []) + part("", []) + closing + Array("epilogue".utf8)
        let upload = try Upload(multipart: body, contentType: "Multipart/Form-Data; Boundary=\"\(boundary)\"")
        #expect(upload.parts.map(\.name) == ["a.bin", "empty.bin"])
        #expect(upload.parts.map(\.bytes) == [tricky, []])
        #expect(upload.parts.map(\.mediaType) == ["text/plain", nil])
    }

    @Test func readsARecordOfTwoParts() throws {
        let body =
            part("00001_hr.hea", try FixtureCase.bytes(at: "wfdb/valid/00001_hr.hea"))
            + part("00001_hr.dat", try FixtureCase.bytes(at: "wfdb/valid/00001_hr.dat")) + closing
        let upload = try Upload(multipart: body, contentType: contentType)
        let decoded = try FormatRegistry.read(upload, options: ReadOptions())
        #expect(decoded.format == WFDBReader.format)
        #expect(decoded.recording.sampleCount == 5_000)
        let zip = part("r.zip", try FixtureCase.bytes(at: "containers/valid/00001_hr.zip")) + closing
        let zipped = try FormatRegistry.read(
            Upload(multipart: zip, contentType: contentType), options: ReadOptions())
        #expect(zipped.recording == decoded.recording)
    }

    @Test func refusesEachDefect() {
        let one = part("a", [1])
        #expect(form(one + closing) == "accepted")
        #expect(form(one + closing, "text/plain; boundary=\(boundary)") == "malformed")
        #expect(form(one + closing, "multipart/form-data") == "malformed")
        #expect(form(one + closing, "multipart/form-data; boundary=\"\"") == "malformed")
        #expect(form(one + closing, "multipart/form-data; boundary=a{b") == "malformed")
        #expect(
            form(one + closing, "multipart/form-data; boundary=" + String(repeating: "b", count: 71))
                == "malformed")
        #expect(form(one + closing, "multipart/form-data; boundary=other") == "truncated")
        #expect(form(one) == "truncated")
        #expect(form([]) == "truncated")
        #expect(form(Array("--\(boundary)x\r\n".utf8)) == "malformed")
        #expect(form(Array("--\(boundary)\r\nno colon\r\n\r\n1\r\n".utf8) + closing) == "malformed")
        #expect(form(Array("--\(boundary)\r\nA: b\r\n\r\n1\r\n".utf8) + closing) == "malformed")
        let long = Array("--\(boundary)\r\nA: \(String(repeating: "b", count: 9_000))\r\n\r\n1\r\n".utf8)
        #expect(form(long + closing) == "limit-exceeded")
        let base64 = part("a", [1], extra: "Content-Transfer-Encoding: base64\r\n")
        #expect(form(base64 + closing) == "unsupported-encoding")
        #expect(form((0..<65).flatMap { part("\($0)", [1]) } + closing) == "limit-exceeded")
        #expect(form([UInt8](repeating: 0x2D, count: 33 << 20)) == "limit-exceeded")
    }

    @Test func survivesTruncationEverywhere() {
        let body = part("a", [1, 2]) + part("b", [3]) + closing
        for length in 0..<body.count - 4 { #expect(form(Array(body[..<length])) != "accepted") }
    }
}

@Suite struct ContainerTests {
    @Test(arguments: [
        "../x", "a/../../x", "/etc/passwd", "C:x", "c:\\x", "..\\x", "\\x", "a\u{0}b", "a\nb",
    ]) func refusesNamesThatLeadOut(name: String) {
        #expect(
            code { () throws(FormatError) in
                try Upload(body: [1], mediaType: nil, fileName: name)
            } == "unsafe-name")
        guard !name.contains("\0") else { return }
        #expect(
            code { () throws(FormatError) in
                try Upload(body: tar([(name, [1])]), mediaType: nil, fileName: "")
            } == "unsafe-name")
    }

    @Test func readsARecordFromATarWithFolders() throws {
        let files = [
            ("rec/._00001_hr.hea", [UInt8(1)]), ("__MACOSX/x", [2]), ("rec/.DS_Store", [3]),
            ("rec/README.md", Array("about this record".utf8)),
            ("rec/00001_hr.hea", try FixtureCase.bytes(at: "wfdb/valid/00001_hr.hea")),
            ("rec/00001_hr.dat", try FixtureCase.bytes(at: "wfdb/valid/00001_hr.dat")),
        ]
        let upload = try Upload(body: tar(files), mediaType: "application/x-tar", fileName: "rec.tar")
        let decoded = try FormatRegistry.read(upload, options: ReadOptions())
        #expect(decoded.recording.sampleCount == 5_000)
        #expect(decoded.notes.count == 3)
    }

    @Test func refusesSeveralFilesThatAreNoRecord() throws {
        let csv = Array("I,II\n1,2\n".utf8)
        let upload = try Upload(body: tar([("a.csv", csv), ("b.csv", csv)]), mediaType: nil, fileName: "")
        let error = #expect(throws: FormatError.self) {
            try FormatRegistry.read(upload, options: ReadOptions())
        }
        #expect(error?.code == .ambiguousUpload)
    }

    @Test func limitsNesting() throws {
        let inner = tar([("a.csv", [1])])
        let middle = tar([("inner.tar", inner)])
        #expect(throws: Never.self) { try Upload(body: middle, mediaType: nil, fileName: "") }
        #expect(
            code { () throws(FormatError) in
                try Upload(body: tar([("middle.tar", middle)]), mediaType: nil, fileName: "")
            } == "limit-exceeded")
        #expect(form(part("middle.tar", middle) + closing) == "limit-exceeded")
        #expect(form(part("inner.tar", inner) + closing) == "accepted")
    }

    @Test func limitsFilesAndTheirSize() {
        let many = tar((0..<65).map { ("\($0)", [1]) })
        #expect(
            code { () throws(FormatError) in try Upload(body: many, mediaType: nil, fileName: "") }
                == "limit-exceeded")
        let half = [UInt8](repeating: 1, count: 17 << 20)
        #expect(
            code { () throws(FormatError) in try Upload(files: [("a", half), ("b", half)]) }
                == "limit-exceeded")
    }

    /// Containers of nothing but what is left out cost time and no memory, however small the upload was.
    @Test func limitsWhatContainersHoldTogether() throws {
        let hollow = tar([("__MACOSX/x", [UInt8](repeating: 0, count: 44 << 20)), ("a.csv", [1])])
        let one = try Upload(body: tar([("1.tar", hollow)]), mediaType: nil, fileName: "")
        #expect(one.parts.map(\.name) == ["a.csv"])
        #expect(
            code { () throws(FormatError) in
                try Upload(body: tar([("1.tar", hollow), ("2.tar", hollow)]), mediaType: nil, fileName: "")
            } == "limit-exceeded")
    }

    @Test func limitsTheFilesThatAreLeftOut() {
        let files = (0..<65).map { ("__MACOSX/\($0)", [UInt8(1)]) }
        let accepted = code { () throws(FormatError) in
            try Upload(body: tar(Array(files.dropLast())), mediaType: nil, fileName: "")
        }
        #expect(accepted == "accepted")
        #expect(
            code { () throws(FormatError) in try Upload(body: tar(files), mediaType: nil, fileName: "") }
                == "limit-exceeded")
    }

    @Test func contentWinsOverTheMediaTypeWithANote() throws {
        let json = try FixtureCase.bytes(at: "json/valid/00001_hr.json")
        let upload = try Upload(body: json, mediaType: "text/csv; charset=utf-8", fileName: "x.csv")
        let decoded = try FormatRegistry.read(upload, options: ReadOptions())
        #expect(decoded.format == JSONReader.format)
        #expect(decoded.notes == ["declared as text/csv, read as JSON by its content"])
        let plain = try Upload(body: json, mediaType: "application/octet-stream", fileName: "")
        #expect(try FormatRegistry.read(plain, options: ReadOptions()).notes.isEmpty)
    }

    @Test func saysWhatUnknownContentLooksLike() throws {
        let looks: [([UInt8], String)] = [
            (Array("%PDF-1.7".utf8), "PDF"), ([0xFF, 0xD8, 0xFF, 0xE0], "JPEG"),
            ([0x89, 0x50, 0x4E, 0x47, 0x0D], "PNG"), (Array("<!DOCTYPE html>".utf8), "HTML"),
            (Array("<?xml version='1.0'?>".utf8), "XML"),
            ([0x89] + Array("HDF\r\n".utf8), "HDF5"),
            ([0xFF, 0xFE, 0x49, 0], "text"), (Array("{\"a\":1}".utf8), "JSON"), ([1, 2, 3], "binary"),
            (Array("dear colleague".utf8), "no table"),
        ]
        for (bytes, word) in looks {
            let upload = try Upload(body: bytes, mediaType: nil, fileName: "f")
            let error = #expect(throws: FormatError.self) {
                try FormatRegistry.read(upload, options: ReadOptions())
            }
            #expect(error?.code == .unknownFormat)
            #expect(error?.detail.contains(word) == true)
            #expect(error?.detail.contains("WFDB (wfdb)") == true)
        }
    }

    @Test func leadNamesOfAFileThatHasItsOwnMustBeTheSame() throws {
        let json = try FixtureCase.bytes(at: "json/valid/00001_hr.json")
        let upload = try Upload(body: json, mediaType: nil, fileName: "")
        let names = ["V6", "V5", "V4", "V3", "V2", "V1", "avf", "avl", "avr", "iii", "ii", "i"]
        let decoded = try FormatRegistry.read(upload, options: ReadOptions(leadOrder: names))
        #expect(decoded.recording.leadsReceived == Lead.allCases)
        let error = #expect(throws: FormatError.self) {
            try FormatRegistry.read(upload, options: ReadOptions(leadOrder: ["I", "II"]))
        }
        #expect(error?.code == .leadNamesConflict)
    }

    @Test(arguments: [
        "json/valid/00001_hr.json", "scp/valid/ecgtoolkit_example.scp",
        "csv/valid/semicolon_decimalcomma_uv.csv",
    ])
    func theStatedFormatMustBeThatOfTheContent(path: String) throws {
        let bytes = try FixtureCase.bytes(at: path)
        let upload = try Upload(body: bytes, mediaType: nil, fileName: "")
        let format = try FormatRegistry.read(upload, options: ReadOptions()).format
        #expect(try FormatRegistry.read(upload, options: ReadOptions(format: format)).format == format)
        for other in FormatRegistry.formats where other != format {
            let error = #expect(throws: FormatError.self) {
                try FormatRegistry.read(upload, options: ReadOptions(format: other))
            }
            #expect(error?.code == .formatConflict)
            #expect(error?.detail.contains("(\(format.id))") == true)
            #expect(error?.detail.contains("(\(other.id))") == true)
            // A media type that only one format has insists on it as much as its name does.
            for mediaType in other.mediaTypes
            where !mediaType.hasPrefix("text/") && mediaType != "application/json" {
                let declared = try Upload(body: bytes, mediaType: mediaType, fileName: "")
                let refusal = #expect(throws: FormatError.self) {
                    try FormatRegistry.read(declared, options: ReadOptions())
                }
                #expect(refusal?.code == .formatConflict)
            }
        }
    }

    /// Each reader, given bytes that no reader recognises, says what is wrong with them: it neither crashes nor guesses.
    @Test(arguments: FormatRegistry.formats) func theStatedFormatReadsWhatNobodyRecognises(format: ECGFormat)
        throws
    {
        for bytes: [UInt8] in [[1], Array("hello".utf8), [UInt8](repeating: 0x41, count: 5_000)] {
            let upload = try Upload(body: bytes, mediaType: nil, fileName: "")
            let error = #expect(throws: FormatError.self) {
                try FormatRegistry.read(upload, options: ReadOptions(format: format))
            }
            #expect(error?.code != .formatConflict && error?.code != .unknownFormat)
        }
        let nothing = try Upload(body: [], mediaType: nil, fileName: "")
        let error = #expect(throws: FormatError.self) {
            try FormatRegistry.read(nothing, options: ReadOptions(format: format))
        }
        #expect(error?.code == .empty)
    }

    @Test func tellsAnEmptyUploadApart() throws {
        let upload = try Upload(body: [], mediaType: "text/csv", fileName: "ecg.csv")
        let error = #expect(throws: FormatError.self) {
            try FormatRegistry.read(upload, options: ReadOptions())
        }
        #expect(error?.code == .empty)
    }

    @Test func contentThatNoReaderKnowsGoesToTheOneThatTheTypeClaims() throws {
        for (type, name) in [("application/json", ""), (nil, "ecg.json")] {
            let upload = try Upload(body: Array("[[[[".utf8), mediaType: type, fileName: name)
            let error = #expect(throws: FormatError.self) {
                try FormatRegistry.read(upload, options: ReadOptions())
            }
            #expect(error?.code == .malformed || error?.code == .truncated)
        }
    }
}
