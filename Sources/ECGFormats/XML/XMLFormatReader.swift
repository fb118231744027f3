import ECG

/// A reader of one XML document, known by its root element.
protocol XMLFormatReader: FormatReader {
    /// Names without prefix, one of which the root element has.
    static var roots: Set<String> { get }

    /// Throws: ``FormatError``.
    static func recording(_ root: XMLElement, _ options: ReadOptions) throws(FormatError) -> Recording
}

extension XMLFormatReader {
    /// By the root element alone, so that a damaged document is still known for what it was meant to be.
    package static func recognises(_ upload: Upload) -> Bool { XMLOutline.hasRoot(roots, upload) }

    /// Parses the document, and reads its root element.
    package static func read(_ upload: Upload, options: ReadOptions) throws(FormatError) -> Recording {
        try SingleFile.read(upload, as: format) { bytes throws(FormatError) in
            try recording(XMLTree(bytes).root, options)
        }
    }
}
