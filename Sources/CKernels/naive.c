#include "CKernelsNaive.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "CKernels.h"
#include "vector.h"

void firstlead_naive_matmul(
    const float *a, const float *weights, size_t m, size_t n, size_t k, const float *bias, int gelu,
    const float *residual, float *output) {
    for (size_t i = 0; i < m; i++)
        for (size_t j = 0; j < n; j++) {
            float sum = 0;
            for (size_t l = 0; l < k; l++) sum = fmaf(a[i * k + l], weights[j * k + l], sum);
            if (bias) sum = sum + bias[j];
            if (gelu) sum = firstlead_naive_gelu(sum);
            if (residual) sum = sum + residual[i * n + j];
            output[i * n + j] = sum;
        }
}

/// The four elements of A at (row, l) of each quadrant and the sums S1 to S4 of them: what a factor's row holds.
static void left_factors(const float *a, size_t m, size_t k, size_t row, size_t l, float f[8]) {
    const size_t half = FIRSTLEAD_STRASSEN_CHUNK / 2;
    f[0] = a[row * k + l];
    f[1] = a[row * k + l + half];
    f[2] = a[(row + m / 2) * k + l];
    f[3] = a[(row + m / 2) * k + l + half];
    f[4] = f[2] + f[3];
    f[5] = f[4] - f[0];
    f[6] = f[0] - f[2];
    f[7] = f[1] - f[5];
}

/// The same of the weights: 11, 12, 21, 22, where the first digit is the inner index; T1 to T4.
static void right_factors(const float *w, size_t n, size_t k, size_t column, size_t l, float f[8]) {
    const size_t half = FIRSTLEAD_STRASSEN_CHUNK / 2;
    f[0] = w[column * k + l];
    f[1] = w[(column + n / 2) * k + l];
    f[2] = w[column * k + l + half];
    f[3] = w[(column + n / 2) * k + l + half];
    f[4] = f[1] - f[0];
    f[6] = f[3] - f[1];
    f[5] = f[6] + f[0];
    f[7] = f[2] - f[5];
}

static float finished(
    float sum, size_t i, size_t j, size_t n, const float *bias, int gelu, const float *residual) {
    if (bias) sum = sum + bias[j];
    if (gelu) sum = firstlead_naive_gelu(sum);
    return residual ? sum + residual[i * n + j] : sum;
}

void firstlead_naive_strassen(
    const float *a, const float *weights, size_t m, size_t n, size_t k, const float *bias, int gelu,
    const float *residual, float *output) {
    static const int left[7] = {0, 1, 5, 6, 4, 7, 3}, right[7] = {0, 2, 5, 6, 4, 3, 7};
    for (size_t i = 0; i < m / 2; i++)
        for (size_t j = 0; j < n / 2; j++) {
            float p[7] = {0};
            for (size_t chunk = 0; chunk < k; chunk += FIRSTLEAD_STRASSEN_CHUNK)
                for (size_t l = chunk; l < chunk + FIRSTLEAD_STRASSEN_CHUNK / 2; l++) {
                    float x[8], y[8];
                    left_factors(a, m, k, i, l, x);
                    right_factors(weights, n, k, j, l, y);
                    for (int t = 0; t < 7; t++) p[t] = fmaf(x[left[t]], y[right[t]], p[t]);
                }
            const float u = p[0] + p[2], v = u + p[3];
            const size_t r = i + m / 2, c = j + n / 2;
            output[i * n + j] = finished(p[0] + p[1], i, j, n, bias, gelu, residual);
            output[i * n + c] = finished((u + p[4]) + p[5], i, c, n, bias, gelu, residual);
            output[r * n + j] = finished(v + p[6], r, j, n, bias, gelu, residual);
            output[r * n + c] = finished(v + p[4], r, c, n, bias, gelu, residual);
        }
}

void firstlead_naive_convolution(
    const float *input, size_t steps, size_t groups, size_t channels, size_t outputs, size_t taps,
    const float *weights, float *output) {
    for (size_t t = 0; t < steps; t++)
        for (size_t o = 0; o < groups * outputs; o++) {
            const size_t first_channel = o / outputs * channels;
            float sum = 0;
            for (size_t tap = 0; tap < taps; tap++)
                for (size_t c = 0; c < channels; c++) {
                    const size_t shifted = t + tap;
                    const int inside = shifted >= taps / 2 && shifted - taps / 2 < steps;
                    const float x =
                        inside ? input[(shifted - taps / 2) * groups * channels + first_channel + c] : 0.0f;
                    sum = fmaf(x, weights[(o * channels + c) * taps + tap], sum);
                }
            output[t * groups * outputs + o] = sum;
        }
}

