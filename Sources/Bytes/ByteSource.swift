private import Glibc

/// Bytes that can be read by range: an array, or a file that is larger than memory should hold.
package protocol ByteSource: Sendable {
    var count: Int { get }

    /// A copy of the bytes of a range.
    ///
    /// Throws: ``ByteError/truncated(field:offset:needed:available:)`` when it does not lie within the source.
    func bytes(in range: Range<Int>) throws(ByteError) -> ArraySlice<UInt8>
}

extension Array: ByteSource where Element == UInt8 {
    package func bytes(in range: Range<Int>) throws(ByteError) -> ArraySlice<UInt8> {
        try range.check(within: count)
        return self[range]
    }
}

extension Range<Int> {
    func check(within count: Int) throws(ByteError) {
        guard lowerBound >= 0, upperBound <= count else {
            throw .truncated(
                field: "range", offset: lowerBound, needed: upperBound - lowerBound,
                available: Swift.max(0, count - Swift.max(0, lowerBound)))
        }
    }
}

/// A regular file mapped into memory for reading: weights are used where they lie.
///
/// The file must not be shortened while it is mapped: the kernel then ends the process on access. It is
/// immutable after init, which is what makes it Sendable.
@safe package final class MappedFile: ByteSource, @unchecked Sendable {
    package let path: String
    private let storage: UnsafeRawBufferPointer

    /// Maps a whole file.
    ///
    /// Throws: ``FileError`` when it cannot be opened, is no regular file, or cannot be mapped.
    package init(path: String) throws(FileError) {
        // Without O_NONBLOCK opening a named pipe would wait for its writer.
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw FileError(path: path, operation: "open", errno: errno) }
        defer { close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else {
            throw FileError(path: path, operation: "stat", errno: errno)
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw FileError(path: path, operation: "map (not a regular file)", errno: EINVAL)
        }
        let count = Int(status.st_size)
        if count == 0 {
            unsafe storage = UnsafeRawBufferPointer(start: nil, count: 0)
        } else {
            let address = unsafe mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0)
            guard let address = unsafe address, unsafe address != MAP_FAILED else {
                throw FileError(path: path, operation: "map", errno: errno)
            }
            unsafe storage = UnsafeRawBufferPointer(start: address, count: count)
        }
        self.path = path
    }

    deinit {
        if let address = unsafe storage.baseAddress {
            unsafe munmap(UnsafeMutableRawPointer(mutating: address), storage.count)
        }
    }

    package var count: Int { unsafe storage.count }

    package func bytes(in range: Range<Int>) throws(ByteError) -> ArraySlice<UInt8> {
        try range.check(within: count)
        return unsafe Array(storage[range])[...]
    }

    /// Takes the pages of some of the bytes out of this process's memory; whoever reads them again gets them from the
    /// system's cache. Pages that hold other bytes too go as well: the file does not change, so that nothing is lost.
    package func release(_ bytes: UnsafeRawBufferPointer) {
        guard let start = bytes.baseAddress, let first = unsafe storage.baseAddress,
            unsafe start >= first, unsafe start + bytes.count <= first + storage.count
        else { return }
        let page = Int(sysconf(Int32(_SC_PAGESIZE)))
        let offset = unsafe (start - first) / page * page
        let address = unsafe UnsafeMutableRawPointer(mutating: first + offset)
        // Only advice: where it is not taken the pages stay.
        _ = unsafe madvise(address, start - first - offset + bytes.count, Int32(MADV_DONTNEED))
    }

    /// Calls `body` with all bytes; the pointer is valid for as long as this object lives.
    package func withUnsafeBytes<Result, Failure>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try unsafe body(storage)
    }
}

/// What the operating system said about a file.
package struct FileError: Error, Sendable, Equatable {
    package let path: String
    /// What was attempted: "open", "map".
    package let operation: String
    package let errno: Int32

    package init(path: String, operation: String, errno: Int32) {
        self.path = path
        self.operation = operation
        self.errno = errno
    }

    package var message: String {
        unsafe "cannot \(operation) \(path): \(String(cString: strerror(errno))) (errno \(errno))"
    }
}
