// What training needs beside products. Compiled once more for wider registers; the bits are the same.

#include <math.h>

#include "CKernels.h"
#include "vector.h"

#if defined(__x86_64__)
#define WIDER __attribute__((target_clones("default", "avx2")))
#else
#define WIDER
#endif

WIDER void firstlead_add_moments(
    const float *x, size_t stride, size_t rows, size_t width, double *restrict sums, double *restrict squares) {
    for (size_t row = 0; row < rows; row++, x += stride)
        for (size_t j = 0; j < width; j++) {
            const double value = (double)x[j];
            sums[j] += value;
            squares[j] += value * value;
        }
}

INLINE float normalised(float x, const firstlead_normalisation *norm, size_t j) {
    return (x - norm->mean[j]) * norm->inverse_deviation[j] * norm->weight[j] + norm->bias[j];
}

WIDER void firstlead_activate(const firstlead_activation *x, size_t rows, float *restrict output) {
    const firstlead_normalisation norm = x->norm, other = x->around_norm;
    const float *values = x->x, *around = x->around;
    const size_t width = x->width, stride = x->stride;
    for (size_t row = 0; row < rows; row++, values += stride, output += stride) {
        if (!around) {
            for (size_t j = 0; j < width; j++) {
                const float y = normalised(values[j], &norm, j);
                output[j] = y < 0.0f ? 0.0f : y;
            }
            continue;
        }
        if (other.mean) {
            for (size_t j = 0; j < width; j++) {
                const float y = normalised(values[j], &norm, j) + normalised(around[j], &other, j);
                output[j] = y < 0.0f ? 0.0f : y;
            }
        } else {
            for (size_t j = 0; j < width; j++) {
                const float y = normalised(values[j], &norm, j) + around[j];
                output[j] = y < 0.0f ? 0.0f : y;
            }
        }
        around += stride;
    }
}

WIDER void firstlead_rectify_gradient(
    float *restrict gradient, const float *activated, size_t stride, size_t rows, size_t width) {
    for (size_t row = 0; row < rows; row++, gradient += stride, activated += stride)
        for (size_t j = 0; j < width; j++) gradient[j] = activated[j] <= 0.0f ? 0.0f : gradient[j];
}

WIDER void firstlead_normalise_sums(
    const float *gradient, const float *x, size_t stride, size_t rows, size_t width,
    const firstlead_normalisation *norm, double *restrict weights, double *restrict biases) {
    const float *mean = norm->mean, *deviation = norm->inverse_deviation;
    for (size_t row = 0; row < rows; row++, x += stride, gradient += stride)
        for (size_t j = 0; j < width; j++) {
            weights[j] += (double)(gradient[j] * ((x[j] - mean[j]) * deviation[j]));
            biases[j] += (double)gradient[j];
        }
}

WIDER void firstlead_normalise_gradient(
    const float *gradient, float *restrict x, size_t stride, size_t rows, size_t width,
    const firstlead_normalisation *norm, const float *weight_shares, const float *bias_shares) {
    const float *mean = norm->mean, *deviation = norm->inverse_deviation, *weight = norm->weight;
    for (size_t row = 0; row < rows; row++, x += stride, gradient += stride)
        for (size_t j = 0; j < width; j++) {
            const float standard = (x[j] - mean[j]) * deviation[j];
            const float centred = gradient[j] - bias_shares[j] - standard * weight_shares[j];
            x[j] = weight[j] * deviation[j] * centred;
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

WIDER void firstlead_gather(const float *stretches, const firstlead_stretching *x, float *restrict record) {
    const size_t channels = x->channels;
    memset(record, 0, x->positions * channels * sizeof(float));
    for (size_t output = 0; output < x->outputs; output++)
        for (size_t tap = 0; tap < x->taps; tap++, stretches += channels) {
            const size_t place = output * x->stride + tap;
            if (place < x->padding || place - x->padding >= x->positions) continue;
            float *to = record + (place - x->padding) * channels;
            for (size_t j = 0; j < channels; j++) to[j] += stretches[j];
        }
}

void firstlead_gather_maxima(
    const float *gradient, const float *values, const firstlead_stretching *x, float *restrict record) {
    const size_t channels = x->channels;
    memset(record, 0, x->positions * channels * sizeof(float));
    for (size_t output = 0; output < x->outputs; output++, gradient += channels) {
        const size_t begin = output * x->stride, end = begin + x->taps;
        const size_t first = begin < x->padding ? 0 : begin - x->padding;
        const size_t last = end - x->padding < x->positions ? end - x->padding : x->positions;
        for (size_t j = 0; j < channels; j++) {
            size_t best = first * channels + j;
            for (size_t place = best + channels; place < last * channels; place += channels)
                if (values[place] > values[best]) best = place;
            record[best] += gradient[j];
        }
    }
}

void firstlead_pack_filters(
    const float *weights, const firstlead_filters *x, size_t first, size_t last, float *packed) {
    const size_t k = x->inputs * x->taps;
    for (size_t panel = first; panel < last; panel++) {
        const size_t output = panel * 16, count = x->outputs - output < 16 ? x->outputs - output : 16;
        const float *source = weights + output * k;
        float *to = packed + output * k;
        if (x->taps == 1) {
            firstlead_pack_weights(source, count, k, to);
            continue;
        }
        if (count < 16) memset(to, 0, 16 * k * sizeof(float));
        for (size_t lane = 0; lane < count; lane++, source += k)
            for (size_t tap = 0; tap < x->taps; tap++)
                for (size_t input = 0; input < x->inputs; input++)
                    to[(tap * x->inputs + input) * 16 + lane] = source[input * x->taps + tap];
    }
}

void firstlead_pack_filters_backward(
    const float *weights, const firstlead_filters *x, size_t first, size_t last, float *packed) {
    const size_t n = x->inputs * x->taps;
    for (size_t panel = first; panel < last; panel++) {
        const size_t column = panel * 16, count = n - column < 16 ? n - column : 16;
        float *to = packed + column * x->outputs;
        if (count < 16) memset(to, 0, 16 * x->outputs * sizeof(float));
        for (size_t output = 0; output < x->outputs; output++, to += 16) {
            const float *source = weights + output * n;
            if (x->taps == 1) {
                memcpy(to, source + column, count * sizeof(float));
                continue;
            }
            for (size_t lane = 0; lane < count; lane++) {
                const size_t tap = (column + lane) / x->inputs, input = (column + lane) % x->inputs;
                to[lane] = source[input * x->taps + tap];
            }
        }
    }
}

void firstlead_transpose_each(
    const float *values, size_t rows, size_t columns, size_t count, float *transposed) {
    for (size_t i = 0; i < count; i++)
        transpose(values + i * rows * columns, columns, rows, columns, 1.0f, transposed + i * rows * columns, rows);
}
