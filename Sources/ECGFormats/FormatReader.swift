package import ECG

/// A file format that is read.
package struct ECGFormat: Sendable, Hashable {
    /// As requests and answers spell it: "wfdb".
    package let id: String
    package let name: String
    /// Lower case, the preferred one first.
    package let mediaTypes: [String]
    /// Without the dot, lower case.
    package let fileExtensions: [String]

    package init(id: String, name: String, mediaTypes: [String], fileExtensions: [String]) {
        self.id = id
        self.name = name
        self.mediaTypes = mediaTypes
        self.fileExtensions = fileExtensions
    }
}

/// What the client states because the file does not.
package struct ReadOptions: Sendable, Equatable {
    package var sampleRate: SampleRate?
    package var unit: VoltageUnit?
    /// Names of signals in order; of a table's columns: "I", "V1 [uV]", "time [s]".
    package var leadOrder: [String]?
    /// What the content must be.
    package var format: ECGFormat?

    package init(
        sampleRate: SampleRate? = nil, unit: VoltageUnit? = nil, leadOrder: [String]? = nil,
        format: ECGFormat? = nil
    ) {
        self.sampleRate = sampleRate
        self.unit = unit
        self.leadOrder = leadOrder
        self.format = format
    }
}

/// Reads one format. Conform, add a line to ``FormatRegistry/readers`` and fixtures: that is all.
package protocol FormatReader: Sendable {
    static var format: ECGFormat { get }

    /// Whether files of this format may leave their leads' names to the client.
    static var takesLeadOrder: Bool { get }

    /// Whether the content, not its name or media type, looks like this format. Cheap and tolerant: a
    /// damaged file should still be recognised, so that its reader says what is wrong.
    static func recognises(_ upload: Upload) -> Bool

    /// Reads an upload whose containers have been unwrapped.
    ///
    /// Throws: ``FormatError``.
    static func read(_ upload: Upload, options: ReadOptions) throws(FormatError) -> Recording
}

extension FormatReader {
    package static var takesLeadOrder: Bool { false }
}

/// An upload read.
package struct DecodedECG: Sendable {
    package let recording: Recording
    package let format: ECGFormat
    /// What the sender should know although the ECG could be read.
    package let notes: [String]
}

/// The one way from an upload to a recording.
package enum FormatRegistry {
    /// No two recognise the same upload.
    package static let readers: [any FormatReader.Type] = [
        WFDBReader.self, JSONReader.self, CSVReader.self,
        DICOMReader.self,
        SCPReader.self,
        EDFReader.self,
        ISHNEReader.self,
        MFERReader.self,
        PhilipsReader.self, MUSEReader.self, AnnotatedECGReader.self, ZOLLReader.self, MortaraReader.self,
        FHIRReader.self, HL7v2Reader.self, NEMSISReader.self, SchillerReader.self, CardioSoftReader.self,
        LIFEPAKReader.self, MATLABReader.self,
    ]

    /// All formats that are read.
    package static var formats: [ECGFormat] { readers.map { $0.format } }

    /// The format of an identifier, "wfdb".
    package static func format(id: String) -> ECGFormat? { formats.first { $0.id == id } }

    /// Finds the reader by content, and reads.
    ///
    /// A format that the client insists on, by name or by a media type that only one format has, must be the content's.
    /// Content that no reader recognises goes to the reader that name, media type or file name claim, which then says what
    /// is wrong with it.
    ///
    /// Throws: ``FormatError``; `unknown-format` says what the content looks like instead, `format-conflict` what it is.
    package static func read(_ upload: Upload, options: ReadOptions) throws(FormatError) -> DecodedECG {
        let reader = try reader(of: upload, options)
        var options = options
        let stated = options.leadOrder
        if !reader.takesLeadOrder { options.leadOrder = nil }
        let recording = try reader.read(upload, options: options)
        if let stated, !reader.takesLeadOrder {
            try StatedValues.agree(onLeadsOf: recording, stated: stated, format: reader.format)
        }
        return DecodedECG(
            recording: recording, format: reader.format,
            notes: upload.notes + recording.remarks + contradictions(upload, reader.format))
    }

    private static func reader(
        of upload: Upload, _ options: ReadOptions
    ) throws(FormatError) -> any FormatReader.Type {
        let recognised = readers.first { $0.recognises(upload) }
        guard let insisted = options.format ?? insisted(by: upload) else {
            if let recognised { return recognised }
            return try claimed(by: upload)
        }
        guard upload.parts.contains(where: { !$0.bytes.isEmpty }) else { return try claimed(by: upload) }
        if let recognised, recognised.format != insisted {
            throw FormatError(
                .formatConflict, part: upload.parts.first?.name,
                detail: "the content is \(recognised.format.name) (\(recognised.format.id)), "
                    + "\(insisted.name) (\(insisted.id)) is stated: drop or correct it")
        }
        guard let reader = readers.first(where: { $0.format == insisted }) else {
            return try claimed(by: upload)
        }
        return reader
    }

    /// The format of a single file's media type, if no other format's files can have it too: JSON and tables can be much.
    private static func insisted(by upload: Upload) -> ECGFormat? {
        guard upload.parts.count == 1, let stated = upload.parts.first?.mediaType?.lowercased(),
            !(JSONReader.format.mediaTypes + CSVReader.format.mediaTypes).contains(stated)
        else { return nil }
        return formats.first { $0.mediaTypes.contains(stated) }
    }

    private static var supported: String {
        "read are " + formats.map { "\($0.name) (\($0.id))" }.joined(separator: ", ")
    }

    /// The reader of the format that a single file says it has.
    ///
    /// Throws: ``FormatError`` `empty`, or `unknown-format` when nothing is claimed.
    private static func claimed(by upload: Upload) throws(FormatError) -> any FormatReader.Type {
        guard upload.parts.contains(where: { !$0.bytes.isEmpty }) else {
            throw FormatError(
                .empty, part: upload.parts.first?.name, detail: "there are no bytes; \(supported)")
        }
        guard upload.parts.count == 1, let file = upload.parts.first else { throw unknown(upload) }
        let ending = file.fileName.split(separator: ".").last?.lowercased() ?? ""
        let claimed = readers.first {
            $0.format.mediaTypes.contains(file.mediaType?.lowercased() ?? "")
                || $0.format.fileExtensions.contains(ending)
        }
        guard let claimed else { throw unknown(upload) }
        return claimed
    }

    private static func unknown(_ upload: Upload) -> FormatError {
        guard let first = upload.parts.first else {
            return FormatError(.unknownFormat, detail: "nothing was uploaded; \(supported)")
        }
        guard upload.parts.count == 1 else {
            return FormatError(
                .ambiguousUpload,
                detail: "\(upload.parts.count) files and no WFDB header that names them, expected one ECG")
        }
        let looks = ContentKind(first.bytes)
        return FormatError(
            .unknownFormat, part: first.name, detail: "this looks like \(looks.description); \(supported)")
    }

    /// Media types that claim another format than the content has.
    private static func contradictions(_ upload: Upload, _ format: ECGFormat) -> [String] {
        guard upload.parts.count == 1, let stated = upload.parts.first?.mediaType?.lowercased() else {
            return []
        }
        let claimed = formats.filter { $0.mediaTypes.contains(stated) }
        guard !claimed.isEmpty, !claimed.contains(format) else { return [] }
        return ["declared as \(token(stated)), read as \(format.name) by its content"]
    }
}
