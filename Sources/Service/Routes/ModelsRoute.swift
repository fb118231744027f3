import HTTP

/// `GET /v1/models`: the bundle that is served. It does not change while the process runs.
enum ModelsRoute {
    static func answer(_ request: HTTPRequest, _ responder: Responder, models: [UInt8]) {
        responder.respond(HTTPResponse(contentType: "application/json", body: models))
    }
}
