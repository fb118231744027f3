import HTTP
import Scoring

/// `GET /livez` and `GET /readyz`: answered on the socket's own queue, never behind an ECG.
enum ProbeRoutes {
    private static let ok = HTTPResponse(contentType: "text/plain; charset=utf-8", body: Array("ok\n".utf8))

    @Sendable static func live(_ request: HTTPRequest, _ responder: Responder) { responder.respond(ok) }

    static func ready(_ request: HTTPRequest, _ responder: Responder, isDraining: Bool) {
        guard isDraining else { return responder.respond(ok) }
        let refusal = Refusal(
            code: "draining", title: "The service is stopping", detail: "the server is shutting down",
            remedy: "Send work to another instance")
        responder.respond(ProblemTable.response(to: refusal, requestID: request.requestID))
    }
}
