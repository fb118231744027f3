import CKernels
import Foundation
import Tensor
import Testing

/// The text that a C function writes into `size` bytes.
private func text(size: Int = 1_024, _ write: (UnsafeMutablePointer<CChar>, Int) -> Void) -> String {
    var bytes = [CChar](repeating: 0x7A, count: size + 8)
    unsafe bytes.withUnsafeMutableBufferPointer { bytes in
        if let start = bytes.baseAddress { unsafe write(start, size) }
    }
    #expect(bytes[size...].allSatisfy { $0 == 0x7A }, "wrote behind the report")
    return String(
        decoding: bytes.prefix(size).prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}

/// What the check says of a table; nil if it passes.
private func failure(of table: firstlead_variant, size: Int = 1_024) -> String? {
    var table = unsafe table
    var status: Int32 = 0
    let report = unsafe text(size: size) { start, size in
        status = unsafe firstlead_kernels_check_table(&table, start, size)
    }
    #expect(status == 0 || status == -1)
    return status == 0 ? nil : report
}

/// Name of the table that is chosen, and the reason.
private func choose(_ tables: [firstlead_variant], wish: String? = nil) -> (name: String?, reason: String) {
    var name: String?
    let reason = unsafe text { start, size in
        unsafe tables.withUnsafeBufferPointer { tables in
            let pointers = unsafe tables.indices.map { index -> UnsafePointer<firstlead_variant>? in
                unsafe tables.baseAddress.map { unsafe $0 + index }
            }
            guard let found = unsafe firstlead_kernels_choose(pointers, tables.count, wish, start, size)
            else {
                return
            }
            name = unsafe String(cString: found.pointee.name)
        }
    }
    return (name, reason)
}

/// The widest table of this processor, right or with a fault.
private func widest(_ fault: KernelFault? = nil) throws -> firstlead_variant {
    let name = try #require(Kernels.available.last)
    guard let fault else { return try unsafe #require(unsafe firstlead_kernels_table(name)?.pointee) }
    return try unsafe #require(unsafe fault.table(name))
}

@Suite struct KernelCheckTests {
    @Test(arguments: Kernels.available) func passesWhatIsRight(variant: String) throws {
        let table = try unsafe #require(unsafe firstlead_kernels_table(variant)?.pointee)
        #expect(unsafe failure(of: table) == nil)
    }

    @Test(arguments: KernelFault.allCases) func findsWhatIsWrong(fault: KernelFault) throws {
        var report = try #require(unsafe failure(of: widest(fault)))[...]
        for words in fault.words {
            let place = try #require(report.range(of: words), "\(fault): '\(words)' is not in '\(report)'")
            report = report[place.upperBound...]
        }
    }

    @Test(arguments: [0, 1, 2, 30, 60]) func cutsItsReportToTheMemoryThatThereIs(size: Int) throws {
        let whole = try #require(unsafe failure(of: widest(.tailOfGELU)))
        let cut = try #require(unsafe failure(of: widest(.tailOfGELU), size: size))
        #expect(whole.utf8.count > 60)
        #expect(cut == String(whole.prefix(max(0, size - 1))))
    }

    @Test func takesTheFirstThatIsRight() throws {
        let right = try unsafe widest()
        let outcome = try unsafe choose([right, widest(.tailOfGELU)])
        #expect(outcome.name == Kernels.available.last)
        #expect(outcome.reason == "")
    }

    @Test func fallsBackToTheNextNarrower() throws {
        let name = try #require(Kernels.available.last)
        let generic = try unsafe #require(unsafe firstlead_kernels_table("generic")?.pointee)
        let outcome = try unsafe choose([widest(.lastBitOfAttention), generic])
        #expect(outcome.name == "generic")
        #expect(
            outcome.reason.hasPrefix(
                "the \(name) kernels are wrong on this processor (attend [97, 16]: element [96, 15] is "))
        let choice = KernelChoice(variant: outcome.name, reason: outcome.reason)
        #expect(choice.fallbackReason == outcome.reason + "; the generic kernels are used")
        #expect(throws: Never.self) { try choice.requireSound() }
    }

    @Test func refusesWhenNoneIsRight() throws {
        let outcome = try unsafe choose([widest(.tailOfGELU), widest(.partialVectorOfExp)])
        #expect(outcome.name == nil)
        #expect(outcome.reason.contains("gelu [1, 15]"))
        #expect(outcome.reason.contains("exp [1, 17]"))
        let choice = KernelChoice(variant: outcome.name, reason: outcome.reason)
        #expect(choice.fallbackReason == outcome.reason)
        #expect(throws: KernelError(reason: outcome.reason)) { try choice.requireSound() }
    }

    @Test func beginsWithTheOneThatTheEnvironmentNames() throws {
        let generic = try unsafe #require(unsafe firstlead_kernels_table("generic")?.pointee)
        var outcome = try unsafe choose([widest(.tailOfGELU), generic], wish: "generic")
        #expect(outcome.name == "generic")
        #expect(outcome.reason == "")
        outcome = try unsafe choose([generic, widest(.tailOfGELU)], wish: "")
        #expect(outcome.name == "generic")
        #expect(outcome.reason == "")
    }

    @Test func saysThatTheNamedOneIsNotThere() throws {
        let generic = try unsafe #require(unsafe firstlead_kernels_table("generic")?.pointee)
        let long = String(repeating: "x", count: 5_000)
        for wish in ["avx1024", "GENERIC", long] {
            let outcome = unsafe choose([generic], wish: wish)
            #expect(outcome.name == "generic")
            #expect(
                outcome.reason
                    == "FIRSTLEAD_KERNELS names '\(wish.prefix(32))', this processor runs generic")
        }
    }

    @Test func knowsNoTableByAnotherName() {
        #expect(unsafe firstlead_kernels_table("avx1024") == nil)
        #expect(unsafe firstlead_kernels_force("avx1024") == -1)
    }

    /// The tests run with sound kernels, or nothing else that they say counts.
    @Test func thisProcessIsSound() throws {
        try Kernels.choice.requireSound()
        #expect(Kernels.choice.variant == Kernels.variant)
    }
}
