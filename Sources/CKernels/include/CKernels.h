#ifndef FIRSTLEAD_KERNELS_H
#define FIRSTLEAD_KERNELS_H

#include <stddef.h>
#include <stdint.h>

#include "CKernelsNaive.h"

/// Float32 kernels of the two encoders.
///
/// One source is compiled for several instruction sets and chosen at run time. All variants give identical
/// bits, on any machine and any number of threads:
/// * a product adds its terms in the order of the inner index, from 0 upward, with fused multiply-adds, one
///   accumulator for each output element (blocking only stores and resumes the partial sum); a large one is
///   seven such products and a fixed order of sums (`firstlead_uses_strassen` depends on the shape alone);
/// * sums across a row use sixteen lanes and one fixed fold, whatever the width of the machine's registers;
///   sums over rows go from row 0 upward;
/// * exp and the normal distribution function are our own, written with explicit fused multiply-adds;
///   division and square root are correctly rounded by IEEE 754. The compiler may not contract (-ffp-contract=off).
///
/// Common to all: arrays are row-major float32, strides count floats, no argument may be NULL unless that is
/// said, outputs do not overlap inputs unless that is said, no alignment is required (64 bytes is fastest).
/// Nothing allocates, locks or keeps state; different threads may run the same kernel on disjoint outputs.

/// Columns of one packed panel of weights, also the number of lanes of every fixed-order sum.
#define FIRSTLEAD_PANEL_COLUMNS 16
/// Terms of a product that are added before the partial sums are stored: a panel of weights stays in L1.
#define FIRSTLEAD_DEPTH_BLOCK 384
/// Stretch of the inner index within which Strassen's scheme pairs halves.
#define FIRSTLEAD_STRASSEN_CHUNK 768
/// Fewest row panels of either half that Strassen's scheme takes at once.
#define FIRSTLEAD_STRASSEN_ROW_PANELS 4
/// Column panels that belong together: the widest tile, and a group of columns of Strassen's scheme, whose sums, weights
/// and partial products L2 is to hold with the activations of eight row panels.
#define FIRSTLEAD_GROUP_PANELS 2
/// Columns of a panel of the left matrix in products down columns.
#define FIRSTLEAD_LEFT_COLUMNS 96

// Choice of the variant.

/// Picks the variant, once: the widest that the processor has, or the one that the environment variable
/// FIRSTLEAD_KERNELS names; and checks it against the naive twins on odd shapes. One that fails is passed over for
/// the next narrower. The first use of any kernel does the same. Returns 0, or -1 if not even the generic variant
/// is sound: then nothing may be computed.
int firstlead_kernels_start(void);

/// Why the variant is not the widest, or not the one that FIRSTLEAD_KERNELS names; empty if it is.
const char *firstlead_kernels_reason(void);

/// Name of the variant in use: "avx512", "avx2", "neon" or "generic".
const char *firstlead_kernels_variant(void);

/// Whether this processor runs the variant of that name.
int firstlead_kernels_available(const char *name);

/// Uses the variant of that name in the calling thread only, for tests; NULL ends that. Returns 0, or -1 (and
/// no change) if it is not available.
int firstlead_kernels_force(const char *name);

// Packing. Each is a pure function of its arguments.

/// Floats that packed weights `[n, k]` take.
size_t firstlead_packed_weights_count(size_t n, size_t k);

/// Weights `[n, k]` into panels of sixteen outputs: `[panel][k][16]`, missing outputs zero.
void firstlead_pack_weights(const float *weights, size_t n, size_t k, float *packed);

/// Puts packed weights into the form that Strassen's scheme reads, in place: sums of quadrants instead of two of them.
/// n must be a multiple of 128, k one of FIRSTLEAD_STRASSEN_CHUNK. A product of few rows takes the quadrants out of the
/// sums again, rounded twice.
void firstlead_fold_weights(float *packed, size_t n, size_t k);

// Products.

/// What happens to a product before it is stored, in this order.
typedef struct {
    /// `[n]`, added; or NULL.
    const float *bias;
    /// Nonzero: x becomes x * Phi(x), the exact (erf) GELU.
    int gelu;
    /// `[m, n]` of row stride `residual_stride`, added; or NULL. Must not overlap the output.
    const float *residual;
    size_t residual_stride;
} firstlead_epilogue;

