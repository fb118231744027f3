import Foundation

/// libFuzzer's driver (https://llvm.org/docs/LibFuzzer.html, "Using libFuzzer as a library").
@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
    _ count: UnsafeMutablePointer<CInt>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
    _ test: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

/// The target that FIRSTLEAD_FUZZ_TARGET names (libFuzzer owns the arguments); without one, lists them all.
private let chosen: FuzzTarget = {
    let name = ProcessInfo.processInfo.environment["FIRSTLEAD_FUZZ_TARGET"] ?? ""
    guard let target = FuzzTarget.all.first(where: { $0.name == name }) else {
        print(FuzzTarget.all.map(\.name).joined(separator: "\n"))
        exit(name.isEmpty ? 0 : 64)
    }
    return target
}()

@main
enum Fuzzing {
    static func main() {
        _ = chosen
        var count = CommandLine.argc
        var arguments = unsafe CommandLine.unsafeArgv
        exit(
            unsafe runDriver(&count, &arguments) { start, count in
                let bytes = unsafe Array(UnsafeBufferPointer(start: start, count: count))
                if let violation = chosen.violation(bytes) { fatalError("\(chosen.name): \(violation)") }
                return 0
            })
    }
}
