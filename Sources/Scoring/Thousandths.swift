extension Double {
    /// The nearest multiple of 0.001, for people to read: milliseconds, microvolts, a third decimal of a metric.
    package var inThousandths: Double { (self * 1_000).rounded() / 1_000 }
}
