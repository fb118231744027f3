import CKernels
import Glibc
import Synchronization

/// Where a thread waits for a condition: first spinning, since work usually comes within microseconds, then asleep.
///
/// What makes the condition true is stored with sequential consistency, and so is the count of sleepers: either
/// the waker sees the sleeper, or the sleeper sees the condition.
@safe final class ParkingSpot: @unchecked Sendable {  // the condition variable is guarded by its mutex
    /// Pauses before sleeping: about a millisecond on processors with long pauses, a third of it on others.
    private static let spins = 20_000

    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let condition: UnsafeMutablePointer<pthread_cond_t>
    private let sleepers = Atomic<Int>(0)

    init() {
        unsafe mutex = .allocate(capacity: 1)
        unsafe condition = .allocate(capacity: 1)
        unsafe pthread_mutex_init(mutex, nil)
        unsafe pthread_cond_init(condition, nil)
    }

    deinit {
        unsafe pthread_cond_destroy(condition)
        unsafe pthread_mutex_destroy(mutex)
        unsafe condition.deallocate()
        unsafe mutex.deallocate()
    }

    /// Returns once `isMet` does, which may be called any number of times.
    func wait(until isMet: () -> Bool) {
        for _ in 0..<Self.spins {
            if isMet() { return }
            firstlead_spin_pause()
        }
        unsafe pthread_mutex_lock(mutex)
        sleepers.add(1, ordering: .sequentiallyConsistent)
        while !isMet() { unsafe pthread_cond_wait(condition, mutex) }
        sleepers.subtract(1, ordering: .sequentiallyConsistent)
        unsafe pthread_mutex_unlock(mutex)
    }

    /// To be called after the condition was made true.
    func wake() {
        guard sleepers.load(ordering: .sequentiallyConsistent) > 0 else { return }
        unsafe pthread_mutex_lock(mutex)
        unsafe pthread_cond_broadcast(condition)
        unsafe pthread_mutex_unlock(mutex)
    }
}
