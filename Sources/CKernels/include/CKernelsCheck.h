#ifndef FIRSTLEAD_KERNELS_CHECK_H
#define FIRSTLEAD_KERNELS_CHECK_H

#include "CKernels.h"
#include "CKernelsInt16.h"

/// The kernels that exist once for each instruction set.
typedef struct {
    const char *name;
    void (*sum_blocks)(const firstlead_product *, size_t, size_t);
    void (*matmul)(const firstlead_product *, size_t, size_t, float *);
    void (*multiply_columns)(const firstlead_column_product *, float *);
    void (*convolve_group)(const firstlead_convolution *, size_t, float *);
    void (*attend)(const firstlead_attention *, float *);
    void (*layer_norm)(
        const float *, size_t, size_t, const float *, const float *, float, float *, size_t, size_t, size_t);
    void (*channel_norm_gelu)(
        float *, size_t, size_t, const float *, const float *, float, size_t, size_t);
    void (*gelu)(float *, size_t);
    void (*exponential)(float *, size_t);
    void (*int16_pack_weights)(const float *, size_t, size_t, int16_t *, float *);
    void (*int16_quantise)(const firstlead_int16_product *, size_t, size_t);
    void (*int16_matmul)(const firstlead_int16_product *, size_t, size_t, float *);
    float (*peak)(size_t);
    /// Operations of one round of `peak`.
    size_t peak_operations;
} firstlead_variant;

/// The table of that name, or NULL if this processor lacks it.
const firstlead_variant *firstlead_kernels_table(const char *name);

/// Runs every kernel of a table on shapes around the borders of its tiles and blocks, and compares with the naive
/// twins: the bits must be equal, since a twin adds in the kernel's order, and nothing beside the output may
/// change. Returns 0, or -1 with the first failure in words in `report`, at most `size` bytes with its zero.
///
/// Takes 14 MB meanwhile and some 30 ms (several hundred without instructions for fused multiply-adds). Of the
/// product that takes Strassen's scheme, the one that is too large for its twin at start-up, a sample is compared:
/// four elements of every row, in columns that go through all lanes.
int firstlead_kernels_check_table(const firstlead_variant *table, char *report, size_t size);

/// The first of `count` tables, widest first, that passes its check; NULL if none does.
///
/// `wish` (or NULL) names the one to begin with. Why anything but the wish, or else the first table, was chosen is
/// told in `report`, at most `size` bytes with its zero; it is empty if nothing went wrong.
const firstlead_variant *firstlead_kernels_choose(
    const firstlead_variant *const *tables, size_t count, const char *wish, char *report, size_t size);

#endif
