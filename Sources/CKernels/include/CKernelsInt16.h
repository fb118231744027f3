#ifndef FIRSTLEAD_KERNELS_INT16_H
#define FIRSTLEAD_KERNELS_INT16_H

// Part of CKernels.h, which includes it after what it needs.
#include <stddef.h>
#include <stdint.h>

/// Matrix products of 16-bit integers: two multiplications and their addition are one instruction.
///
/// The inner index is cut into depth blocks. A block x of a row of activations or weights becomes integers q =
/// round(x * s), halves to even, with the largest s that keeps |q[l]| <= 32767 and the Euclidean norm of q below
/// 46330. Then every sum of products of two such blocks, and every part of such a sum, lies within 32 bits: by
/// Cauchy and Schwarz it is below 46330^2 < 2^31. A row uses the bits that its own norm leaves it, some 13 in a row
/// of noise, and a few columns far larger than the others cost the others little: what counts is the norm, not the
/// largest value.
///
/// Integer sums are exact in any order. Each block's sum is converted to float32, multiplied by the scale of the
/// output column and added with a fused multiply-add by the scale of the row, blocks from 0 upward: equal bits on
/// every variant and any number of threads.

/// Terms of a block, two bytes each: a panel of sixteen columns of weights stays in L1.
#define FIRSTLEAD_INT16_DEPTH_BLOCK 384
/// Rows of quantised activations that stand side by side, pair by pair.
#define FIRSTLEAD_INT16_ROWS 6

/// 16-bit integers that quantised activations `[m, k]` take: `[block][panel of rows][pair of inputs][6][2]`, an even
/// number of panels and 192 pairs in every block.
size_t firstlead_int16_rows_count(size_t m, size_t k);

/// Scales of quantised activations `[m, k]`: `[block][m]`.
size_t firstlead_int16_row_scales_count(size_t m, size_t k);

/// 16-bit integers that packed weights `[n, k]` take: `[panel][pair of inputs][16][2]`.
size_t firstlead_int16_weights_count(size_t n, size_t k);

/// Scales of packed weights `[n, k]`: `[panel][block][16]`.
size_t firstlead_int16_weight_scales_count(size_t n, size_t k);

/// Weights `[n, k]` to integers and scales; missing outputs of the last panel, and the missing input of an odd k,
/// are zero.
void firstlead_int16_pack_weights(
    const float *weights, size_t n, size_t k, int16_t *packed, float *scales);

typedef struct {
    /// `[m, k]` of row stride `input_stride`.
    const float *input;
    size_t input_stride;
    size_t m, k;
    /// Written by `firstlead_int16_quantise` before any column is multiplied.
    int16_t *rows;
    float *row_scales;
    /// From `firstlead_int16_pack_weights`.
    const int16_t *weights;
    const float *weight_scales;
    size_t n;
    firstlead_epilogue epilogue;
    /// `[m, n]` of row stride `output_stride`; overlaps neither the input nor the residual.
    float *output;
    size_t output_stride;
} firstlead_int16_product;

/// Panels of six rows.
size_t firstlead_int16_row_panels(size_t m);

/// The row panels `first ..< last` of the input to integers; rows missing in the last are zero. A block with a value
/// that is not finite gets the scale NaN. Threads take disjoint panels.
void firstlead_int16_quantise(const firstlead_int16_product *product, size_t first, size_t last);

/// Column panels that threads share, of sixteen columns each, and in what multiples for speed.
size_t firstlead_int16_panels(size_t n);
size_t firstlead_int16_panel_unit(void);

/// Floats of scratch memory that one call of `firstlead_int16_matmul` needs, for any shape.
size_t firstlead_int16_scratch_count(void);

/// output[i, j] = epilogue(sum over blocks of row scale * (weight scale * integer sum)) for a run of the column
/// panels. Threads take disjoint panels and their own scratch.
void firstlead_int16_matmul(
    const firstlead_int16_product *product, size_t first, size_t last, float *scratch);

#endif
