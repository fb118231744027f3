// Included once by each variant: the plain product.

/// Row panels that one sweep over the columns handles: their block of activations stays in the cache.
#define ROW_PANELS_AT_ONCE 32
/// How often the rows of a panel are run.
#define RUNS_PER_PANEL (12 / TILE_ROWS)

INLINE size_t least(size_t a, size_t b) { return a < b ? a : b; }

/// The last row panel of a matrix, zeros below its last row: `[12, depth]`.
INLINE void fill_up(const float *a, size_t stride, size_t rows, size_t depth, float *panel) {
    for (size_t r = 0; r < rows; r++) memcpy(panel + r * depth, a + r * stride, depth * sizeof(float));
    memset(panel + rows * depth, 0, (12 - rows) * depth * sizeof(float));
}

/// One depth block of folded weights as they were: B12 = T1 + B11, B22 = T2 + T1. Returns where it lies.
INLINE const float *unfold(const firstlead_product *x, size_t panel, size_t panels, size_t k, float *unfolded) {
    for (size_t p = 0; p < panels; p++) {
        const float *kept = x->weights + (panel + p) * 16 * x->k + k * 16;
        const int whole = panel + p < x->n / 32;
        const size_t half = FIRSTLEAD_STRASSEN_CHUNK / 2;
        const float *other = whole ? kept : kept - (k / half % 2 == 0 ? x->n / 32 * x->k : half) * 16;
        float *out = unfolded + p * 16 * FIRSTLEAD_DEPTH_BLOCK;
        for (size_t i = 0; i < 16 * FIRSTLEAD_DEPTH_BLOCK; i += 16)
            store16(out + i, whole ? load16(kept + i) : load16(kept + i) + load16(other + i));
    }
    return unfolded;
}

/// One depth block of the columns of `panels` column panels from `column_panel` on, for some row panels.
INLINE void multiply_block(
    const firstlead_product *x, size_t column_panel, size_t panels, size_t k, const float *ahead, size_t top,
    size_t bottom, float *kept) {
    float unfolded[TILE_PANELS * 16 * FIRSTLEAD_DEPTH_BLOCK] __attribute__((aligned(64)));
    const float *b = x->folded ? unfold(x, column_panel, panels, k, unfolded)
                               : x->weights + column_panel * 16 * x->k + k * 16;
    const size_t depth = least(x->k - k, FIRSTLEAD_DEPTH_BLOCK), lines = depth / STEPS_PER_LINE * RUNS_PER_PANEL;
    float ragged[12 * FIRSTLEAD_DEPTH_BLOCK] __attribute__((aligned(64)));
    for (size_t p = top; p < bottom; p++) {
        const size_t rows = least(x->m - p * 12, 12), fetched = (p - top) * lines;
        tile_product t = {
            .a = x->input + p * 12 * x->input_stride + k,
            .a_row = x->input_stride,
            .a_step = 1,
            .b = b,
            .b_panel = 16 * (x->folded ? FIRSTLEAD_DEPTH_BLOCK : x->k),
            .b_step = 16,
            .depth = depth,
            .pitch = TILE_COLUMNS,
            .ahead = ahead && fetched < depth * panels ? ahead + fetched / depth * 16 * x->k + fetched % depth * 16
                                                       : NULL,
            .start = k > 0 ? kept + (p - top) * TILE_FLOATS : NULL,
            .first = kept + (p - top) * TILE_FLOATS,
            .ends = k + depth == x->k,
            .to = {
                &x->epilogue, x->output, x->output_stride, p * 12, column_panel * 16, rows,
                least(x->n - column_panel * 16, 16 * panels), x->relu},
        };
        if (rows < 12) {
            fill_up(t.a, t.a_row, rows, depth, ragged);
            t.a = ragged;
            t.a_row = depth;
        }
        run_tile(&t, panels);
    }
}

/// Depth blocks inside the columns: the sums of a sweep wait in a strip that stays in L1.
static void multiply(const firstlead_product *x, size_t first, size_t last, float *kept) {
    const size_t row_panels = (x->m + 11) / 12;
    for (size_t top = 0; top < row_panels; top += ROW_PANELS_AT_ONCE) {
        const size_t bottom = least(top + ROW_PANELS_AT_ONCE, row_panels);
        for (size_t q = first; q < last; q += TILE_PANELS) {
            const size_t panels = least(last - q, TILE_PANELS);
            for (size_t k = 0; k < x->k; k += FIRSTLEAD_DEPTH_BLOCK) {
                const size_t next = k + FIRSTLEAD_DEPTH_BLOCK;
                const float *ahead = x->weights + q * 16 * x->k + next * 16;
                if (next >= x->k)
                    ahead = q + 2 * TILE_PANELS <= last ? x->weights + (q + panels) * 16 * x->k : NULL;
                multiply_block(x, q, panels, k, ahead, top, bottom, kept);
            }
        }
    }
}
