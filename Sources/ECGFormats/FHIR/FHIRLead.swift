private import Bytes
import ECG

/// A lead's SampledData.
struct FHIRLead<Node: FHIRNode> {
    let observation: Node
    let name: String
    let data: Node

    /// The leads of an Observation; other components are left out.
    static func all(_ observation: Node) -> [FHIRLead] {
        ([observation] + observation.all("component")).compactMap { node in
            guard let data = node.first("valueSampledData"), let name = name(node) else { return nil }
            return FHIRLead(observation: observation, name: name, data: data)
        }
    }

    private static func name(_ node: Node) -> String? {
        let concept = node.first("code")
        let codings = concept?.all("coding") ?? []
        let coded = codings.lazy.compactMap { $0.text("code").flatMap { MDCLead.name($0) } }.first
        let words = codings.compactMap { $0.text("display") } + [concept?.text("text")].compactMap(\.self)
        return coded ?? words.lazy.compactMap { MDCLead.name($0) ?? LeadCode.name(spelt: $0) }.first
    }

    /// Throws: ``FormatError``.
    func rate(_ options: ReadOptions) throws(FormatError) -> SampleRate {
        var hertz: Double?
        if let period = try data.number("period") {
            hertz = 1_000 / period
        } else if let interval = try data.number("interval") {
            let perSecond: [String: Double] = ["s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000]
            guard let factor = perSecond[data.text("intervalUnit") ?? ""] else {
                throw FormatError(
                    .malformed, place: data.place, detail: "intervalUnit is not one of s, ms, us, ns")
            }
            hertz = factor / interval
        }
        guard let hertz else {
            if let stated = options.sampleRate { return stated }
            throw FormatError(
                .sampleRateMissing, place: data.place,
                detail: "neither period nor interval: add it, or state the sample rate with the request")
        }
        return try Signals.rate(hertz: Period.rate(hertz), place: data.place, options: options)
    }

    /// Throws: ``FormatError``.
    func millivolts(_ options: ReadOptions) throws(FormatError) -> [Float] {
        guard try data.number("dimensions") ?? 1 == 1 else {
            throw FormatError(.unsupportedEncoding, place: data.place, detail: "dimensions other than 1")
        }
        guard let origin = data.first("origin") else {
            throw FormatError(.malformed, place: data.place, detail: "there is no origin")
        }
        let unit = try unit(origin, options)
        let zero = try origin.number("value") ?? 0
        let scale = try Signals.Scale(step: data.number("factor") ?? 1, unit: unit, place: data.place)
        guard let list = data.first("data"), let text = list.scalar else {
            throw FormatError(.malformed, place: data.place, detail: "there is no data")
        }
        let offset = zero / unit.unitsPerMillivolt
        return try counts(text, list.place).map { Float(offset + $0 * scale.countsToMillivolts) }
    }

    private func unit(_ origin: Node, _ options: ReadOptions) throws(FormatError) -> VoltageUnit {
        guard let symbol = origin.text("code") ?? origin.text("unit") else {
            if let stated = options.unit { return stated }
            throw FormatError(
                .unitMissing, place: origin.place,
                detail: "the origin has no unit: add it, or state the units with the request")
        }
        guard let unit = VoltageUnit(symbol: symbol) else {
            throw FormatError(
                .unitUnknown, place: origin.place, detail: "unit \(word(symbol)), expected V, mV, uV or nV"
            )
        }
        return try StatedValues.agree(onUnit: unit, stated: options.unit, place: origin.place)
    }

    /// Numbers between blanks; NaN for E (error), U (above the range) and L (below it).
    private func counts(_ text: String, _ place: FormatError.Place) throws(FormatError) -> [Double] {
        var bytes = Array(text.utf8)
        var index = 0
        // Writers use no-break spaces too (C2 A0).
        while let place = bytes[index...].firstIndex(of: 0xC2), place + 1 < bytes.count,
            bytes[place + 1] == 0xA0
        {
            (bytes[place], bytes[place + 1]) = (0x20, 0x20)
            index = place + 2
        }
        index = 0
        var counts: [Double] = []
        counts.reserveCapacity(bytes.count / 4)
        while true {
            while index < bytes.count, bytes[index] <= 0x20 { index += 1 }
            guard index < bytes.count else { return counts }
            guard counts.count < Recording.maximumSamples else {
                throw FormatError(
                    .limitExceeded, place: place, detail: "more than \(Recording.maximumSamples) samples")
            }
            let isSentinel = [UInt8(ascii: "E"), UInt8(ascii: "U"), UInt8(ascii: "L")].contains(bytes[index])
            let number: Double? = isSentinel ? .nan : DecimalScanner.scan(bytes, at: &index, grammar: .table)
            if isSentinel { index += 1 }
            guard let number, !number.isInfinite, index >= bytes.count || bytes[index] <= 0x20 else {
                throw FormatError(
                    .malformed, place: place,
                    detail: "sample \(counts.count) is no number and none of E, U, L")
            }
            counts.append(number)
        }
    }
}
