// Included once by each variant: large products with one level of Strassen's scheme, in Winograd's form.
//
// Rows, outputs and inner index are halved, and seven products of halves take the place of eight (Strassen,
// Numerische Mathematik 13, 1969; Winograd's fifteen sums, Linear Algebra and its Applications 4, 1971). With A the
// activations and B the weights, inner index by output:
//
//   S1 = A21 + A22   S2 = S1 - A11   S3 = A11 - A21   S4 = A12 - S2
//   T1 = B12 - B11   T2 = B22 - T1   T3 = T2 - B11    T4 = B21 - T2
//   C11 = A11 B11 + A12 B21          U = A11 B11 + S2 T2       V = U + S3 T3
//   C12 = U + S1 T1 + S4 B22         C21 = V + A22 T4          C22 = V + S1 T1
//
// B12 is no factor, and any four of the seven factors on the right give the others by one sum each: folded weights
// keep T1 and T2 where B12 and B22 were. T3, T4 and B22 = T1 + T2 of a group of columns are added in the shadow of the
// first products of that group; the sums S are written once for each product.

/// A stretch of either half of the inner index that is multiplied at once.
#define HALF_CHUNK (FIRSTLEAD_STRASSEN_CHUNK / 2)
#define HALF_PANELS_AT_ONCE 16
/// Floats of one strip: every tile of a group's columns for the row panels of a sweep.
#define STRIP_FLOATS (HALF_PANELS_AT_ONCE * (GROUP_PANELS / TILE_PANELS) * TILE_FLOATS)
/// Row panels' visits that one column panel's fetching ahead, or its sum T, is spread over.
#define FETCHES_PER_PANEL (STEPS_PER_LINE / RUNS_PER_PANEL)
#define SUMMINGS_PER_PANEL (STEPS_PER_SUM / RUNS_PER_PANEL)

/// Quadrants are numbered 11, 12, 21, 22; then come the sums.
enum { Q11, Q12, Q21, Q22, S1, S2, S3, S4 };
enum { B11, T1, B21, T2, T3, T4, B22 };
#define FIRST_SUM 4
enum { A11B11, A12B21, S2T2, S3T3, S1T1, S4B22, A22T4, PRODUCTS };
static const unsigned char left_of[PRODUCTS] = {Q11, Q12, S2, S3, S1, S4, Q22};
static const unsigned char right_of[PRODUCTS] = {B11, B21, T2, T3, T1, B22, T4};

/// The sums S of the rows `first ..< last` of the upper half: `[chunk][sum][row][HALF_CHUNK]`.
static void sum_blocks(const firstlead_product *x, size_t first, size_t last) {
    const size_t m = x->m / 2, half = x->k / 2, stride = x->input_stride, each = m * HALF_CHUNK;
    for (size_t k = 0; k < half; k += HALF_CHUNK)
        for (size_t row = first; row < last; row++) {
            const float *a11 = x->input + row * stride + k, *a21 = a11 + m * stride;
            float *sums = x->sums + (k / HALF_CHUNK * 4 * m + row) * HALF_CHUNK;
            for (size_t i = 0; i < HALF_CHUNK; i += 16) {
                const v16 upper = load16(a11 + i), lower = load16(a21 + i);
                const v16 s1 = lower + load16(a21 + half + i), s2 = s1 - upper;
                store16(sums + i, s1);
                store16(sums + each + i, s2);
                store16(sums + 2 * each + i, upper - lower);
                store16(sums + 3 * each + i, load16(a11 + half + i) - s2);
            }
        }
}

/// A group of columns and a chunk of the inner index.
typedef struct {
    const firstlead_product *product;
    /// Panels of the left half's columns.
    size_t first, count;
    size_t chunk, chunks;
    /// Row panels of the upper half.
    size_t top, bottom;
    /// Strips, then the sums T.
    float *scratch;
} group_of_columns;

/// Panel `panel` of a quadrant of the folded weights.
INLINE const float *quadrant(const group_of_columns *g, size_t panel, int which, size_t chunk) {
    const firstlead_product *x = g->product;
    const size_t column = panel + (which & 1 ? x->n / 32 : 0);
    return x->weights + column * 16 * x->k + (chunk * HALF_CHUNK + (which & 2 ? x->k / 2 : 0)) * 16;
}

INLINE float *weight_sum(const group_of_columns *g, int which) {
    return g->scratch + 8 * STRIP_FLOATS + (size_t)(which - FIRST_SUM) * GROUP_PANELS * HALF_CHUNK * 16;
}

/// The part of the group's sums that visit number `visit` adds. The first three products need none, and have visits
/// enough for all three sums if a sweep has eight row panels or more.
INLINE side_sum side_of(const group_of_columns *g, size_t visit) {
    static const signed char jobs[3][4] = {
        {T3, T2, B11, -1}, {B22, T1, T2, 1}, {T4, B21, T2, -1}};
    const size_t job = visit / (SUMMINGS_PER_PANEL * g->count);
    if (job >= 3) return (side_sum){0};
    const size_t panel = visit / SUMMINGS_PER_PANEL % g->count;
    const size_t part = visit % SUMMINGS_PER_PANEL * (HALF_CHUNK * 16 / SUMMINGS_PER_PANEL);
    const size_t at = panel * HALF_CHUNK * 16 + part;
    return (side_sum){
        .x = quadrant(g, g->first + panel, jobs[job][1], g->chunk) + part,
        .y = quadrant(g, g->first + panel, jobs[job][2], g->chunk) + part,
        .sign = jobs[job][3],
        .out = weight_sum(g, jobs[job][0]) + at,
    };
}

