// NEON, part of every arm64: a tile of 6 x 16 takes twenty-four of the thirty-two registers of four lanes. The
// multiplications take the activation from a lane (fmla by element), so that no broadcast is needed.

#include "variant.h"

#if defined(__aarch64__)

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "vector.h"

#define TILE_ROWS 6
#define TILE_PANELS 1
#define GROUP_PANELS 2

#include "tile.h"
#include "products.h"
#include "strassen.h"
#include "attention.h"
#include "normalise.h"
#include "peak.h"

const firstlead_variant firstlead_neon = FIRSTLEAD_VARIANT_TABLE("neon");

#endif