typedef struct {
    /// `[m, k]` of row stride `input_stride`.
    const float *input;
    size_t input_stride;
    size_t m, k;
    /// From `firstlead_pack_weights`.
    const float *weights;
    size_t n;
    /// Nonzero: `firstlead_fold_weights` has been there, too.
    int folded;
    /// Written by `firstlead_sum_blocks` before any column is multiplied; NULL where Strassen's scheme is not taken.
    float *sums;
    firstlead_epilogue epilogue;
    /// `[m, n]` of row stride `output_stride`; overlaps neither the input nor the residual.
    float *output;
    size_t output_stride;
    /// Nonzero: what is below 0 after the epilogue becomes 0.
    int relu;
    /// With Strassen's scheme, the row panels `top ..< bottom` that a call is about, of twelve rows of either half; at
    /// least FIRSTLEAD_STRASSEN_ROW_PANELS of them. All if both are 0.
    size_t top, bottom;
} firstlead_product;

/// Whether a product of that shape takes Strassen's scheme, seven products of halves for eight, if its weights are
/// folded.
int firstlead_uses_strassen(size_t m, size_t n, size_t k);

/// Whether this product does.
int firstlead_strassen(const firstlead_product *product);

/// Floats of `firstlead_product.sums` for folded weights, 0 where the scheme is not taken.
size_t firstlead_sums_count(size_t m, size_t n, size_t k);

/// Rows that `firstlead_sum_blocks` is to be called for, 0 where the scheme is not taken.
size_t firstlead_sums_rows(const firstlead_product *product);

/// The sums of blocks of activations, for the rows `first ..< last`. Threads take disjoint rows.
void firstlead_sum_blocks(const firstlead_product *product, size_t first, size_t last);

/// Column panels that threads share, in multiples of FIRSTLEAD_GROUP_PANELS: with Strassen's scheme no run may begin or end
/// within a group, otherwise it is a matter of speed.
size_t firstlead_product_panels(const firstlead_product *product);

/// Floats of scratch memory that one call of `firstlead_matmul` needs, for any shape.
size_t firstlead_product_scratch_count(void);

/// output[i, j] = epilogue(sum over l of a[i, l] * weights[j, l]) for a run of the column panels. Threads take
/// disjoint panels and their own scratch.
void firstlead_matmul(const firstlead_product *product, size_t first, size_t last, float *scratch);

typedef struct {
    /// `[sequences * steps, groups * channels]` of row stride `input_stride`: sequences below each other.
    const float *input;
    size_t input_stride, sequences, steps;
    /// Input channels and output channels of one group.
    size_t channels, outputs;
    /// Length of the kernel in steps; output t reads the steps t - taps / 2 ..< t - taps / 2 + taps, zero
    /// outside.
    size_t taps;
    /// Per group the packed weights `[outputs, taps * channels]`, tap by tap in the order of `firstlead_tap_place`.
    const float *weights;
    /// `bias` and `residual` are indexed by the output channel over all groups.
    firstlead_epilogue epilogue;
    /// `[sequences * steps, groups * outputs]` of row stride `output_stride`; must not overlap the input.
    float *output;
    size_t output_stride;
} firstlead_convolution;

/// Phases into which steps and taps of a long kernel are taken apart: every fourth of them.
#define FIRSTLEAD_PHASES 4

/// Whether a convolution of that shape is done in phases, with nine sixteenths of its multiplications.
int firstlead_convolves_in_phases(size_t steps, size_t channels, size_t taps);

/// Where a tap stands in the packed weights: phase by phase if there are any.
size_t firstlead_tap_place(size_t steps, size_t channels, size_t taps, size_t tap);

/// Floats of scratch memory that one call of `firstlead_convolve_group` needs.
size_t firstlead_convolution_scratch_count(const firstlead_convolution *convolution);

/// One group of a grouped convolution of stride 1 with as many outputs as inputs, each sequence by itself: padding
/// taps / 2 on both sides, and for an even kernel the last output dropped. Threads take different groups and their own
/// scratch.
void firstlead_convolve_group(const firstlead_convolution *convolution, size_t group, float *scratch);

