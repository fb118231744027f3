// Included once by each variant: large products with one level of Strassen's scheme, in Winograd's form.
//
// Rows, outputs and inner index are halved (the inner index within chunks of 768), and seven products of halves
// take the place of eight (Strassen, Numerische Mathematik 13, 1969; Winograd's fifteen sums, Linear Algebra and
// its Applications 4, 1971). With A the activations and B the weights, inner index by output:
//
//   S1 = A21 + A22   S2 = S1 - A11   S3 = A11 - A21   S4 = A12 - S2
//   T1 = B12 - B11   T2 = B22 - T1   T3 = T2 - B11    T4 = B21 - T2
//   C11 = A11 B11 + A12 B21          U = A11 B11 + S2 T2       V = U + S3 T3
//   C12 = U + S1 T1 + S4 B22         C21 = V + A22 T4          C22 = V + S1 T1
//
// B12 is no factor, and any four of the seven factors on the right give the others by one sum each: folded weights
// keep T1 and T2 where B12 and B22 were. T3, T4 and B22 = T1 + T2 of a group of columns are added in the shadow of the
// first products of that group; the sums S are written once for each product.

#define CHUNK FIRSTLEAD_STRASSEN_CHUNK
#define GROUP_PANELS FIRSTLEAD_GROUP_PANELS
/// The stretch of the inner index that a product of quadrants takes at once.
#define HALF_CHUNK (CHUNK / 2)
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
    const size_t m = x->m / 2, stride = x->input_stride, each = m * HALF_CHUNK;
    for (size_t k = 0; k < x->k; k += CHUNK)
        for (size_t row = first; row < last; row++) {
            const float *a11 = x->input + row * stride + k, *a21 = a11 + m * stride;
            float *sums = x->sums + (k / CHUNK * 4 * m + row) * HALF_CHUNK;
            for (size_t i = 0; i < HALF_CHUNK; i += 16) {
                const v16 upper = load16(a11 + i), lower = load16(a21 + i);
                const v16 s1 = lower + load16(a21 + HALF_CHUNK + i), s2 = s1 - upper;
                store16(sums + i, s1);
                store16(sums + each + i, s2);
                store16(sums + 2 * each + i, upper - lower);
                store16(sums + 3 * each + i, load16(a11 + HALF_CHUNK + i) - s2);
            }
        }
}

/// Walks over the panels of one quadrant or sum after another, a part with each visit: counted, not divided, since a
/// visit is four thousand cycles and a division twenty.
typedef struct {
    size_t part, panel;
    int which;
} panel_walk;

INLINE void step_on(panel_walk *walk, size_t parts, size_t panels) {
    if (++walk->part < parts) return;
    walk->part = 0;
    if (++walk->panel < panels) return;
    walk->panel = 0;
    walk->which++;
}

/// A group of columns and a chunk of the inner index.
typedef struct {
    const firstlead_product *product;
    /// The first of the left half's columns.
    size_t column;
    size_t chunk, chunks;
    /// Row panels of the upper half.
    size_t top, bottom;
    /// Strips, then the sums T.
    float *scratch;
    panel_walk sums, ahead;
    /// Visits until `ahead` begins.
    size_t before_ahead;
} group_of_columns;

/// A quadrant of the folded weights from a column on.
INLINE const float *quadrant(const group_of_columns *g, size_t column, int which, size_t chunk) {
    const size_t k = g->product->k;
    return g->product->weights + (column + (which & 1 ? g->product->n / 2 : 0)) * k
        + (chunk * CHUNK + (which & 2 ? HALF_CHUNK : 0)) * 16;
}

INLINE float *weight_sum(const group_of_columns *g, int which) {
    return g->scratch + 8 * STRIP_FLOATS + (size_t)(which - FIRST_SUM) * GROUP_PANELS * HALF_CHUNK * 16;
}

/// The part of the group's sums that the next visit adds. They come in the order in which products need them; with
/// FIRSTLEAD_STRASSEN_ROW_PANELS row panels there are visits enough for each before its product.
INLINE side_sum next_side(group_of_columns *g) {
    static const signed char jobs[3][4] = {{T3, T2, B11, -1}, {B22, T1, T2, 1}, {T4, B21, T2, -1}};
    if (g->sums.which >= 3) return (side_sum){0};
    const signed char *job = jobs[g->sums.which];
    const size_t column = g->column + g->sums.panel * 16;
    const size_t part = g->sums.part * (HALF_CHUNK * 16 / SUMMINGS_PER_PANEL);
    const side_sum side = {
        .x = quadrant(g, column, job[1], g->chunk) + part,
        .y = quadrant(g, column, job[2], g->chunk) + part,
        .sign = job[3],
        .out = weight_sum(g, job[0]) + g->sums.panel * HALF_CHUNK * 16 + part,
    };
    step_on(&g->sums, SUMMINGS_PER_PANEL, GROUP_PANELS);
    return side;
}

