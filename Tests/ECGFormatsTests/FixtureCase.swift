import Bytes
import ECG
import ECGFormats
import Foundation
import Testing

/// A `.case.json` beside fixture files: what to upload with which options, and what must come of it.
struct FixtureCase: Decodable, CustomTestStringConvertible, Sendable {
    struct Options: Decodable, Sendable {
        var sampleRate: Double?
        var units: String?
        var leadOrder: [String]?
    }

    let files: [String]
    var options: Options?
    /// Of a refusal.
    var code: String?
    /// Of a valid ECG: `[leads, samples]` in millivolts, compared to within `tolerance`.
    var oracle: String?
    var format: String?
    var leads: [String]?
    var sampleRate: Double?
    var tolerance: Float?

    /// Set by ``all(in:)``, not from the file.
    var folder: URL?
    var name: String?

    var testDescription: String { name ?? files.joined(separator: " ") }

    func bytes(of file: String) throws -> [UInt8] {
        Array(try Data(contentsOf: try #require(folder).appending(path: file)))
    }

    func upload() throws -> Upload {
        if files.count == 1 {
            return try Upload(body: bytes(of: files[0]), mediaType: nil, fileName: fileName(files[0]))
        }
        return try Upload(files: files.map { (name: fileName($0), bytes: try bytes(of: $0)) })
    }

    func readOptions() throws -> ReadOptions {
        ReadOptions(
            sampleRate: try options?.sampleRate.map { try SampleRate(hertz: $0) },
            unit: options?.units.flatMap(VoltageUnit.init(symbol:)), leadOrder: options?.leadOrder)
    }

    private func fileName(_ path: String) -> String { String(path.split(separator: "/").last ?? "") }

    static let root = Bundle.module.resourceURL.map { $0.appending(path: "Fixtures") }

    /// All cases of the folders of that name, "valid" or "invalid", of every format.
    static func all(in kind: String) -> [FixtureCase] {
        guard let root, let files = FileManager.default.enumerator(at: root, includingPropertiesForKeys: nil)
        else { return [] }
        var cases: [FixtureCase] = []
        for case let file as URL in files where file.lastPathComponent.hasSuffix(".case.json") {
            let folder = file.deletingLastPathComponent()
            guard folder.lastPathComponent == kind else { continue }
            guard let data = try? Data(contentsOf: file),
                var found = try? JSONDecoder().decode(FixtureCase.self, from: data)
            else {
                Issue.record("\(file.lastPathComponent) is no case")
                continue
            }
            found.folder = folder
            found.name = file.lastPathComponent
            cases.append(found)
        }
        return cases.sorted { $0.testDescription < $1.testDescription }
    }

    static func bytes(at path: String) throws -> [UInt8] {
        Array(try Data(contentsOf: try #require(root).appending(path: path)))
    }
}
