private import Bytes
package import Scoring
private import Synchronization

/// The service: routes over a scorer, with a bounded queue in front of it.
package final class Service: Sendable {
    /// Limits of the service; those of the protocol are in `HTTPServer.Configuration`.
    package struct Limits: Sendable {
        /// ECGs that may wait for the encoders.
        package var queue = 64
        /// Bytes of one body.
        package var bodyBytes = 4 << 20
        /// ECGs of one client in work or waiting; nil for any number.
        package var client: Int?

        package init() {}
    }

    package let scorer: Scorer
    package let limits: Limits
    /// For what runs the encoders.
    let inference: WorkQueue
    /// For what only reads and checks, which need not wait behind the encoders.
    let inspection: WorkQueue
    let clients: ClientLimit
    let models: FixedContent
    private let draining = Atomic(false)

    package init(scorer: Scorer, limits: Limits = Limits()) {
        self.scorer = scorer
        self.limits = limits
        clients = ClientLimit(limits.client)
        models = FixedContent(mediaType: "application/json", body: scorer.bundle.document.body)
        inference = WorkQueue(
            name: "inference", capacity: limits.queue, threads: scorer.threads)
        inspection = WorkQueue(name: "inspection", capacity: limits.queue)
    }

    /// Whether the service is about to stop: `readyz` says so, and what is accepted is still answered.
    package var isDraining: Bool { draining.load(ordering: .acquiring) }

    /// ECGs that the encoders have worked on, by how many threads each had.
    package var workCounts: [WorkMode: Int] { inference.counts }

    /// Tells load balancers to send work elsewhere.
    package func drain() { draining.store(true, ordering: .releasing) }

    /// Ends the queues once what they accepted is done.
    package func stop() {
        inference.stop()
        inspection.stop()
    }
}
