import ECG

/// Leads and samples: sections 3, 5 and 6 of a record (EN 1064 sections 5.6, 5.8 and 5.9), with ``SCPComplexes``.
///
///     section 3   leads u8, flags u8 (bit 0: reference beat subtracted, bit 2: all at the same time),
///                 of each lead: first sample u32, last sample u32 (counted from 1), code u8
///     section 5   nV of one unit u16, microseconds of one sample u16, 0: samples, 1, 2: differences u8, 0 u8,
///                 bytes of each lead u16, data of each lead: reference beat, type 0
///     section 6   the same, with bimodal flag u8 (up to version 2): the whole recording, or what remains of it
struct SCPSignals {
    struct LeadDefinition {
        let code: Int
        let first: Int
        let last: Int
        var count: Int { last - first + 1 }
    }

    let leads: [LeadDefinition]
    /// Microseconds between samples.
    let interval: Int
    private let rhythm: SCPLeadData
    private let huffman: SCPHuffman?
    private let beat: SCPReferenceBeat?
    private let subtractsReferenceBeat: Bool
    private let isThinned: Bool

    /// Throws: ``FormatError``.
    init(_ record: SCPRecord) throws(FormatError) {
        guard let definitions = try record.body(3) else {
            throw record.view.malformed(at: 6, "no section 3, which names the leads")
        }
        guard let body = try record.body(6) else {
            throw record.view.refusal(
                .unsupportedEncoding, at: 6, "no section 6: the record holds no rhythm of 10 s")
        }
        let flags = try definitions.integer(at: 1, as: UInt8.self, .little, for: "flags of leads")
        leads = try Self.leads(definitions)
        let huffman: SCPHuffman? = if let tables = try record.body(2) { try SCPHuffman(tables) } else { nil }
        self.huffman = huffman
        rhythm = try SCPLeadData(body, leads: leads.count, name: "section 6")
        subtractsReferenceBeat = flags & 1 != 0
        let isBimodal = rhythm.flag != 0 && record.protocolVersion < 30
        // Without a reference beat nothing says the rate within the zones: there is one rate.
        let hasBeat = try record.body(5) != nil
        beat =
            subtractsReferenceBeat || (isBimodal && hasBeat)
            ? try SCPReferenceBeat(record, leads: leads.count, huffman) : nil
        interval = beat?.data.interval ?? rhythm.interval
        // Writers of version 1.0 had no flag for it: the two intervals say so.
        isThinned = rhythm.interval == SCPThinning.factor * interval
        guard isThinned || rhythm.interval == interval else {
            throw body.refusal(
                .unsupportedEncoding, at: 2,
                "samples of the rhythm are \(rhythm.interval) us apart and of the reference beat \(interval): "
                    + "expected as many, or four times as many")
        }
    }

    /// Of what ``counts(of:)`` gives: the rhythm and the reference beat have a scale of their own, and all are whole multiples
    /// of what divides both.
    var scale: CountScale { CountScale(step: Double(step), unit: .nanovolts) }

    private var step: Int {
        guard subtractsReferenceBeat, let beat else { return rhythm.nanovolts }
        return greatestCommonDivisor(rhythm.nanovolts, beat.data.nanovolts)
    }

    /// Decodes a lead.
    ///
    /// Throws: ``FormatError``.
    func counts(of index: Int) throws(FormatError) -> [Int32] {
        let lead = leads[index]
        var thinning: SCPThinning?
        if isThinned, let beat { thinning = try SCPThinning(beat.places, of: lead) }
        var counts = try rhythm.samples(of: index, count: thinning?.storedCount ?? lead.count, huffman)
        if let thinning { counts = thinning.restored(counts) }
        guard subtractsReferenceBeat, let beat else { return counts }
        try rhythm.multiply(&counts, by: rhythm.nanovolts / step)
        try beat.add(to: &counts, lead: index, lead, times: beat.data.nanovolts / step)
        return counts
    }

    private static let maximumLeads = 64

    private static func leads(_ body: BinaryView) throws(FormatError) -> [LeadDefinition] {
        let count = Int(try body.integer(at: 0, as: UInt8.self, .little, for: "number of leads"))
        guard (1...maximumLeads).contains(count) else {
            throw body.refusal(
                count > 0 ? .limitExceeded : .malformed, at: 0,
                "\(count) leads, expected 1 to \(maximumLeads)")
        }
        let run = try body.window(at: 2, count: 9 * count, for: "\(count) leads")
        var leads: [LeadDefinition] = []
        for offset in stride(from: 0, to: 9 * count, by: 9) {
            let first = Int(try run.integer(at: offset, as: UInt32.self, .little, for: "a lead"))
            let last = Int(try run.integer(at: offset + 4, as: UInt32.self, .little, for: "a lead"))
            let code = Int(try run.integer(at: offset + 8, as: UInt8.self, .little, for: "a lead"))
            guard first >= 1, last >= first else {
                throw run.malformed(at: offset, "a lead from sample \(first) to \(last)")
            }
            let lead = LeadDefinition(code: code, first: first, last: last)
            guard lead.count <= Recording.maximumSamples else {
                throw run.refusal(
                    .limitExceeded, at: offset + 4,
                    "\(lead.count) samples a lead, at most \(Recording.maximumSamples) are read")
            }
            guard first == leads.first?.first ?? first else {
                throw run.refusal(
                    .unsupportedEncoding, at: offset, "leads recorded one after the other are not read")
            }
            leads.append(lead)
        }
        return leads
    }
}

