import ECG
import Encoders
import Foundation
import Tensor

/// Reference data of the fixtures folder.
enum Reference {
    static let folder = Bundle.module.resourceURL?.appendingPathComponent("Fixtures")

    static func url(_ path: String) throws -> URL {
        guard let folder else { throw ReferenceError.missing(path) }
        return folder.appendingPathComponent(path)
    }

    /// Recordings whose inputs are stored for an encoder.
    static func recordings(_ encoder: String) -> [String] {
        let names = try? FileManager.default.contentsOfDirectory(
            atPath: url(encoder + "/preprocessed").path)
        return (names ?? []).map { String($0.dropLast(4)) }.sorted()
    }

    /// The windows of a recording as the network reads them.
    static func segments(_ encoder: String, _ recording: String) throws -> [Segment] {
        let array = try NumPyArray(url("\(encoder)/preprocessed/\(recording).npy"))
        let size = array.shape[1] * array.shape[2]
        return (0..<array.shape[0]).map { index in
            let values = array.values[index * size..<(index + 1) * size]
            return Segment(values: values.map(Float.init), sampleCount: array.shape[2])
        }
    }
}

enum ReferenceError: Error {
    case missing(String)
    case format(String)
}

/// An array of a little-endian, C-ordered NumPy file of float32 or float64.
struct NumPyArray {
    let shape: [Int]
    let values: [Double]

    init(_ url: URL) throws {
        let bytes = [UInt8](try Data(contentsOf: url))
        guard bytes.count > 10, bytes.starts(with: [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59, 1]) else {
            throw ReferenceError.format(url.path)
        }
        let start = 10 + Int(bytes[8]) + 256 * Int(bytes[9])
        let header = String(decoding: bytes[10..<start], as: UTF8.self)
        guard header.contains("'fortran_order': False"), let open = header.firstIndex(of: "("),
            let close = header.firstIndex(of: ")")
        else { throw ReferenceError.format(url.path) }
        shape = header[header.index(after: open)..<close].split(separator: ",").compactMap {
            Int($0.trimmingCharacters(in: .whitespaces))
        }
        let data = bytes[start...]
        if header.contains("'<f4'") {
            values = Self.words(data, UInt32.self).map { Double(Float(bitPattern: $0)) }
        } else if header.contains("'<f8'") {
            values = Self.words(data, UInt64.self).map { Double(bitPattern: $0) }
        } else {
            throw ReferenceError.format(url.path)
        }
        guard values.count == shape.reduce(1, *) else { throw ReferenceError.format(url.path) }
    }

    private static func words<Word: FixedWidthInteger & UnsignedInteger>(
        _ bytes: ArraySlice<UInt8>, _ type: Word.Type
    ) -> [Word] {
        let size = Word.bitWidth / 8
        return stride(from: bytes.startIndex, to: bytes.endIndex - size + 1, by: size).map { start in
            (0..<size).reduce(Word(0)) { $0 | Word(bytes[start + $1]) << (8 * $1) }
        }
    }
}

/// The deterministic fill under other names, or with something wrong on purpose.
struct AlteredWeights: WeightSource {
    var prefix = ""
    /// Put before every name.
    var namePrefix = ""
    var names: Set<String> = []
    var missing: String?
    var misshapen: String?

    func tensor(_ name: String, shape: [Int]) throws(WeightError) -> WeightView {
        if name == missing { throw .missing(name: name, expected: shape) }
        if name == misshapen { throw .shape(name: name, found: [1], expected: shape) }
        return try SeededWeights(prefix: prefix).tensor(namePrefix + name, shape: shape)
    }
}

extension STMEMConfig {
    static let tiny = STMEMConfig(
        seqLen: 2_250, patchSize: 75, numLeads: 12, width: 64, depth: 2, heads: 2, dimHead: 32, mlpDim: 128)
}

extension ECGFMConfig {
    static let tiny: ECGFMConfig = {
        var config = ECGFMConfig()
        config.convFeatureLayers = [ConvolutionShape](
            repeating: ConvolutionShape(dim: 32, kernel: 2, stride: 2), count: 4)
        config.encoderEmbedDim = 64
        config.encoderLayers = 2
        config.encoderFFNEmbedDim = 128
        config.encoderAttentionHeads = 4
        config.convPos = 16
        config.convPosGroups = 4
        return config
    }()
}
