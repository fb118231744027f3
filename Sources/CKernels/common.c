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

// B12 becomes T1 = B12 - B11, B22 becomes T2 = B22 - T1 (strassen.h).
void firstlead_fold_weights(float *packed, size_t n, size_t k) {
    const size_t half = FIRSTLEAD_STRASSEN_CHUNK / 2;
    for (size_t panel = 0; panel < n / 32; panel++)
        for (size_t step = 0; step < k; step++) {
            if (step / half % 2 != 0) continue;
            const float *b11 = packed + (panel * k + step) * 16;
            float *b12 = packed + ((panel + n / 32) * k + step) * 16, *b22 = b12 + half * 16;
            const v16 t1 = load16(b12) - load16(b11);
            store16(b22, load16(b22) - t1);
            store16(b12, t1);
        }
}

// Strassen's scheme pays from these sizes on. The halves must fall on whole panels: twelve rows, groups of sixteen
// columns, chunks of the inner index; below 288 rows the sums cost more than the eighth product.
int firstlead_uses_strassen(size_t m, size_t n, size_t k) {
    return m >= 288 && m % 24 == 0 && n > 0 && n % 128 == 0 && k > 0 && k % FIRSTLEAD_STRASSEN_CHUNK == 0;
}

size_t firstlead_sums_count(size_t m, size_t n, size_t k) {
    return firstlead_uses_strassen(m, n, k) ? m * k : 0;
}

int firstlead_strassen(const firstlead_product *x) {
    return x->folded && firstlead_uses_strassen(x->m, x->n, x->k);
}

size_t firstlead_sums_rows(const firstlead_product *x) { return firstlead_strassen(x) ? x->m / 2 : 0; }

size_t firstlead_product_panels(const firstlead_product *x) {
    return firstlead_strassen(x) ? x->n / 32 : panels_of(x->n, 16);
}

// Eight strips of a group of columns for sixteen row panels, then the group's three sums of weights.
size_t firstlead_product_scratch_count(void) {
    return FIRSTLEAD_GROUP_PANELS * 16 * (8 * 16 * 12 + 3 * FIRSTLEAD_STRASSEN_CHUNK / 2);
}

size_t firstlead_column_scratch_count(size_t m, size_t n) {
    const size_t left = panels_of(m, FIRSTLEAD_LEFT_COLUMNS) * FIRSTLEAD_LEFT_COLUMNS;
    return (left + panels_of(n, 16) * 16) * FIRSTLEAD_COLUMN_STEPS;
}

// Every panel of twelve rows sees two sequences at most, three rows at a time one. Groups that fill no more than one tile
// have too few multiplications to save.
int firstlead_convolves_in_phases(size_t steps, size_t channels, size_t taps) {
    return steps >= 48 && steps % 12 == 0 && channels > 32 && taps > 0 && taps % (2 * FIRSTLEAD_PHASES) == 0;
}

size_t firstlead_tap_place(size_t steps, size_t channels, size_t taps, size_t tap) {
    if (!firstlead_convolves_in_phases(steps, channels, taps)) return tap;
    return tap % FIRSTLEAD_PHASES * (taps / FIRSTLEAD_PHASES) + tap / FIRSTLEAD_PHASES;
}

// In phases: four strips of the widest tile for every row panel, a filter, nine inputs of a quarter's steps and
// padding, one padded sequence.
static size_t phases_scratch_count(const firstlead_convolution *x) {
    const size_t strip = panels_of(x->sequences * x->steps / FIRSTLEAD_PHASES, 12) * 12 * 32;
    const size_t filter = 2 * x->taps / FIRSTLEAD_PHASES * x->channels * 16;
    const size_t inputs = 9 * x->sequences * (x->steps + x->taps) / FIRSTLEAD_PHASES + 12;
    return 4 * strip + filter + (inputs + x->steps + x->taps + 2 * FIRSTLEAD_PHASES) * x->channels;
}

// Strips of the widest tile for every row panel, then the group's padded steps.
size_t firstlead_convolution_scratch_count(const firstlead_convolution *x) {
    if (firstlead_convolves_in_phases(x->steps, x->channels, x->taps)) return phases_scratch_count(x);
    const size_t row_panels = panels_of(x->steps, 12);
    return row_panels * 12 * 32 + (row_panels * 12 + x->taps) * x->channels;
}

// Keys, values, the scores of twelve queries, and twelve queries where fewer are left.
size_t firstlead_attention_scratch_count(size_t tokens, size_t dim) {
    const size_t width = panels_of(tokens, 16) * 16;
    return width * dim + panels_of(dim, 16) * 16 * tokens + 12 * width + 12 * dim;
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

void firstlead_mean_columns(const float *values, size_t stride, size_t rows, size_t width, float *means) {
    for (size_t first = 0; first < width; first += 64) {
        const size_t count = width - first < 64 ? width - first : 64;
        double sums[64] = {0};
        for (size_t row = 0; row < rows; row++)
            for (size_t j = 0; j < count; j++) sums[j] += (double)values[row * stride + first + j];
        for (size_t j = 0; j < count; j++) means[first + j] = (float)(sums[j] / (double)rows);
    }
}

size_t firstlead_mean_nonzero_columns(
    const float *values, size_t stride, size_t rows, size_t width, float *means) {
    size_t without = width;
    for (size_t first = 0; first < width; first += 64) {
        const size_t count = width - first < 64 ? width - first : 64;
        double sums[64] = {0};
        uint32_t nonzero[64] = {0};
        firstlead_sum_columns(values + first, stride, rows, count, sums, nonzero);
        for (size_t j = 0; j < count; j++) {
            means[first + j] = nonzero[j] ? (float)(sums[j] / (double)nonzero[j]) : 0.0f;
            if (nonzero[j] == 0 && without == width) without = first + j;
        }
    }
    return without;
}

void firstlead_max_columns(const float *values, size_t stride, size_t rows, size_t width, float *largest) {
    memcpy(largest, values, width * sizeof(float));
    for (size_t row = 1; row < rows; row++) {
        const float *x = values + row * stride;
        for (size_t j = 0; j < width; j++) largest[j] = x[j] > largest[j] ? x[j] : largest[j];
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
