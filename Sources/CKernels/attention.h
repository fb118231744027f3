// Included once by each variant: attention of one head.
//
// Keys lie in the lanes while scores are made, the columns of values while they are mixed; twelve queries go through
// both, and the softmax between them, before the next twelve, so that their scores stay in L1.

#define QUERIES 12
/// Queries whose softmax is worked out side by side: they hide each other's latency.
#define QUERIES_AT_ONCE 4
#define EACH_QUERY _Pragma("clang loop unroll(full)") for (int q = 0; q < QUERIES_AT_ONCE; q++)

/// A head's keys and values in the order in which tiles read them, and where twelve queries' scores go.
typedef struct {
    const firstlead_attention *head;
    /// `[panel][dim][16]`, in units of ln 2 and scaled; keys beyond the last are zeros.
    float *keys;
    /// `[panel][tokens][16]`
    float *values;
    /// `[12][width]`, and the inverse of each row's sum of exponentials.
    float *scores;
    float factors[QUERIES];
    /// Tokens rounded up to whole panels.
    size_t width;
} attention_pass;

/// TILE_ROWS rows by `panels` column panels that lie `16 * depth` apart.
INLINE void sum_rows(
    const int panels, const float *a, size_t a_row, const float *b, size_t depth,
    v16 sum[TILE_ROWS][TILE_PANELS]) {
    EACH_ROW EACH_PANEL sum[r][p] = (v16)0.0f;
    const float *rows[TILE_ROWS / 3];
    EACH_THIRD rows[r] = a + 3 * (size_t)r * a_row;
    size_t left = multiply_stretch(panels, STEPS_AT_ONCE, sum, rows, a_row, 1, &b, 16 * depth, 16, depth);
    left = multiply_stretch(panels, FEW_STEPS, sum, rows, a_row, 1, &b, 16 * depth, 16, left);
    multiply_stretch(panels, 1, sum, rows, a_row, 1, &b, 16 * depth, 16, left);
}

/// The token's query, key and value of the head that is next: a row of each is four lines, far from the row before.
INLINE void fetch_token(const firstlead_attention *x, size_t token) {
    const float *query = x->queries + token * x->input_stride + x->next;
    for (size_t i = 0; i < x->dim; i += 16) {
        __builtin_prefetch(query + i, 0, 2);
        __builtin_prefetch(query + (x->keys - x->queries) + i, 0, 2);
        __builtin_prefetch(query + (x->values - x->queries) + i, 0, 2);
    }
}

INLINE void score_tile(
    const int panels, const attention_pass *pass, const float *queries, size_t stride, size_t row, size_t key) {
    v16 sum[TILE_ROWS][TILE_PANELS];
    const size_t dim = pass->head->dim, width = pass->width;
    sum_rows(panels, queries + row * stride, stride, pass->keys + key * dim, dim, sum);
    float *scores = pass->scores + row * width + key;
    EACH_ROW EACH_PANEL store16(scores + r * width + 16 * p, sum[r][p]);
}

/// Scores of twelve queries, of which `count` are the tokens `first ..< first + count`.
static __attribute__((noinline)) void score(
    const attention_pass *pass, const float *queries, size_t stride, size_t first, size_t count) {
    const size_t width = pass->width, tokens = pass->head->tokens;
    size_t fetched = pass->head->next ? 0 : count;
    for (size_t row = 0; row < QUERIES; row += TILE_ROWS)
        for (size_t key = 0; key < width; key += TILE_COLUMNS) {
            // Spread over the tiles: all at once would hold up what follows.
            for (; fetched < count && fetched * width <= key * count; fetched++)
                fetch_token(pass->head, first + fetched);
            if (key + TILE_COLUMNS <= width) {
                score_tile(TILE_PANELS, pass, queries, stride, row, key);
            } else {
                score_tile(1, pass, queries, stride, row, key);
            }
        }
    for (; fetched < count; fetched++) fetch_token(pass->head, first + fetched);
    for (size_t row = 0; row < QUERIES; row++)
        for (size_t key = tokens; key < width; key++) pass->scores[row * width + key] = -__builtin_inff();
}

