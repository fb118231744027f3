import ECG

/// The leads of a record of several segments, one segment after the other (header(5), multi-segment records).
///
/// A first segment of no samples lays down the signals, of which each further segment has some, by description; without it
/// the first segment's signals are the record's. What a segment has not, and a segment without header, is a gap.
struct WFDBSegments {
    private(set) var names: [String] = []
    private(set) var millivolts: [[Float]] = []
    private(set) var remarks: [String] = []
    private(set) var samplesPerFrame = 1

    private let files: [UploadPart]
    /// Headers of segments, by name: a segment may come again and again.
    private var headers: [String: WFDBHeader] = [:]

    /// Throws: ``FormatError``.
    init(_ header: WFDBHeader, files: [UploadPart], _ options: ReadOptions) throws(FormatError) {
        self.files = files
        let total = header.segments.reduce(0) { $0 + $1.sampleCount }
        guard total <= Recording.maximumSamples, header.sampleCount ?? total == total else {
            throw FormatError(
                total > Recording.maximumSamples ? .limitExceeded : .malformed, place: .line(1, column: nil),
                detail: "WFDB: the segments have \(total) samples, the record \(header.sampleCount ?? 0)")
        }
        var segments = header.segments[...]
        if let layout = segments.first, layout.sampleCount == 0 {
            segments = segments.dropFirst()
            names = try self.header(of: layout, in: header).signals.map(\.description)
            millivolts = names.map { _ in [] }
        }
        for segment in segments { try append(segment, header, options) }
        remarks.append("\(segments.count) segments, one after the other")
    }

    private mutating func append(
        _ segment: WFDBSegment, _ record: WFDBHeader, _ options: ReadOptions
    ) throws(FormatError) {
        guard segment.headerName != nil else { return try appendGap(segment) }
        let leads = try leads(of: segment, in: record, options)
        if names.isEmpty { (names, millivolts) = (leads.names, leads.names.map { _ in [] }) }
        samplesPerFrame = leads.samplesPerFrame
        let count = segment.sampleCount * samplesPerFrame
        guard leads.sampleCount == count else {
            throw FormatError(
                .malformed, place: .line(segment.line, column: nil),
                detail:
                    "WFDB: segment '\(token(segment.name))' has \(leads.sampleCount) samples, "
                    + "the record says \(count)")
        }
        for (index, name) in names.enumerated() {
            let found = leads.names.firstIndex(of: name)
            millivolts[index] +=
                found.map { leads.samples(of: $0).millivolts } ?? [Float](repeating: .nan, count: count)
        }
        for remark in leads.remarks where !remarks.contains(remark) { remarks.append(remark) }
    }

    private mutating func appendGap(_ segment: WFDBSegment) throws(FormatError) {
        let count = segment.sampleCount * samplesPerFrame
        let before = millivolts.first?.count ?? 0
        guard before + count <= Recording.maximumSamples else {
            throw FormatError(
                .limitExceeded, place: .line(segment.line, column: nil),
                detail: "WFDB: more than \(Recording.maximumSamples) samples a lead")
        }
        for index in millivolts.indices { millivolts[index] += [Float](repeating: .nan, count: count) }
    }

    private mutating func leads(
        of segment: WFDBSegment, in record: WFDBHeader, _ options: ReadOptions
    ) throws(FormatError) -> WFDBLeads {
        let header = try header(of: segment, in: record)
        do throws(FormatError) {
            return try WFDBLeads(header, files: files, options)
        } catch { throw error.of(part: segment.headerName ?? "") }
    }

    private mutating func header(
        of segment: WFDBSegment, in record: WFDBHeader
    ) throws(FormatError) -> WFDBHeader {
        if let known = headers[segment.name] { return known }
        let place = FormatError.Place.line(segment.line, column: nil)
        guard let part = files.first(where: { $0.fileName == segment.headerName }) else {
            throw FormatError(
                .missingPart, place: place,
                detail:
                    "WFDB: the segment '\(token(segment.name))' is not in the upload; send it with the header"
            )
        }
        let header: WFDBHeader
        do throws(FormatError) { header = try WFDBHeader(part.bytes) } catch {
            throw error.of(part: part.name)
        }
        guard header.segments.isEmpty else {
            throw FormatError(
                .unsupportedEncoding, part: part.name, detail: "WFDB: a segment of segments, expected signals"
            )
        }
        guard header.samplingFrequency == record.samplingFrequency else {
            throw FormatError(
                .malformed, part: part.name,
                detail: "WFDB: a segment of another sampling frequency than the record")
        }
        headers[segment.name] = header
        return header
    }
}
