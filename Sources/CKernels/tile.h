// Included once by each variant, which defines TILE_ROWS (12 or 6) and TILE_PANELS (1 or 2): the micro-kernel.

/// Columns of a tile, and the distance of its rows where tiles are kept one by one.
#define TILE_COLUMNS (16 * TILE_PANELS)
#define TILE_FLOATS (12 * TILE_COLUMNS)
/// Steps of the inner index in which each row of activations passes a cache line.
#define STEPS_PER_ROUND 16
/// Steps that are written out in the loop: as many as a variant says that has registers for it.
#ifndef STEPS_AT_ONCE
#define STEPS_AT_ONCE 4
#endif
/// Steps for each cache line of `ahead` that is fetched, and for each sum of `side` that is added.
#define STEPS_PER_LINE 4
#define STEPS_PER_SUM 4
#define LINES_PER_ROUND (STEPS_PER_ROUND / STEPS_PER_LINE)
#define SUMS_AT_ONCE (STEPS_AT_ONCE / STEPS_PER_SUM)
/// Whether the rows' cache lines are fetched, a row with each step of a round.
#define FETCHES_ROWS (STEPS_AT_ONCE == STEPS_PER_ROUND)
/// Rounds before which the rows' cache lines are fetched: L3 is some four hundred cycles away, what another core has
/// written further.
#define ROUNDS_AHEAD 4
/// Steps at a time where there are fewer, or the rows are a matrix's columns.
#define FEW_STEPS 4
/// What stands between two steps that are written out; a variant may keep the compiler from mixing them.
#ifndef STEP_END
#define STEP_END
#endif

/// Where finished elements go, and what happens to them on the way.
typedef struct {
    const firstlead_epilogue *epilogue;
    /// The whole output.
    float *output;
    size_t stride;
    /// The tile's first element in the output, and how much of the tile lies inside it.
    size_t row, column, rows, columns;
    /// What is below 0 becomes 0, after all else.
    int relu;
} destination;

/// out[i] = x[i] + sign * y[i], done in the shadow of a tile's multiplications.
typedef struct {
    const float *x, *y;
    float sign;
    float *out;
} side_sum;

/// A product of one row panel with up to TILE_PANELS column panels, and where it goes.
///
/// Element (row, k) of the rows is a[row * a_row + k * a_step], element (k, column) of column panel q is
/// b[q * b_panel + k * b_step + column]. Kept tiles have rows `pitch` apart.
typedef struct {
    const float *a;
    size_t a_row, a_step;
    /// From the row `a_whole` on, a multiple of three, rows lie `a_gap` further.
    size_t a_whole, a_gap;
    const float *b;
    size_t b_panel, b_step;
    size_t depth;
    size_t pitch;
    /// Cache lines to fetch meanwhile, a quarter of `depth`; or NULL.
    const float *ahead;
    /// Sums to continue from, or NULL.
    const float *start;
    /// The product, added to `first_from` where that is not NULL, goes to `first`, or out if `ends`.
    const float *first_from;
    float *first;
    /// Once more, to `second` unless that is NULL: added to `second_from`, else to `first_from`, else bare.
    const float *second_from;
    float *second;
    int ends;
    /// Set by run_tile: the output's lines are fetched before they are written.
    int touches;
    destination to;
    side_sum side;
} tile_product;

/// Keeps a pointer as it is: the compiler would derive it from another, or keep one for each row, in every step.
#define APART(pointer) __asm__("" : "+r"(pointer))
#define EACH_ROW _Pragma("clang loop unroll(full)") for (int r = 0; r < TILE_ROWS; r++)
#define EACH_THIRD _Pragma("clang loop unroll(full)") for (int r = 0; r < TILE_ROWS / 3; r++)
#define EACH_PANEL _Pragma("clang loop unroll(full)") for (int p = 0; p < panels; p++)

