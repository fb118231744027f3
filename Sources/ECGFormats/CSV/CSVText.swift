/// The text of a table as the rest of the reader takes it: UTF-8, lines that end with a line feed.
enum CSVText {
    private static let lineFeed: UInt8 = 0x0A
    private static let carriageReturn: UInt8 = 0x0D

    /// Undoes UTF-16 with a mark ("Unicode text" of Excel), and line ends that are carriage returns alone ("CSV (Macintosh)").
    static func normalised(_ file: [UInt8]) -> [UInt8] {
        let text = UTF16Text.decoded(file)
        guard text.contains(carriageReturn), !text.contains(lineFeed) else { return text }
        return text.map { $0 == carriageReturn ? lineFeed : $0 }
    }
}
