import Bytes
import HTTP
import Scoring

/// What the routes that take an ECG have in common: the queue, the clock, and refusals as problems.
struct ECGRoute: Sendable {
    /// The work of one route.
    ///
    /// Throws: ``Refusal``.
    typealias Answer =
        @Sendable (
            _ request: HTTPRequest, _ scorer: Scorer, _ clock: StageClock
        ) throws(Refusal) -> JSONDocument

    let queue: WorkQueue
    /// Uses every thread.
    let scorer: Scorer
    let answer: Answer

    /// Refuses by the head alone: before the body is read.
    @Sendable static func check(_ head: RequestHead) -> HTTPResponse? {
        guard let refusal = MediaTypes.refusal(of: head) else { return nil }
        return ProblemTable.response(to: refusal, requestID: nil)
    }

    /// Queues the work; what finds no place is refused at once, with the time after which to try again.
    @Sendable func handle(_ request: HTTPRequest, _ responder: Responder) {
        let isAccepted = queue.submit { turn in
            // A client that has gone needs no answer.
            guard !responder.isCancelled else { return }
            var clock = StageClock()
            clock.add("queue", turn.waited)
            responder.respond(worked(on: request, scorer.working(turn.mode), clock))
        }
        guard !isAccepted else { return }
        let refusal = Refusal(
            code: "queue-full", title: "The service is busy", detail: "the queue is full",
            remedy: "Try again after the time in Retry-After")
        var response = ProblemTable.response(to: refusal, requestID: request.requestID)
        response.fields[.retryAfter] = "\(queue.retryAfterSeconds)"
        responder.respond(response)
    }

    private func worked(
        on request: HTTPRequest, _ scorer: Scorer, _ clock: StageClock
    ) -> HTTPResponse {
        do throws(Refusal) {
            let document = try answer(request, scorer, clock)
            return HTTPResponse(contentType: "application/json", body: document.body)
        } catch { return ProblemTable.response(to: error, requestID: request.requestID) }
    }
}
