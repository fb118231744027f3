// Runs the kernels' check for every variant of this processor, then prints the name of each with a digest of what
// it computes. scripts/test-arm.sh compiles it for arm64 and for x86-64 and compares the digests.
//
// Plain C, because the Swift toolchain of a Linux machine has no Swift libraries for another processor.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "CKernels.h"

/// FNV-1a over the bits of everything computed (Fowler, Noll, Vo; RFC 9923).
static uint64_t digest = 0xCBF29CE484222325u;

static void add(const float *values, size_t count) {
    for (size_t i = 0; i < count; i++) {
        uint32_t bits;
        memcpy(&bits, values + i, sizeof bits);
        for (int byte = 0; byte < 4; byte++) digest = (digest ^ (bits >> 8 * byte & 0xFF)) * 0x100000001B3u;
    }
}

static float *values(uint64_t seed, size_t count) {
    float *array = malloc(count * sizeof(float) + 1);
    if (!array) exit(2);
    firstlead_fill(seed, 0, 1, array, count);
    return array;
}

static void digest_product(size_t m, size_t n, size_t k) {
    float *input = values(1, m * k), *weights = values(2, n * k), *bias = values(3, n);
    float *residual = values(4, m * n), *output = values(5, m * n);
    float *packed = values(6, firstlead_packed_weights_count(n, k));
    float *sums = values(7, firstlead_sums_count(m, n, k));
    float *scratch = values(8, firstlead_product_scratch_count());
    firstlead_pack_weights(weights, n, k, packed);
    const int folded = n % 128 == 0 && k % FIRSTLEAD_STRASSEN_CHUNK == 0;
    if (folded) firstlead_fold_weights(packed, n, k);
    for (int gelu = 0; gelu < 2; gelu++) {
        const firstlead_product product = {
            .input = input, .input_stride = k, .m = m, .k = k, .weights = packed, .n = n, .folded = folded,
            .sums = sums,
            .epilogue = {bias, gelu, residual, n}, .output = output, .output_stride = n};
        firstlead_sum_blocks(&product, 0, firstlead_sums_rows(&product));
        firstlead_matmul(&product, 0, firstlead_product_panels(&product), scratch);
        add(output, m * n);
    }
    float *arrays[] = {input, weights, bias, residual, output, packed, sums, scratch};
    for (int i = 0; i < 8; i++) free(arrays[i]);
}

/// A convolution's weight gradients: rows of the right matrix overlap.
static void digest_columns(size_t records, size_t positions, size_t m, size_t channels, size_t taps) {
    const size_t n = taps * channels, padded = positions + taps - 1;
    float *left = values(51, records * positions * m), *right = values(52, records * padded * channels);
    float *output = values(53, m * n), *scratch = values(54, firstlead_column_scratch_count(m, n));
    const firstlead_column_product product = {
        .left = left, .left_stride = m, .left_record = positions * m, .right = right, .right_stride = channels,
        .right_record = padded * channels, .records = records, .positions = positions, .m = m, .n = n,
        .output = output, .output_stride = n};
    firstlead_multiply_columns(&product, scratch);
    add(output, m * n);
    float *arrays[] = {left, right, output, scratch};
    for (int i = 0; i < 4; i++) free(arrays[i]);
}

/// What a training step does beside products, on `[rows, width]`.
static void digest_training(size_t rows, size_t width) {
    const size_t count = rows * width;
    float *x = values(61, count), *gradient = values(62, count), *output = values(63, count);
    float *vectors = values(64, 4 * width), *moments = values(65, count), *squares = values(66, count);
    double sums[2 * 64] = {0};
    const firstlead_normalisation norm = {vectors, vectors + width, vectors + 2 * width, vectors + 3 * width};
    const firstlead_activation activation = {
        .x = x, .norm = norm, .around = gradient, .around_norm = norm, .stride = width, .width = width};
    firstlead_add_moments(x, width, rows, width, sums, sums + width);
    firstlead_activate(&activation, rows, output);
    add(output, count);
    firstlead_rectify_gradient(gradient, output, width, rows, width);
    firstlead_normalise_sums(gradient, x, width, rows, width, &norm, sums, sums + width);
    firstlead_normalise_gradient(gradient, x, width, rows, width, &norm, vectors, vectors + width);
    add(x, count);
    for (size_t i = 0; i < count; i++) squares[i] = squares[i] * squares[i];
    const firstlead_adam_step step = {0.1f, 0.999f, 0.001f, 0.01f, 0.03f, 1e-8f};
    firstlead_adam(output, x, moments, squares, count, &step);
    add(output, count);
    for (size_t i = 0; i < 2 * width; i++) {
        const float sum = (float)sums[i];
        add(&sum, 1);
    }
    float *arrays[] = {x, gradient, output, vectors, moments, squares};
    for (int i = 0; i < 6; i++) free(arrays[i]);
}

