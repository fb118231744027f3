// Included by each variant of AVX-512, within its `clang attribute push`: a tile of 12 x 32 takes twenty-four of the
// thirty-two registers.

#define PAIR_LANES 16
#include "vector.h"

#define TILE_ROWS 12
#define TILE_PANELS 2
#define STEPS_AT_ONCE 16

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
