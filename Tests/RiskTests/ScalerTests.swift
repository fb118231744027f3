import Foundation
import Risk
import Testing

@Suite struct ScalerTests {
    private func matrix(_ rows: [[Float]]) throws -> FeatureMatrix {
        try FeatureMatrix(
            values: rows.flatMap { $0 }, rowCount: rows.count, featureCount: rows.first?.count ?? 0)
    }

    @Test func mapsTheDevelopmentRangeToZeroToOneAndKeepsWhatLiesBeyond() throws {
        let scaler = try MinMaxScaler(fittingTo: matrix([[0, -2, 5], [4, 2, 5], [1, 0, 5]]))
        #expect(scaler.minimum == [0, -2, 5])
        #expect(scaler.maximum == [4, 2, 5])
        #expect(try scaler.transform([1, 0, 5]) == [0.25, 0.5, 0])
        #expect(try scaler.transform([8, -4, 7] as [Float]) == [2, -0.5, 0])
        #expect(try scaler.countOutsideRange([8, -4, 7] as [Float]) == 3)
        #expect(try scaler.countOutsideRange([0, 2, 5] as [Float]) == 0)
    }

    @Test func scalesEveryRowOfAMatrixAsOneByOne() throws {
        var generator = SplitMix64(seed: 3)
        let rows = (0..<20).map { _ in (0..<7).map { _ in Float(generator.unit()) * 9 - 4 } }
        let scaler = try MinMaxScaler(fittingTo: matrix(rows))
        let scaled = try scaler.transform(matrix(rows))
        for (row, features) in rows.enumerated() {
            #expect(try Array(scaled[row]) == scaler.transform(features))
        }
        #expect(scaled.values.min() == 0)
        #expect(scaled.values.max() == 1)
    }

    @Test func survivesJSONWithEveryBit() throws {
        var generator = SplitMix64(seed: 11)
        var low: [Float] = [0, -0.1, .leastNonzeroMagnitude, 1.0000001, -16_777_216]
        low += (0..<500).map { _ in Float(generator.unit()) - 0.5 }
        let high = low.map { $0 + Float(generator.unit()) }
        let scaler = try MinMaxScaler(minimum: low, maximum: high)
        let text = try JSONEncoder().encode(scaler)
        let read = try JSONDecoder().decode(MinMaxScaler.self, from: text)
        #expect(read.minimum.map(\.bitPattern) == low.map(\.bitPattern))
        #expect(read.maximum.map(\.bitPattern) == high.map(\.bitPattern))
    }

    @Test(arguments: [
        #"{"minimum":[0,1],"maximum":[1]}"#, #"{"minimum":[],"maximum":[]}"#,
        #"{"minimum":[2],"maximum":[1]}"#,
        #"{"minimum":[-3e38],"maximum":[3e38]}"#, #"{"minimum":[0]}"#,
        #"{"minimum":[1e39],"maximum":[1e39]}"#,
    ])
    func refusesRangesThatAreNone(text: String) {
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode(MinMaxScaler.self, from: Data(text.utf8))
        }
    }

    @Test func refusesWrongWidthsAndNumbersThatAreNotFinite() throws {
        let scaler = try MinMaxScaler(minimum: [0, 0], maximum: [1, 1])
        #expect(throws: FeatureError.width(found: 1, expected: 2)) { try scaler.transform([0.5] as [Float]) }
        #expect(throws: FeatureError.notFinite(row: 0, feature: 1)) { try scaler.transform([0, Float.nan]) }
        #expect(throws: FeatureError.notFinite(row: 1, feature: 0)) {
            try matrix([[0, 1], [.infinity, 1]])
        }
        #expect(throws: FeatureError.shape(rows: 2, features: 2, values: 3)) {
            try FeatureMatrix(values: [1, 2, 3], rowCount: 2, featureCount: 2)
        }
        #expect(throws: FeatureError.shape(rows: .max, features: 3, values: 0)) {
            try FeatureMatrix(values: [], rowCount: .max, featureCount: 3)
        }
    }
}
