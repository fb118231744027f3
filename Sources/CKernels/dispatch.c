#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "variant.h"

#define MOST_TABLES 4

#if defined(__x86_64__)

static int has_avx2(void) { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }

static int has_avx512(void) {
    return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl")
        && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw");
}

static int has_avx512vnni(void) { return has_avx512() && __builtin_cpu_supports("avx512vnni"); }

#endif

/// The tables that this processor runs, widest first; returns how many.
static size_t runnable(const firstlead_variant *tables[MOST_TABLES]) {
    size_t count = 0;
#if defined(__x86_64__)
    if (has_avx512vnni()) tables[count++] = &firstlead_avx512vnni;
    if (has_avx512()) tables[count++] = &firstlead_avx512;
    if (has_avx2()) tables[count++] = &firstlead_avx2;
#elif defined(__aarch64__)
    tables[count++] = &firstlead_neon;
#endif
    tables[count++] = &firstlead_generic;
    return count;
}

const firstlead_variant *firstlead_kernels_table(const char *name) {
    const firstlead_variant *tables[MOST_TABLES];
    const size_t count = runnable(tables);
    for (size_t i = 0; i < count; i++)
        if (strcmp(name, tables[i]->name) == 0) return tables[i];
    return NULL;
}

/// NULL until the first use, which picks and checks.
static _Atomic(const firstlead_variant *) chosen;

/// Written once, before `chosen`.
static int is_sound;
static char reason[1024];
static pthread_once_t started = PTHREAD_ONCE_INIT;

/// What this thread uses instead, or NULL.
static _Thread_local const firstlead_variant *forced;

static void start(void) {
    const firstlead_variant *tables[MOST_TABLES];
    const size_t count = runnable(tables);
    const firstlead_variant *v =
        firstlead_kernels_choose(tables, count, getenv("FIRSTLEAD_KERNELS"), reason, sizeof reason);
    is_sound = v != NULL;
    // Callers that do not ask for soundness still need a table.
    atomic_store_explicit(&chosen, v ? v : &firstlead_generic, memory_order_release);
}

static const firstlead_variant *variant(void) {
    if (forced) return forced;
    const firstlead_variant *v = atomic_load_explicit(&chosen, memory_order_acquire);
    if (v) return v;
    pthread_once(&started, start);
    return atomic_load_explicit(&chosen, memory_order_acquire);
}

int firstlead_kernels_start(void) {
    pthread_once(&started, start);
    return is_sound ? 0 : -1;
}

const char *firstlead_kernels_reason(void) {
    pthread_once(&started, start);
    return reason;
}

const char *firstlead_kernels_variant(void) { return variant()->name; }

int firstlead_kernels_available(const char *name) { return firstlead_kernels_table(name) != NULL; }

int firstlead_kernels_force(const char *name) {
    const firstlead_variant *v = name ? firstlead_kernels_table(name) : NULL;
    if (name && !v) return -1;
    forced = v;
    return 0;
}

void firstlead_sum_blocks(const firstlead_product *product, size_t first, size_t last) {
    variant()->sum_blocks(product, first, last);
}

void firstlead_matmul(const firstlead_product *product, size_t first, size_t last, float *scratch) {
    variant()->matmul(product, first, last, scratch);
}

void firstlead_multiply_columns(const firstlead_column_product *product, float *scratch) {
    variant()->multiply_columns(product, scratch);
}

void firstlead_convolve_group(const firstlead_convolution *convolution, size_t group, float *scratch) {
    variant()->convolve_group(convolution, group, scratch);
}

void firstlead_attend(const firstlead_attention *attention, float *scratch) {
    variant()->attend(attention, scratch);
}

void firstlead_layer_norm(
    const float *input, size_t input_stride, size_t width, const float *weight, const float *bias,
    float epsilon, float *output, size_t output_stride, size_t first, size_t last) {
    variant()->layer_norm(
        input, input_stride, width, weight, bias, epsilon, output, output_stride, first, last);
}

void firstlead_channel_norm_gelu(
    float *values, size_t stride, size_t steps, const float *weight, const float *bias, float epsilon,
    size_t first, size_t last) {
    variant()->channel_norm_gelu(values, stride, steps, weight, bias, epsilon, first, last);
}

void firstlead_gelu(float *values, size_t count) { variant()->gelu(values, count); }

void firstlead_exp(float *values, size_t count) { variant()->exponential(values, count); }

void firstlead_int16_pack_weights(
    const float *weights, size_t n, size_t k, int16_t *packed, float *scales) {
    variant()->int16_pack_weights(weights, n, k, packed, scales);
}

void firstlead_int16_quantise(const firstlead_int16_product *product, size_t first, size_t last) {
    variant()->int16_quantise(product, first, last);
}

void firstlead_int16_matmul(
    const firstlead_int16_product *product, size_t first, size_t last, float *scratch) {
    variant()->int16_matmul(product, first, last, scratch);
}

float firstlead_peak(size_t rounds) { return variant()->peak(rounds); }

size_t firstlead_peak_operations(void) { return variant()->peak_operations; }
