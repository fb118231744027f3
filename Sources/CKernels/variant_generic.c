// Whatever the compiler makes of sixteen lanes without further instruction sets: NEON on arm64 (4 registers
// of 4 lanes, fused multiply-add included), SSE2 on x86-64, where the C library's fmaf keeps the bits right
// and slow.

#include "variant.h"
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

const firstlead_variant firstlead_generic = FIRSTLEAD_VARIANT_TABLE("generic");
