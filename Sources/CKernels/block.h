// Included once by each variant, which defines TILE_ROWS (12 or 6) and TILE_PANELS (1 or 2).

/// A product of a block of rows with a run of weight panels. Element (k, row) of row panel p is a[p * a_panel
/// + (k / inner) * a_outer + (k % inner) * a_step + row % 12]; element (k, column) of column panel q is b[q *
/// b_panel + k * b_step + column % 16].
typedef struct {
    const float *a;
    size_t a_panel, a_outer, a_step;
    size_t inner, outer;
    const float *b;
    size_t b_panel, b_step;
    float *c;
    size_t c_stride, rows, columns;
    /// Continue from the partial sums in c.
    int resume;
    /// Applied when not NULL, that is in the last block.
    const firstlead_epilogue *epilogue;
} block;

/// c[rows, 16 * panels] (+)= the sum over k. The sums live in registers: TILE_ROWS x TILE_PANELS of sixteen
/// lanes.
INLINE void tile(
    const int rows, const int panels, const block *x, const float *a, const float *b, float *c,
    size_t c_stride) {
    v16 sum[TILE_ROWS][TILE_PANELS];
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++)
#pragma clang loop unroll(full)
        for (int p = 0; p < panels; p++)
            sum[r][p] = x->resume ? load16(c + r * c_stride + 16 * p) : (v16)0.0f;
    const size_t inner = x->inner, a_step = x->a_step, b_step = x->b_step, b_panel = x->b_panel;
    for (size_t o = 0; o < x->outer; o++) {
        const float *ak = a + o * x->a_outer;
        // Twice, not more: with the frame pointer that SwiftPM keeps, four steps made the compiler spill
        // sums.
#pragma clang loop unroll_count(2)
        for (size_t k = 0; k < inner; k++) {
            v16 lanes[TILE_PANELS];
#pragma clang loop unroll(full)
            for (int p = 0; p < panels; p++) lanes[p] = load16(b + p * b_panel);
#pragma clang loop unroll(full)
            for (int r = 0; r < rows; r++) {
                v16 left = (v16)ak[r];
#pragma clang loop unroll(full)
                for (int p = 0; p < panels; p++) sum[r][p] = fma16(left, lanes[p], sum[r][p]);
            }
            ak += a_step;
            b += b_step;
        }
    }
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++)
#pragma clang loop unroll(full)
        for (int p = 0; p < panels; p++) store16(c + r * c_stride + 16 * p, sum[r][p]);
}

static __attribute__((noinline)) void tile_wide(
    const block *x, const float *a, const float *b, float *c, size_t c_stride) {
    tile(TILE_ROWS, TILE_PANELS, x, a, b, c, c_stride);
}

static __attribute__((noinline)) void tile_narrow(
    const block *x, const float *a, const float *b, float *c, size_t c_stride) {
    tile(TILE_ROWS, 1, x, a, b, c, c_stride);
}

/// Bias, GELU and residual on `rows` x `columns` of a tile whose first element is (row, column) of the whole.
INLINE void finish(
    const firstlead_epilogue *e, float *c, size_t c_stride, size_t row, size_t column, size_t rows,
    size_t columns) {
    for (size_t p = 0; p < columns; p += 16) {
        size_t lanes = columns - p;
        v16 bias = e->bias ? load_part(e->bias + column + p, lanes) : (v16)0.0f;
        for (size_t r = 0; r < rows; r++) {
            float *out = c + r * c_stride + p;
            v16 y = load_part(out, lanes);
            if (e->bias) y = y + bias;
            if (e->gelu) y = gelu16(y);
            if (e->residual)
                y = y + load_part(e->residual + (row + r) * e->residual_stride + column + p, lanes);
            store_part(out, y, lanes);
        }
    }
}

/// One row panel against up to TILE_PANELS column panels; partial tiles go through a buffer.
INLINE void panel_product(const block *x, size_t row_panel, size_t column_panel, size_t panels) {
    const size_t row = row_panel * 12, column = column_panel * 16;
    const size_t rows = x->rows - row < 12 ? x->rows - row : 12;
    const size_t columns = x->columns - column < 16 * panels ? x->columns - column : 16 * panels;
    const float *a = x->a + row_panel * x->a_panel, *b = x->b + column_panel * x->b_panel;
    float *c = x->c + row * x->c_stride + column;
    float buffer[12 * 16 * TILE_PANELS] __attribute__((aligned(64)));
    const int whole = rows == 12 && columns == 16 * panels;
    float *target = whole ? c : buffer;
    const size_t stride = whole ? x->c_stride : 16 * TILE_PANELS;
    if (!whole && x->resume)
        for (size_t r = 0; r < rows; r++)
            memcpy(buffer + r * stride, c + r * x->c_stride, columns * sizeof(float));
    for (size_t r = 0; r < rows; r += TILE_ROWS) {
        if (panels == TILE_PANELS) {
            tile_wide(x, a + r, b, target + r * stride, stride);
        } else {
            tile_narrow(x, a + r, b, target + r * stride, stride);
        }
    }
    if (!whole)
        for (size_t r = 0; r < rows; r++)
            memcpy(c + r * x->c_stride, buffer + r * stride, columns * sizeof(float));
    if (x->epilogue) finish(x->epilogue, c, x->c_stride, row, column, rows, columns);
}

/// The column panels `first ..< last`. While one group of them is at work the next is fetched towards the
/// caches, a share with each row panel: weights come from memory, activations stay in L2.
static void run_block(const block *x, size_t first, size_t last) {
    const size_t row_panels = (x->rows + 11) / 12, depth = x->inner * x->outer;
    for (size_t q = first; q < last; q += TILE_PANELS) {
        const size_t panels = last - q < TILE_PANELS ? last - q : TILE_PANELS;
        const size_t next = q + panels;
        const size_t ahead = last - next < TILE_PANELS ? last - next : TILE_PANELS;
        for (size_t p = 0; p < row_panels; p++) {
            for (size_t k = p * depth / row_panels; k < (p + 1) * depth / row_panels; k++)
                for (size_t n = 0; n < ahead; n++)
                    __builtin_prefetch(x->b + (next + n) * x->b_panel + k * x->b_step, 0, 2);
            panel_product(x, p, q, panels);
        }
    }
}