static double score(const float *query, const float *key, size_t dim, double scale) {
    double sum = 0;
    for (size_t l = 0; l < dim; l++) sum += (double)query[l] * (double)key[l];
    return sum * scale;
}

void firstlead_naive_attention(
    const float *queries, const float *keys, const float *values, size_t tokens, size_t dim, double scale,
    double *output) {
    for (size_t q = 0; q < tokens; q++) {
        double largest = -INFINITY, total = 0;
        for (size_t k = 0; k < tokens; k++)
            largest = fmax(largest, score(queries + q * dim, keys + k * dim, dim, scale));
        for (size_t j = 0; j < dim; j++) output[q * dim + j] = 0;
        for (size_t k = 0; k < tokens; k++) {
            const double e = exp(score(queries + q * dim, keys + k * dim, dim, scale) - largest);
            total += e;
            for (size_t j = 0; j < dim; j++) output[q * dim + j] += e * (double)values[k * dim + j];
        }
        for (size_t j = 0; j < dim; j++) output[q * dim + j] /= total;
    }
}

void firstlead_naive_layer_norm(
    const float *input, size_t width, const float *weight, const float *bias, double epsilon,
    double *output) {
    double mean = 0, variance = 0;
    for (size_t i = 0; i < width; i++) mean += input[i];
    mean /= (double)width;
    for (size_t i = 0; i < width; i++) variance += (input[i] - mean) * (input[i] - mean);
    variance /= (double)width;
    for (size_t i = 0; i < width; i++)
        output[i] = (input[i] - mean) / sqrt(variance + epsilon) * weight[i] + bias[i];
}

void firstlead_naive_channel_norm_gelu(
    const float *values, size_t steps, size_t channels, const float *weight, const float *bias,
    double epsilon, double *output) {
    for (size_t c = 0; c < channels; c++) {
        double mean = 0, variance = 0;
        for (size_t t = 0; t < steps; t++) mean += values[t * channels + c];
        mean /= (double)steps;
        for (size_t t = 0; t < steps; t++)
            variance += (values[t * channels + c] - mean) * (values[t * channels + c] - mean);
        variance /= (double)steps;
        for (size_t t = 0; t < steps; t++) {
            const double d = (values[t * channels + c] - mean) / sqrt(variance + epsilon);
            output[t * channels + c] = firstlead_reference_gelu(d * weight[c] + bias[c]);
        }
    }
}

float firstlead_naive_exp(float x) {
    if (x > EXP_HIGHEST) x = EXP_HIGHEST;
    if (x < EXP_LOWEST) return 0;
    const float shifted = fmaf(x, EXP_PER_LN2, EXP_ROUND);
    const float n = shifted - EXP_ROUND;
    const float r = fmaf(n, -EXP_LN2_LOW, fmaf(n, -EXP_LN2_HIGH, x));
    const float q = fmaf(fmaf(fmaf(fmaf(EXP_Q4, r, EXP_Q3), r, EXP_Q2), r, EXP_Q1), r, EXP_Q0);
    return ldexpf(fmaf(q, r * r, r) + 1.0f, (int)n);
}

float firstlead_naive_gelu(float x) {
    static const float phi[] = {PHI_9, PHI_8, PHI_7, PHI_6, PHI_5, PHI_4, PHI_3, PHI_2, PHI_1, PHI_0};
    const float size = x < 0 ? -x : x;
    const float a = size < PHI_FURTHEST ? size : PHI_FURTHEST;
    const float t = 4.0f / (a + 4.0f);
    float p = phi[0];
    for (int i = 1; i < 10; i++) p = fmaf(p, t, phi[i]);
    const float square = a * a;
    float e = firstlead_naive_exp(square * -0.5f);
    e = fmaf(e, fmaf(a, a, -square) * -0.5f, e);
    return fmaf(-a, e * (t * p), x < 0 ? 0 : x);
}

double firstlead_reference_gelu(double x) { return x * 0.5 * erfc(-x / sqrt(2.0)); }
