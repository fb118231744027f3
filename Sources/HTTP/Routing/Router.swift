/// Finds the handler of a request by path and method, before the request's body is read.
///
///     var router = Router()
///     router.on(.get, "/livez") { _, responder in
///         responder.respond(HTTPResponse(contentType: "text/plain", body: Array("ok\n".utf8)))
///     }
///
/// HEAD is answered from GET, OPTIONS with Allow; an unknown path is 404, a method that the path does not
/// have 405 with Allow, one that this server does not know 501.
package struct Router: Sendable {
    /// Judges a head before the body is read: an answer refuses the request with it.
    package typealias HeadCheck = @Sendable (RequestHead) -> HTTPResponse?

    private struct Endpoint: Sendable {
        let method: HTTPMethod
        let maximumBodyBytes: Int?
        let headCheck: HeadCheck?
        let handler: RequestHandler
    }

    private struct Resource: Sendable {
        let template: RouteTemplate
        var endpoints: [Endpoint] = []

        /// The endpoint of a method; HEAD has GET's (RFC 9110 §9.3.2).
        func endpoint(_ method: HTTPMethod) -> Endpoint? {
            for endpoint in endpoints where endpoint.method == method { return endpoint }
            return method == .head ? endpoint(.get) : nil
        }

        /// For Allow, RFC 9110 §10.2.1.
        var methods: [HTTPMethod] {
            var methods = endpoints.map(\.method)
            if methods.contains(.get), !methods.contains(.head) { methods.append(.head) }
            if !methods.contains(.options) { methods.append(.options) }
            return methods
        }
    }

    private var resources: [Resource] = []

    package init() {}

    /// Adds a route.
    ///
    /// `template` is a path whose segments may be open, `{name}`; a malformed one, or the same route twice, is
    /// a mistake in the program and traps. `maximumBodyBytes` replaces the server's limit.
    package mutating func on(
        _ method: HTTPMethod, _ template: String, maximumBodyBytes: Int? = nil, headCheck: HeadCheck? = nil,
        handler: @escaping RequestHandler
    ) {
        guard let parsed = RouteTemplate(template) else { preconditionFailure("malformed route \(template)") }
        let endpoint = Endpoint(
            method: method, maximumBodyBytes: maximumBodyBytes, headCheck: headCheck, handler: handler)
        if let index = resources.firstIndex(where: { $0.template == parsed }) {
            let isNew = !resources[index].endpoints.contains { $0.method == method }
            precondition(isNew, "route \(method) \(template) is there already")
            resources[index].endpoints.append(endpoint)
            return
        }
        let place = resources.firstIndex { $0.template.parameterCount > parsed.parameterCount }
        resources.insert(
            Resource(template: parsed, endpoints: [endpoint]), at: place ?? resources.endIndex)
    }

    /// Whether a request may go on to a handler, and to which.
    package func admit(_ head: RequestHead) -> Admission {
        guard head.method.isKnown else {
            // RFC 9110 §9.1, §15.6.2
            return refusal(.notImplemented, "method-unknown", "The method is not known here.", route: nil)
        }
        if head.target.form == .asterisk { return allowed(allMethods, route: "*") }
        for resource in resources {
            if let parameters = resource.template.match(head.target.segments) {
                return admit(head, to: resource, parameters)
            }
        }
        return refusal(.notFound, "not-found", "Nothing has this path.", route: nil)
    }

    private func admit(
        _ head: RequestHead, to resource: Resource, _ parameters: [String: String]
    ) -> Admission {
        let template = resource.template.text
        guard let endpoint = resource.endpoint(head.method) else {
            if head.method == .options { return allowed(resource.methods, route: template) }
            // RFC 9110 §15.5.6
            return refusal(
                .methodNotAllowed, "method-not-allowed", "The path does not have this method.",
                allow: resource.methods, route: template)
        }
        if let answer = endpoint.headCheck?(head) { return .refuse(answer, route: template) }
        return .accept(
            AdmittedRoute(
                template: template, parameters: parameters, maximumBodyBytes: endpoint.maximumBodyBytes,
                handler: endpoint.handler))
    }

    /// The server's own methods, for `OPTIONS *` (RFC 9110 §9.3.7).
    private var allMethods: [HTTPMethod] {
        var all: [HTTPMethod] = []
        for method in resources.flatMap(\.methods) where !all.contains(method) { all.append(method) }
        return all.isEmpty ? [.options] : all
    }

    private func allowed(_ methods: [HTTPMethod], route: String) -> Admission {
        var response = HTTPResponse(status: .noContent)
        response.fields[.allow] = methods.map(\.name).joined(separator: ", ")
        return .refuse(response, route: route)
    }

    private func refusal(
        _ status: HTTPStatus, _ code: String, _ detail: String, allow: [HTTPMethod] = [], route: String?
    ) -> Admission {
        var response = Problem(type: Problem.type(for: code), status: status, detail: detail).response()
        if !allow.isEmpty { response.fields[.allow] = allow.map(\.name).joined(separator: ", ") }
        return .refuse(response, route: route)
    }
}

extension Router {
    /// The answer to a request without a connection: the same judgement of its head, the same handler.
    package func answer(_ request: HTTPRequest) async -> HTTPResponse {
        switch admit(request.head) {
        case .refuse(let response, _): return response
        case .accept(let route):
            var request = request
            request.parameters = route.parameters
            return await withCheckedContinuation { continuation in
                let responder = Responder { continuation.resume(returning: $0) }
                route.handler(request, responder)
                if let response = responder.settle() { continuation.resume(returning: response) }
            }
        }
    }
}
