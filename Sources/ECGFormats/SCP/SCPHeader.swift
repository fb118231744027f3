import ECG

/// What section 1 says of device, filters and time (EN 1064 section 5.4): tag u8, length u16, value; 255 ends.
/// Tags that name the patient are passed over.
struct SCPHeader {
    private(set) var device: Device?
    private(set) var filters = AppliedFilters()
    private(set) var startTime: String?
    /// Where the record does not say the zone.
    private(set) var localStartTime: String?

    init(_ body: BinaryView) throws(FormatError) {
        var values: [UInt8: BinaryView] = [:]
        var offset = 0
        while offset + 3 <= body.count {
            let tag = try body.integer(at: offset, as: UInt8.self, .little, for: "a tag")
            guard tag != 255 else { break }
            let length = Int(
                try body.integer(at: offset + 1, as: UInt16.self, .little, for: "a tag's length"))
            values[tag] = try body.window(at: offset + 3, count: length, for: "tag \(tag) of section 1")
            offset += 3 + length
        }
        if let machine = values[14], machine.count >= 36 { device = try Self.device(machine) }
        if let value = try Self.unsigned16(values[27]), value > 0 {
            filters.highPassHertz = Double(value) / 100
        }
        if let value = try Self.unsigned16(values[28]), value > 0 { filters.lowPassHertz = Double(value) }
        if let bits = values[29]?.bytes.first, bits & 3 != 0 { filters.notchHertz = bits & 1 != 0 ? 60 : 50 }
        localStartTime = try Self.localTime(date: values[25], time: values[26])
        guard let local = localStartTime, let zone = try Self.zone(values[34]) else { return }
        (startTime, localStartTime) = (Timestamp(local + zone)?.utc, nil)
    }

    private static func unsigned16(_ value: BinaryView?) throws(FormatError) -> UInt16? {
        guard let value, value.count >= 2 else { return nil }
        return try value.integer(at: 0, as: UInt16.self, .little, for: "a tag")
    }

    /// Bytes 8 to 13 are the model; strings from byte 36 on: analysis, serial number, software, SCP, manufacturer.
    private static func device(_ value: BinaryView) throws(FormatError) -> Device? {
        let strings = value.bytes.dropFirst(36).split(separator: 0, omittingEmptySubsequences: false).map {
            String(BinaryView.latin1($0).prefix(100))
        }
        let string = { (index: Int) in
            strings.indices.contains(index) && !strings[index].isEmpty ? strings[index] : nil
        }
        let model = try value.text(at: 8, count: 6, for: "the model")
        let device = Device(
            manufacturer: string(4), model: model.isEmpty ? nil : model, softwareVersion: string(2))
        return device.ifKnown
    }

    private static func localTime(date: BinaryView?, time: BinaryView?) throws(FormatError) -> String? {
        guard let date, let time, date.count >= 4, time.count >= 3 else { return nil }
        let year = Int(try date.integer(at: 0, as: UInt16.self, .little, for: "date"))
        let rest = (Array(date.bytes.dropFirst(2).prefix(2)) + Array(time.bytes.prefix(3))).map(Int.init)
        return LocalTime.of(
            year: year, month: rest[0], day: rest[1], hour: rest[2], minute: rest[3], second: rest[4])
    }

    /// "+01:00", of minutes from UTC; nil for none or what is no offset.
    private static func zone(_ value: BinaryView?) throws(FormatError) -> String? {
        guard let value, value.count >= 2 else { return nil }
        let offset = Int(try value.integer(at: 0, as: Int16.self, .little, for: "time zone"))
        guard offset.magnitude < 24 * 60 else { return nil }
        let two = [offset.magnitude / 60, offset.magnitude % 60].map { $0 < 10 ? "0\($0)" : "\($0)" }
        return "\(offset < 0 ? "-" : "+")\(two[0]):\(two[1])"
    }
}