/// `count` steps of the inner index. Three rows share a pointer: base, base + stride and base + 2 * stride are
/// one addressing mode each. With `fetches`, which needs a step for each row, a line of every row is fetched from
/// `line` on, one with each step: all rows come to the end of a line in the same step, and a dozen misses at once
/// would hold up what follows.
INLINE void multiply_steps(
    const int panels, const int count, const int fetches, v16 sum[TILE_ROWS][TILE_PANELS],
    const float *a[TILE_ROWS / 3], const size_t a_row, const size_t a_step, const float *b,
    const size_t b_panel, const size_t b_step, const float *line) {
#pragma clang loop unroll(full)
    for (int u = 0; u < count; u++) {
        v16 lanes[TILE_PANELS];
        EACH_PANEL lanes[p] = load16(b + p * b_panel + u * b_step);
        EACH_ROW {
            const v16 left = (v16)a[r / 3][(r % 3) * a_row + u * a_step];
            EACH_PANEL sum[r][p] = fma16(left, lanes[p], sum[r][p]);
        }
        if (fetches && u < TILE_ROWS) {
            __builtin_prefetch(line + u % 3 * a_row, 0, 3);
            if (u % 3 == 2) {
                line += 3 * a_row;
                APART(line);
            }
        }
        STEP_END;
    }
}

/// `steps` of the inner index at a time while there are so many of the `left`; returns how many remain.
INLINE size_t multiply_stretch(
    const int panels, const int steps, v16 sum[TILE_ROWS][TILE_PANELS], const float *a[TILE_ROWS / 3],
    const size_t a_row, const size_t a_step, const float **b, const size_t b_panel, const size_t b_step,
    size_t left) {
#pragma clang loop unroll(disable)
    for (; left >= (size_t)steps; left -= (size_t)steps) {
        EACH_THIRD APART(a[r]);
        multiply_steps(panels, steps, 0, sum, a, a_row, a_step, *b, b_panel, b_step, NULL);
        EACH_THIRD a[r] += (size_t)steps * a_step;
        *b += (size_t)steps * b_step;
    }
    return left;
}

/// What the end of a tile reads and writes, fetched while it is multiplied: a row of each with every round.
typedef struct {
    const float *from, *second_from, *to, *residual;
    size_t to_stride, residual_stride, rows;
} touched;

INLINE touched touched_by(const tile_product *x, const size_t row) {
    const size_t kept = row * x->pitch;
    touched t = {.rows = TILE_ROWS};
    if (x->first_from) t.from = x->first_from + kept;
    if (x->second_from) t.second_from = x->second_from + kept;
    if (x->touches) {
        const firstlead_epilogue *e = x->to.epilogue;
        t.to = x->to.output + (x->to.row + row) * x->to.stride + x->to.column;
        t.to_stride = x->to.stride;
        if (!e->residual) return t;
        t.residual = e->residual + (x->to.row + row) * e->residual_stride + x->to.column;
        t.residual_stride = e->residual_stride;
    } else if (x->first != x->first_from) {
        t.to = x->first + kept;
        t.to_stride = x->pitch;
    }
    return t;
}

INLINE const float *fetch_row(const int panels, const float *row, size_t stride) {
    if (!row) return NULL;
    EACH_PANEL __builtin_prefetch(row + 16 * p, 1, 3);
    return row + stride;
}

INLINE void fetch_touched(const int panels, touched *t, size_t pitch) {
    if (t->rows == 0) return;
    t->rows--;
    t->from = fetch_row(panels, t->from, pitch);
    t->second_from = fetch_row(panels, t->second_from, pitch);
    t->to = fetch_row(panels, t->to, t->to_stride);
    t->residual = fetch_row(panels, t->residual, t->residual_stride);
}

