#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "variant.h"

static int has_avx2(void) {
#if defined(__x86_64__)
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#else
    return 0;
#endif
}

static int has_avx512(void) {
#if defined(__x86_64__)
    return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl")
        && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw");
#else
    return 0;
#endif
}

static const firstlead_variant *named(const char *name) {
    if (strcmp(name, "generic") == 0) return &firstlead_generic;
#if defined(__x86_64__)
    if (strcmp(name, "avx2") == 0 && has_avx2()) return &firstlead_avx2;
    if (strcmp(name, "avx512") == 0 && has_avx512()) return &firstlead_avx512;
#endif
    return NULL;
}

static const firstlead_variant *widest(void) {
    const char *wish = getenv("FIRSTLEAD_KERNELS");
    const firstlead_variant *wished = wish ? named(wish) : NULL;
    if (wished) return wished;
    return has_avx512() ? named("avx512") : has_avx2() ? named("avx2") : named("generic");
}

/// NULL until the first use. Threads that race for it all store the same pointer.
static _Atomic(const firstlead_variant *) chosen;

/// What this thread uses instead, or NULL.
static _Thread_local const firstlead_variant *forced;

static const firstlead_variant *variant(void) {
    if (forced) return forced;
    const firstlead_variant *v = atomic_load_explicit(&chosen, memory_order_relaxed);
    if (!v) {
        v = widest();
        atomic_store_explicit(&chosen, v, memory_order_relaxed);
    }
    return v;
}

const char *firstlead_kernels_variant(void) { return variant()->name; }

int firstlead_kernels_available(const char *name) { return named(name) != NULL; }

int firstlead_kernels_force(const char *name) {
    const firstlead_variant *v = name ? named(name) : NULL;
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

float firstlead_peak(size_t rounds) { return variant()->peak(rounds); }

size_t firstlead_peak_operations(void) { return variant()->peak_operations; }
