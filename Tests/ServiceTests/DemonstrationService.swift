import Foundation
import HTTP
import Scoring
import Service
import Tensor
import TestSupport

/// The service over the bundle of the repository, without sockets.
struct DemonstrationService {
    /// One bundle for all tests: loading it verifies and self-tests it.
    static let shared = Result { () throws -> DemonstrationService in
        let pool = WorkerPool(threads: 2)
        let bundle = try ModelBundle.load(directory: Repository.path("Bundles/demonstration"), pool: pool)
        return DemonstrationService(service: Service(scorer: Scorer(bundle: bundle, pool: pool)))
    }

    let service: Service

    /// Sends a request through the router, with its head judged as a connection would.
    func send(
        _ method: String, _ target: String, body: [UInt8] = [], type: String? = nil,
        fields: [String: String] = [:]
    ) async throws -> HTTPResponse {
        var lines = ["\(method) \(target) HTTP/1.1", "Host: localhost", "Content-Length: \(body.count)"]
        if let type { lines.append("Content-Type: \(type)") }
        lines += fields.map { "\($0): \($1)" }
        var decoder = RequestDecoder()
        decoder.append(Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8) + body)
        guard case .head(let head) = try decoder.next(), case .end(let body, _) = try decoder.next() else {
            throw MalformedTestRequest()
        }
        return await service.router.answer(HTTPRequest(head: head, body: body, requestID: "test"))
    }
}

struct MalformedTestRequest: Error {}

extension HTTPResponse {
    /// The body as JSON.
    var json: [String: Any] {
        get throws { try JSONSerialization.jsonObject(with: Data(body)) as? [String: Any] ?? [:] }
    }
}
