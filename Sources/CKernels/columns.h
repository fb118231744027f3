// Included once by each variant: products down the columns of two matrices, a convolution's weight gradients.

#define LEFT_COLUMNS FIRSTLEAD_LEFT_COLUMNS

/// Steps `from ..< from + depth` of `count` columns from `column` on, as a panel `[depth][width]`.
INLINE void pack_steps(
    const float *source, size_t stride, size_t record, size_t positions, size_t from, size_t depth,
    size_t column, size_t count, size_t width, float *panel) {
    size_t position = from % positions;
    const float *row = source + from / positions * record + position * stride + column;
    for (size_t step = 0; step < depth; step++, panel += width) {
        if (count == width) {
            for (size_t i = 0; i < width; i += 16) store16(panel + i, load16(row + i));
        } else {
            memcpy(panel, row, count * sizeof(float));
            memset(panel + count, 0, (width - count) * sizeof(float));
        }
        position += 1;
        row += stride;
        if (position < positions) continue;
        position = 0;
        row += record - positions * stride;
    }
}

static void multiply_columns(const firstlead_column_product *x, float *scratch) {
    const size_t steps = x->records * x->positions;
    float *left = scratch;
    float *right = left + (x->m + LEFT_COLUMNS - 1) / LEFT_COLUMNS * LEFT_COLUMNS * FIRSTLEAD_COLUMN_STEPS;
    for (size_t k = 0; k < steps; k += FIRSTLEAD_COLUMN_STEPS) {
        const size_t depth = least(steps - k, FIRSTLEAD_COLUMN_STEPS);
        for (size_t column = 0; column < x->m; column += LEFT_COLUMNS)
            pack_steps(
                x->left, x->left_stride, x->left_record, x->positions, k, depth, column,
                least(x->m - column, LEFT_COLUMNS), LEFT_COLUMNS, left + column * FIRSTLEAD_COLUMN_STEPS);
        for (size_t column = 0; column < x->n; column += 16)
            pack_steps(
                x->right, x->right_stride, x->right_record, x->positions, k, depth, column,
                least(x->n - column, 16), 16, right + column * FIRSTLEAD_COLUMN_STEPS);
        // Where a tile goes on from what is there, it reads each element just before it writes it.
        const firstlead_epilogue epilogue = {
            .residual = k > 0 ? x->output : NULL, .residual_stride = x->output_stride};
        for (size_t column = 0; column < x->n; column += TILE_COLUMNS)
            for (size_t row = 0; row < x->m; row += 12) {
                tile_product t = {
                    .a = left + row / LEFT_COLUMNS * LEFT_COLUMNS * FIRSTLEAD_COLUMN_STEPS + row % LEFT_COLUMNS,
                    .a_row = 1,
                    .a_step = LEFT_COLUMNS,
                    .b = right + column * FIRSTLEAD_COLUMN_STEPS,
                    .b_panel = 16 * FIRSTLEAD_COLUMN_STEPS,
                    .b_step = 16,
                    .depth = depth,
                    .pitch = TILE_COLUMNS,
                    .ends = 1,
                    .to = {
                        &epilogue, x->output, x->output_stride, row, column, least(x->m - row, 12),
                        least(x->n - column, TILE_COLUMNS), 0},
                };
                run_tile(&t, (t.to.columns + 15) / 16);
            }
    }
}
