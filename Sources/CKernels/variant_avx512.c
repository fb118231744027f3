// AVX-512 without instructions for networks.

#include "variant.h"

#if defined(__x86_64__)

#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define AVX512 "avx512f,avx512vl,avx512dq,avx512bw,avx2,fma"
#pragma clang attribute push(__attribute__((target(AVX512))), apply_to = function)
#include "avx512.h"
#pragma clang attribute pop

const firstlead_variant firstlead_avx512 = FIRSTLEAD_VARIANT_TABLE("avx512");

#endif
