import HTTP

/// `GET /v1/models`: the bundle that is served. It does not change while the process runs.
enum ModelsRoute {
    static func answer(_ request: HTTPRequest, _ responder: Responder, models: FixedContent) {
        responder.respond(models.answer(request))
    }
}
