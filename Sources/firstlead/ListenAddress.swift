import ArgumentParser
import HTTP

/// Where to listen: "127.0.0.1:8080", "[::1]:8080", "localhost:0"; port 0 takes a free one.
struct ListenAddress: ExpressibleByArgument {
    let host: String
    let port: Int
    private let text: String

    init?(argument: String) {
        guard let colon = argument.lastIndex(of: ":"),
            let port = UInt16(argument[argument.index(after: colon)...])
        else { return nil }
        var host = argument[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        guard !host.isEmpty else { return nil }
        self.host = String(host)
        self.port = Int(port)
        text = argument
    }

    private init(host: String, port: Int) {
        self.host = host
        self.port = port
        text = "\(host):\(port)"
    }

    /// What `serve` takes unless told otherwise: this machine alone can reach it.
    static let usual = ListenAddress(host: "127.0.0.1", port: 8_080)

    var defaultValueDescription: String { text }

    /// Sets where a server listens.
    func apply(to configuration: inout ServerConfiguration) {
        configuration.host = host
        configuration.port = port
    }

    /// Starts a server; says why and throws ``Exit/unavailable`` when it cannot listen.
    static func start(_ server: HTTPServer) throws -> BoundAddress {
        do { return try server.start() } catch {
            report("\(error)")
            throw Exit.unavailable
        }
    }
}
