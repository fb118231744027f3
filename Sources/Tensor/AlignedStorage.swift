/// Float32 memory on a cache line's boundary, zero at first, freed with its owner.
@safe final class AlignedStorage: @unchecked Sendable {  // who shares it decides who writes what
    let count: Int
    let start: UnsafeMutablePointer<Float>

    init(count: Int) {
        precondition(count >= 0 && count <= Int.max / 4 - 64)
        self.count = count
        let raw = UnsafeMutableRawPointer.allocate(byteCount: max(count, 16) * 4, alignment: 64)
        unsafe self.start = unsafe raw.bindMemory(to: Float.self, capacity: max(count, 16))
        unsafe start.initialize(repeating: 0, count: max(count, 16))
    }

    deinit { unsafe start.deallocate() }
}