/// Packed weights, row-major activations, whole rounds of steps: the loop where the time goes.
INLINE size_t multiply_rounds(
    const int panels, const int sides, const tile_product *x, const size_t row,
    v16 sum[TILE_ROWS][TILE_PANELS], const float *a[TILE_ROWS / 3]) {
    const size_t a_row = x->a_row, b_panel = x->b_panel;
    const size_t stepped = row / TILE_ROWS * (x->depth / STEPS_PER_ROUND * STEPS_PER_ROUND);
    const size_t summed = stepped / STEPS_PER_SUM * 16;
    const float *b = x->b;
    const float *side_x = sides ? x->side.x + summed : NULL, *side_y = sides ? x->side.y + summed : NULL;
    float *side_out = sides ? x->side.out + summed : NULL;
    const float *ahead = x->ahead ? x->ahead + stepped / STEPS_PER_LINE * 16 : NULL;
    touched t = touched_by(x, row);
    // At the end of the rows it is the turn of those that follow: most often the next tile's.
    const size_t soon = STEPS_PER_ROUND * ROUNDS_AHEAD, following = soon + TILE_ROWS * a_row - x->depth;
    size_t k = x->depth;
#pragma clang loop unroll(disable)
    for (; k >= STEPS_PER_ROUND; k -= STEPS_PER_ROUND) {
        if (ahead) {
#pragma clang loop unroll(full)
            for (int i = 0; i < LINES_PER_ROUND; i++) __builtin_prefetch(ahead + 16 * i, 0, 2);
            ahead += 16 * LINES_PER_ROUND;
        }
        fetch_touched(panels, &t, x->pitch);
        const float *line = a[0] + (k > soon ? soon : following);
        APART(line);
#pragma clang loop unroll(disable)
        for (int i = 0; i < STEPS_PER_ROUND / STEPS_AT_ONCE; i++) {
            EACH_THIRD APART(a[r]);
            multiply_steps(panels, STEPS_AT_ONCE, FETCHES_ROWS, sum, a, a_row, 1, b, b_panel, 16, line);
            EACH_THIRD a[r] += STEPS_AT_ONCE;
            b += 16 * STEPS_AT_ONCE;
            if (!sides) continue;
#pragma clang loop unroll(full)
            for (int s = 0; s < SUMS_AT_ONCE; s++) {
                store16(side_out, fma16(load16(side_y), (v16)x->side.sign, load16(side_x)));
                side_x += 16, side_y += 16, side_out += 16;
            }
        }
    }
    return k;
}

/// Bias, residual and rectifier, then out, straight from registers.
INLINE void store_finished(
    const int panels, const tile_product *x, const size_t row, v16 sum[TILE_ROWS][TILE_PANELS]) {
    const firstlead_epilogue *e = x->to.epilogue;
    float *output = x->to.output + (x->to.row + row) * x->to.stride + x->to.column;
    if (e->bias) {
        EACH_PANEL {
            const v16 bias = load16(e->bias + x->to.column + 16 * p);
            EACH_ROW sum[r][p] = sum[r][p] + bias;
        }
    }
    if (e->residual) {
        const float *residual = e->residual + (x->to.row + row) * e->residual_stride + x->to.column;
        EACH_ROW EACH_PANEL sum[r][p] = sum[r][p] + load16(residual + r * e->residual_stride + 16 * p);
    }
    if (!x->to.relu) {
        EACH_ROW EACH_PANEL store16(output + r * x->to.stride + 16 * p, sum[r][p]);
        return;
    }
    EACH_ROW EACH_PANEL {
        store16(output + r * x->to.stride + 16 * p, relu16(sum[r][p]));
        STEP_END;
    }
}

