import Glibc
import HTTP
import TestSupport
import Testing

/// What is told to systemd, as systemd would receive it.
@Suite struct ServiceManagerTests {
    @Test(arguments: [true, false])
    func sendsWhatTheProtocolNames(isAbstract: Bool) throws {
        let folder = try TemporaryFolder()
        let path = isAbstract ? "@firstlead-test-\(getpid())" : folder.path("notify")
        let socket = try DatagramSocket(path)
        let manager = ServiceManager(environment: ["NOTIFY_SOCKET": path])
        manager.noteReady("serving")
        #expect(socket.receive() == "READY=1\nSTATUS=serving")
        manager.noteReloading()
        let reloading = socket.receive().split(separator: "\n")
        #expect(reloading.first == "RELOADING=1")
        let microseconds = reloading.last?.split(separator: "=").last.flatMap { Int($0) } ?? 0
        #expect(reloading.last?.hasPrefix("MONOTONIC_USEC=") == true && microseconds > 0)
        manager.noteStopping("draining")
        #expect(socket.receive() == "STOPPING=1\nSTATUS=draining")
        manager.noteAlive()
        #expect(socket.receive() == "WATCHDOG=1")
    }

    @Test func knowsWhetherAWatchdogIsMeantForIt() {
        func seconds(_ environment: [String: String]) -> Double? {
            ServiceManager(environment: environment, processID: 42).watchdogSeconds
        }
        #expect(seconds(["WATCHDOG_USEC": "30000000"]) == 30)
        #expect(seconds(["WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "42"]) == 30)
        #expect(seconds(["WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "41"]) == nil)
        #expect(seconds(["WATCHDOG_USEC": "soon"]) == nil)
        #expect(seconds([:]) == nil)
    }

    @Test func knowsWhichSocketsArePassedOn() {
        func names(_ environment: [String: String]) -> [String] {
            InheritedSockets(environment: environment, processID: 42).sockets.map {
                "\($0.name)=\($0.descriptor)"
            }
        }
        #expect(names(["LISTEN_PID": "42", "LISTEN_FDS": "1"]) == ["unknown=3"])
        #expect(
            names(["LISTEN_PID": "42", "LISTEN_FDS": "2", "LISTEN_FDNAMES": "http:admin"]) == [
                "http=3", "admin=4",
            ])
        #expect(names(["LISTEN_PID": "41", "LISTEN_FDS": "1"]).isEmpty)
        #expect(names(["LISTEN_PID": "42", "LISTEN_FDS": "-1"]).isEmpty)
        #expect(names(["LISTEN_PID": "42", "LISTEN_FDS": "9999999999"]).isEmpty)
        #expect(names(["LISTEN_FDS": "1"]).isEmpty)
        let both = InheritedSockets(
            environment: ["LISTEN_PID": "42", "LISTEN_FDS": "2", "LISTEN_FDNAMES": "admin:http"],
            processID: 42)
        #expect(both.descriptor(named: "admin") == 3)
        #expect(both.descriptor(except: "admin") == 4)
    }

    @Test func servesOnASocketThatWasPassedOn() async throws {
        let descriptor = try ListeningDescriptor.open()
        let live = try LiveServer { $0.descriptor = descriptor }
        #expect(live.address.host == "127.0.0.1" && live.address.port > 0)
        let client = try live.connect()
        client.send(request("GET /now HTTP/1.1"))
        #expect(client.answer()?.text == "now")
        await live.stop()
        #expect(throws: ListenError.self, "a file does not listen") {
            try LiveServer { $0.descriptor = unsafe open("/dev/null", O_RDONLY | O_CLOEXEC) }
        }
    }

    @Test func knowsThatItsQueuesRespond() async throws {
        let live = try LiveServer()
        await withCheckedContinuation { continuation in
            live.server.whenResponsive { continuation.resume() }
        }
        await live.stop()
    }
}

/// A listening socket on a free port of the loopback address.
private enum ListeningDescriptor {
    struct Failed: Error {}

    static func open() throws -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let code = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard code == 0, listen(descriptor, 16) == 0 else { throw Failed() }
        return descriptor
    }
}
