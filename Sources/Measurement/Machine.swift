package import Bytes
import Foundation
import Tensor

/// What a measurement was taken on.
package enum Machine {
    /// Model of the processor, or "unknown".
    package static var processor: String {
        let text = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix("model name") }
        return line?.split(separator: ":").last.map { $0.trimmingCharacters(in: .whitespaces) } ?? "unknown"
    }

    package static var document: JSONDocument {
        [
            "processor": .text(processor), "cores": .integer(ProcessInfo.processInfo.activeProcessorCount),
            "kernels": .text(Kernels.variant),
        ]
    }
}
