private import Glibc

/// Listening sockets that the service manager opened and passed on (sd_listen_fds(3)): a restart then refuses
/// nobody, and a port below 1024 needs no privilege.
package struct InheritedSockets: Sendable, Equatable {
    /// The first descriptor that is passed, after the three standard ones.
    private static let first: Int32 = 3

    /// Descriptors with their names, in order.
    package let sockets: [(name: String, descriptor: Int32)]

    /// Reads `LISTEN_PID`, `LISTEN_FDS` and `LISTEN_FDNAMES`; none when they are meant for another process.
    package init(environment: [String: String], processID: Int32 = getpid()) {
        guard environment["LISTEN_PID"] == String(processID),
            let count = environment["LISTEN_FDS"].flatMap(Int32.init), (1...64).contains(count)
        else {
            sockets = []
            return
        }
        let names =
            environment["LISTEN_FDNAMES"]?.split(separator: ":", omittingEmptySubsequences: false) ?? []
        sockets = (0..<count).map { index in
            let name = Int(index) < names.count ? String(names[Int(index)]) : "unknown"
            return (name, InheritedSockets.first + index)
        }
    }

    /// The descriptor of this name.
    package func descriptor(named name: String) -> Int32? { sockets.first { $0.name == name }?.descriptor }

    /// The descriptor to serve on: any but the one named `except`.
    package func descriptor(except name: String) -> Int32? { sockets.first { $0.name != name }?.descriptor }

    /// Child processes must not take them for theirs.
    package static func forget() {
        for name in ["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"] { unsafe unsetenv(name) }
    }

    package static func == (left: InheritedSockets, right: InheritedSockets) -> Bool {
        left.sockets.elementsEqual(right.sockets) { $0 == $1 }
    }
}
