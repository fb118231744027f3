#ifndef FIRSTLEAD_KERNELS_NAIVE_H
#define FIRSTLEAD_KERNELS_NAIVE_H

#include <stddef.h>
#include <stdint.h>

/// The naive twins: plain loops that say what each kernel computes.
///
/// Layouts are unpacked, rows are contiguous. A twin adds in the kernel's order, so that the results are equal bit
/// for bit: that is what the check at start-up asks of every variant. Beside it a reference computes in float64,
/// so that the tests can hold twin and kernel alike to what rounding explains.

/// What a finished sum of column `column` becomes: bias, GELU, residual, in this order; `bias` (all columns') and
/// `residual` (this element's) may be NULL.
float firstlead_naive_epilogue(float sum, const float *bias, size_t column, int gelu, const float *residual);

/// Twin of `firstlead_matmul`: output `[m, n]`, a `[m, k]`, weights `[n, k]`; bias `[n]` and residual `[m, n]` may be
/// NULL.
void firstlead_naive_matmul(
    const float *a, const float *weights, size_t m, size_t n, size_t k, const float *bias, int gelu,
    const float *residual, float *output);

/// Twin of `firstlead_multiply_columns`: left `[steps, m]`, right `[steps, n]`, output `[m, n]`.
void firstlead_naive_multiply_columns(
    const float *left, const float *right, size_t steps, size_t m, size_t n, float *output);

/// The product of chunks from seven of quadrants, as Strassen's scheme in Winograd's form adds them up; arguments as for
/// `firstlead_naive_matmul`, m and n even, k a multiple of FIRSTLEAD_STRASSEN_CHUNK.
void firstlead_naive_strassen(
    const float *a, const float *weights, size_t m, size_t n, size_t k, const float *bias, int gelu,
    const float *residual, float *output);

/// Four sums of that product, before the epilogue: (i, j), (i, j + n / 2), (i + m / 2, j), (i + m / 2, j + n / 2),
/// for i below m / 2 and j below n / 2.
void firstlead_naive_strassen_sums(
    const float *a, const float *weights, size_t m, size_t n, size_t k, size_t i, size_t j, float sums[4]);

/// One block of up to FIRSTLEAD_INT16_DEPTH_BLOCK values to integers as `firstlead_int16_quantise` makes them; returns
/// their scale, NaN if a value is not finite.
float firstlead_naive_int16_quantise(const float *x, size_t count, int16_t *integers);

/// Every block of `rows` `[rows, k]`: integers `[rows, k]`, scales `[rows, blocks]`.
void firstlead_naive_int16_rows(const float *x, size_t rows, size_t k, int16_t *integers, float *scales);

/// Twin of `firstlead_int16_matmul` before the epilogue, from what `firstlead_naive_int16_rows` makes of a `[m, k]`
/// and weights `[n, k]`: sums `[m, n]`.
void firstlead_naive_int16_matmul(
    const int16_t *a, const float *a_scales, const int16_t *weights, const float *weight_scales, size_t m,
    size_t n, size_t k, float *sums);

/// Twin of `firstlead_convolve_group` over all groups, without epilogue: input `[steps, groups * channels]`, weights
/// `[groups * outputs, channels, taps]` as PyTorch stores them.
void firstlead_naive_convolution(
    const float *input, size_t steps, size_t groups, size_t channels, size_t outputs, size_t taps,
    const float *weights, float *output);

/// The same of one sequence in phases, for shapes that are (`firstlead_convolves_in_phases`).
void firstlead_naive_phases(
    const float *input, size_t steps, size_t groups, size_t channels, size_t outputs, size_t taps,
    const float *weights, float *output);

/// Twin of `firstlead_attend`: queries, keys and values `[tokens, dim]` of row stride `stride`; output `[tokens,
/// dim]`, `weights` scratch of `[tokens]`.
void firstlead_naive_attention(
    const float *queries, const float *keys, const float *values, size_t stride, size_t tokens, size_t dim,
    float scale, float *output, float *weights);

/// Attention in float64, arguments as above with stride `dim`.
void firstlead_reference_attention(
    const float *queries, const float *keys, const float *values, size_t tokens, size_t dim, double scale,
    double *output);

/// Twin of `firstlead_layer_norm` for one row.
void firstlead_naive_layer_norm(
    const float *input, size_t width, const float *weight, const float *bias, float epsilon, float *output);

/// The same in float64.
void firstlead_reference_layer_norm(
    const float *input, size_t width, const float *weight, const float *bias, double epsilon,
    double *output);

/// Twin of `firstlead_channel_norm_gelu`: values `[steps, channels]`, in place.
void firstlead_naive_channel_norm_gelu(
    float *values, size_t steps, size_t channels, const float *weight, const float *bias, float epsilon);

/// The same in float64.
void firstlead_reference_channel_norm_gelu(
    const float *values, size_t steps, size_t channels, const float *weight, const float *bias,
    double epsilon, double *output);

/// Twin of `firstlead_gelu`.
float firstlead_naive_gelu(float x);

/// 2^x for x of 0 or below as attention's softmax has it; 2^-126 below -126.
float firstlead_naive_exp2(float x);

/// Twin of `firstlead_exp`.
float firstlead_naive_exp(float x);

/// x * Phi(x) in float64, from the C library's erfc.
double firstlead_reference_gelu(double x);

#endif
