import HTTP
import Synchronization
import Testing

@Suite struct RouterTests {
    private static func router() -> Router {
        var router = Router()
        let echo: RequestHandler = { request, responder in
            let items = request.parameters.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
            let text = ([request.method.name] + items).joined(separator: " ")
            responder.respond(HTTPResponse(contentType: "text/plain", body: Array(text.utf8)))
        }
        router.on(.get, "/items/{id}", handler: echo)
        router.on(.get, "/items/new", handler: echo)
        router.on(
            .post, "/items",
            headCheck: { $0.fields[.contentType] == nil ? HTTPResponse(status: .unsupportedMediaType) : nil },
            handler: echo)
        router.on(.get, "/items/{id}/parts/{part}", handler: echo)
        router.on(.delete, "/items/{id}", handler: echo)
        return router
    }

    private func answer(_ line: String, _ fields: [String] = []) async throws -> HTTPResponse {
        let head = try #require(Transcript(request(line + " HTTP/1.1", fields)).heads.first)
        return await RouterTests.router().answer(HTTPRequest(head: head))
    }

    @Test(arguments: [
        ("GET /items/7", "GET id=7"), ("GET /items/new", "GET"), ("GET /items/a%2Fb", "GET id=a/b"),
        ("HEAD /items/7", "HEAD id=7"), ("DELETE /items/7", "DELETE id=7"),
        ("GET /items/7/parts/x", "GET id=7 part=x"), ("GET /items/7?q=1", "GET id=7"),
    ])
    func findsTheRoute(line: String, body: String) async throws {
        let response = try await answer(line)
        #expect(response.status == .ok)
        #expect(String(decoding: response.body, as: UTF8.self) == body)
    }

    @Test(arguments: [
        "GET /", "GET /items/", "GET /items//parts/x", "GET /Items/7", "GET /items/7/", "POST /x",
    ])
    func doesNotFindOthers(_ line: String) async throws {
        let response = try await answer(line)
        #expect(response.status == .notFound)
        #expect(response.fields[.contentType] == "application/problem+json")
    }

    @Test(arguments: [
        ("PUT /items/7", 405, "GET, DELETE, HEAD, OPTIONS"), ("GET /items", 405, "POST, OPTIONS"),
        ("TRACE /items", 405, "POST, OPTIONS"), ("OPTIONS /items", 204, "POST, OPTIONS"),
        ("OPTIONS *", 204, "GET, HEAD, OPTIONS, POST, DELETE"),
    ])
    func saysWhatIsAllowed(line: String, status: Int, allow: String) async throws {
        let response = try await answer(line)
        #expect(response.status.code == status)
        #expect(response.fields[.allow] == allow)
    }

    @Test(arguments: ["BREW /items", "get /items/7", "BREW /nowhere"])
    func doesNotKnowOtherMethods(_ line: String) async throws {
        #expect(try await answer(line).status == .notImplemented)
    }

    @Test func judgesTheHeadFirst() async throws {
        #expect(try await answer("POST /items").status == .unsupportedMediaType)
        #expect(try await answer("POST /items", ["Content-Type: x/y"]).status == .ok)
    }
}

@Suite struct ResponderTests {
    private final class Answers: Sendable {
        private let list = Mutex<[HTTPStatus]>([])
        var all: [HTTPStatus] { list.withLock { $0 } }
        func add(_ response: HTTPResponse) { list.withLock { $0.append(response.status) } }
    }

    @Test func passesOnOneAnswer() {
        let answers = Answers()
        let responder = Responder { answers.add($0) }
        #expect(responder.settle() == nil)
        responder.respond(HTTPResponse(status: .created))
        responder.respond(HTTPResponse(status: .ok))
        #expect(answers.all == [.created])
    }

    @Test func holdsAnAnswerGivenWithinTheHandler() {
        let answers = Answers()
        let responder = Responder { answers.add($0) }
        responder.respond(HTTPResponse(status: .created))
        responder.respond(HTTPResponse(status: .ok))
        #expect(answers.all.isEmpty)
        #expect(responder.settle()?.status == .created)
        #expect(responder.settle() == nil)
        responder.respond(HTTPResponse(status: .ok))
        #expect(answers.all.isEmpty)
    }

    @Test func answersForAHandlerThatForgot() {
        let answers = Answers()
        do {
            let responder = Responder { answers.add($0) }
            #expect(responder.settle() == nil)
        }
        #expect(answers.all == [.internalServerError])
    }

    @Test func tellsThatTheClientIsGone() {
        let cancellation = Cancellation()
        let responder = Responder(cancellation: cancellation) { _ in }
        #expect(!responder.isCancelled)
        cancellation.cancel()
        #expect(responder.isCancelled)
    }
}
