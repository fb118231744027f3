private import CPlatform
private import Glibc

/// Accepts connections from a listening socket, which loops share, and hands their descriptors on.
///
/// When the process is out of descriptors the pending connection cannot be accepted, and the socket stays
/// readable: without care that is an endless loop. One descriptor is therefore held in reserve to accept and
/// drop the connection with, and accepting then rests.
///
/// Used on the loop's thread only.
final class Listener {
    private static let rest = Duration.milliseconds(50)
    /// Accepted in one go, before other work of the loop has its turn.
    private static let burst = 64

    private let descriptor: Int32
    let token: Int
    private unowned let loop: ServerLoop
    private let onAccept: (_ descriptor: Int32, _ address: String) -> Void
    private var reserve = Listener.makeReserve()
    private var isListening = false

    /// Listens from now on; the socket, non-blocking, stays the caller's to close.
    init(
        descriptor: Int32, token: Int, loop: ServerLoop,
        onAccept: @escaping (_ descriptor: Int32, _ address: String) -> Void
    ) {
        self.descriptor = descriptor
        self.token = token
        self.loop = loop
        self.onAccept = onAccept
        listen()
    }

    deinit {
        if reserve >= 0 { _ = close(reserve) }
    }

    /// Accepts what has been waiting already, and no more.
    func stop() {
        acceptReady()
        isListening = false
        loop.poller.remove(descriptor)
    }

    private func listen() {
        isListening = loop.poller.add(descriptor, token: token, interest: [.reading, .shared])
        if !isListening { retryLater() }
    }

    private static func makeReserve() -> Int32 { unsafe open("/dev/null", O_RDONLY | O_CLOEXEC) }

    func acceptReady() {
        for _ in 0..<Listener.burst where isListening {
            let (accepted, address) = accept()
            guard accepted < 0 else {
                onAccept(accepted, address)
                continue
            }
            switch errno {
            case EAGAIN, EWOULDBLOCK: return
            case EMFILE, ENFILE, ENOBUFS, ENOMEM:
                dropOne()
                pause()
            // The connection was gone before it was accepted, or a signal came.
            default: continue
            }
        }
    }

    /// The next connection's descriptor and its peer's address, or -1 with errno set.
    private func accept() -> (descriptor: Int32, address: String) {
        var accepted: Int32 = -1
        let address = unsafe String(unsafeUninitializedCapacity: Int(FIRSTLEAD_ADDRESS_CAPACITY)) { text in
            guard let start = text.baseAddress else { return 0 }
            return unsafe start.withMemoryRebound(to: CChar.self, capacity: text.count) { name in
                accepted = unsafe firstlead_accept(descriptor, name)
                return unsafe strlen(name)
            }
        }
        return (accepted, address)
    }

    /// Accepts one connection with the reserve, only to close it: its client should not wait in vain.
    private func dropOne() {
        guard reserve >= 0 else { return }
        _ = close(reserve)
        let (dropped, _) = accept()
        if dropped >= 0 { _ = close(dropped) }
        reserve = Listener.makeReserve()
    }

    /// The loop serves its connections on meanwhile, which is what gives descriptors back.
    private func pause() {
        isListening = false
        loop.poller.remove(descriptor)
        retryLater()
    }

    private func retryLater() {
        loop.after(Listener.rest) { [weak self] in
            guard let self else { return }
            if reserve < 0 { reserve = Listener.makeReserve() }
            listen()
        }
    }
}
