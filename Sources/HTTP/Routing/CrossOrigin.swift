/// Which web pages of other origins may read answers (CORS, Fetch Standard §3.2). Without it none may.
package struct CrossOrigin: Sendable, Equatable {
    /// Origins as browsers send them, `https://viewer.example`; or `*` alone, for every one.
    package let origins: Set<String>
    private static let maximumAgeSeconds = 600
    private static let exposed = "ETag, Preference-Applied, Retry-After, X-Request-Id"

    package init(origins: Set<String>) { self.origins = origins }

    /// Whether `text` is `*` or an origin in the form that browsers send (RFC 6454 §6.2).
    package static func isOrigin(_ text: String) -> Bool {
        if text == "*" { return true }
        guard let range = text.firstRange(of: "://"), range.lowerBound > text.startIndex else { return false }
        let authority = text[range.upperBound...]
        return !authority.isEmpty && text == text.lowercased()
            && authority.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !"/?#@,".utf8.contains($0) }
    }

    /// Adds to an answer what lets a page of an allowed origin read it, and to an answer to OPTIONS what a preflight
    /// asks for. Credentials are never allowed.
    func apply(to response: inout HTTPResponse, for head: RequestHead) {
        let isOpen = origins.contains("*")
        if !isOpen { response.addVary("Origin") }
        guard let origin = head.fields[.origin], isOpen || origins.contains(origin) else { return }
        response.fields[.allowOrigin] = isOpen ? "*" : origin
        guard head.method == .options, head.fields[.requestMethod] != nil else {
            response.fields[.exposeHeaders] = Self.exposed
            return
        }
        response.fields[.allowMethods] = response.fields[.allow]
        if let wanted = head.fields[.requestHeaders] { response.fields[.allowHeaders] = wanted }
        response.fields[.maximumAge] = String(Self.maximumAgeSeconds)
        response.addVary("Access-Control-Request-Headers")
    }
}

extension HTTPResponse {
    /// Says that the answer depends on a field of the request (RFC 9110 §12.5.5).
    package mutating func addVary(_ name: String) {
        guard !fields.members(.vary).contains(name.lowercased()) else { return }
        let others = fields.values(.vary)
        fields[.vary] = (others + [name]).joined(separator: ", ")
    }
}

extension HTTPFieldName {
    static let origin = HTTPFieldName(known: "Origin")
    static let allowOrigin = HTTPFieldName(known: "Access-Control-Allow-Origin")
    static let allowMethods = HTTPFieldName(known: "Access-Control-Allow-Methods")
    static let allowHeaders = HTTPFieldName(known: "Access-Control-Allow-Headers")
    static let exposeHeaders = HTTPFieldName(known: "Access-Control-Expose-Headers")
    static let maximumAge = HTTPFieldName(known: "Access-Control-Max-Age")
    static let requestMethod = HTTPFieldName(known: "Access-Control-Request-Method")
    static let requestHeaders = HTTPFieldName(known: "Access-Control-Request-Headers")
}
