import Bytes
package import HTTP
import Scoring

extension Service {
    /// Every route, a line each.
    package var router: Router {
        var router = Router()
        addECG(to: &router, "/v1/assessments", on: inference, AssessmentsRoute.answer)
        addECG(to: &router, "/v1/embeddings", on: inference, EmbeddingsRoute.answer)
        addECG(to: &router, "/v1/inspect", on: inspection, InspectRoute.answer)
        router.on(.get, "/v1/models") { [models] in ModelsRoute.answer($0, $1, models: models) }
        router.on(.get, "/livez", handler: ProbeRoutes.live)
        router.on(.get, "/readyz") { [self] in ProbeRoutes.ready($0, $1, isDraining: isDraining) }
        router.on(.get, "/openapi.yaml", handler: OpenAPIRoute.answer)
        return router
    }

    private var models: [UInt8] { scorer.bundle.document.body }

    /// A route that takes an ECG: refused by its head where that is certain, else worked on in a queue.
    private func addECG(
        to router: inout Router, _ template: String, on queue: WorkQueue, _ answer: @escaping ECGRoute.Answer
    ) {
        let route = ECGRoute(queue: queue, scorer: scorer, answer: answer)
        router.on(
            .post, template, maximumBodyBytes: limits.bodyBytes, headCheck: ECGRoute.check,
            handler: route.handle)
    }
}
