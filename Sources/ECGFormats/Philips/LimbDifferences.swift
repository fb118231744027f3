import ECG

/// Limb leads that a Philips file stores as what is left after deriving them from I and II, in counts.
struct LimbDifferences {
    private let count: Int
    private let labels: [String]

    init(_ labels: [String], _ sampleCount: Int) {
        self.labels = labels.map { $0.uppercased() }
        count = sampleCount
    }

    private func start(_ name: String, in storage: RecordingStorage) -> Int? {
        labels.firstIndex(of: name).flatMap { storage.row(of: $0)?.lowerBound }
    }

    /// Whether III is II - I, but for rounding; true when it is not stored.
    func obeyEinthoven(_ storage: RecordingStorage) -> Bool {
        guard let one = start("I", in: storage), let two = start("II", in: storage),
            let three = start("III", in: storage)
        else { return true }
        let tolerance: Float = 2
        let samples = storage.millivolts
        return (0..<count).allSatisfy {
            abs(samples[two + $0] - samples[one + $0] - samples[three + $0]) <= tolerance
        }
    }

    /// Puts III, aVR, aVL and aVF in place of what is stored of them; halves are rounded down.
    func restore(_ storage: inout RecordingStorage) {
        guard let rowI = start("I", in: storage), let rowII = start("II", in: storage) else { return }
        let (row3, rowR) = (start("III", in: storage), start("AVR", in: storage))
        let (rowL, rowF) = (start("AVL", in: storage), start("AVF", in: storage))
        for index in 0..<count {
            func stored(_ row: Int) -> Int { Int(storage.millivolts[row + index]) }
            func put(_ value: Int, _ row: Int) {
                storage.millivolts[row + index] = Float(Int16(truncatingIfNeeded: value))
            }
            let (one, two) = (stored(rowI), stored(rowII))
            let three = two - one - (row3.map(stored) ?? 0)
            if let row3 { put(three, row3) }
            if let rowR { put(-stored(rowR) - (one + two) >> 1, rowR) }
            if let rowL { put((one - three) >> 1 - stored(rowL), rowL) }
            if let rowF { put((two + three) >> 1 - stored(rowF), rowF) }
        }
    }
}
