import CXGBoost
private import Dispatch

/// XGBoost's C interface: return codes become errors, and it stays silent.
enum XGBoostLibrary {
    /// XGBoost keeps its messages off standard error; the setting is the calling thread's own.
    static func silence() throws(BoosterError) {
        try check("XGBSetGlobalConfig", unsafe XGBSetGlobalConfig(#"{"verbosity": 0}"#))
    }

    /// Throws the library's last error of this thread unless `code` is 0.
    static func check(_ call: StaticString, _ code: CInt) throws(BoosterError) {
        guard code != 0 else { return }
        let text = unsafe XGBGetLastError().map { unsafe String(cString: $0) } ?? ""
        let line = text.split(whereSeparator: \.isNewline).first.map(String.init) ?? "no message"
        throw .library(call: "\(call)", message: line)
    }

    static var version: String {
        var major: CInt = 0
        var minor: CInt = 0
        var patch: CInt = 0
        unsafe XGBoostVersion(&major, &minor, &patch)
        return "\(major).\(minor).\(patch)"
    }
}

/// Owns a booster of the C library.
///
/// Sendable: after loading it is only ever predicted with, in place, which XGBoost documents as safe from
/// several threads; training happens on one thread before the handle is shared.
@safe final class BoosterOwner: @unchecked Sendable {
    let handle: BoosterHandle

    /// A booster with these parameters; `data` lends it the cache of a training matrix.
    init(
        parameters: [(name: String, value: String)], data: DMatrixHandle? = nil
    ) throws(BoosterError) {
        try XGBoostLibrary.silence()
        var created: BoosterHandle?
        var matrices = unsafe [data]
        let code = unsafe XGBoosterCreate(&matrices, data == nil ? 0 : 1, &created)
        try XGBoostLibrary.check("XGBoosterCreate", code)
        guard let created = unsafe created else {
            throw .library(call: "XGBoosterCreate", message: "no handle")
        }
        unsafe handle = unsafe created
        for (name, value) in parameters { try set(name, value) }
    }

    /// Frees the handle on a Dispatch queue: XGBoost's thread-local stores crash when that happens on a thread
    /// that is being torn down.
    deinit {
        let retired = unsafe Retired(handle: handle)
        Self.retirement.async { retired.free() }
    }

    private static let retirement = DispatchQueue(label: "booster-retirement")

    func set(_ name: String, _ value: String) throws(BoosterError) {
        try XGBoostLibrary.check("XGBoosterSetParam", unsafe XGBoosterSetParam(handle, name, value))
    }
}

/// A handle that nobody else has any more, on its way to the queue that frees it.
@safe private struct Retired: @unchecked Sendable {
    let handle: BoosterHandle

    func free() { unsafe _ = XGBoosterFree(handle) }
}
