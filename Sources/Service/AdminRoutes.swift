package import HTTP

extension Service {
    /// What is served on an address of its own, to whoever watches over the process.
    package var adminRouter: Router {
        var router = Router()
        router.on(.get, "/livez", handler: ProbeRoutes.live)
        router.on(.get, "/readyz") { [self] in ProbeRoutes.ready($0, $1, isDraining: isDraining) }
        return router
    }
}
