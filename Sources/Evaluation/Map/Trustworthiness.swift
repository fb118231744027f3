/// How far a map can be believed: points that are neighbours on it should be neighbours in truth.
package enum Trustworthiness {
    /// 1 less the mean rank error of each point's nearest `neighbours` on the map, scaled so that 1 is the best (Venna and
    /// Kaski, ICANN 2001, doi 10.1007/3-540-44668-0_68; scikit-learn's `trustworthiness`). NaN when
    /// `neighbours` is not below half of the points.
    package static func of(x: [Double], y: [Double], rows: [[Float]], neighbours: Int = 5) -> Double {
        let count = rows.count
        guard neighbours > 0, 2 * neighbours < count else { return .nan }
        let truth = NeighbourAffinities.squaredDistances(rows)
        var penalty = 0
        for point in 0..<count {
            let others = (0..<count).filter { $0 != point }
            let byTruth = others.sorted { truth[point * count + $0] < truth[point * count + $1] }
            var rank = [Int](repeating: 0, count: count)
            for (place, other) in byTruth.enumerated() { rank[other] = place + 1 }
            let distance = others.map { other in
                let across = x[point] - x[other]
                let up = y[point] - y[other]
                return (other: other, squared: across * across + up * up)
            }
            for near in distance.sorted(by: { $0.squared < $1.squared }).prefix(neighbours) {
                penalty += max(0, rank[near.other] - neighbours)
            }
        }
        let scale = count * neighbours * (2 * count - 3 * neighbours - 1)
        return 1 - 2 * Double(penalty) / Double(scale)
    }
}
