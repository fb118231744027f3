#ifndef FIRSTLEAD_PLATFORM_H
#define FIRSTLEAD_PLATFORM_H

/// accept4(2), which Glibc's module map hides behind _GNU_SOURCE: a non-blocking, close-on-exec descriptor
/// for the next connection, or -1 with errno set.
int firstlead_accept(int listener);

#endif
