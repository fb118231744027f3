// AVX-512: a tile of 12 x 32 takes twenty-four of the thirty-two registers.

#include "variant.h"

#if defined(__x86_64__)

#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define AVX512 "avx512f,avx512vl,avx512dq,avx512bw,avx2,fma"
#pragma clang attribute push(__attribute__((target(AVX512))), apply_to = function)

#include "vector.h"

#define TILE_ROWS 12
#define TILE_PANELS 2
#define PAIR_LANES 16
#define GROUP_PANELS 4

#include "tile.h"
#include "products.h"
#include "strassen.h"
#include "attention.h"
#include "normalise.h"
#include "int16.h"
#include "peak.h"

#pragma clang attribute pop

const firstlead_variant firstlead_avx512 = FIRSTLEAD_VARIANT_TABLE("avx512");

#endif
