#ifndef FIRSTLEAD_KERNELS_NETWORKS_H
#define FIRSTLEAD_KERNELS_NETWORKS_H

// Part of CKernels.h, which includes it after what it needs.
#include <stddef.h>

/// What a training step needs beside products of activations and weights.
///
/// Activations are rows of `width` channels, `stride` floats apart, the same for all operands of a call. All but the
/// last function is written once, without intrinsics: no sum is reordered and nothing contracted, so that every machine
/// gives equal bits. Threads take disjoint rows, panels or elements.

/// sums[j] += x[i, j] and squares[j] += x[i, j]^2 in float64, row by row; the squares are exact.
void firstlead_add_moments(
    const float *x, size_t stride, size_t rows, size_t width, double *sums, double *squares);

/// Statistics and affine part of a batch normalisation, `[width]` each.
typedef struct {
    const float *mean, *inverse_deviation, *weight, *bias;
} firstlead_normalisation;

typedef struct {
    const float *x;
    firstlead_normalisation norm;
    /// Added after the normalisation; or NULL.
    const float *around;
    /// What `around` is normalised by before; its mean is NULL where it is not.
    firstlead_normalisation around_norm;
    size_t stride, width;
} firstlead_activation;

/// output = max(0, (x - mean) * inverse deviation * weight + bias + around).
void firstlead_activate(const firstlead_activation *activation, size_t rows, float *output);

/// gradient[i, j] = 0 where activated[i, j] is not above 0.
void firstlead_rectify_gradient(
    float *gradient, const float *activated, size_t stride, size_t rows, size_t width);

/// weights[j] += gradient * standardised x and biases[j] += gradient, in float64, row by row.
void firstlead_normalise_sums(
    const float *gradient, const float *x, size_t stride, size_t rows, size_t width,
    const firstlead_normalisation *norm, double *weights, double *biases);

/// x = weight * inverse deviation * (gradient - bias_shares - standardised x * weight_shares), the gradient of x in its
/// place; the shares are the sums above divided by the rows of the whole batch.
void firstlead_normalise_gradient(
    const float *gradient, float *x, size_t stride, size_t rows, size_t width,
    const firstlead_normalisation *norm, const float *weight_shares, const float *bias_shares);

/// What Adam needs of an update.
typedef struct {
    /// 1 - first decay; second decay; 1 - second decay; rate and root of the corrections; epsilon.
    float follow, keep, take, rate, correction, epsilon;
} firstlead_adam_step;

/// One update of `count` parameters and their moments.
void firstlead_adam(
    float *values, const float *gradient, float *first, float *second, size_t count,
    const firstlead_adam_step *step);

/// A convolution's, or a pool's, view of one record.
typedef struct {
    size_t positions, channels, taps, stride, padding, outputs;
} firstlead_stretching;

/// `[outputs, taps * channels]`, a gradient for what each output sees, to `[positions, channels]`: adds up, for every
/// input value, what all its places hold.
void firstlead_gather(const float *stretches, const firstlead_stretching *shape, float *record);

/// Gradients `[outputs, channels]` of maxima to `[positions, channels]`: each to the value of `values` that was the
/// largest of those that its output sees, the first of equal ones.
void firstlead_gather_maxima(
    const float *gradient, const float *values, const firstlead_stretching *shape, float *record);

/// Shape of a convolution's weights, `[outputs, inputs, taps]` as PyTorch stores them.
typedef struct {
    size_t outputs, inputs, taps;
} firstlead_filters;

/// Panels `first ..< last` of the weights as a product needs them whose inner index goes tap by tap, input by input.
void firstlead_pack_filters(
    const float *weights, const firstlead_filters *shape, size_t first, size_t last, float *packed);

/// The same for the product whose inner index is the output, and whose columns go tap by tap, input by input.
void firstlead_pack_filters_backward(
    const float *weights, const firstlead_filters *shape, size_t first, size_t last, float *packed);

/// `[columns, rows]` of each of `count` `[rows, columns]` that lie behind each other.
void firstlead_transpose_each(
    const float *values, size_t rows, size_t columns, size_t count, float *transposed);

/// Steps of the inner index that `firstlead_multiply_columns` adds before the sums are stored.
#define FIRSTLEAD_COLUMN_STEPS 128

typedef struct {
    /// Of each record `[positions, m]`, rows `left_stride` and records `left_record` floats apart.
    const float *left;
    size_t left_stride, left_record;
    /// Of each record `[positions, n]`; rows may overlap.
    const float *right;
    size_t right_stride, right_record;
    size_t records, positions, m, n;
    /// `[m, n]` of row stride `output_stride`.
    float *output;
    size_t output_stride;
} firstlead_column_product;

/// Floats of scratch memory that one call of `firstlead_multiply_columns` needs.
size_t firstlead_column_scratch_count(size_t m, size_t n);

/// output[i, j] = the sum over records and positions of left[i] * right[j], by fused multiply-adds from 0 upward within
/// every FIRSTLEAD_COLUMN_STEPS of them, then of these sums in their order.
void firstlead_multiply_columns(const firstlead_column_product *product, float *scratch);

#endif
