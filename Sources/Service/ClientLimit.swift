private import Synchronization

/// ECGs that each client may have in work or waiting at a time, so that one sender cannot fill the queue for all.
///
/// A client is an address. Behind a proxy all clients share the proxy's: there the limit is the proxy's to set.
package final class ClientLimit: Sendable {
    /// One ECG's place; given back when the last reference goes, however its work ends.
    package final class Place: Sendable {
        private let limit: ClientLimit
        private let address: String

        fileprivate init(_ limit: ClientLimit, _ address: String) {
            self.limit = limit
            self.address = address
        }

        deinit { limit.giveBack(address) }
    }

    private let largest: Int?
    private let places = Mutex<[String: Int]>([:])

    /// nil: no limit.
    package init(_ largest: Int?) { self.largest = largest }

    /// A place for one more ECG of a client, or nil when it has as many as it may.
    package func take(_ address: String) -> Place? {
        guard let largest else { return Place(self, address) }
        let isFree = places.withLock { places in
            guard places[address, default: 0] < largest else { return false }
            places[address, default: 0] += 1
            return true
        }
        return isFree ? Place(self, address) : nil
    }

    private func giveBack(_ address: String) {
        guard largest != nil else { return }
        places.withLock { places in
            let left = (places[address] ?? 1) - 1
            places[address] = left > 0 ? left : nil
        }
    }
}
