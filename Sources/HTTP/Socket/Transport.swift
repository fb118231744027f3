/// Moves a connection's bytes to and from the network: as they are, or encrypted.
///
/// The descriptor is non-blocking and stays its owner's to close. What HTTP says is decided elsewhere, and knows
/// nothing of encryption.
protocol Transport {
    var descriptor: Int32 { get }
    /// Whether the peer's bytes can be a request yet, and an answer be sent.
    var isReady: Bool { get }
    /// Whether ``read(into:)`` has something to say although nothing new has come.
    var hasUnreported: Bool { get }
    /// Whether bytes that were taken wait for the network: ``flush()`` once it is writable.
    var hasPendingOutput: Bool { get }

    /// The least room that ``read(into:)`` can be given, or that it is worth giving.
    var leastRoom: Int { get }

    /// Reads what has come, at most as much as the buffer holds.
    func read(into buffer: UnsafeMutableRawBufferPointer) -> Reading
    /// Writes an output from `offset` on.
    func write(_ output: Output, from offset: Int) -> Writing
    func flush()
    /// Says that nothing more will be sent.
    func endOutput()
    /// The last word before the descriptor is closed.
    func close()
}

/// What came of reading.
enum Reading: Equatable {
    case bytes(Int), wouldBlock, end, failed
    /// The peer cannot be talked to and has been told so: what it still sends is to be read away.
    case refused
    /// Somebody speaks HTTP where TLS is spoken; nothing was answered.
    case notEncrypted
}

/// What came of writing: bytes of the output that the network has taken.
enum Writing: Equatable { case bytes(Int), wouldBlock, failed }
