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

    /// What the process holds, in megabytes of 10^6 bytes; nil where the system does not say.
    package struct Memory: Sendable {
        package let resident: Double?
        /// The most that was resident so far.
        package let peak: Double?

        package var document: JSONDocument {
            func shown(_ value: Double?) -> JSONDocument { value.map { .rounded($0, digits: 1) } ?? .null }
            return ["residentMegabytes": shown(resident), "peakResidentMegabytes": shown(peak)]
        }
    }

    /// The process's memory now (proc(5), VmRSS and VmHWM).
    package static var memory: Memory {
        let text = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        func megabytes(_ name: String) -> Double? {
            let line = text.split(separator: "\n").first { $0.hasPrefix(name + ":") }
            let words = line?.split(whereSeparator: \.isWhitespace) ?? []
            return words.count == 3 ? Double(words[1]).map { $0 * 1_024 / 1e6 } : nil
        }
        return Memory(resident: megabytes("VmRSS"), peak: megabytes("VmHWM"))
    }
}
