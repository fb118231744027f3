// Included once by each variant: the products that are run as blocks.

/// Row panels whose block of activations is kept in L2 at once: 32 * 12 * 256 floats are 393 KB.
#define ROW_PANELS_AT_ONCE 32

static void matmul(const firstlead_product *x, size_t first, size_t last) {
    const size_t row_panels = (x->m + 11) / 12;
    for (size_t top = 0; top < row_panels; top += ROW_PANELS_AT_ONCE) {
        const size_t row = top * 12;
        firstlead_epilogue epilogue = x->epilogue;
        if (epilogue.residual) epilogue.residual += row * epilogue.residual_stride;
        for (size_t k = 0; k < x->k; k += FIRSTLEAD_DEPTH_BLOCK) {
            const size_t depth = x->k - k < FIRSTLEAD_DEPTH_BLOCK ? x->k - k : FIRSTLEAD_DEPTH_BLOCK;
            const size_t rows = x->m - row;
            block b = {
                .a = x->rows + k * row_panels * 12 + top * depth * 12,
                .a_panel = depth * 12,
                .a_step = 12,
                .inner = depth,
                .outer = 1,
                .b = x->weights + k * 16,
                .b_panel = x->k * 16,
                .b_step = 16,
                .c = x->output + row * x->output_stride,
                .c_stride = x->output_stride,
                .rows = rows < ROW_PANELS_AT_ONCE * 12 ? rows : ROW_PANELS_AT_ONCE * 12,
                .columns = x->n,
                .resume = k > 0,
                .epilogue = k + depth == x->k ? &epilogue : NULL,
            };
            run_block(&b, first, last);
        }
    }
}

/// The group's channels are transposed to `[channels, padded steps]`: twelve neighbouring outputs then read
/// twelve neighbouring floats for every tap and channel, and the overlapping windows are never written out.
static void convolve_group(const firstlead_convolution *x, size_t group, float *scratch) {
    const size_t padded = (x->steps + 11) / 12 * 12 + x->taps, left = x->taps / 2;
    memset(scratch, 0, x->channels * padded * sizeof(float));
    transpose(
        x->input + group * x->channels, x->input_stride, x->steps, x->channels, 1.0f, scratch + left, padded);
    const size_t panels = (x->outputs + 15) / 16, depth = x->taps * x->channels;
    firstlead_epilogue epilogue = x->epilogue;
    if (epilogue.bias) epilogue.bias += group * x->outputs;
    if (epilogue.residual) epilogue.residual += group * x->outputs;
    size_t at_once = FIRSTLEAD_DEPTH_BLOCK / x->channels;
    if (at_once == 0) at_once = 1;
    for (size_t tap = 0; tap < x->taps; tap += at_once) {
        const size_t taps = x->taps - tap < at_once ? x->taps - tap : at_once;
        block b = {
            .a = scratch + tap,
            .a_panel = 12,
            .a_outer = 1,
            .a_step = padded,
            .inner = x->channels,
            .outer = taps,
            .b = x->weights + group * panels * 16 * depth + tap * x->channels * 16,
            .b_panel = depth * 16,
            .b_step = 16,
            .c = x->output + group * x->outputs,
            .c_stride = x->output_stride,
            .rows = x->steps,
            .columns = x->outputs,
            .resume = tap > 0,
            .epilogue = tap + taps == x->taps ? &epilogue : NULL,
        };
        run_block(&b, 0, panels);
    }
}

/// Softmax over the keys of sixteen queries at once: score (key, query) is scores[key * 48 + query]. Leaves
/// exp(score - largest) and returns their sums; nothing crosses lanes.
INLINE v16 exponentials(float *scores, size_t keys) {
    v16 largest = load16(scores);
    for (size_t key = 1; key < keys; key++) {
        v16 s = load16(scores + key * FIRSTLEAD_QUERY_BLOCK);
        largest = s > largest ? s : largest;
    }
    v16 sum = (v16)0.0f;
    for (size_t key = 0; key < keys; key++) {
        v16 e = exp16(load16(scores + key * FIRSTLEAD_QUERY_BLOCK) - largest);
        store16(scores + key * FIRSTLEAD_QUERY_BLOCK, e);
        sum = sum + e;
    }
    return sum;
}

/// Scores are computed as `[key, query]`, queries in the lanes: that is the layout softmax wants (no sum
/// across lanes) and the packed row panel that the product with the values wants.
static void attend(const firstlead_attention *x, float *scratch) {
    const size_t padded = (x->tokens + 47) / 48 * 48, wide = (x->dim + 15) / 16 * 16;
    float *queries = scratch, *keys = queries + padded * x->dim, *values = keys + padded * x->dim;
    float *scores = values + x->tokens * wide;
    memset(scratch, 0, (2 * padded * x->dim + x->tokens * wide) * sizeof(float));
    transpose(x->queries, x->input_stride, x->tokens, x->dim, x->scale, queries, padded);
    transpose(x->keys, x->input_stride, x->tokens, x->dim, 1.0f, keys, padded);
    for (size_t t = 0; t < x->tokens; t++)
        memcpy(values + t * wide, x->values + t * x->input_stride, x->dim * sizeof(float));
    for (size_t first = 0; first < x->tokens; first += FIRSTLEAD_QUERY_BLOCK) {
        const size_t left = x->tokens - first;
        const size_t count = left < FIRSTLEAD_QUERY_BLOCK ? left : FIRSTLEAD_QUERY_BLOCK;
        const size_t panels = (count + 15) / 16;
        block score = {
            .a = keys, .a_panel = 12, .a_step = padded, .inner = x->dim, .outer = 1,
            .b = queries + first, .b_panel = 16, .b_step = padded,
            .c = scores, .c_stride = FIRSTLEAD_QUERY_BLOCK, .rows = x->tokens, .columns = panels * 16,
        };
        run_block(&score, 0, panels);
        float sums[FIRSTLEAD_QUERY_BLOCK];
        for (size_t p = 0; p < panels; p++) store16(sums + 16 * p, exponentials(scores + 16 * p, x->tokens));
        float *output = x->output + first * x->output_stride;
        block mix = {
            .a = scores, .a_panel = 12, .a_step = FIRSTLEAD_QUERY_BLOCK, .inner = x->tokens, .outer = 1,
            .b = values, .b_panel = 16, .b_step = wide,
            .c = output, .c_stride = x->output_stride, .rows = count, .columns = x->dim,
        };
        run_block(&mix, 0, wide / 16);
        for (size_t q = 0; q < count; q++)
            for (size_t j = 0; j < x->dim; j++) output[q * x->output_stride + j] /= sums[q];
    }
}
