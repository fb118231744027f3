/// Limb leads that a Philips file stores as what is left after deriving them from I and II, in counts.
struct LimbDifferences {
    private let labels: [String]

    /// The leads' labels, in the order in which their counts come.
    init(_ labels: [String]) { self.labels = labels.map { $0.uppercased() } }

    /// Whether III is II - I, but for rounding; true when it is not stored.
    func obeyEinthoven(_ counts: [[Int16]]) -> Bool {
        guard let one = labels.firstIndex(of: "I"), let two = labels.firstIndex(of: "II"),
            let three = labels.firstIndex(of: "III")
        else { return true }
        let tolerance = 2
        return counts[one].indices.allSatisfy {
            abs(Int(counts[two][$0]) - Int(counts[one][$0]) - Int(counts[three][$0])) <= tolerance
        }
    }

    /// Puts III, aVR, aVL and aVF in place of what is stored of them; halves are rounded down.
    func restore(_ counts: inout [[Int16]]) {
        guard let rowI = labels.firstIndex(of: "I"), let rowII = labels.firstIndex(of: "II") else { return }
        let (row3, rowR) = (labels.firstIndex(of: "III"), labels.firstIndex(of: "AVR"))
        let (rowL, rowF) = (labels.firstIndex(of: "AVL"), labels.firstIndex(of: "AVF"))
        for index in counts[rowI].indices {
            func stored(_ row: Int) -> Int { Int(counts[row][index]) }
            func put(_ value: Int, _ row: Int) { counts[row][index] = Int16(truncatingIfNeeded: value) }
            let (one, two) = (stored(rowI), stored(rowII))
            let three = two - one - (row3.map(stored) ?? 0)
            if let row3 { put(three, row3) }
            if let rowR { put(-stored(rowR) - (one + two) >> 1, rowR) }
            if let rowL { put((one - three) >> 1 - stored(rowL), rowL) }
            if let rowF { put((two + three) >> 1 - stored(rowF), rowF) }
        }
    }
}
