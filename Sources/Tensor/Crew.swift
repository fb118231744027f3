import Glibc
import Synchronization

/// The threads of a pool beside its caller, and the round of work that they join.
///
/// A helper joins a round only while it is open, and the caller closes it when no part is left: whoever wakes up late
/// is not waited for. `state` holds, from the lowest bit: how many helpers are in (16 bits), whether the round is open,
/// and its number.
///
/// `current` is written only while the round is closed and nobody is in.
@safe final class Crew: @unchecked Sendable {
    /// What a round is about.
    @safe struct Round {
        let work: any SharedWork.Type
        /// Of a value of that type, valid until the round ends.
        let address: UnsafeRawPointer
        let count: Int
        let unit: Int
        let threads: Int

        init(work: any SharedWork.Type, address: UnsafeRawPointer, count: Int, unit: Int, threads: Int) {
            self.work = work
            unsafe self.address = unsafe address
            self.count = count
            self.unit = unit
            self.threads = threads
        }

        var units: Int { (count + unit - 1) / unit }
    }

    private static let members: UInt64 = 0xFFFF
    private static let open: UInt64 = 0x1_0000
    private static let number: UInt64 = 0x2_0000

    private var current: Round?
    private var handles: [pthread_t] = []
    private let helpers: Int
    private let state = Atomic<UInt64>(0)
    /// What nobody has taken of each thread's share of the round.
    private let shares: Shares
    private let isStopping = Atomic<Bool>(false)
    private let workers = ParkingSpot()
    private let caller = ParkingSpot()

    init(helpers: Int) {
        self.helpers = helpers
        shares = Shares(threads: helpers + 1)
    }

    /// Starts the helpers; returns how many the system granted.
    func start() -> Int {
        for worker in 1..<(helpers + 1) {
            let member = unsafe Unmanaged.passRetained(CrewMember(crew: self, worker: worker))
            var handle = pthread_t()
            let code = unsafe pthread_create(
                &handle, nil,
                { argument in
                    guard let argument = unsafe argument else { return nil }
                    let member = unsafe Unmanaged<CrewMember>.fromOpaque(argument).takeRetainedValue()
                    member.crew.help(member.worker)
                    return nil
                }, unsafe member.toOpaque())
            guard code == 0 else {
                unsafe member.release()
                break
            }
            handles.append(handle)
        }
        return handles.count
    }

    func stop() {
        isStopping.store(true, ordering: .sequentiallyConsistent)
        state.add(Self.number, ordering: .sequentiallyConsistent)
        workers.wake()
        for handle in handles { pthread_join(handle, nil) }
    }

    /// The caller's side, as worker 0: returns when every part is done and every helper is out.
    func run(_ round: Round) {
        current = round
        shares.divide(round.units, among: round.threads)
        state.add(Self.number + Self.open, ordering: .sequentiallyConsistent)
        workers.wake()
        takeParts(of: round, worker: 0)
        state.subtract(Self.open, ordering: .sequentiallyConsistent)
        caller.wait { state.load(ordering: .sequentiallyConsistent) & Self.members == 0 }
        current = nil
    }

    private func help(_ worker: Int) {
        var seen: UInt64 = 0
        while true {
            workers.wait { state.load(ordering: .sequentiallyConsistent) / Self.number != seen }
            if isStopping.load(ordering: .sequentiallyConsistent) { return }
            seen = state.load(ordering: .sequentiallyConsistent) / Self.number
            guard join(seen) else { continue }
            if let current { takeParts(of: current, worker: worker) }
            let left = state.subtract(1, ordering: .sequentiallyConsistent).newValue
            if left & (Self.members + Self.open) == 0 { caller.wake() }
        }
    }

    /// Whether the round of that number was still open.
    private func join(_ number: UInt64) -> Bool {
        var found = state.load(ordering: .sequentiallyConsistent)
        while found / Self.number == number, found & Self.open != 0 {
            let outcome = state.compareExchange(
                expected: found, desired: found + 1, ordering: .sequentiallyConsistent)
            if outcome.exchanged { return true }
            found = outcome.original
        }
        return false
    }

    private func takeParts(of round: Round, worker: Int) {
        while let units = shares.take(worker: worker, of: round.threads) {
            let last = min(round.count, units.upperBound * round.unit)
            unsafe round.work.run(at: round.address, units.lowerBound * round.unit..<last, worker: worker)
        }
    }
}

private final class CrewMember: Sendable {
    let crew: Crew
    let worker: Int

    init(crew: Crew, worker: Int) {
        self.crew = crew
        self.worker = worker
    }
}