/// What the next visit fetches: the quadrants of the next chunk or group, at the end, since what comes in between would
/// push them out of L2 again.
INLINE const float *next_ahead(group_of_columns *g) {
    if (g->before_ahead > 0) {
        g->before_ahead--;
        return NULL;
    }
    const int ends = g->chunk + 1 == g->chunks;
    const size_t first = g->column + (ends ? GROUP_PANELS * 16 : 0), column = first + g->ahead.panel * 16;
    if (g->ahead.which >= 4 || first >= g->product->n / 2) return NULL;
    const float *panel = quadrant(g, column, g->ahead.which, ends ? 0 : g->chunk + 1);
    const float *line = panel + g->ahead.part * (HALF_CHUNK / FETCHES_PER_PANEL * 16);
    step_on(&g->ahead, FETCHES_PER_PANEL, GROUP_PANELS);
    return line;
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

/// A factor on the left: where its first row lies, and how far apart its rows are.
INLINE const float *left_factor(const group_of_columns *g, int which, size_t *apart) {
    const firstlead_product *x = g->product;
    const size_t m = x->m / 2;
    *apart = which < FIRST_SUM ? x->input_stride : HALF_CHUNK;
    if (which >= FIRST_SUM) return x->sums + (g->chunk * 4 + (size_t)(which - FIRST_SUM)) * m * HALF_CHUNK;
    return x->input + (which & 2 ? m : 0) * x->input_stride + g->chunk * CHUNK + (which & 1 ? HALF_CHUNK : 0);
}

/// One of the seven products for a group of columns.
static void multiply_group(group_of_columns *g, int product) {
    const firstlead_product *x = g->product;
    const int right = right_of[product], ends = g->chunk + 1 == g->chunks;
    size_t a_row;
    const float *a = left_factor(g, left_of[product], &a_row);
    const float *b = right < FIRST_SUM ? quadrant(g, g->column, right, g->chunk) : weight_sum(g, right);
    const size_t b_panel = right < FIRST_SUM ? 16 * x->k : 16 * HALF_CHUNK;
    for (size_t panel = 0; panel < GROUP_PANELS; panel += TILE_PANELS)
        for (size_t p = g->top; p < g->bottom; p++) {
            const size_t column = g->column + panel * 16;
            const size_t at = ((p - g->top) * GROUP_PANELS + panel) / TILE_PANELS * TILE_FLOATS;
            float *kept = g->scratch + (size_t)product * STRIP_FLOATS + at;
            tile_product t = {
                .a = a + p * 12 * a_row,
                .a_row = a_row,
                .a_step = 1,
                .b = b + panel * b_panel,
                .b_panel = b_panel,
                .b_step = 16,
                .depth = HALF_CHUNK,
                .pitch = TILE_COLUMNS,
                .ahead = next_ahead(g),
                .start = g->chunk > 0 ? kept : NULL,
                .first = kept,
                .to = {&x->epilogue, x->output, x->output_stride, p * 12, column, 12, TILE_COLUMNS, x->relu},
            };
            if (product < A22T4) t.side = next_side(g);
            if (ends) combine(&t, product, g, at);
            run_tile(&t, TILE_PANELS);
        }
}

/// The columns of the panels `first ..< last` of either half.
static void multiply_strassen(const firstlead_product *x, size_t first, size_t last, float *scratch) {
    const size_t row_panels = x->bottom > 0 ? x->bottom - x->top : x->m / 24;
    const size_t sweeps = (row_panels + HALF_PANELS_AT_ONCE - 1) / HALF_PANELS_AT_ONCE;
    for (size_t q = first; q < last; q += GROUP_PANELS)
        for (size_t sweep = 0; sweep < sweeps; sweep++)
            for (size_t chunk = 0; chunk < x->k / CHUNK; chunk++) {
                group_of_columns g = {
                    .product = x,
                    .column = q * 16,
                    .chunk = chunk,
                    .chunks = x->k / CHUNK,
                    .top = x->top + row_panels * sweep / sweeps,
                    .bottom = x->top + row_panels * (sweep + 1) / sweeps,
                    .scratch = scratch,
                };
                const size_t visits = PRODUCTS * (GROUP_PANELS / TILE_PANELS) * (g.bottom - g.top);
                const size_t fetches = 4 * FETCHES_PER_PANEL * GROUP_PANELS;
                g.before_ahead = visits > fetches ? visits - fetches : 0;
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
