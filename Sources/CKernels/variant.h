#ifndef FIRSTLEAD_VARIANT_H
#define FIRSTLEAD_VARIANT_H

#include "CKernels.h"

/// The kernels that exist once for each instruction set.
typedef struct {
    const char *name;
    void (*sum_blocks)(const firstlead_product *, size_t, size_t);
    void (*matmul)(const firstlead_product *, size_t, size_t, float *);
    void (*convolve_group)(const firstlead_convolution *, size_t, float *);
    void (*attend)(const firstlead_attention *, float *);
    void (*layer_norm)(
        const float *, size_t, size_t, const float *, const float *, float, float *, size_t, size_t, size_t);
    void (*channel_norm_gelu)(
        float *, size_t, size_t, const float *, const float *, float, size_t, size_t);
    void (*gelu)(float *, size_t);
    void (*exponential)(float *, size_t);
    float (*peak)(size_t);
    /// Operations of one round of `peak`.
    size_t peak_operations;
} firstlead_variant;

extern const firstlead_variant firstlead_generic;
extern const firstlead_variant firstlead_avx2;
extern const firstlead_variant firstlead_avx512;

/// The table of the including variant; the kernels' headers come before it.
#define FIRSTLEAD_VARIANT_TABLE(variant_name) \
    { \
        .name = variant_name, .sum_blocks = sum_blocks, .matmul = matmul, .convolve_group = convolve_group, .attend = attend, \
        .layer_norm = layer_norm, .channel_norm_gelu = channel_norm_gelu, .gelu = gelu, \
        .exponential = exponential, .peak = peak, .peak_operations = 32 * PEAK_SUMS, \
    }

#endif
