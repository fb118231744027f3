import HTTP
import Scoring

/// `GET /openapi.yaml`: the description that this binary was built with.
enum OpenAPIRoute {
    private static let content = FixedContent(mediaType: "application/yaml", body: Software.openAPI)

    @Sendable static func answer(_ request: HTTPRequest, _ responder: Responder) {
        responder.respond(content.answer(request))
    }
}