static void digest_int16(size_t m, size_t n, size_t k) {
    float *input = values(41, m * k), *weights = values(42, n * k), *bias = values(43, n);
    float *output = values(44, m * n), *residual = values(45, m * n);
    float *packed = values(46, firstlead_int16_weights_count(n, k) / 2);
    float *scales = values(47, firstlead_int16_weight_scales_count(n, k));
    float *rows = values(48, firstlead_int16_rows_count(m, k) / 2);
    float *row_scales = values(49, firstlead_int16_row_scales_count(m, k));
    float *scratch = values(50, firstlead_int16_scratch_count());
    firstlead_int16_pack_weights(weights, n, k, (int16_t *)packed, scales);
    const firstlead_int16_product product = {
        .input = input, .input_stride = k, .m = m, .k = k, .rows = (int16_t *)rows, .row_scales = row_scales,
        .weights = (const int16_t *)packed, .weight_scales = scales, .n = n, .epilogue = {bias, 1, residual, n},
        .output = output, .output_stride = n};
    firstlead_int16_quantise(&product, 0, firstlead_int16_row_panels(m));
    firstlead_int16_matmul(&product, 0, firstlead_int16_panels(n), scratch);
    add(output, m * n);
    float *arrays[] = {input, weights, bias, output, residual, packed, scales, rows, row_scales, scratch};
    for (int i = 0; i < 10; i++) free(arrays[i]);
}

static void digest_convolution(size_t sequences, size_t steps, size_t groups, size_t each, size_t taps) {
    const size_t width = groups * each, depth = taps * each, count = sequences * steps * width;
    const size_t packed_each = firstlead_packed_weights_count(each, depth);
    float *input = values(11, count), *weights = values(12, width * depth), *bias = values(13, width);
    float *output = values(14, count), *packed = values(15, groups * packed_each);
    for (size_t group = 0; group < groups; group++)
        firstlead_pack_weights(weights + group * each * depth, each, depth, packed + group * packed_each);
    const firstlead_convolution convolution = {
        .input = input, .input_stride = width, .sequences = sequences, .steps = steps, .channels = each,
        .outputs = each, .taps = taps, .weights = packed, .epilogue = {bias, 1, input, width}, .output = output,
        .output_stride = width};
    float *scratch = values(16, firstlead_convolution_scratch_count(&convolution));
    for (size_t group = 0; group < groups; group++) firstlead_convolve_group(&convolution, group, scratch);
    add(output, count);
    float *arrays[] = {input, weights, bias, output, packed, scratch};
    for (int i = 0; i < 6; i++) free(arrays[i]);
}

static void digest_attention(size_t tokens, size_t dim) {
    float *projected = values(21, tokens * 3 * dim), *output = values(22, tokens * dim);
    float *scratch = values(23, firstlead_attention_scratch_count(tokens, dim));
    const firstlead_attention attention = {
        .queries = projected, .keys = projected + dim, .values = projected + 2 * dim, .input_stride = 3 * dim,
        .tokens = tokens, .dim = dim, .scale = 0.37f, .output = output, .output_stride = dim};
    firstlead_attend(&attention, scratch);
    add(output, tokens * dim);
    free(projected);
    free(output);
    free(scratch);
}

static void digest_rows(size_t rows, size_t width) {
    float *input = values(31, rows * width), *weight = values(32, width), *bias = values(33, width);
    float *output = values(34, rows * width);
    firstlead_layer_norm(input, width, width, weight, bias, 1e-5f, output, width, 0, rows);
    add(output, rows * width);
    firstlead_channel_norm_gelu(input, width, rows, weight, bias, 1e-5f, 0, width);
    add(input, rows * width);
    for (size_t i = 0; i < rows * width; i++) output[i] = output[i] * 6;
    firstlead_gelu(output, rows * width);
    add(output, rows * width);
    firstlead_exp(output, rows * width);
    add(output, rows * width);
    float *arrays[] = {input, weight, bias, output};
    for (int i = 0; i < 4; i++) free(arrays[i]);
}

/// The widths of both networks, shapes that fill no tile, and one that takes Strassen's scheme.
static void digest_everything(void) {
    digest_product(13, 33, 257);
    digest_product(24, 96, 768);
    digest_product(25, 128, 768);
    digest_product(288, 128, 768);
    digest_columns(3, 43, 97, 11, 3);
    digest_columns(1, 200, 24, 32, 1);
    digest_training(29, 37);
    digest_int16(13, 33, 257);
    digest_int16(24, 96, 768);
    digest_convolution(1, 31, 3, 5, 8);
    digest_convolution(1, 40, 2, 48, 12);
    digest_convolution(2, 60, 2, 33, 16);
    digest_attention(97, 64);
    digest_attention(31, 5);
    digest_rows(7, 768);
    digest_rows(33, 19);
}

int main(void) {
    static const char *const names[] = {"neon", "avx512vnni", "avx512", "avx2", "generic"};
    int failures = firstlead_kernels_start() != 0 || firstlead_kernels_reason()[0] != 0;
    if (failures) printf("start: %s\n", firstlead_kernels_reason());
    printf("chosen %s\n", firstlead_kernels_variant());
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const firstlead_variant *table = firstlead_kernels_table(names[i]);
        if (!table) continue;
        char report[512];
        if (firstlead_kernels_check_table(table, report, sizeof report) != 0) {
            printf("%s: %s\n", names[i], report);
            failures += 1;
        }
        firstlead_kernels_force(names[i]);
        digest = 0xCBF29CE484222325u;
        digest_everything();
        printf("digest %s %016llx\n", names[i], (unsigned long long)digest);
    }
    return failures > 0;
}
