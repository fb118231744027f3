/// Measures how long each stage of one request took.
package struct StageClock: Sendable {
    /// Stage and milliseconds, in the order they ran.
    package private(set) var stages: [(name: String, milliseconds: Double)] = []
    private let start = ContinuousClock.now
    private let interruption: @Sendable () -> Refusal?

    /// `interruption` says why the rest would be in vain, at every ``checkpoint()``: a deadline that has passed, a
    /// client that has gone.
    package init(interruption: @escaping @Sendable () -> Refusal? = { nil }) {
        self.interruption = interruption
    }

    /// Stands before each stage that takes long.
    ///
    /// Throws: the ``Refusal`` that ends the work.
    package func checkpoint() throws(Refusal) {
        if let refusal = interruption() { throw refusal }
    }

    /// Runs a stage and notes its time.
    package mutating func time<Value, Failure: Error>(
        _ name: String, _ stage: () throws(Failure) -> Value
    ) throws(Failure) -> Value {
        let begin = ContinuousClock.now
        let value = try stage()
        add(name, begin.duration(to: .now))
        return value
    }

    /// Notes a stage that was measured elsewhere; equal names add up.
    package mutating func add(_ name: String, _ duration: Duration) {
        let milliseconds = duration.milliseconds
        if let index = stages.firstIndex(where: { $0.name == name }) {
            stages[index].milliseconds += milliseconds
        } else {
            stages.append((name, milliseconds))
        }
    }

    /// Milliseconds since the clock was made.
    package var totalMilliseconds: Double { start.duration(to: .now).milliseconds }
}

extension Duration {
    /// The duration in milliseconds.
    package var milliseconds: Double {
        Double(components.seconds) * 1e3 + Double(components.attoseconds) / 1e15
    }
}
