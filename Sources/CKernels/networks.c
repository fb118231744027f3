// What training needs beside products. Compiled once more for wider registers; the bits are the same.

#include <math.h>

#include "CKernels.h"
#include "vector.h"

#if defined(__x86_64__)
#define WIDER __attribute__((target_clones("default", "avx2")))
#else
#define WIDER
#endif

WIDER void firstlead_add(float *x, const float *y, size_t count) {
    for (size_t i = 0; i < count; i++) x[i] += y[i];
}

WIDER void firstlead_rectify(float *x, size_t count) {
    for (size_t i = 0; i < count; i++) x[i] = x[i] < 0.0f ? 0.0f : x[i];
}

WIDER void firstlead_rectify_gradient(float *gradient, const float *output, size_t count) {
    for (size_t i = 0; i < count; i++) gradient[i] = output[i] <= 0.0f ? 0.0f : gradient[i];
}

WIDER void firstlead_sum_squares(
    const float *x, size_t rows, size_t width, const double *means, double *restrict sums) {
    for (size_t row = 0; row < rows; row++, x += width)
        for (size_t j = 0; j < width; j++) {
            const double difference = (double)x[j] - means[j];
            sums[j] += difference * difference;
        }
}

WIDER void firstlead_normalise_columns(
    const float *x, size_t rows, size_t width, const firstlead_normalisation *norm, float *restrict output) {
    const float *mean = norm->mean, *deviation = norm->inverse_deviation;
    const float *weight = norm->weight, *bias = norm->bias;
    for (size_t row = 0; row < rows; row++, x += width, output += width)
        for (size_t j = 0; j < width; j++) output[j] = (x[j] - mean[j]) * deviation[j] * weight[j] + bias[j];
}

WIDER void firstlead_normalise_sums(
    const float *gradient, const float *x, size_t rows, size_t width, const firstlead_normalisation *norm,
    double *restrict weights, double *restrict biases) {
    const float *mean = norm->mean, *deviation = norm->inverse_deviation;
    for (size_t row = 0; row < rows; row++, x += width, gradient += width)
        for (size_t j = 0; j < width; j++) {
            weights[j] += (double)(gradient[j] * ((x[j] - mean[j]) * deviation[j]));
            biases[j] += (double)gradient[j];
        }
}

WIDER void firstlead_normalise_gradient(
    float *restrict gradient, const float *x, size_t rows, size_t width, const firstlead_normalisation *norm,
    const float *weight_shares, const float *bias_shares) {
    const float *mean = norm->mean, *deviation = norm->inverse_deviation, *weight = norm->weight;
    for (size_t row = 0; row < rows; row++, x += width, gradient += width)
        for (size_t j = 0; j < width; j++) {
            const float standard = (x[j] - mean[j]) * deviation[j];
            const float centred = gradient[j] - bias_shares[j] - standard * weight_shares[j];
            gradient[j] = weight[j] * deviation[j] * centred;
        }
}

WIDER void firstlead_adam(
    float *restrict values, const float *gradient, float *restrict first, float *restrict second, size_t count,
    const firstlead_adam_step *step) {
    const firstlead_adam_step s = *step;
    for (size_t i = 0; i < count; i++) {
        first[i] += s.follow * (gradient[i] - first[i]);
        second[i] = second[i] * s.keep + s.take * gradient[i] * gradient[i];
        values[i] -= s.rate * first[i] / (sqrtf(second[i]) / s.correction + s.epsilon);
    }
}

void firstlead_stretch(const float *record, const firstlead_stretching *x, float *stretches) {
    for (size_t output = 0; output < x->outputs; output++)
        for (size_t tap = 0; tap < x->taps; tap++, stretches += x->channels) {
            const size_t place = output * x->stride + tap;
            if (place < x->padding || place - x->padding >= x->positions)
                memset(stretches, 0, x->channels * sizeof(float));
            else
                memcpy(stretches, record + (place - x->padding) * x->channels, x->channels * sizeof(float));
        }
}

void firstlead_gather(const float *stretches, const firstlead_stretching *x, float *record) {
    memset(record, 0, x->positions * x->channels * sizeof(float));
    for (size_t output = 0; output < x->outputs; output++)
        for (size_t tap = 0; tap < x->taps; tap++, stretches += x->channels) {
            const size_t place = output * x->stride + tap;
            if (place < x->padding || place - x->padding >= x->positions) continue;
            firstlead_add(record + (place - x->padding) * x->channels, stretches, x->channels);
        }
}

void firstlead_pack_rows(const float *values, size_t k, size_t n, size_t first, size_t last, float *packed) {
    for (size_t column = 0; column < n; column += 16) {
        const size_t count = n - column < 16 ? n - column : 16;
        for (size_t row = first; row < last; row++)
            memcpy(packed + column * k + row * 16, values + row * n + column, count * sizeof(float));
    }
}

void firstlead_transpose(
    const float *values, size_t rows, size_t columns, size_t first, size_t last, float *transposed) {
    for (size_t column = 0; column < columns; column += 64) {
        const size_t count = columns - column < 64 ? columns - column : 64;
        transpose(
            values + first * columns + column, columns, last - first, count, 1.0f,
            transposed + column * rows + first, rows);
    }
}
