private import Foundation
import Tensor

/// A file that becomes visible under its name only when all of it is on disk; given up, it leaves nothing.
final class PartialFile {
    private let descriptor: Int32
    private let partial: String
    private var isFinished = false

    /// Throws: ``SafetensorsError/file(reason:)`` when the file cannot be made.
    init(beside path: String) throws(SafetensorsError) {
        partial = path + ".partial-\(UUID().uuidString)"
        descriptor = unsafe open(partial, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            isFinished = true
            throw Self.failure("create", partial)
        }
    }

    deinit {
        guard !isFinished else { return }
        close(descriptor)
        unsafe unlink(partial)
    }

    /// Appends all bytes.
    ///
    /// Throws: ``SafetensorsError/file(reason:)``, for instance when the disk is full.
    func write(_ bytes: [UInt8]) throws(SafetensorsError) {
        guard unsafe bytes.withUnsafeBytes({ unsafe append($0) }) else {
            throw Self.failure("write", partial)
        }
    }

    /// Appends all values of a tensor.
    ///
    /// Throws: ``SafetensorsError/file(reason:)``.
    func write(_ view: WeightView) throws(SafetensorsError) {
        let isWhole = withExtendedLifetime(view.owner) { unsafe append(view.bytes) }
        guard isWhole else { throw Self.failure("write", partial) }
    }

    /// False with `errno` set when the disk refuses.
    private func append(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var rest = unsafe bytes
        while let start = rest.baseAddress, rest.count > 0 {
            let count = unsafe Foundation.write(descriptor, start, min(rest.count, 1 << 28))
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return false }
            unsafe rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
        return true
    }

    /// Renames to `path`; if it `isFlushed`, after the file and before the folder, so that a power cut leaves either
    /// file whole.
    ///
    /// Throws: ``SafetensorsError/file(reason:)``.
    func finish(as path: String, isFlushed: Bool) throws(SafetensorsError) {
        guard !isFlushed || fsync(descriptor) == 0 else { throw Self.failure("flush", partial) }
        guard unsafe rename(partial, path) == 0 else { throw Self.failure("rename to \(path):", partial) }
        isFinished = true
        close(descriptor)
        guard isFlushed else { return }
        let folder = (path as NSString).deletingLastPathComponent
        let directory = unsafe open(folder.isEmpty ? "." : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { return }
        fsync(directory)
        close(directory)
    }

    private static func failure(_ action: String, _ path: String) -> SafetensorsError {
        .file(reason: "cannot \(action) \(path): \(unsafe String(cString: strerror(errno)))")
    }
}
