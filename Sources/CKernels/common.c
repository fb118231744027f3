// What is compiled once: packing, sums down the columns, checks, the deterministic fill.

#include "CKernels.h"
#include "vector.h"

static size_t panels_of(size_t count, size_t width) { return (count + width - 1) / width; }

size_t firstlead_packed_weights_count(size_t n, size_t k) { return panels_of(n, 16) * 16 * k; }

void firstlead_pack_weights(const float *weights, size_t n, size_t k, float *packed) {
    for (size_t first = 0; first < n; first += 16) {
        const size_t count = n - first < 16 ? n - first : 16;
        float *panel = packed + first * k;
        if (count < 16) memset(panel, 0, 16 * k * sizeof(float));
        transpose(weights + first * k, k, count, k, 1.0f, panel, 16);
    }
}

size_t firstlead_packed_rows_count(size_t m, size_t k) { return panels_of(m, 12) * 12 * k; }

void firstlead_pack_rows(
    const float *a, size_t stride, size_t m, size_t k, size_t first, size_t last, float *packed) {
    const size_t padded = panels_of(m, 12) * 12;
    for (size_t start = 0; start < k; start += FIRSTLEAD_DEPTH_BLOCK) {
        const size_t depth = k - start < FIRSTLEAD_DEPTH_BLOCK ? k - start : FIRSTLEAD_DEPTH_BLOCK;
        for (size_t p = first; p < last; p++) {
            const size_t row = p * 12, count = m - row < 12 ? m - row : 12;
            float *panel = packed + start * padded + row * depth;
            if (count < 12) memset(panel, 0, 12 * depth * sizeof(float));
            transpose(a + row * stride + start, stride, count, depth, 1.0f, panel, 12);
        }
    }
}

size_t firstlead_convolution_scratch_count(const firstlead_convolution *x) {
    return x->channels * (panels_of(x->steps, 12) * 12 + x->taps);
}

size_t firstlead_attention_scratch_count(size_t tokens, size_t dim) {
    const size_t padded = panels_of(tokens, FIRSTLEAD_QUERY_BLOCK) * FIRSTLEAD_QUERY_BLOCK;
    return 2 * padded * dim + tokens * panels_of(dim, 16) * 16 + tokens * FIRSTLEAD_QUERY_BLOCK;
}

void firstlead_sum_columns(
    const float *values, size_t stride, size_t rows, size_t width, double *sums, uint32_t *nonzero) {
    for (size_t row = 0; row < rows; row++) {
        const float *x = values + row * stride;
        for (size_t j = 0; j < width; j++) sums[j] += (double)x[j];
        if (nonzero)
            for (size_t j = 0; j < width; j++) nonzero[j] += x[j] != 0.0f;
    }
}

size_t firstlead_first_not_finite(const float *values, size_t count) {
    for (size_t start = 0; start < count; start += 1024) {
        const size_t end = count - start < 1024 ? count : start + 1024;
        uint32_t found = 0;
        for (size_t i = start; i < end; i++) {
            uint32_t bits;
            memcpy(&bits, values + i, sizeof bits);
            found |= (bits & 0x7F800000u) == 0x7F800000u;
        }
        if (!found) continue;
        for (size_t i = start; i < end; i++)
            if (!__builtin_isfinite(values[i])) return i;
    }
    return count;
}

void firstlead_fill(uint64_t seed, double base, double scale, float *values, size_t count) {
    for (size_t i = 0; i < count; i++) {
        uint64_t z = seed + (uint64_t)(i + 1) * 0x9E3779B97F4A7C15u;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
        z ^= z >> 31;
        const double u = (double)(int64_t)(z >> 40) * 0x1p-23 - 1.0;
        values[i] = (float)(base + scale * u);
    }
}

void firstlead_spin_pause(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("isb" ::: "memory");
#endif
}
