private import Synchronization

/// Takes the one answer to a request, from any thread.
///
/// The first answer counts and later ones are ignored. If the last reference goes without one, the client is
/// answered 500 rather than left waiting.
package final class Responder: Sendable {
    private enum State: Sendable {
        /// The handler has not returned: an answer waits for it, which saves a change of queues.
        case delivering
        case held(HTTPResponse)
        /// An answer is passed on at once.
        case open
        case answered
    }

    /// Whether anybody waits for the answer.
    package let cancellation: Cancellation
    private let state = Mutex(State.delivering)
    private let reply: @Sendable (HTTPResponse) -> Void

    /// `reply` is called at most once, on the thread that answers; not when ``settle()`` returns the answer.
    package init(
        cancellation: Cancellation = Cancellation(), reply: @escaping @Sendable (HTTPResponse) -> Void
    ) {
        self.cancellation = cancellation
        self.reply = reply
    }

    deinit {
        if settle() == nil, take(nil) { reply(Responder.abandoned) }
    }

    /// True once the client has gone: work on its request is in vain.
    package var isCancelled: Bool { cancellation.isCancelled }

    /// True once the client has closed its sending side. It may still wait for its answer (RFC 9112 §9.6), or
    /// have gone: TCP cannot tell the two apart before something is sent.
    package var isHalfClosed: Bool { cancellation.isHalfClosed }

    /// Answers the request.
    package func respond(_ response: HTTPResponse) {
        if take(response) { reply(response) }
    }

    /// Called once the handler has returned: the answer it gave by then, for the caller to pass on.
    package func settle() -> HTTPResponse? {
        state.withLock { state in
            switch state {
            case .delivering:
                state = .open
                return nil
            case .held(let response):
                state = .answered
                return response
            case .open, .answered: return nil
            }
        }
    }

    /// Whether the caller is the first to answer and has to pass the answer on.
    private func take(_ response: HTTPResponse?) -> Bool {
        state.withLock { state in
            switch state {
            case .delivering:
                if let response { state = .held(response) }
                return false
            case .open:
                state = .answered
                return true
            case .held, .answered: return false
            }
        }
    }

    private static var abandoned: HTTPResponse {
        Problem(
            type: Problem.type(for: "unanswered"), status: .internalServerError,
            detail: "The request was dropped without an answer."
        ).response()
    }
}

/// Tells work in progress that its client has gone; readable from any thread.
package final class Cancellation: Sendable {
    private let gone = Atomic(false)
    private let inputEnded = Atomic(false)

    package init() {}

    package var isCancelled: Bool { gone.load(ordering: .acquiring) }
    package var isHalfClosed: Bool { inputEnded.load(ordering: .acquiring) }

    /// Nobody waits for the answer any more.
    package func cancel() { gone.store(true, ordering: .releasing) }
    /// The client has closed its sending side.
    package func noteEndOfInput() { inputEnded.store(true, ordering: .releasing) }
}
