#ifndef FIRSTLEAD_KERNELS_NETWORKS_H
#define FIRSTLEAD_KERNELS_NETWORKS_H

// Part of CKernels.h, which includes it after what it needs.
#include <stddef.h>

/// What training needs beside products: element by element, or down the columns of `[rows, width]` without gaps.
///
/// Written once, without intrinsics: no sum is reordered and nothing contracted, so that every machine gives equal
/// bits. Threads take disjoint rows or elements.

/// x[i] += y[i].
void firstlead_add(float *x, const float *y, size_t count);

/// x[i] = max(x[i], 0).
void firstlead_rectify(float *x, size_t count);

/// gradient[i] = 0 where output[i] is not above 0.
void firstlead_rectify_gradient(float *gradient, const float *output, size_t count);

/// sums[j] += (x[i, j] - means[j])^2 in float64, row by row.
void firstlead_sum_squares(const float *x, size_t rows, size_t width, const double *means, double *sums);

/// Statistics and affine part of a batch normalisation, `[width]` each.
typedef struct {
    const float *mean, *inverse_deviation, *weight, *bias;
} firstlead_normalisation;

/// output[i, j] = (x[i, j] - mean) * inverse deviation * weight + bias.
void firstlead_normalise_columns(
    const float *x, size_t rows, size_t width, const firstlead_normalisation *norm, float *output);

/// weights[j] += gradient * standardised x and biases[j] += gradient, in float64, row by row.
void firstlead_normalise_sums(
    const float *gradient, const float *x, size_t rows, size_t width, const firstlead_normalisation *norm,
    double *weights, double *biases);

/// gradient = weight * inverse deviation * (gradient - bias_shares - standardised x * weight_shares), in place; the
/// shares are the sums above divided by the rows of the whole batch.
void firstlead_normalise_gradient(
    float *gradient, const float *x, size_t rows, size_t width, const firstlead_normalisation *norm,
    const float *weight_shares, const float *bias_shares);

/// What Adam needs of an update.
typedef struct {
    /// 1 - first decay; second decay; 1 - second decay; rate and root of the corrections; epsilon.
    float follow, keep, take, rate, correction, epsilon;
} firstlead_adam_step;

/// One update of `count` parameters and their moments.
void firstlead_adam(
    float *values, const float *gradient, float *first, float *second, size_t count,
    const firstlead_adam_step *step);

/// A convolution's view of one record.
typedef struct {
    size_t positions, channels, taps, stride, padding, outputs;
} firstlead_stretching;

/// `[positions, channels]` to `[outputs, taps * channels]`: what each output sees, tap by tap, zeros outside.
void firstlead_stretch(const float *record, const firstlead_stretching *shape, float *stretches);

/// The transpose: adds up, for every input value, what all its places in the stretches hold.
void firstlead_gather(const float *stretches, const firstlead_stretching *shape, float *record);

/// Rows `first ..< last` of `[k, n]` into their places among the packed weights of a product whose inner index they
/// are: `[panel][k][16]`. Columns beyond `n` are left as they are.
void firstlead_pack_rows(const float *values, size_t k, size_t n, size_t first, size_t last, float *packed);

/// Rows `first ..< last` of `[rows, columns]` into their columns of the transpose.
void firstlead_transpose(
    const float *values, size_t rows, size_t columns, size_t first, size_t last, float *transposed);

#endif