/// The body of section 5 or 6.
struct SCPLeadData {
    let nanovolts: Int
    let interval: Int
    let differences: Int
    let flag: UInt8
    private let section: BinaryView
    private let leads: [BinaryView]

    init(_ body: BinaryView, leads count: Int, name: String) throws(FormatError) {
        nanovolts = Int(try body.integer(at: 0, as: UInt16.self, .little, for: "amplitude multiplier"))
        interval = Int(try body.integer(at: 2, as: UInt16.self, .little, for: "sample interval"))
        differences = Int(try body.integer(at: 4, as: UInt8.self, .little, for: "kind of differences"))
        flag = try body.integer(at: 5, as: UInt8.self, .little, for: "compression")
        guard nanovolts > 0 else { throw body.malformed(at: 0, "\(name): the amplitude multiplier is 0") }
        guard interval > 0 else { throw body.malformed(at: 2, "\(name): the sample interval is 0") }
        guard differences <= 2 else {
            throw body.malformed(at: 4, "\(name): differences of kind \(differences), expected 0, 1 or 2")
        }
        var offset = 6 + 2 * count
        var leads: [BinaryView] = []
        for index in 0..<count {
            let size = Int(
                try body.integer(at: 6 + 2 * index, as: UInt16.self, .little, for: "bytes of a lead"))
            leads.append(try body.window(at: offset, count: size, for: "\(name): a lead's data"))
            offset += size
        }
        section = body
        self.leads = leads
    }

    /// Samples in units of ``nanovolts``.
    func samples(of lead: Int, count: Int, _ huffman: SCPHuffman?) throws(FormatError) -> [Int32] {
        let data = leads[lead]
        var values: [Int32]
        if let huffman {
            values = try huffman.decode(data, count: count)
        } else {
            let run = try data.window(at: 0, count: 2 * count, for: "\(count) samples")
            values = run.interleaved16(columns: 1, .little)[0].map(Int32.init)
        }
        guard differences > 0 else { return values }
        // Samples are of 16 bits: sums wrap as those of the writers do.
        if differences == 1 {
            for index in values.indices.dropFirst() {
                values[index] = wrapped(values[index] &+ values[index - 1])
            }
        } else {
            for index in values.indices.dropFirst(2) {
                values[index] = wrapped(values[index] &+ 2 &* values[index - 1] &- values[index - 2])
            }
        }
        return values
    }

    /// Throws: ``FormatError`` when a product is no number of 32 bits: with 16 bits a sample and a scale, it is.
    func multiply(_ counts: inout [Int32], by factor: Int) throws(FormatError) {
        guard factor > 1 else { return }
        for index in counts.indices {
            guard let product = Int32(exactly: Int(counts[index]) * factor) else {
                throw section.malformed(at: 0, "sample \(index) of a lead is no voltage")
            }
            counts[index] = product
        }
    }

    private func wrapped(_ value: Int32) -> Int32 { Int32(Int16(truncatingIfNeeded: value)) }
}

/// The beat that was subtracted, and where.
struct SCPReferenceBeat {
    let data: SCPLeadData
    let places: SCPComplexes
    /// Samples that it has.
    private let count: Int
    private let huffman: SCPHuffman?

    /// Throws: ``FormatError`` when section 4 or 5 is absent or cut short.
    init(_ record: SCPRecord, leads: Int, _ huffman: SCPHuffman?) throws(FormatError) {
        guard let complexes = try record.body(4), let body = try record.body(5) else {
            throw record.view.malformed(
                at: 6, "a reference beat was subtracted, and section 4 or 5 is absent")
        }
        places = try SCPComplexes(complexes)
        data = try SCPLeadData(body, leads: leads, name: "section 5")
        count = Int((Double(places.beatLength) * 1_000 / Double(data.interval)).rounded())
        self.huffman = huffman
    }

    /// Adds `factor` times the beat's counts to what remained of a lead.
    ///
    /// Throws: ``FormatError``.
    func add(
        to samples: inout [Int32], lead: Int, _ definition: SCPSignals.LeadDefinition, times factor: Int
    ) throws(FormatError) {
        var beat = try data.samples(of: lead, count: count, huffman)
        try data.multiply(&beat, by: factor)
        // Complexes follow one another: together they cannot be longer than the lead.
        var added = 0
        for complex in places.complexes where complex.type == 0 {
            // Sample s of the recording (counted from 1) is sample s - fiducial + beat's fiducial of the beat.
            let shift = places.fiducial - complex.fiducial
            let first = max(complex.first, definition.first, 1 - shift)
            let last = min(complex.last, definition.last, beat.count - shift)
            guard first <= last else { continue }
            added += last - first + 1
            guard added <= definition.count else {
                throw places.section.malformed(at: 6, "the QRS complexes of section 4 overlap")
            }
            for sample in first...last {
                let (sum, isTooLarge) = samples[sample - definition.first].addingReportingOverflow(
                    beat[sample + shift - 1])
                guard !isTooLarge else {
                    throw places.section.malformed(at: 6, "sample \(sample) of a lead is no voltage")
                }
                samples[sample - definition.first] = sum
            }
        }
    }
}

/// Of positive numbers (Euclid, Elements VII.2).
private func greatestCommonDivisor(_ one: Int, _ other: Int) -> Int {
    other == 0 ? one : greatestCommonDivisor(other, one % other)
}
