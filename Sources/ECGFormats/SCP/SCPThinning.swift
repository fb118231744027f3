/// Bimodal compression: outside the protected zones around the QRS complexes one sample stands for four
/// (EN 1064 section 5.9 and annex C, as scp-decode.cpp of biosig reads them: Interpolate, DoFilter).
///
///     stretch outside zones   one sample for every four, then the rest of less than four as they are
///     protected zone          all samples
///
/// Back: the first of a stretch twice, straight lines to the next ones, the last twice; then the mean of three,
/// in whole counts, except at the ends of pieces. A piece reaches from the last sample of a zone to the first of
/// the next one, and ends where the subtraction of a reference beat begins or ends.
struct SCPThinning {
    static let factor = 4

    /// Of a lead, whose samples are counted from 0.
    private let count: Int
    private let zones: [Range<Int>]
    /// First samples of pieces, within and beyond stretches, ascending.
    private let cuts: [Int]

    /// Throws: ``FormatError`` when zones overlap.
    init(_ places: SCPComplexes, of lead: SCPSignals.LeadDefinition) throws(FormatError) {
        count = lead.count
        let whole = lead.first..<lead.last + 1
        zones = try places.protectedZones().map { $0.clamped(to: whole) }.filter { !$0.isEmpty }
            .map { $0.lowerBound - lead.first..<$0.upperBound - lead.first }
        let edges = places.complexes.filter { $0.type == 0 }.flatMap { [$0.first, $0.last + 1] }
        cuts = edges.map { $0 - lead.first }.sorted()
    }

    /// Samples of the lead that are in the file.
    var storedCount: Int {
        var stored = zones.reduce(0) { $0 + $1.count }
        for stretch in stretches { stored += stretch.count / Self.factor + stretch.count % Self.factor }
        return stored
    }

    /// All samples of the lead, of the ``storedCount`` ones of the file.
    func restored(_ stored: [Int32]) -> [Int32] {
        var samples: [Int32] = []
        samples.reserveCapacity(count)
        var next = 0
        for (index, stretch) in stretches.enumerated() {
            let thinned = stretch.count / Self.factor
            Self.append(stored[next..<next + thinned], to: &samples)
            next += thinned
            let zone = index < zones.count ? zones[index].count : 0
            let kept = stretch.count % Self.factor + zone
            samples += stored[next..<next + kept]
            next += kept
        }
        smooth(&samples)
        return samples
    }

    /// What is not protected, before, between and behind the zones.
    private var stretches: [Range<Int>] {
        let starts = [0] + zones.map(\.upperBound)
        return zip(starts, zones.map(\.lowerBound) + [count]).map { $0..<$1 }
    }

    private static func append(_ thinned: ArraySlice<Int32>, to samples: inout [Int32]) {
        guard let first = thinned.first, let last = thinned.last else { return }
        samples += [first, first]
        for (start, end) in zip(thinned, thinned.dropFirst()) {
            for step in 0..<Int32(factor) {
                samples.append((Int32(factor) * start + step * (end - start)) / Int32(factor))
            }
        }
        samples += [last, last]
    }

    private func smooth(_ samples: inout [Int32]) {
        var remaining = cuts[...]
        for stretch in stretches {
            var first = max(0, stretch.lowerBound - 1)
            let last = min(count - 1, stretch.upperBound)
            while let cut = remaining.first, cut <= last {
                remaining = remaining.dropFirst()
                guard cut > first else { continue }
                Self.smooth(&samples, from: first, to: cut - 1)
                first = cut
            }
            Self.smooth(&samples, from: first, to: last)
        }
    }

    /// The mean of three, a half away from zero; the first and the last stay.
    private static func smooth(_ samples: inout [Int32], from first: Int, to last: Int) {
        guard last - first >= 2 else { return }
        var before = samples[first]
        for index in first + 1..<last {
            let here = samples[index]
            let sum = before + here + samples[index + 1]
            samples[index] = (sum >= 0 ? sum + 1 : sum - 1) / 3
            before = here
        }
    }
}