/// TILE_ROWS of the row panel from `row` on; the sums live in registers.
INLINE void tile(const int panels, const int sides, const tile_product *x, const size_t row) {
    v16 sum[TILE_ROWS][TILE_PANELS];
    const size_t kept = row * x->pitch, pitch = x->pitch;
    if (x->start) {
        EACH_ROW EACH_PANEL sum[r][p] = load16(x->start + kept + r * pitch + 16 * p);
    } else {
        EACH_ROW EACH_PANEL sum[r][p] = (v16)0.0f;
    }
    const float *a[TILE_ROWS / 3];
    EACH_THIRD {
        const size_t first = row + 3 * (size_t)r;
        a[r] = x->a + first * x->a_row + (first < x->a_whole ? 0 : x->a_gap);
        APART(a[r]);
    }
    size_t left = x->depth;
    if (x->a_step == 1 && x->b_step == 16) left = multiply_rounds(panels, sides, x, row, sum, a);
    const float *b = x->b + (x->depth - left) * x->b_step;
    // Products down columns.
    if (x->a_row == 1 && x->a_step == FIRSTLEAD_LEFT_COLUMNS && x->b_step == 16)
        left = multiply_stretch(
            panels, FEW_STEPS, sum, a, 1, FIRSTLEAD_LEFT_COLUMNS, &b, x->b_panel, 16, left);
    multiply_stretch(panels, 1, sum, a, x->a_row, x->a_step, &b, x->b_panel, x->b_step, left);
    if (x->second) {
        const float *from = x->second_from ? x->second_from : x->first_from;
        EACH_ROW EACH_PANEL {
            const size_t at = kept + r * pitch + 16 * p;
            store16(x->second + at, from ? load16(from + at) + sum[r][p] : sum[r][p]);
        }
    }
    if (x->first_from) {
        EACH_ROW EACH_PANEL sum[r][p] = load16(x->first_from + kept + r * pitch + 16 * p) + sum[r][p];
    }
    if (x->ends) {
        store_finished(panels, x, row, sum);
    } else {
        EACH_ROW EACH_PANEL store16(x->first + kept + r * pitch + 16 * p, sum[r][p]);
    }
}

#define EACH_TILE for (size_t row = 0; row < 12; row += TILE_ROWS)

static __attribute__((noinline)) void tile_wide(const tile_product *x) {
    EACH_TILE tile(TILE_PANELS, 0, x, row);
}

static __attribute__((noinline)) void tile_narrow(const tile_product *x) { EACH_TILE tile(1, 0, x, row); }

static __attribute__((noinline)) void tile_sides(const tile_product *x) {
    EACH_TILE tile(TILE_PANELS, 1, x, row);
}

/// Bias, GELU, residual and rectifier on a kept tile, of which only a part may lie inside the output.
INLINE void finish(const destination *x, const float *kept, size_t pitch) {
    const firstlead_epilogue *e = x->epilogue;
    for (size_t p = 0; p < x->columns; p += 16) {
        const size_t lanes = x->columns - p, column = x->column + p;
        const v16 bias = e->bias ? load_part(e->bias + column, lanes) : (v16)0.0f;
        for (size_t r = 0; r < x->rows; r++) {
            v16 y = load16(kept + r * pitch + p);
            if (e->bias) y = y + bias;
            if (e->gelu) y = gelu16(y);
            if (e->residual)
                y = y + load_part(e->residual + (x->row + r) * e->residual_stride + column, lanes);
            if (x->relu) y = relu16(y);
            store_part(x->output + (x->row + r) * x->stride + column, y, lanes);
        }
    }
}

/// Runs a tile. One that ends goes out from registers, or through `first` where only a part of it lies inside
/// the output or the epilogue needs more registers than are left.
static void run_tile(tile_product *x, size_t panels) {
    float done[TILE_FLOATS] __attribute__((aligned(64)));
    const int indirect =
        x->ends && (x->to.rows < 12 || x->to.columns < 16 * panels || x->to.epilogue->gelu);
    x->touches = x->ends;
    if (indirect) {
        x->ends = 0;
        x->first = done;
        x->pitch = TILE_COLUMNS;
    }
    if (panels < TILE_PANELS) {
        tile_narrow(x);
    } else if (x->side.out) {
        tile_sides(x);
    } else {
        tile_wide(x);
    }
    if (indirect) finish(&x->to, done, TILE_COLUMNS);
}
