#include "CKernelsNaive.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

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
