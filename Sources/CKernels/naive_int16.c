// The naive twin of the product of 16-bit integers, and what its arithmetic rests on.

#include "CKernelsNaive.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "CKernels.h"

#define BLOCK FIRSTLEAD_INT16_DEPTH_BLOCK

/// Sum of squares of x[l] * factor in sixteen lanes and the fixed fold.
static float sum_of_squares(const float *x, size_t count, float factor) {
    float lanes[16] = {0};
    for (size_t l = 0; l < count; l++) {
        const float y = x[l] * factor;
        lanes[l % 16] = fmaf(y, y, lanes[l % 16]);
    }
    for (size_t half = 8; half > 0; half /= 2)
        for (size_t i = 0; i < half; i++) lanes[i] = lanes[i] + lanes[i + half];
    return lanes[0];
}

float firstlead_naive_int16_quantise(const float *x, size_t count, int16_t *integers) {
    float largest = 0, inverse = 1;
    for (size_t l = 0; l < count; l++) largest = fabsf(x[l]) > largest ? fabsf(x[l]) : largest;
    float square = sum_of_squares(x, count, 1);
    memset(integers, 0, count * sizeof *integers);
    if (!(square > 1e-20f && square < 1e30f)) {
        inverse = largest > 1e-30f ? 1.0f / largest : 0.0f;
        square = sum_of_squares(x, count, inverse);
        if (!(square <= (float)(2 * BLOCK))) return NAN;
        if (square == 0.0f) return 0.0f;
    }
    float steps = 46320.0f / sqrtf(square);
    if (steps * (largest * inverse) > 32767.0f) steps = 32767.0f / (largest * inverse);
    const float factor = inverse * steps;
    // The product in float64 is exact; so is rounding it, halves to even.
    for (size_t l = 0; l < count; l++) integers[l] = (int16_t)nearbyint((double)x[l] * (double)factor);
    return 1.0f / inverse / steps;
}

void firstlead_naive_int16_rows(const float *x, size_t rows, size_t k, int16_t *integers, float *scales) {
    const size_t blocks = (k + BLOCK - 1) / BLOCK;
    for (size_t i = 0; i < rows; i++)
        for (size_t block = 0; block < blocks; block++) {
            const size_t first = block * BLOCK, count = k - first < BLOCK ? k - first : BLOCK;
            scales[i * blocks + block] =
                firstlead_naive_int16_quantise(x + i * k + first, count, integers + i * k + first);
        }
}

void firstlead_naive_int16_matmul(
    const int16_t *a, const float *a_scales, const int16_t *weights, const float *weight_scales, size_t m,
    size_t n, size_t k, float *sums) {
    const size_t blocks = (k + BLOCK - 1) / BLOCK;
    for (size_t i = 0; i < m; i++)
        for (size_t j = 0; j < n; j++) {
            float total = 0;
            for (size_t block = 0; block < blocks; block++) {
                int64_t sum = 0;
                for (size_t l = block * BLOCK; l < k && l < (block + 1) * BLOCK; l++)
                    sum += (int64_t)a[i * k + l] * weights[j * k + l];
                const float right = (float)sum * weight_scales[j * blocks + block];
                total = fmaf(right, a_scales[i * blocks + block], total);
            }
            sums[i * n + j] = total;
        }
}
