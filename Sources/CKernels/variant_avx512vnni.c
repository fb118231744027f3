// AVX-512 with VNNI: one instruction multiplies pairs of 16-bit integers and adds them to a sum, where AVX-512 alone
// needs two. All else is the same.

#include "variant.h"

#if defined(__x86_64__)

#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define AVX512 "avx512f,avx512vl,avx512dq,avx512bw,avx512vnni,avx2,fma"
#define ADDS_PAIRS_AT_ONCE
#pragma clang attribute push(__attribute__((target(AVX512))), apply_to = function)
#include "avx512.h"
#pragma clang attribute pop

const firstlead_variant firstlead_avx512vnni = FIRSTLEAD_VARIANT_TABLE("avx512vnni");

#endif
