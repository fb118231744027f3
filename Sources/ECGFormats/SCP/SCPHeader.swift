import ECG

/// What section 1 says of device, filters and time (EN 1064 section 5.4): tag u8, length u16, value; 255 ends.
/// Tags that name the patient are passed over.
struct SCPHeader {
    private(set) var device: Device?
    private(set) var filters = AppliedFilters()
    private(set) var startTime: String?

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
        startTime = try Self.startTime(date: values[25], time: values[26], zone: values[34])
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
        return device == Device() ? nil : device
    }

    /// Only with the offset from UTC in minutes, which tag 34 gives.
    private static func startTime(
        date: BinaryView?, time: BinaryView?, zone: BinaryView?
    ) throws(FormatError) -> String? {
        guard let date, let time, let zone, date.count >= 4, time.count >= 3, zone.count >= 2 else {
            return nil
        }
        let offset = Int(try zone.integer(at: 0, as: Int16.self, .little, for: "time zone"))
        guard offset.magnitude < 24 * 60 else { return nil }
        let year = Int(try date.integer(at: 0, as: UInt16.self, .little, for: "date"))
        let rest = Array(date.bytes.dropFirst(2).prefix(2)) + Array(time.bytes.prefix(3))
        let two = rest.map { $0 < 10 ? "0\($0)" : "\($0)" }
        let minutes = [offset.magnitude / 60, offset.magnitude % 60].map { $0 < 10 ? "0\($0)" : "\($0)" }
        let four = String(repeating: "0", count: max(0, 4 - "\(year)".count)) + "\(year)"
        return Timestamp(
            "\(four)-\(two[0])-\(two[1])T\(two[2]):\(two[3]):\(two[4])\(offset < 0 ? "-" : "+")\(minutes[0]):\(minutes[1])"
        )?.utc
    }
}