typedef struct {
    /// `[tokens, dim]` of row stride `input_stride` each: one head's queries, keys and values.
    const float *queries, *keys, *values;
    size_t input_stride, tokens, dim;
    /// Factor of the queries, 1 / sqrt(dim) in both encoders.
    float scale;
    /// `[tokens, dim]` of row stride `output_stride`; may overlap nothing.
    float *output;
    size_t output_stride;
    /// Floats from the queries to those of the head that is next, whose queries, keys and values are fetched meanwhile;
    /// 0 if there is none.
    size_t next;
} firstlead_attention;

/// Floats of scratch memory that one call of `firstlead_attend` needs.
size_t firstlead_attention_scratch_count(size_t tokens, size_t dim);

/// softmax(scale * queries * keys^T) * values of one head. The scores exist only for twelve queries at a time and stay
/// in the nearest cache. Threads take different heads and their own scratch.
void firstlead_attend(const firstlead_attention *attention, float *scratch);

// Normalisation and pointwise functions.

/// Per row (x - mean) / sqrt(variance + epsilon) * weight + bias with the biased variance, two passes, over
/// `width` columns; rows `first ..< last`. `output` may be `input` itself with the same stride.
void firstlead_layer_norm(
    const float *input, size_t input_stride, size_t width, const float *weight, const float *bias,
    float epsilon, float *output, size_t output_stride, size_t first, size_t last);

/// Per channel (column) the same over all `steps` rows, in place, then GELU: group normalisation with one
/// group for each channel. Sums are float64. Channels `first ..< last`.
void firstlead_channel_norm_gelu(
    float *values, size_t stride, size_t steps, const float *weight, const float *bias, float epsilon,
    size_t first, size_t last);

/// values[i] = x * Phi(x), relative error below 4e-7 for x > -12.5.
void firstlead_gelu(float *values, size_t count);

/// values[i] = exp(x) for x <= 88, relative error below 1.5e-7; 0 below -87.3.
void firstlead_exp(float *values, size_t count);

// Sums and checks.

/// Adds the columns of `rows` rows to `sums` in float64, row by row, and counts the values that are not 0 in
/// `nonzero` (or NULL). Both `[width]`, to be cleared by the caller.
void firstlead_sum_columns(
    const float *values, size_t stride, size_t rows, size_t width, double *sums, uint32_t *nonzero);

/// The mean of each column over `rows` rows, summed in float64 row by row, to `means` `[width]`.
void firstlead_mean_columns(const float *values, size_t stride, size_t rows, size_t width, float *means);

/// The mean of each column's values that are not 0, summed in the same way; returns the first column that has none
/// (its mean is set to 0), or `width`.
size_t firstlead_mean_nonzero_columns(
    const float *values, size_t stride, size_t rows, size_t width, float *means);

/// The largest value of each column over `rows` rows, at least one, to `largest` `[width]`.
void firstlead_max_columns(const float *values, size_t stride, size_t rows, size_t width, float *largest);

/// Index of the first value that is NaN or infinite, or `count`.
size_t firstlead_first_not_finite(const float *values, size_t count);

/// values[i] = base + scale * u(seed, i), u uniform in [-1, 1): element i mixes seed + (i + 1) *
/// 0x9E3779B97F4A7C15 with the finaliser of splitmix64 (Steele, Lea, Flood, OOPSLA 2014) and keeps 24 bits.
/// Exact up to the last conversion, so equal everywhere.
void firstlead_fill(uint64_t seed, double base, double scale, float *values, size_t count);

/// Rounds of fused multiply-adds in registers alone: the rate that no kernel can pass without leaving work out.
/// Returns a number that depends on all of them.
float firstlead_peak(size_t rounds);

/// Floating-point operations of one such round, two for a multiply-add.
size_t firstlead_peak_operations(void);

/// Processors that this thread may run on.
size_t firstlead_processors(void);

/// Tells the processor that this thread is waiting in a loop.
void firstlead_spin_pause(void);

#include "CKernelsInt16.h"
#include "CKernelsNetworks.h"
#include "CKernelsCheck.h"

#endif
