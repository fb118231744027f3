#ifndef FIRSTLEAD_ALLOCATION_COUNT_H
#define FIRSTLEAD_ALLOCATION_COUNT_H

#include <stddef.h>

/// Counts what each thread takes from the heap.
///
/// Linked into a program, this target's malloc, calloc, realloc, memalign, aligned_alloc and posix_memalign stand in
/// front of the C library's, which still do the work: every library of the process calls these (the dynamic linker
/// looks into the program first). Only for tests.

/// Times that the calling thread has asked for memory since it began.
size_t firstlead_allocations(void);

/// Bytes of the largest piece that the calling thread has asked for since it last called this.
size_t firstlead_take_largest_allocation(void);

#endif
