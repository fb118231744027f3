/// CRC-16 with the polynomial x^16 + x^12 + x^5 + 1 and all ones at the start (ITU-T V.41): SCP-ECG and ISHNE.
enum CRC16 {
    private static let table: [UInt16] = (0..<256).map { index in
        (0..<8).reduce(UInt16(index) << 8) { value, _ in
            value & 0x8000 == 0 ? value << 1 : value << 1 ^ 0x1021
        }
    }

    static func of(_ bytes: some Sequence<UInt8>) -> UInt16 {
        var value: UInt16 = 0xFFFF
        for byte in bytes { value = value << 8 ^ table[Int(value >> 8) ^ Int(byte)] }
        return value
    }
}
