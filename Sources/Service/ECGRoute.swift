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
        ) throws(Refusal) -> [UInt8]

    let queue: WorkQueue
    let clients: ClientLimit
    /// Uses every thread.
    let scorer: Scorer
    /// Bytes of a body whose content coding is undone.
    let bodyBytes: Int
    /// Of the answer.
    let mediaType: String
    let answer: Answer

    /// Refuses by the head alone, before the body is read, what is certain to be refused later.
    @Sendable func check(_ head: RequestHead) -> HTTPResponse? {
        let refusal =
            MediaTypes.refusal(of: head) ?? AnswerCoding.refusal(of: head.fields, mediaType: mediaType)
        if let refusal { return ProblemTable.response(to: refusal, requestID: nil) }
        return queue.isFull ? busy("queue-full", "the queue is full", requestID: nil) : nil
    }

    /// Queues the work; what finds no place is refused at once, with the time after which to try again.
    @Sendable func handle(_ request: HTTPRequest, _ responder: Responder) {
        guard let place = clients.take(request.remoteAddress) else {
            return responder.respond(
                busy(
                    "client-busy", "as many ECGs of this client are in work as may be",
                    requestID: request.requestID))
        }
        let deadline = Deadline(request.fields)
        let isAccepted = queue.submit { turn in
            var clock = StageClock { Self.interruption(responder, deadline) }
            clock.add("queue", turn.waited)
            var response = worked(on: request, scorer.working(turn.mode), clock)
            // RFC 7240 §3
            if let deadline { response.fields[.preferenceApplied] = "wait=\(deadline.seconds)" }
            withExtendedLifetime(place) { responder.respond(response) }
        }
        if !isAccepted {
            responder.respond(busy("queue-full", "the queue is full", requestID: request.requestID))
        }
    }

    /// Why the rest of the work would be in vain.
    private static func interruption(_ responder: Responder, _ deadline: Deadline?) -> Refusal? {
        // A client that has gone needs no answer: nobody reads this one.
        guard !responder.isCancelled else {
            return Refusal(
                code: "client-gone", title: "The client has gone", detail: "nobody waits for the answer")
        }
        return deadline?.refusal
    }

    private func worked(
        on request: HTTPRequest, _ scorer: Scorer, _ clock: StageClock
    ) -> HTTPResponse {
        do throws(Refusal) {
            try clock.checkpoint()
            var request = request
            request.body = try RequestCoding.decoded(request, limit: bodyBytes)
            let body = try answer(request, scorer, clock)
            var response = HTTPResponse(contentType: mediaType, body: body)
            // A patient's result stays out of caches (RFC 9111 §5.2.2.5).
            response.fields[.cacheControl] = "no-store"
            return AnswerCoding.coded(response, for: request.fields)
        } catch {
            var response = ProblemTable.response(to: error, requestID: request.requestID)
            if error.code == "deadline-passed" { response.fields[.retryAfter] = "\(queue.retryAfterSeconds)" }
            return response
        }
    }

    private func busy(_ code: String, _ detail: String, requestID: String?) -> HTTPResponse {
        let refusal = Refusal(
            code: code, title: "The service is busy", detail: detail,
            remedy: "Try again after the time in Retry-After")
        var response = ProblemTable.response(to: refusal, requestID: requestID)
        response.fields[.retryAfter] = "\(queue.retryAfterSeconds)"
        return response
    }
}
