// NEON, part of every arm64: a tile of 6 x 16 takes twenty-four of the thirty-two registers of four lanes.

#include "variant.h"

#if defined(__aarch64__)

#include <arm_neon.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define PAIR_LANES 4
#include "vector.h"

#define TILE_ROWS 6
#define TILE_PANELS 1
// Four steps at once, mixed, need more registers than there are: 19 visits to the stack and 24 copies for 96
// multiplications, against one and none in this order.
#define STEP_END __asm__ volatile("" ::: "memory")

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

const firstlead_variant firstlead_neon = FIRSTLEAD_VARIANT_TABLE("neon");

#endif
