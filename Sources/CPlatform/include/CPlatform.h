#ifndef FIRSTLEAD_PLATFORM_H
#define FIRSTLEAD_PLATFORM_H

#include <stddef.h>
#include <stdint.h>

/// Room for the longest numeric address with its scope, and the terminating zero.
#define FIRSTLEAD_ADDRESS_CAPACITY 64

/// accept4(2), which Glibc's module map hides behind _GNU_SOURCE: a non-blocking, close-on-exec descriptor
/// for the next connection, or -1 with errno set. `address` (FIRSTLEAD_ADDRESS_CAPACITY bytes) receives the
/// peer's numeric address, empty if it has none; `port` its port.
int firstlead_accept(int listener, char *address, uint16_t *port);

/// sendmsg(2) of two runs of bytes in one call, without SIGPIPE and without blocking: the number of bytes
/// taken, or -1 with errno set. Either run may be empty.
ptrdiff_t firstlead_send(int descriptor, const void *first, size_t first_count, const void *second,
                         size_t second_count);

/// Gives memory that was freed back to the system, as far as the allocator can (malloc_trim(3), which Glibc's module
/// map leaves out; nothing where there is none).
void firstlead_trim_memory(void);

#endif
