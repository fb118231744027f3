// Sizes of what products of 16-bit integers take.

#include "CKernels.h"

#define BLOCK FIRSTLEAD_INT16_DEPTH_BLOCK
#define ROWS FIRSTLEAD_INT16_ROWS

static size_t blocks_of(size_t k) { return (k + BLOCK - 1) / BLOCK; }

static size_t panels_of(size_t n) { return (n + 15) / 16; }

static size_t pairs_of(size_t k) { return (k + 1) / 2; }

size_t firstlead_int16_rows_count(size_t m, size_t k) {
    return blocks_of(k) * ((m + 2 * ROWS - 1) / (2 * ROWS) * (2 * ROWS)) * BLOCK;
}

size_t firstlead_int16_row_panels(size_t m) { return (m + ROWS - 1) / ROWS; }

size_t firstlead_int16_row_scales_count(size_t m, size_t k) { return blocks_of(k) * m; }

size_t firstlead_int16_weights_count(size_t n, size_t k) { return panels_of(n) * pairs_of(k) * 32; }

size_t firstlead_int16_weight_scales_count(size_t n, size_t k) { return panels_of(n) * blocks_of(k) * 16; }

size_t firstlead_int16_panels(size_t n) { return panels_of(n); }

size_t firstlead_int16_panel_unit(void) { return 2; }

// The strips of a group of eight panels for a sweep of 32 row panels.
size_t firstlead_int16_scratch_count(void) { return 8 * 32 * 12 * 16; }
