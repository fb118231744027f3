/// How large a request may be. What goes beyond is refused before it is stored.
package struct MessageLimits: Sendable, Equatable {
    /// One line of the head with its CRLF, in bytes: the request line (414) or a field line (431).
    package var lineBytes = 8_192
    /// All field and trailer lines of a request together, in bytes (431).
    package var fieldBytes = 32_768
    /// Field and trailer lines of a request (431).
    package var fieldCount = 100
    /// Length of a method, in bytes (501).
    package var methodBytes = 32
    /// A body without its framing, in bytes, where the route says nothing else (413).
    package var bodyBytes = 8 << 20
    /// A chunk's size line with its extensions and CRLF, in bytes (400).
    package var chunkLineBytes = 1_024
    /// The chunk extensions of a whole body, in bytes (400).
    package var chunkExtensionBytes = 16_384
    /// Empty lines before a request line (RFC 9112 §2.2 asks for one).
    package var emptyLines = 4

    package init() {}
}