/// What is fetched with the visit after which `left` of the group remain: the quadrants of the next chunk or group, at
/// the end, since what comes in between would push them out of L2 again.
INLINE const float *ahead_of(const group_of_columns *g, size_t left) {
    const size_t each = FETCHES_PER_PANEL * g->count;
    if (left >= 4 * each) return NULL;
    const size_t fetch = 4 * each - 1 - left, panel = g->first + fetch / FETCHES_PER_PANEL % g->count;
    const size_t line = fetch % FETCHES_PER_PANEL * (HALF_CHUNK / FETCHES_PER_PANEL);
    const int which = (int)(fetch / each);
    if (g->chunk + 1 < g->chunks) return quadrant(g, panel, which, g->chunk + 1) + line * 16;
    const size_t next = panel + g->count;
    return next < g->product->n / 32 ? quadrant(g, next, which, 0) + line * 16 : NULL;
}

/// Where a product's tile goes in the last chunk. `at` is the tile's place in every strip.
INLINE void combine(tile_product *t, int product, const group_of_columns *g, size_t at) {
    float *c11 = g->scratch + at, *v = g->scratch + S3T3 * STRIP_FLOATS + at;
    // Two names for one strip: S2 T2 has been taken from it when V is put there for C22.
    float *c22 = g->scratch + S2T2 * STRIP_FLOATS + at, *u = g->scratch + PRODUCTS * STRIP_FLOATS + at;
    const size_t lower = g->product->m / 2, right = g->product->n / 2;
    switch (product) {
    case A11B11: t->first = c11, t->second = u; break;
    case A12B21: t->first_from = c11, t->ends = 1; break;
    case S2T2: t->first_from = u, t->first = u; break;
    case S3T3: t->first_from = u, t->first = v, t->second = c22; break;
    case S1T1:
        t->second_from = u, t->second = u;
        t->first_from = c22, t->ends = 1, t->to.row += lower, t->to.column += right;
        break;
    case S4B22: t->first_from = u, t->ends = 1, t->to.column += right; break;
    default: t->first_from = v, t->ends = 1, t->to.row += lower;
    }
}

/// One of the seven products for a group of columns.
static void multiply_group(const group_of_columns *g, int product) {
    const firstlead_product *x = g->product;
    const size_t m = x->m / 2, pairs = PAIRS(g->count), panels = g->bottom - g->top;
    const int left = left_of[product], right = right_of[product];
    const float *a = x->sums;
    if (left >= FIRST_SUM) {
        a += (g->chunk * 4 + (size_t)(left - FIRST_SUM)) * m * HALF_CHUNK;
    } else {
        a = x->input + (left & 2 ? m : 0) * x->input_stride + g->chunk * HALF_CHUNK + (left & 1 ? x->k / 2 : 0);
    }
    const size_t a_row = left < FIRST_SUM ? x->input_stride : HALF_CHUNK;
    const float *b = right < FIRST_SUM ? quadrant(g, g->first, right, g->chunk) : weight_sum(g, right);
    const size_t b_panel = right < FIRST_SUM ? 16 * x->k : 16 * HALF_CHUNK;
    for (size_t visit = 0; visit < pairs * panels; visit++) {
        const size_t pair = visit / panels, p = g->top + visit % panels;
        const size_t count = least(g->count - pair * TILE_PANELS, TILE_PANELS);
        const size_t at = ((p - g->top) * (GROUP_PANELS / TILE_PANELS) + pair) * TILE_FLOATS;
        float *kept = g->scratch + (size_t)product * STRIP_FLOATS + at;
        const size_t column = (g->first + pair * TILE_PANELS) * 16;
        tile_product t = {
            .a = a + p * 12 * a_row,
            .a_row = a_row,
            .a_step = 1,
            .b = b + pair * TILE_PANELS * b_panel,
            .b_panel = b_panel,
            .b_step = 16,
            .depth = HALF_CHUNK,
            .pitch = TILE_COLUMNS,
            .start = g->chunk > 0 ? kept : NULL,
            .first = kept,
            .to = {&x->epilogue, x->output, x->output_stride, p * 12, column, 12, 16 * count, x->relu},
        };
        t.ahead = ahead_of(g, (size_t)(PRODUCTS - product) * pairs * panels - visit - 1);
        if (product <= S2T2) t.side = side_of(g, (size_t)product * pairs * panels + visit);
        if (g->chunk + 1 == g->chunks) combine(&t, product, g, at);
        run_tile(&t, count);
    }
}

/// The columns of the panels `first ..< last` of either half.
static void multiply_strassen(const firstlead_product *x, size_t first, size_t last, float *scratch) {
    const size_t row_panels = x->m / 24;
    const size_t sweeps = (row_panels + HALF_PANELS_AT_ONCE - 1) / HALF_PANELS_AT_ONCE;
    for (size_t q = first; q < last; q += GROUP_PANELS)
        for (size_t sweep = 0; sweep < sweeps; sweep++)
            for (size_t chunk = 0; chunk < x->k / 2 / HALF_CHUNK; chunk++) {
                const group_of_columns g = {
                    .product = x,
                    .first = q,
                    .count = least(last - q, GROUP_PANELS),
                    .chunk = chunk,
                    .chunks = x->k / 2 / HALF_CHUNK,
                    .top = row_panels * sweep / sweeps,
                    .bottom = row_panels * (sweep + 1) / sweeps,
                    .scratch = scratch,
                };
                for (int product = 0; product < PRODUCTS; product++) multiply_group(&g, product);
            }
}

static void matmul(const firstlead_product *x, size_t first, size_t last, float *scratch) {
    if (firstlead_strassen(x)) {
        multiply_strassen(x, first, last, scratch);
    } else {
        multiply(x, first, last, scratch);
    }
}
