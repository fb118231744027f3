import Bytes
import ECG

/// What a reader has found of a signal before it becomes millivolts.
enum Signals {
    /// Millivolts of a step of one count.
    struct Scale {
        let countsToMillivolts: Double

        /// Throws: ``FormatError`` `malformed` when a step is not positive or no voltage.
        init(
            step: Double, unit: VoltageUnit, place: FormatError.Place?
        ) throws(FormatError) {
            let millivolts = step / unit.unitsPerMillivolt
            guard millivolts.isFinite, millivolts > 0, millivolts <= 1_000 else {
                throw FormatError(
                    .malformed, place: place,
                    detail: "one count is \(step) \(unit.rawValue), expected a step that a voltage can have")
            }
            countsToMillivolts = millivolts
        }

        /// Counts of which one is 0 volts: `baseline`.
        func samples(_ counts: [Int16], baseline: Double = 0) -> LeadSamples {
            .counts(
                PackedIntegers(counts.map(Int32.init)),
                CountScale(baseline: baseline, step: countsToMillivolts, unit: .millivolts))
        }
    }

    /// 16-bit little-endian integers.
    static func int16(_ bytes: [UInt8]) -> [Int16] {
        var counts = [Int16]()
        counts.reserveCapacity(bytes.count / 2)
        for index in stride(from: 0, to: bytes.count - 1, by: 2) {
            counts.append(Int16(bitPattern: UInt16(bytes[index]) | UInt16(bytes[index + 1]) << 8))
        }
        return counts
    }

    /// A sample rate that the client's must agree with.
    ///
    /// Throws: ``FormatError``.
    static func rate(
        hertz: Double, place: FormatError.Place?, options: ReadOptions
    ) throws(FormatError) -> SampleRate {
        let rate: SampleRate
        do { rate = try SampleRate(hertz: hertz) } catch { throw FormatError(error, place: place) }
        return try StatedValues.agree(onRate: rate, stated: options.sampleRate)
    }

    /// Numbers separated by blanks or by commas; an empty cell between commas is a missing sample (NaN).
    ///
    /// Throws: ``FormatError`` `malformed` with the number's place in the list.
    static func list(_ text: [UInt8], place: FormatError.Place) throws(FormatError) -> [Double] {
        var numbers: [Double] = []
        numbers.reserveCapacity(text.count / 4)
        var index = 0
        var expectsCell = false
        while true {
            while index < text.count, text[index] <= 0x20 { index += 1 }
            guard index < text.count else { return numbers }
            if text[index] == UInt8(ascii: ",") {
                if expectsCell || numbers.isEmpty { numbers.append(.nan) }
                expectsCell = true
                index += 1
                continue
            }
            guard let number = DecimalScanner.scan(text, at: &index, grammar: .table), number.isFinite,
                index >= text.count || text[index] <= 0x20 || text[index] == UInt8(ascii: ",")
            else {
                throw FormatError(
                    .malformed, place: place, detail: "sample \(numbers.count) of the list is no number")
            }
            guard numbers.count < Recording.maximumSamples else {
                throw FormatError(
                    .limitExceeded, place: place, detail: "more than \(Recording.maximumSamples) samples")
            }
            numbers.append(number)
            expectsCell = false
        }
    }
}

extension RecordingStorage {
    /// Signals by name, each made when its turn comes: there is no second copy of all.
    ///
    /// Throws: ``FormatError``, of what `millivolts` throws or what makes the signals no recording.
    static func filled(
        _ names: [String], sampleCount: Int, place: FormatError.Place?,
        _ samples: (Int) throws(FormatError) -> LeadSamples
    ) throws(FormatError) -> RecordingStorage {
        var storage: RecordingStorage
        do throws(RecordingError) {
            storage = try RecordingStorage(signals: names, sampleCount: sampleCount)
        } catch { throw FormatError(error, place: place) }
        for signal in names.indices {
            let found = try samples(signal)
            do throws(RecordingError) { try storage.write(found, of: signal) } catch {
                throw FormatError(error, place: place)
            }
        }
        do throws(RecordingError) { try storage.complete() } catch { throw FormatError(error, place: place) }
        return storage
    }
}
