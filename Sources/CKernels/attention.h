// Included once by each variant: attention of one head.

#define QUERIES FIRSTLEAD_QUERY_BLOCK
#define PANELS_AT_ONCE 3

/// Softmax over the keys of `panels` times sixteen queries at once, as far as exp(score - largest), and the inverse
/// of their sums: score (key, query) is scores[key * QUERIES + query]. Nothing crosses lanes; several panels at once
/// hide each other's latency.
INLINE void exponentials(const int panels, float *scores, size_t keys, v16 *inverse_sums) {
    v16 largest[PANELS_AT_ONCE], sum[PANELS_AT_ONCE];
    EACH_PANEL {
        largest[p] = load16(scores + 16 * p);
        sum[p] = (v16)0.0f;
    }
    for (size_t key = 1; key < keys; key++) EACH_PANEL {
            const v16 s = load16(scores + key * QUERIES + 16 * p);
            largest[p] = s > largest[p] ? s : largest[p];
        }
    for (size_t key = 0; key < keys; key++) EACH_PANEL {
            float *place = scores + key * QUERIES + 16 * p;
            const v16 e = exp16_below(load16(place) - largest[p]);
            store16(place, e);
            sum[p] = sum[p] + e;
        }
    EACH_PANEL inverse_sums[p] = (v16)1.0f / sum[p];
}

/// scores[key, query] = keys * queries^T for one block of queries, which are packed `[panel][dim][16]`.
///
/// The queries lie in the lanes: that is the layout softmax wants, no sum across lanes, and the one that the
/// product with the values wants.
INLINE void score_block(
    const firstlead_attention *x, const float *queries, size_t panels, float *last_keys, float *scores) {
    for (size_t q = 0; q < panels; q += TILE_PANELS)
        for (size_t key = 0; key < x->tokens; key += 12) {
            const int whole = key + 12 <= x->tokens;
            tile_product t = {
                .a = whole ? x->keys + key * x->input_stride : last_keys,
                .a_row = whole ? x->input_stride : x->dim,
                .a_step = 1,
                .b = queries + q * 16 * x->dim,
                .b_panel = 16 * x->dim,
                .b_step = 16,
                .depth = x->dim,
                .pitch = QUERIES,
                .first = scores + key * QUERIES + q * 16,
            };
            run_tile(&t, least(panels - q, TILE_PANELS));
        }
}

/// output = scores^T * values for the queries `first ..< first + count`, not yet divided by the sums.
INLINE void mix_block(
    const firstlead_attention *x, const float *scores, const float *values, size_t first, size_t count) {
    static const firstlead_epilogue none = {0};
    const size_t panels = (x->dim + 15) / 16;
    for (size_t d = 0; d < panels; d += TILE_PANELS)
        for (size_t q = 0; q < count; q += 12) {
            tile_product t = {
                .a = scores + q,
                .a_row = 1,
                .a_step = QUERIES,
                .b = values + d * 16 * x->tokens,
                .b_panel = 16 * x->tokens,
                .b_step = 16,
                .depth = x->tokens,
                .pitch = TILE_COLUMNS,
                .ends = 1,
                .to = {
                    &none, x->output, x->output_stride, first + q, d * 16, least(count - q, 12),
                    least(x->dim - d * 16, 16 * TILE_PANELS), 0},
            };
            run_tile(&t, least(panels - d, TILE_PANELS));
        }
}

static void attend(const firstlead_attention *x, float *scratch) {
    const size_t panels = (x->dim + 15) / 16, rest = x->tokens % 12;
    float *queries = scratch, *values = queries + QUERIES * x->dim;
    float *last_keys = values + panels * 16 * x->tokens, *scores = last_keys + 12 * x->dim;
    if (rest)
        fill_up(x->keys + (x->tokens - rest) * x->input_stride, x->input_stride, rest, x->dim, last_keys);
    for (size_t p = 0; p < panels; p++)
        for (size_t t = 0; t < x->tokens; t++)
            store16(
                values + (p * x->tokens + t) * 16,
                load_part(x->values + t * x->input_stride + p * 16, x->dim - p * 16));
    for (size_t first = 0; first < x->tokens; first += QUERIES) {
        const size_t count = least(x->tokens - first, QUERIES), used = (count + 15) / 16;
        if (count < used * 16) memset(queries, 0, used * 16 * x->dim * sizeof(float));
        for (size_t p = 0; p < used; p++)
            transpose(
                x->queries + (first + p * 16) * x->input_stride, x->input_stride, least(count - p * 16, 16),
                x->dim, x->scale, queries + p * 16 * x->dim, 16);
        score_block(x, queries, used, last_keys, scores);
        v16 factors[QUERIES / 16];
        size_t p = 0;
        for (; p + PANELS_AT_ONCE <= used; p += PANELS_AT_ONCE)
            exponentials(PANELS_AT_ONCE, scores + 16 * p, x->tokens, factors + p);
        for (; p < used; p++) exponentials(1, scores + 16 * p, x->tokens, factors + p);
        mix_block(x, scores, values, first, count);
        for (size_t q = 0; q < count; q++) {
            float *output = x->output + (first + q) * x->output_stride;
            const v16 factor = (v16)factors[q / 16][q % 16];
            for (size_t j = 0; j < x->dim; j += 16)
                store_part(output + j, load_part(output + j, x->dim - j) * factor, x->dim - j);
        }
    }
}
