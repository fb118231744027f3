/// Where the QRS complexes of a recording are (EN 1064 section 5.7, section 4 of a record).
///
///     section 4   reference beat: length in ms u16, fiducial point u16 (sample), number of QRS u16,
///                 of each QRS: type u16, begin, fiducial point, end of the subtraction u32;
///                 of each QRS: begin, end of the protected zone u32
///
/// Samples are counted from 1.
struct SCPComplexes {
    /// A type of 0 is that of the reference beat.
    typealias Complex = (type: Int, first: Int, fiducial: Int, last: Int)

    /// Of the reference beat, in milliseconds.
    let beatLength: Int
    /// Of the reference beat.
    let fiducial: Int
    let complexes: [Complex]
    let section: BinaryView

    /// Throws: ``FormatError``.
    init(_ body: BinaryView) throws(FormatError) {
        section = body
        beatLength = Int(try body.integer(at: 0, as: UInt16.self, .little, for: "length of a beat"))
        fiducial = Int(try body.integer(at: 2, as: UInt16.self, .little, for: "fiducial point"))
        let count = Int(try body.integer(at: 4, as: UInt16.self, .little, for: "number of QRS"))
        let run = try body.window(at: 6, count: 14 * count, for: "\(count) QRS")
        var complexes: [Complex] = []
        for offset in stride(from: 0, to: 14 * count, by: 14) {
            let type = Int(try run.integer(at: offset, as: UInt16.self, .little, for: "a QRS"))
            let first = Int(try run.integer(at: offset + 2, as: UInt32.self, .little, for: "a QRS"))
            let point = Int(try run.integer(at: offset + 6, as: UInt32.self, .little, for: "a QRS"))
            let last = Int(try run.integer(at: offset + 10, as: UInt32.self, .little, for: "a QRS"))
            complexes.append((type, first, point, last))
        }
        self.complexes = complexes
    }

    /// The protected zones in ascending order, without those that hold nothing.
    ///
    /// Throws: ``FormatError`` when they are cut short or overlap.
    func protectedZones() throws(FormatError) -> [Range<Int>] {
        let start = 6 + 14 * complexes.count
        let run = try section.window(
            at: start, count: 8 * complexes.count, for: "\(complexes.count) protected zones")
        var zones: [Range<Int>] = []
        for offset in stride(from: 0, to: 8 * complexes.count, by: 8) {
            let first = Int(try run.integer(at: offset, as: UInt32.self, .little, for: "a protected zone"))
            let last = Int(
                try run.integer(at: offset + 4, as: UInt32.self, .little, for: "a protected zone"))
            guard first > 0, last >= first else { continue }
            guard first >= zones.last?.upperBound ?? 0 else {
                throw run.malformed(at: offset, "a protected zone that begins before another one ends")
            }
            zones.append(first..<last + 1)
        }
        return zones
    }
}
