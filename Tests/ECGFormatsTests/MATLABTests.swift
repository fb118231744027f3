import ECG
import ECGFormats
import Testing

/// MATLAB files that are too large to be fixtures.
@Suite struct MATLABTests {
    /// A level 4 file of unsigned bytes, 0 each.
    private func file(_ variables: [(name: String, rows: Int, columns: Int)]) -> [UInt8] {
        var bytes: [UInt8] = []
        for (name, rows, columns) in variables {
            for number in [50, rows, columns, 0, name.utf8.count + 1] {
                for shift in stride(from: 0, to: 32, by: 8) {
                    bytes.append(UInt8(truncatingIfNeeded: number >> shift))
                }
            }
            bytes += Array(name.utf8) + [0]
            bytes += [UInt8](repeating: 0, count: rows * columns)
        }
        return bytes
    }

    private func read(_ variables: [(name: String, rows: Int, columns: Int)]) throws -> Recording {
        let order = variables.count == 1 ? Lead.independent : nil
        return try FormatRegistry.read(
            Upload(body: file(variables), mediaType: nil, fileName: "ecg.mat"),
            options: ReadOptions(
                sampleRate: SampleRate(hertz: 1_000), unit: .microvolts, leadOrder: order?.map(\.rawValue))
        ).recording
    }

    @Test("a matrix, or a vector of any lead, of more samples than are read is refused where it is")
    func refusesWhatIsTooLong() throws {
        #expect(try read([("val", 8, 600_000)]).sampleCount == 600_000)
        let matrix = #expect(throws: FormatError.self) { try read([("val", 8, 600_001)]) }
        #expect(matrix?.code == .limitExceeded)
        #expect(matrix?.place == .byteOffset(24))
        for long in [Lead.I, .V6] {
            let variables = Lead.independent.map {
                (name: $0.rawValue, rows: 1, columns: $0 == long ? 600_001 : 9)
            }
            let vector = #expect(throws: FormatError.self) { try read(variables) }
            #expect(vector?.code == .limitExceeded, "\(long)")
        }
    }
}
