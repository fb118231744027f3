package import Bytes
package import Encoders
package import Tensor

/// How fast an encoder is on so many threads, beside what the processor could do at that time.
package struct EncoderSpeed: Sendable {
    package let encoder: EncoderID
    package let threads: Int
    package let precision: Precision
    package let times: Distribution
    /// Operations as the authors compute the network; over the time, the rate.
    package let operations: Int
    /// Median of the peaks measured beside the visits.
    package let peakGFLOPS: Double

    package var gflops: Double { Double(operations) / times.median / 1e6 }
    /// Above 1 is possible: work that the result does not need is counted and not done.
    package var shareOfPeak: Double { gflops / peakGFLOPS }

    /// Measures each encoder on each pool, interleaved: in every round all of them take their turn, from another one
    /// on, each between two measurements of the peak. A first pass is not counted.
    ///
    /// Throws: ``EncoderError``.
    package static func measure(
        _ subjects: [EncoderSubject], pools: [WorkerPool], rounds: Int
    ) throws(EncoderError) -> [EncoderSpeed] {
        let visits = pools.flatMap { pool in subjects.map { (subject: $0, pool: pool) } }
        var times = [[Double]](repeating: [], count: visits.count)
        var peaks = times
        for visit in visits { _ = try visit.subject.embed(pool: visit.pool) }
        for round in 0..<rounds {
            for step in visits.indices {
                let index = (round + step) % visits.count
                let visit = visits[index]
                peaks[index].append(Kernels.peakGFLOPS(pool: visit.pool))
                times[index].append(try visit.subject.timed(pool: visit.pool).milliseconds)
                peaks[index].append(Kernels.peakGFLOPS(pool: visit.pool))
            }
        }
        return visits.indices.compactMap { index in
            guard let times = Distribution(milliseconds: times[index]),
                let peak = Distribution(milliseconds: peaks[index])
            else { return nil }
            let visit = visits[index]
            return EncoderSpeed(
                encoder: visit.subject.encoder.id, threads: visit.pool.threads,
                precision: visit.subject.encoder.precision,
                times: times, operations: visit.subject.operations, peakGFLOPS: peak.median)
        }
    }

    package var document: JSONDocument {
        .object(
            [
                .init("encoder", .text(encoder.rawValue)), .init("threads", .integer(threads)),
                .init("precision", .text(precision.rawValue)), .init("operations", .integer(operations)),
            ] + times.members + [
                .init("gflops", .rounded(gflops, digits: 1)),
                .init("peakGflops", .rounded(peakGFLOPS, digits: 1)),
                .init("shareOfPeak", .rounded(shareOfPeak, digits: 4)),
            ])
    }
}
