#include "CKernelsNaive.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "CKernels.h"
#include "vector.h"

// Compiled once more for processors with fused multiply-adds: elsewhere each is a call. The bits are the same.
#if defined(__x86_64__)
#define TWIN __attribute__((target_clones("default", "fma")))
#else
#define TWIN
#endif

float firstlead_naive_epilogue(float sum, const float *bias, size_t column, int gelu, const float *residual) {
    if (bias) sum = sum + bias[column];
    if (gelu) sum = firstlead_naive_gelu(sum);
    return residual ? sum + *residual : sum;
}

TWIN void firstlead_naive_matmul(
    const float *a, const float *weights, size_t m, size_t n, size_t k, const float *bias, int gelu,
    const float *residual, float *output) {
    for (size_t i = 0; i < m; i++)
        for (size_t j = 0; j < n; j++) {
            float sum = 0;
            for (size_t l = 0; l < k; l++) sum = fmaf(a[i * k + l], weights[j * k + l], sum);
            output[i * n + j] =
                firstlead_naive_epilogue(sum, bias, j, gelu, residual ? residual + i * n + j : NULL);
        }
}

TWIN void firstlead_naive_multiply_columns(
    const float *left, const float *right, size_t steps, size_t m, size_t n, float *output) {
    for (size_t i = 0; i < m; i++)
        for (size_t j = 0; j < n; j++)
            for (size_t k = 0; k < steps; k += FIRSTLEAD_COLUMN_STEPS) {
                float sum = 0;
                for (size_t l = k; l < steps && l < k + FIRSTLEAD_COLUMN_STEPS; l++)
                    sum = fmaf(left[l * m + i], right[l * n + j], sum);
                output[i * n + j] = k > 0 ? output[i * n + j] + sum : sum;
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

/// The same of the weights: 11, 12, 21, 22, where the first digit is the inner index, and T1 to T4; B22 as the sums
/// that folded weights keep give it.
static void right_factors(const float *w, size_t n, size_t k, size_t column, size_t l, float f[8]) {
    const size_t half = FIRSTLEAD_STRASSEN_CHUNK / 2;
    f[0] = w[column * k + l];
    f[1] = w[(column + n / 2) * k + l];
    f[2] = w[column * k + l + half];
    f[4] = f[1] - f[0];
    f[5] = w[(column + n / 2) * k + l + half] - f[4];
    f[3] = f[4] + f[5];
    f[6] = f[5] - f[0];
    f[7] = f[2] - f[5];
}

TWIN void firstlead_naive_strassen_sums(
    const float *a, const float *weights, size_t m, size_t n, size_t k, size_t i, size_t j, float sums[4]) {
    static const int left[7] = {0, 1, 5, 6, 4, 7, 3}, right[7] = {0, 2, 5, 6, 4, 3, 7};
    float p[7] = {0};
    for (size_t l = 0; l < k; l++) {
        if (l % FIRSTLEAD_STRASSEN_CHUNK >= FIRSTLEAD_STRASSEN_CHUNK / 2) continue;
        float x[8], y[8];
        left_factors(a, m, k, i, l, x);
        right_factors(weights, n, k, j, l, y);
        for (int t = 0; t < 7; t++) p[t] = fmaf(x[left[t]], y[right[t]], p[t]);
    }
    const float u = p[0] + p[2], v = u + p[3];
    sums[0] = p[0] + p[1];
    sums[1] = (u + p[4]) + p[5];
    sums[2] = v + p[6];
    sums[3] = v + p[4];
}

void firstlead_naive_strassen(
    const float *a, const float *weights, size_t m, size_t n, size_t k, const float *bias, int gelu,
    const float *residual, float *output) {
    for (size_t i = 0; i < m / 2; i++)
        for (size_t j = 0; j < n / 2; j++) {
            float sums[4];
            firstlead_naive_strassen_sums(a, weights, m, n, k, i, j, sums);
            for (size_t quadrant = 0; quadrant < 4; quadrant++) {
                const size_t column = j + quadrant % 2 * (n / 2), at = (i + quadrant / 2 * (m / 2)) * n + column;
                output[at] = firstlead_naive_epilogue(
                    sums[quadrant], bias, column, gelu, residual ? residual + at : NULL);
            }
        }
}

TWIN void firstlead_naive_convolution(
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

/// Element `channel` of the nine inputs of a convolution in phases at step `i` of a phase.
static void part_inputs(
    const float *input, size_t steps, size_t width, size_t taps, size_t channel, size_t i, float inputs[9]) {
    float x[7];
    for (size_t phase = 0; phase < 7; phase++) {
        const size_t padded = 4 * i + phase;
        const int inside = padded >= taps / 2 && padded - taps / 2 < steps;
        x[phase] = inside ? input[(padded - taps / 2) * width + channel] : 0.0f;
    }
    inputs[0] = x[3];
    inputs[1] = x[1] - x[3];
    inputs[2] = x[5] - x[3];
    inputs[3] = x[2] - x[3];
    inputs[4] = (x[0] - x[1]) - inputs[3];
    inputs[5] = (x[4] - x[5]) - inputs[3];
    inputs[6] = x[4] - x[3];
    inputs[7] = (x[2] - x[1]) - inputs[6];
    inputs[8] = (x[6] - x[5]) - inputs[6];
}

/// What they are multiplied with, from four neighbouring taps.
static void part_weights(const float *w, float weights[9]) {
    weights[1] = w[0] + w[1];
    weights[2] = w[2] + w[3];
    weights[0] = weights[1] + weights[2];
    weights[3] = w[0] + w[2];
    weights[4] = w[0];
    weights[5] = w[2];
    weights[6] = w[1] + w[3];
    weights[7] = w[1];
    weights[8] = w[3];
}

TWIN void firstlead_naive_phases(
    const float *input, size_t steps, size_t groups, size_t channels, size_t outputs, size_t taps,
    const float *weights, float *output) {
    const size_t width = groups * channels;
    for (size_t i = 0; i < steps / 4; i++)
        for (size_t o = 0; o < groups * outputs; o++) {
            // Of three parts the first is shared by the two others.
            float sums[9] = {0};
            for (int others = 0; others < 2; others++) {
                if (others)
                    for (int part = 0; part < 9; part++)
                        if (part % 3) sums[part] = sums[part / 3 * 3];
                for (size_t tap = 0; tap < taps / 4; tap++)
                    for (size_t c = 0; c < channels; c++) {
                        float x[9], w[9];
                        part_inputs(input, steps, width, taps, o / outputs * channels + c, i + tap, x);
                        part_weights(weights + (o * channels + c) * taps + 4 * tap, w);
                        for (int part = 0; part < 9; part++)
                            if (others == (part % 3 != 0)) sums[part] = fmaf(x[part], w[part], sums[part]);
                    }
            }
            float *y = output + 4 * i * groups * outputs + o;
            for (int phase = 0; phase < 4; phase++)
                y[(size_t)phase * groups * outputs] =
                    sums[1 + phase / 2] + sums[(phase % 2 ? 7 : 4) + phase / 2];
        }
}

/// Lane i takes the terms i, i + 16, ...; then lane i takes lane i + 8's sum, + 4, + 2, + 1.
static float folded(float lanes[16]) {
    for (size_t half = 8; half > 0; half /= 2)
        for (size_t i = 0; i < half; i++) lanes[i] = lanes[i] + lanes[i + half];
    return lanes[0];
}

float firstlead_naive_exp2(float x) {
    if (x < EXP2_LOWEST) x = EXP2_LOWEST;
    const float n = (x + EXP_ROUND) - EXP_ROUND, r = x - n;
    const float p = fmaf(fmaf(fmaf(fmaf(EXP2_P4, r, EXP2_P3), r, EXP2_P2), r, EXP2_P1), r, EXP2_P0);
    return ldexpf(fmaf(p, r, 1.0f), (int)n);
}

TWIN void firstlead_naive_attention(
    const float *queries, const float *keys, const float *values, size_t stride, size_t tokens, size_t dim,
    float scale, float *output, float *weights) {
    for (size_t q = 0; q < tokens; q++) {
        float largest = -INFINITY, totals[16] = {0};
        for (size_t key = 0; key < tokens; key++) {
            float score = 0;
            for (size_t l = 0; l < dim; l++)
                score = fmaf(queries[q * stride + l], keys[key * stride + l] * (scale * EXP_PER_LN2), score);
            weights[key] = score;
            if (score > largest) largest = score;
        }
        for (size_t key = 0; key < tokens; key++) {
            weights[key] = firstlead_naive_exp2(weights[key] - largest);
            totals[key % 16] = totals[key % 16] + weights[key];
        }
        const float factor = 1.0f / folded(totals);
        for (size_t j = 0; j < dim; j++) {
            float sum = 0;
            for (size_t key = 0; key < tokens; key++) sum = fmaf(weights[key], values[key * stride + j], sum);
            output[q * dim + j] = sum * factor;
        }
    }
}

static double score(const float *query, const float *key, size_t dim, double scale) {
    double sum = 0;
    for (size_t l = 0; l < dim; l++) sum += (double)query[l] * (double)key[l];
    return sum * scale;
}

void firstlead_reference_attention(
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
    const float *input, size_t width, const float *weight, const float *bias, float epsilon, float *output) {
    float sums[16] = {0}, squares[16] = {0};
    for (size_t i = 0; i < width; i++) sums[i % 16] = sums[i % 16] + input[i];
    const float mean = folded(sums) / (float)width;
    for (size_t i = 0; i < width; i++)
        squares[i % 16] = fmaf(input[i] - mean, input[i] - mean, squares[i % 16]);
    const float variance = folded(squares) / (float)width;
    const float factor = 1.0f / sqrtf(variance + epsilon);
    for (size_t i = 0; i < width; i++) output[i] = fmaf((input[i] - mean) * factor, weight[i], bias[i]);
}

void firstlead_reference_layer_norm(
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
    float *values, size_t steps, size_t channels, const float *weight, const float *bias, float epsilon) {
    for (size_t c = 0; c < channels; c++) {
        double sum = 0, squares = 0;
        for (size_t t = 0; t < steps; t++) sum = sum + (double)values[t * channels + c];
        const double mean = sum / (double)steps;
        for (size_t t = 0; t < steps; t++) {
            const double d = (double)values[t * channels + c] - mean;
            squares = squares + d * d;
        }
        const float factor = (float)(1.0 / sqrt(squares / (double)steps + (double)epsilon));
        for (size_t t = 0; t < steps; t++) {
            float *x = values + t * channels + c;
            *x = firstlead_naive_gelu(fmaf((*x - (float)mean) * factor, weight[c], bias[c]));
        }
    }
}

void firstlead_reference_channel_norm_gelu(
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
    const float size = x < 0 ? -x : x;
    const float a = size < GELU_FURTHEST ? size : GELU_FURTHEST;
    const float n = fmaf(a, GELU_PER_UNIT, EXP_ROUND) - EXP_ROUND;
    const float f = fmaf(a, GELU_PER_UNIT, -n);
    float tail = gelu_tail[GELU_DEGREE][(int)n];
    for (int power = GELU_DEGREE - 1; power >= 0; power--) tail = fmaf(tail, f, gelu_tail[power][(int)n]);
    return (x < 0 ? 0 : x) - tail;
}

double firstlead_reference_gelu(double x) { return x * 0.5 * erfc(-x / sqrt(2.0)); }