/// Scores to exp(score - largest), row by row.
INLINE void exponentials(attention_pass *pass) {
    const size_t width = pass->width;
    for (int row = 0; row < QUERIES; row += QUERIES_AT_ONCE) {
        float *scores = pass->scores + (size_t)row * width;
        v16 largest[QUERIES_AT_ONCE], sum[QUERIES_AT_ONCE];
        EACH_QUERY largest[q] = load16(scores + q * width);
        for (size_t key = 16; key < width; key += 16)
            EACH_QUERY largest[q] = larger16(load16(scores + q * width + key), largest[q]);
        EACH_QUERY {
            largest[q] = largest_lane(largest[q]);
            sum[q] = (v16)0.0f;
        }
        for (size_t key = 0; key < width; key += 16) EACH_QUERY {
                float *place = scores + q * width + key;
                const v16 e = exp2_of_negative(load16(place) - largest[q]);
                store16(place, e);
                sum[q] = sum[q] + e;
            }
        EACH_QUERY pass->factors[row + q] = 1.0f / fold16(sum[q]);
    }
}

/// TILE_ROWS queries' mean of the values, to the output.
INLINE void mix_tile(
    const int panels, const attention_pass *pass, size_t row, size_t rows, size_t column, float *output) {
    const firstlead_attention *x = pass->head;
    v16 sum[TILE_ROWS][TILE_PANELS];
    sum_rows(panels, pass->scores + row * pass->width, pass->width, pass->values + column * x->tokens, x->tokens, sum);
    EACH_ROW EACH_PANEL sum[r][p] = sum[r][p] * (v16)pass->factors[row + (size_t)r];
    if (rows >= TILE_ROWS && column + 16 * panels <= x->dim) {
        EACH_ROW EACH_PANEL store16(output + r * x->output_stride + 16 * p, sum[r][p]);
        return;
    }
    float kept[TILE_FLOATS];
    EACH_ROW EACH_PANEL store16(kept + r * TILE_COLUMNS + 16 * p, sum[r][p]);
    for (size_t r = 0; r < least(rows, TILE_ROWS); r++)
        memcpy(
            output + r * x->output_stride, kept + r * TILE_COLUMNS,
            least(x->dim - column, 16 * panels) * sizeof(float));
}

/// The output of `count` queries from the token `first` on.
static __attribute__((noinline)) void mix(const attention_pass *pass, size_t first, size_t count) {
    const firstlead_attention *x = pass->head;
    for (size_t row = 0; row < count; row += TILE_ROWS)
        for (size_t column = 0; column < x->dim; column += TILE_COLUMNS) {
            float *output = x->output + (first + row) * x->output_stride + column;
            if (x->dim - column > 16 * (TILE_PANELS - 1)) {
                mix_tile(TILE_PANELS, pass, row, count - row, column, output);
            } else {
                mix_tile(1, pass, row, count - row, column, output);
            }
        }
}

/// Keys and values as the tiles read them.
INLINE void arrange(attention_pass *pass) {
    const firstlead_attention *x = pass->head;
    const float scale = x->scale * EXP_PER_LN2;
    for (size_t token = 0; token < x->tokens; token += 16) {
        const float *keys = x->keys + token * x->input_stride;
        float *panel = pass->keys + token * x->dim;
        const size_t count = least(x->tokens - token, 16);
        if (count < 16) memset(panel, 0, 16 * x->dim * sizeof(float));
        transpose(keys, x->input_stride, count, x->dim, scale, panel, 16);
    }
    for (size_t column = 0; column < x->dim; column += 16)
        for (size_t token = 0; token < x->tokens; token++)
            store16(
                pass->values + column * x->tokens + token * 16,
                load_part(x->values + token * x->input_stride + column, x->dim - column));
}

static void attend(const firstlead_attention *x, float *scratch) {
    const size_t width = (x->tokens + 15) / 16 * 16, columns = (x->dim + 15) / 16 * 16;
    attention_pass pass = {.head = x, .width = width, .keys = scratch};
    pass.values = pass.keys + width * x->dim;
    pass.scores = pass.values + columns * x->tokens;
    float *ragged = pass.scores + QUERIES * width;
    arrange(&pass);
    for (size_t first = 0; first < x->tokens; first += QUERIES) {
        const size_t count = least(x->tokens - first, QUERIES);
        const float *queries = x->queries + first * x->input_stride;
        if (count < QUERIES) {
            fill_up(queries, x->input_stride, count, x->dim, ragged);
            score(&pass, ragged, x->dim, first, count);
        } else {
            score(&pass, queries, x->input_stride, first, count);
        }
        exponentials(&pass);
        mix(&pass, first, count);
    }
}
