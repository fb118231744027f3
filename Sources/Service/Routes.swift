import Bytes
package import HTTP
import Scoring

extension Service {
    /// Every route, a line each.
    package var router: Router {
        var router = Router()
        addJSON(to: &router, "/v1/assessments", on: inference, AssessmentsRoute.answer)
        addJSON(to: &router, "/v1/embeddings", on: inference, EmbeddingsRoute.answer)
        addJSON(to: &router, "/v1/inspect", on: inspection, InspectRoute.answer)
        addECG(to: &router, "/v1/render", on: inspection, RenderRoute.mediaType, RenderRoute.answer)
        router.on(.get, "/v1/models") { [models] in ModelsRoute.answer($0, $1, models: models) }
        router.on(.get, "/livez", handler: ProbeRoutes.live)
        router.on(.get, "/readyz") { [self] in ProbeRoutes.ready($0, $1, isDraining: isDraining) }
        router.on(.get, "/openapi.yaml", handler: OpenAPIRoute.answer)
        return router
    }

    /// A route that takes an ECG: refused by its head where that is certain, else worked on in a queue.
    private func addECG(
        to router: inout Router, _ template: String, on queue: WorkQueue, _ mediaType: String,
        _ answer: @escaping ECGRoute.Answer
    ) {
        let route = ECGRoute(
            queue: queue, clients: clients, scorer: scorer, bodyBytes: limits.bodyBytes,
            mediaType: mediaType, answer: answer)
        router.on(
            .post, template, maximumBodyBytes: limits.bodyBytes, headCheck: route.check,
            handler: route.handle)
    }

    private func addJSON(
        to router: inout Router, _ template: String, on queue: WorkQueue,
        _ answer: @escaping @Sendable (HTTPRequest, Scorer, StageClock) throws(Refusal) -> JSONDocument
    ) {
        addECG(to: &router, template, on: queue, "application/json") {
            (request, scorer, clock) throws(Refusal) in
            try answer(request, scorer, clock).body
        }
    }
}
