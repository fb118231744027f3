import Glibc
import Synchronization

/// Float32 memory on a cache line's boundary, zero at first, freed with its owner.
@safe final class AlignedStorage: @unchecked Sendable {  // who shares it decides who writes what
    let count: Int
    let start: UnsafeMutablePointer<Float>
    /// Where the memory comes from when it is not its own allocation.
    private let region: Region?

    init(count: Int) {
        precondition(count >= 0 && count <= Int.max / 4 - 64)
        self.count = count
        let raw = UnsafeMutableRawPointer.allocate(byteCount: max(count, 16) * 4, alignment: 64)
        unsafe self.start = unsafe raw.bindMemory(to: Float.self, capacity: max(count, 16))
        unsafe start.initialize(repeating: 0, count: max(count, 16))
        region = nil
    }

    /// With whatever is there: for who writes before he reads.
    init(uninitialised count: Int) {
        precondition(count >= 0 && count <= Int.max / 4 - 64)
        self.count = count
        let raw = UnsafeMutableRawPointer.allocate(byteCount: max(count, 16) * 4, alignment: 64)
        unsafe self.start = unsafe raw.bindMemory(to: Float.self, capacity: max(count, 16))
        region = nil
    }

    /// For what lives as long as a model: side by side with other such memory, on large pages where the system has
    /// them. A walk through hundreds of megabytes of small pages would wait for the page tables.
    init(longLived count: Int) {
        precondition(count >= 0 && count <= Int.max / 4 - 64)
        self.count = count
        let (region, start) = unsafe Region.take(floats: count)
        self.region = region
        unsafe self.start = start
    }

    /// Memory of its own on large pages where the system has them.
    init(onLargePages count: Int) {
        precondition(count >= 0 && count <= Int.max / 4 - 64)
        self.count = count
        let (region, start) = unsafe Region.alone(floats: count)
        self.region = region
        unsafe self.start = start
    }

    deinit { if region == nil { unsafe start.deallocate() } }
}

/// Fresh, zero memory of many megabytes, handed out whole or piece by piece and given back when the last piece is gone.
@safe private final class Region: @unchecked Sendable {  // `used` is guarded by `current`
    /// Only what is used is resident, up to a large page: the fewer regions, the fewer ends of regions.
    private static let leastBytes = 256 << 20
    private static let largePage = 2 << 20
    private static let current = Mutex<Region?>(nil)

    private let mapping: UnsafeMutableRawPointer
    private let mappedBytes: Int
    private let base: UnsafeMutableRawPointer
    private let bytes: Int
    private var used = 0

    /// Nil when the system has no more memory.
    private init?(bytes: Int) {
        self.bytes = bytes
        mappedBytes = bytes + Self.largePage
        guard
            let mapping = unsafe mmap(
                nil, mappedBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0),
            unsafe mapping != MAP_FAILED
        else { return nil }
        unsafe self.mapping = mapping
        let start = UInt(bitPattern: mapping)
        let aligned = (start + UInt(Self.largePage) - 1) / UInt(Self.largePage) * UInt(Self.largePage)
        unsafe base = mapping + Int(aligned - start)
        // Only advice: without it everything works on small pages.
        _ = unsafe madvise(base, bytes, Int32(MADV_HUGEPAGE))
    }

    deinit { unsafe munmap(mapping, mappedBytes) }

    /// A region for one piece.
    static func alone(floats: Int) -> (Region, UnsafeMutablePointer<Float>) {
        let bytes = max(floats, 16) * 4
        guard let region = Region(bytes: bytes) else { fatalError("no memory for \(bytes) bytes") }
        return unsafe (region, region.base.bindMemory(to: Float.self, capacity: max(floats, 16)))
    }

    static func take(floats: Int) -> (Region, UnsafeMutablePointer<Float>) {
        let needed = (max(floats, 16) * 4 + 63) / 64 * 64
        return unsafe current.withLock { current in
            if current == nil || current.map({ $0.used + needed > $0.bytes }) == true {
                current = Region(bytes: max(needed, leastBytes))
            }
            guard let region = current else { fatalError("no memory for \(needed) bytes of weights") }
            let place = unsafe region.base + region.used
            region.used += needed
            return unsafe (region, place.bindMemory(to: Float.self, capacity: max(floats, 16)))
        }
    }
}
