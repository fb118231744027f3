#ifndef FIRSTLEAD_PLATFORM_H
#define FIRSTLEAD_PLATFORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Room for the longest numeric address with its scope, and the terminating zero.
#define FIRSTLEAD_ADDRESS_CAPACITY 64

/// accept4(2), which Glibc's module map hides behind _GNU_SOURCE: a non-blocking, close-on-exec descriptor
/// for the next connection, or -1 with errno set. `address` (FIRSTLEAD_ADDRESS_CAPACITY bytes) receives the
/// peer's numeric address, empty if it has none or nothing was accepted.
int firstlead_accept(int listener, char *address);

/// sendmsg(2) of two runs of bytes in one call, without SIGPIPE and without blocking: the number of bytes
/// taken, or -1 with errno set. Either run may be empty. With `more` the last segment waits for what follows (MSG_MORE).
ptrdiff_t firstlead_send(int descriptor, const void *first, size_t first_count, const void *second,
                         size_t second_count, bool more);

// epoll(7), whose packed structures and constants Swift cannot import. A poller tells which of many descriptors are
// ready, each by the token it was added with. Descriptors stay their owners' to close.

/// What a descriptor is waited for: bits of `interest`, and of an event's `state`.
enum {
    FIRSTLEAD_POLL_READ = 1,
    FIRSTLEAD_POLL_WRITE = 2,
    /// Of interest: wake one poller of those that share the descriptor, not all (EPOLLEXCLUSIVE).
    FIRSTLEAD_POLL_SHARED = 4,
    /// Of an event, whatever the interest: an error, or both directions are shut.
    FIRSTLEAD_POLL_ENDED = 8,
};

typedef struct {
    int64_t token;
    uint32_t state;
} firstlead_poll_event;

/// The most events that one wait returns.
#define FIRSTLEAD_POLL_CAPACITY 256

/// A new poller, or -1 with errno set.
int firstlead_poller_open(void);
/// Each 0, or -1 with errno set. What is shared cannot be changed, only removed and added.
int firstlead_poller_add(int poller, int descriptor, int64_t token, uint32_t interest);
int firstlead_poller_change(int poller, int descriptor, int64_t token, uint32_t interest);
int firstlead_poller_remove(int poller, int descriptor);
/// Waits until something is ready, at most so many milliseconds (-1: for ever), and fills `events`, which has room for
/// FIRSTLEAD_POLL_CAPACITY: their number, or -1 with errno set.
int firstlead_poller_wait(int poller, firstlead_poll_event *events, int milliseconds);

// eventfd(2): what one thread rings to end another's wait.

/// A descriptor that is readable from a ring until it is silenced, or -1 with errno set.
int firstlead_bell_open(void);
void firstlead_bell_ring(int bell);
void firstlead_bell_silence(int bell);

/// Gives memory that was freed back to the system, as far as the allocator can (malloc_trim(3), which Glibc's module
/// map leaves out; nothing where there is none).
void firstlead_trim_memory(void);

/// Has the allocator keep up to `unused` bytes of what was freed for the next use, allocations of up to `largest` bytes
/// among it (mallopt(3)). Its own rule gives large ones back at once, and every request then pays for its pages anew.
void firstlead_keep_memory(size_t largest, size_t unused);

#endif
