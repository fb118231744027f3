import Bytes
import ECG
import ECGFormats
import Foundation
import TestSupport
import Testing

@Suite struct FixtureTests {
    @Test func findsTheFixtures() {
        #expect(FixtureCase.all(in: "valid").count >= 12)
        #expect(FixtureCase.all(in: "invalid").count >= 50)
    }

    @Test(arguments: FixtureCase.all(in: "valid")) func agreesWithTheOracle(fixture: FixtureCase) throws {
        let decoded = try FormatRegistry.read(fixture.upload(), options: fixture.readOptions())
        let recording = decoded.recording
        #expect(decoded.format.id == fixture.format)
        #expect(recording.sampleRate.hertz == fixture.sampleRate)
        let leads = try #require(fixture.leads).compactMap(Lead.init(rawValue:))
        #expect(Set(recording.leadsReceived) == Set(leads))
        let packed = try fixture.bytes(of: #require(fixture.oracle))
        let oracle = try NumpyArray(Inflate.inflate(packed[...], as: .gzip, limits: .init(bytes: 1 << 24)))
        #expect(oracle.shape == [leads.count, recording.sampleCount])
        var worst: Float = 0
        for (row, lead) in leads.enumerated() {
            for (sample, expected) in zip(recording[lead], oracle[row].map(Float.init)) {
                if expected.isNaN && sample.isNaN { continue }
                let difference = abs(sample - expected)
                worst = difference.isNaN ? .infinity : max(worst, difference)
            }
        }
        let tolerance = try #require(fixture.tolerance)
        #expect(worst <= tolerance)
    }

    @Test(arguments: FixtureCase.all(in: "invalid")) func refusesWithATypedError(fixture: FixtureCase) throws
    {
        do {
            let decoded = try FormatRegistry.read(fixture.upload(), options: fixture.readOptions())
            Issue.record("read as \(decoded.format.id)")
        } catch let error as FormatError {
            #expect(error.code.rawValue == fixture.code, "\(error.message)")
            #expect(error.detail.count > 10)
            #expect(error.message.utf8.count < 600)
        }
    }

    /// FIRSTLEAD_CUTS, set by `make damage`: the lengths to cut at are those that leave `rest` when divided by `parts`, so that
    /// the parts 1/24 to 24/24 together are every byte of every file, an hour of one processor. Nil is the few of `make test`.
    private static let everywhere: (rest: Int, parts: Int)? = {
        guard let text = ProcessInfo.processInfo.environment["FIRSTLEAD_CUTS"], !text.isEmpty else {
            return nil
        }
        let numbers = (text == "all" ? "1/1" : text).split(separator: "/").compactMap { Int($0) }
        precondition(numbers.count == 2 && numbers[0] > 0 && numbers[0] <= numbers[1], "FIRSTLEAD_CUTS")
        return (numbers[0] % numbers[1], numbers[1])
    }()

    /// Cut at each of the first 2,048 bytes, then at some further ones: an answer or a typed error.
    @Test(arguments: FixtureCase.all(in: "valid")) func survivesTruncation(fixture: FixtureCase) throws {
        let files = try fixture.files.map { (name: $0, bytes: try fixture.bytes(of: $0)) }
        let options = try fixture.readOptions()
        for (index, file) in files.enumerated() where index < 2 || Self.everywhere != nil {
            // A short signal file is refused by its size alone: a few lengths say as much as all.
            let isSignal = file.name.hasSuffix(".dat") || file.name.hasSuffix(".mat")
            for length in Self.lengths(of: file.bytes.count, isSignal: isSignal) {
                var cut = files
                cut[index].bytes = Array(file.bytes[..<length])
                do {
                    _ = try FormatRegistry.read(Upload(files: cut), options: options)
                    if isSignal { Issue.record("\(file.name) was read of \(length) bytes") }
                } catch  where error.detail.count <= 10 {
                    Issue.record("\(file.name) of \(length) bytes: an error that says only '\(error.detail)'")
                } catch {}
            }
        }
    }

    private static func lengths(of count: Int, isSignal: Bool) -> [Int] {
        if let (rest, parts) = everywhere { return Array(stride(from: rest, to: count, by: parts)) }
        let some =
            Array(0..<min(2_048, count)) + stride(from: 2_048, to: count, by: max(1, count / 29))
        return isSignal ? some.filter { $0 % 97 == 0 } : some
    }
}
