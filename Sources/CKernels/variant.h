#ifndef FIRSTLEAD_VARIANT_H
#define FIRSTLEAD_VARIANT_H

#include "CKernelsCheck.h"

extern const firstlead_variant firstlead_generic;
extern const firstlead_variant firstlead_neon;
extern const firstlead_variant firstlead_avx2;
extern const firstlead_variant firstlead_avx512;
extern const firstlead_variant firstlead_avx512vnni;

/// The table of the including variant; the kernels' headers come before it.
#define FIRSTLEAD_VARIANT_TABLE(variant_name) \
    { \
        .name = variant_name, .sum_blocks = sum_blocks, .matmul = matmul, \
        .multiply_columns = multiply_columns, .convolve_group = convolve_group, .attend = attend, \
        .layer_norm = layer_norm, .channel_norm_gelu = channel_norm_gelu, .gelu = gelu, \
        .exponential = exponential, .int16_pack_weights = int16_pack_weights, \
        .int16_quantise = int16_quantise, .int16_matmul = int16_matmul, \
        .peak = peak, .peak_operations = 32 * PEAK_SUMS, \
    }

#endif
