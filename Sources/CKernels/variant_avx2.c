// AVX2 and FMA: a tile of 6 x 16 takes twelve of the sixteen registers.

#include "variant.h"

#if defined(__x86_64__)

#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)

#define PAIR_LANES 8
#include "vector.h"

#define TILE_ROWS 6
#define TILE_PANELS 1

#include "tile.h"
#include "products.h"
#include "convolution.h"
#include "phases.h"
#include "strassen.h"
#include "columns.h"
#include "attention.h"
#include "normalise.h"
#include "int16.h"
#include "peak.h"

#pragma clang attribute pop

const firstlead_variant firstlead_avx2 = FIRSTLEAD_VARIANT_TABLE("avx2");

#endif
