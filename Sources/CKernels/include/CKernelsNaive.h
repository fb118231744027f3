#ifndef FIRSTLEAD_KERNELS_NAIVE_H
#define FIRSTLEAD_KERNELS_NAIVE_H

#include <stddef.h>

/// The naive twins: plain loops that say what each kernel computes, for tests only.
///
/// Layouts are unpacked. Where a twin adds in the kernel's order the results are equal bit for bit; the
/// others compute in float64 and the test allows the kernel's rounding.

/// Twin of `firstlead_matmul`, equal bits: output `[m, n]`, a `[m, k]`, weights `[n, k]`; bias and residual
/// may be NULL.
void firstlead_naive_matmul(
    const float *a, const float *weights, size_t m, size_t n, size_t k, const float *bias, int gelu,
    const float *residual, float *output);

/// The product of two chunks' quadrants, as Strassen's scheme in Winograd's form adds them up; arguments as for
/// `firstlead_naive_matmul`, m and n even, k a multiple of FIRSTLEAD_STRASSEN_CHUNK.
void firstlead_naive_strassen(
    const float *a, const float *weights, size_t m, size_t n, size_t k, const float *bias, int gelu,
    const float *residual, float *output);

/// Twin of `firstlead_convolve_group` over all groups without epilogue, equal bits: input `[steps, groups *
/// channels]`, weights `[groups * outputs, channels, taps]` as PyTorch stores them.
void firstlead_naive_convolution(
    const float *input, size_t steps, size_t groups, size_t channels, size_t outputs, size_t taps,
    const float *weights, float *output);

/// Twin of `firstlead_attend` in float64.
void firstlead_naive_attention(
    const float *queries, const float *keys, const float *values, size_t tokens, size_t dim, double scale,
    double *output);

/// Twin of `firstlead_layer_norm` for one row, in float64.
void firstlead_naive_layer_norm(
    const float *input, size_t width, const float *weight, const float *bias, double epsilon,
    double *output);

/// Twin of `firstlead_channel_norm_gelu` in float64: values `[steps, channels]`.
void firstlead_naive_channel_norm_gelu(
    const float *values, size_t steps, size_t channels, const float *weight, const float *bias,
    double epsilon, double *output);

/// Twin of `firstlead_gelu`, equal bits.
float firstlead_naive_gelu(float x);

/// Twin of `firstlead_exp`, equal bits.
float firstlead_naive_exp(float x);

/// x * Phi(x) in float64, from the C library's erfc.
double firstlead_reference_gelu(double x);

#endif
