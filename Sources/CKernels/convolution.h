// Included once by each variant: one group of a grouped convolution, step by step.

/// One group's steps of a sequence, zeros before and behind: `[taps / 2 + steps + behind, channels]`.
static void pad_steps(const firstlead_convolution *x, size_t group, size_t sequence, size_t behind, float *padded) {
    const size_t width = x->channels, left = x->taps / 2;
    const float *input = x->input + sequence * x->steps * x->input_stride + group * width;
    memset(padded, 0, left * width * sizeof(float));
    for (size_t t = 0; t < x->steps; t++)
        memcpy(padded + (left + t) * width, input + t * x->input_stride, width * sizeof(float));
    memset(padded + (left + x->steps) * width, 0, behind * width * sizeof(float));
}

/// The epilogue of one group of a sequence.
INLINE firstlead_epilogue epilogue_of(const firstlead_convolution *x, size_t group, size_t sequence) {
    firstlead_epilogue epilogue = x->epilogue;
    if (epilogue.bias) epilogue.bias += group * x->outputs;
    if (epilogue.residual)
        epilogue.residual += sequence * x->steps * epilogue.residual_stride + group * x->outputs;
    return epilogue;
}

/// Taps that fill a depth block.
INLINE size_t taps_at_once(size_t width) {
    return width < FIRSTLEAD_DEPTH_BLOCK ? FIRSTLEAD_DEPTH_BLOCK / width : 1;
}

/// Sums of one group's convolution of a sequence: output t of the tile's rows reads steps that follow each other, so
/// that its row of activations is `taps * channels` neighbouring floats, and the next row begins `channels` further on.
/// Taps that see nothing but zeros for all twelve rows are left out, which changes no sum.
static void convolve_sequence(const firstlead_convolution *x, size_t group, size_t sequence, float *scratch) {
    const size_t width = x->channels, left = x->taps / 2, depth = x->taps * width;
    const size_t row_panels = (x->steps + 11) / 12, panels = (x->outputs + 15) / 16;
    float *padded = scratch + row_panels * TILE_FLOATS;
    pad_steps(x, group, sequence, row_panels * 12 - x->steps + x->taps - left, padded);
    const firstlead_epilogue epilogue = epilogue_of(x, group, sequence);
    float *output = x->output + sequence * x->steps * x->output_stride + group * x->outputs;
    for (size_t q = 0; q < panels; q += TILE_PANELS)
        for (size_t tap = 0; tap < x->taps; tap += taps_at_once(width)) {
            const size_t next = least(tap + taps_at_once(width), x->taps);
            for (size_t p = 0; p < row_panels; p++) {
                const size_t rows = least(x->steps - p * 12, 12);
                // The taps low ..< high see at least one step for at least one of the rows.
                const size_t low = left > p * 12 + rows - 1 ? left - (p * 12 + rows - 1) : 0;
                const size_t high = least(x->steps + left - p * 12, x->taps);
                const size_t from = tap > low ? tap : low, to = least(next, high);
                if (from >= to) continue;
                tile_product t = {
                    .a = padded + (p * 12 + from) * width,
                    .a_row = width,
                    .a_step = 1,
                    .b = x->weights + (group * panels + q) * 16 * depth + from * width * 16,
                    .b_panel = 16 * depth,
                    .b_step = 16,
                    .depth = (to - from) * width,
                    .pitch = TILE_COLUMNS,
                    .start = from > low ? scratch + p * TILE_FLOATS : NULL,
                    .first = scratch + p * TILE_FLOATS,
                    .ends = to == high,
                    .to = {
                        &epilogue, output, x->output_stride, p * 12, q * 16, rows,
                        least(x->outputs - q * 16, 16 * TILE_PANELS), 0},
                };
                run_tile(&t, least(panels - q, TILE_PANELS));
            }
        }
}
