private import CPlatform
import Dispatch
private import Glibc

/// Accepts connections from a listening socket and hands their descriptors on.
///
/// When the process is out of descriptors the pending connection cannot be accepted, and the socket stays
/// readable: without care that is an endless loop. One descriptor is therefore held in reserve to accept and
/// drop the connection with, and accepting then rests.
///
/// `@unchecked Sendable`: every member is used on `queue` only.
final class Listener: @unchecked Sendable {
    private static let restMicroseconds: UInt32 = 50_000
    /// Accepted in one go, before other work of the queue has its turn.
    private static let burst = 64

    private let descriptor: Int32
    private let queue = DispatchQueue(label: "firstlead.http.accept", qos: .userInitiated)
    private let source: any DispatchSourceRead
    private let onAccept: @Sendable (_ descriptor: Int32, _ address: String) -> Void
    private var reserve: Int32 = -1
    private var isStopped = false
    private var onStopped: (@Sendable () -> Void)?

    /// Takes over a listening, non-blocking socket.
    init(
        descriptor: Int32, onAccept: @escaping @Sendable (_ descriptor: Int32, _ address: String) -> Void
    ) {
        self.descriptor = descriptor
        self.onAccept = onAccept
        source = DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: queue)
        reserve = Listener.makeReserve()
        source.setEventHandler { [unowned self] in acceptReady() }
        source.setCancelHandler { [self] in
            _ = close(descriptor)
            if reserve >= 0 { _ = close(reserve) }
            onStopped?()
        }
        source.resume()
    }

    /// Accepts what has been waiting already, closes the socket, then calls `completion`.
    func stop(completion: @escaping @Sendable () -> Void) {
        queue.async { [self] in
            guard !isStopped else { return completion() }
            isStopped = true
            onStopped = completion
            acceptReady()
            source.cancel()
        }
    }

    private static func makeReserve() -> Int32 { unsafe open("/dev/null", O_RDONLY | O_CLOEXEC) }

    private func acceptReady() {
        for _ in 0..<Listener.burst {
            var address = [CChar](repeating: 0, count: Int(FIRSTLEAD_ADDRESS_CAPACITY))
            var port: UInt16 = 0
            let accepted = unsafe firstlead_accept(descriptor, &address, &port)
            guard accepted < 0 else {
                let text = address.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
                onAccept(accepted, String(decoding: text, as: UTF8.self))
                continue
            }
            switch errno {
            case EAGAIN, EWOULDBLOCK: return
            case EMFILE, ENFILE, ENOBUFS, ENOMEM:
                dropOne()
                rest()
                return
            // The connection was gone before it was accepted, or a signal came.
            default: continue
            }
        }
    }

    /// Accepts one connection with the reserve, only to close it: its client should not wait in vain.
    private func dropOne() {
        guard reserve >= 0 else { return }
        _ = close(reserve)
        var address = [CChar](repeating: 0, count: Int(FIRSTLEAD_ADDRESS_CAPACITY))
        var port: UInt16 = 0
        let dropped = unsafe firstlead_accept(descriptor, &address, &port)
        if dropped >= 0 { _ = close(dropped) }
        reserve = Listener.makeReserve()
    }

    /// Holds up this queue, on which nothing but accepting happens. It needs no descriptor; Dispatch's timers
    /// need one when they are first used.
    private func rest() {
        usleep(Listener.restMicroseconds)
        if reserve < 0 { reserve = Listener.makeReserve() }
    }
}
