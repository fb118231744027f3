// The check of attention, normalisation and the pointwise functions.

#include "check.h"

#include <string.h>

/// One head's columns among others, as the stacked projection lays them out.
static void check_head(kernel_check *c, size_t tokens, size_t dim) {
    const size_t stride = 3 * dim + 5, output_stride = dim + 3;
    check_begin(c);
    check_running(c, "attend [%zu, %zu]", tokens, dim);
    float *projected = check_values(c, tokens, 3 * dim, stride, 0, 3);
    float *scratch = check_scratch(c, firstlead_attention_scratch_count(tokens, dim));
    float *output = check_array(c, tokens * output_stride);
    float *expected = check_array(c, tokens * dim), *weights = check_array(c, tokens);
    if (c->failed) return;
    const float scale = 1.0f / __builtin_sqrtf((float)dim);
    const firstlead_attention attention = {
        .queries = projected,
        .keys = projected + dim,
        .values = projected + 2 * dim,
        .input_stride = stride,
        .tokens = tokens,
        .dim = dim,
        .scale = scale,
        .output = output,
        .output_stride = output_stride,
    };
    firstlead_naive_attention(
        projected, projected + dim, projected + 2 * dim, stride, tokens, dim, scale, expected, weights);
    c->table->attend(&attention, scratch);
    check_rows(c, output, output_stride, expected, tokens, dim);
}

/// Tokens and columns of a head around the tiles and the twelve queries.
void check_attention(kernel_check *c) {
    static const unsigned short shapes[][2] = {
        {1, 1}, {2, 5}, {5, 16}, {11, 31}, {12, 17}, {13, 32}, {25, 33}, {47, 64}, {97, 16}, {193, 2}};
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0] && !c->failed; i++)
        check_head(c, shapes[i][0], shapes[i][1]);
}

/// The rows 1 ..< 4 of five, into another matrix and in place.
static void check_layer_norm(kernel_check *c, size_t width) {
    const size_t stride = width + 5, output_stride = width + 3;
    check_begin(c);
    check_running(c, "layer_norm [5, %zu]", width);
    float *input = check_values(c, 5, width, stride, 2, 5);
    float *weight = check_values(c, 1, width, width, 0, 1), *bias = check_values(c, 1, width, width, 0, 1);
    float *output = check_array(c, 5 * output_stride), *expected = check_array(c, 5 * width);
    if (c->failed) return;
    for (size_t row = 1; row < 4; row++)
        firstlead_naive_layer_norm(input + row * stride, width, weight, bias, 1e-5f, expected + row * width);
    c->table->layer_norm(input, stride, width, weight, bias, 1e-5f, output, output_stride, 1, 4);
    check_rows(c, output, output_stride, expected, 5, width);
    check_running(c, "layer_norm [5, %zu] in place", width);
    memcpy(expected, input, width * sizeof(float));
    memcpy(expected + 4 * width, input + 4 * stride, width * sizeof(float));
    c->table->layer_norm(input, stride, width, weight, bias, 1e-5f, input, stride, 1, 4);
    check_rows(c, input, stride, expected, 5, width);
}

/// All channels but the first, so that the run begins off the panels' border; the first must stay.
static void check_channel_norm(kernel_check *c, size_t steps, size_t channels) {
    const size_t stride = channels + 3, first = channels > 1 ? 1 : 0;
    check_begin(c);
    check_running(c, "channel_norm_gelu [%zu, %zu]", steps, channels);
    float *values = check_values(c, steps, channels, stride, 1, 3);
    float *weight = check_values(c, 1, channels, channels, 0, 1);
    float *bias = check_values(c, 1, channels, channels, 0, 1);
    float *expected = check_array(c, steps * channels);
    if (c->failed) return;
    for (size_t t = 0; t < steps; t++)
        memcpy(expected + t * channels, values + t * stride, channels * sizeof(float));
    firstlead_naive_channel_norm_gelu(expected, steps, channels, weight, bias, 1e-5f);
    for (size_t t = 0; t < steps && first > 0; t++) expected[t * channels] = values[t * stride];
    c->table->channel_norm_gelu(values, stride, steps, weight, bias, 1e-5f, first, channels);
    check_rows(c, values, stride, expected, steps, channels);
}

void check_normalisation(kernel_check *c) {
    static const unsigned short widths[] = {1, 2, 11, 15, 16, 17, 31, 32, 33, 48, 75, 255, 256, 257, 768};
    static const unsigned short shapes[][2] = {{1, 1}, {2, 5}, {5, 16}, {12, 17}, {33, 32}, {31, 49}};
    for (size_t i = 0; i < sizeof widths / sizeof widths[0] && !c->failed; i++)
        check_layer_norm(c, widths[i]);
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0] && !c->failed; i++)
        check_channel_norm(c, shapes[i][0], shapes[i][1]);
}

/// A pointwise function on `count` values from -`range` to `range`, and the border values that fit in.
static void check_function(
    kernel_check *c, const char *name, void (*kernel)(float *, size_t), float (*twin)(float), size_t count,
    float range) {
    static const float borders[] = {0.0f, -0.0f, 5.9f, -5.9f, 88.0f, -87.3f, -87.31f, 1e-30f, -1e30f, -1e-38f};
    check_begin(c);
    check_running(c, "%s [1, %zu]", name, count);
    float *values = check_values(c, 1, count, count, 0, (double)range), *expected = check_array(c, count);
    if (c->failed) return;
    for (size_t i = 0; i < sizeof borders / sizeof borders[0] && 2 * i < count; i++) values[2 * i] = borders[i];
    for (size_t i = 0; i < count; i++) expected[i] = twin(values[i]);
    kernel(values, count);
    check_rows(c, values, count, expected, 1, count);
}

void check_pointwise(kernel_check *c) {
    static const unsigned short counts[] = {0, 1, 2, 15, 16, 17, 31, 33, 47, 1000};
    for (size_t i = 0; i < sizeof counts / sizeof counts[0] && !c->failed; i++) {
        check_function(c, "exp", c->table->exponential, firstlead_naive_exp, counts[i], 88);
        if (!c->failed) check_function(c, "gelu", c->table->gelu, firstlead_naive_gelu, counts[i], 14);
    }
}
