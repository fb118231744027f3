import Dispatch
import Foundation
import HTTP
import Scoring
import Service
import Synchronization

/// The end of a server: not ready, then no new connections, then the last answers, then the process.
struct Drain: Sendable {
    let service: Service
    let server: HTTPServer
    /// Answers probes to the end.
    let admin: HTTPServer?
    let manager: ServiceManager
    let log: AccessLog?
    let lameDuck: Double
    let grace: Double

    @Sendable func begin() {
        report("draining")
        manager.noteStopping("draining")
        service.drain()
        server.shutDown(lameDuckSeconds: lameDuck, graceSeconds: grace) {
            admin?.shutDown(graceSeconds: 0) {}
            service.stop()
            log?.flush(seconds: 1)
            let counts = service.workCounts
            report(
                "stopped after \(counts[.latency] ?? 0) ECG(s) on all threads, "
                    + "\(counts[.throughput] ?? 0) on one each")
            Foundation.exit(0)
        }
    }
}

/// Calls back at the first SIGTERM or SIGINT; a second one ends the process at once.
///
/// Here and below a handler keeps its own source: nothing else does once the main thread is Dispatch's.
enum ShutDownSignals {
    static func watch(_ onFirst: @escaping @Sendable () -> Void) {
        let queue = DispatchQueue(label: "signals")
        let first = First()
        for number in [SIGTERM, SIGINT] {
            _ = signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler {
                withExtendedLifetime(source) {}
                guard first.isTaken.exchange(true, ordering: .acquiringAndReleasing) else { return onFirst() }
                Foundation.exit(128 + number)
            }
            source.resume()
        }
    }

    /// Whether a signal came before; both handlers share it.
    private final class First: Sendable {
        let isTaken = Atomic(false)
    }
}

/// SIGHUP: the files of TLS are read anew, while everything goes on.
struct Reload: Sendable {
    let service: Service
    let tls: ServerTLS?
    let manager: ServiceManager
    let status: String

    func begin() {
        guard !service.isDraining else { return }
        manager.noteReloading()
        if let tls { reload(tls) } else { report("nothing to read anew: no TLS") }
        manager.noteReady(status)
    }

    private func reload(_ tls: ServerTLS) {
        do {
            try tls.reload()
            report("TLS files were read anew")
            for warning in tls.warnings { report("warning: \(warning)") }
        } catch {
            report("TLS files in use are kept: \(error)")
        }
    }
}

/// Calls back at every SIGHUP.
enum ReloadSignal {
    static func watch(_ onSignal: @escaping @Sendable () -> Void) {
        _ = signal(SIGHUP, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: SIGHUP, queue: DispatchQueue(label: "reload"))
        source.setEventHandler {
            withExtendedLifetime(source) {}
            onSignal()
        }
        source.resume()
    }
}

/// Tells the service manager that the server is alive as long as it is: each time every I/O thread has had a turn.
enum Watchdog {
    static func watch(_ server: HTTPServer, for manager: ServiceManager) {
        guard let seconds = manager.watchdogSeconds else { return }
        let timer = DispatchSource.makeTimerSource(queue: DispatchQueue(label: "watchdog"))
        timer.schedule(deadline: .now(), repeating: seconds / 2)
        timer.setEventHandler {
            withExtendedLifetime(timer) {}
            server.whenResponsive { manager.noteAlive() }
        }
        timer.resume()
    }
}

/// Handshakes that failed, a line a second at most: scanners must not fill the log.
final class HandshakeLog: Sendable {
    private let last = Mutex((time: ContinuousClock.now - .seconds(2), unreported: 0))

    /// Reports a failure, with the number of those before it that were not reported.
    func note(_ reason: String, from address: String) {
        let skipped = last.withLock { last -> Int? in
            guard ContinuousClock.now - last.time >= .seconds(1) else {
                last.unreported += 1
                return nil
            }
            defer { last = (.now, 0) }
            return last.unreported
        }
        guard let skipped else { return }
        report(
            "TLS handshake with \(address) failed: \(reason)" + (skipped > 0 ? ", and \(skipped) more" : ""))
    }
}
