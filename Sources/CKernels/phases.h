// Included once by each variant: one group of a grouped convolution, its steps in phases.
//
// A long kernel with nine sixteenths of its multiplications: the fast algorithm for two parallel filters (Mou and
// Duhamel, IEEE Transactions on Signal Processing 39, 1991), applied twice.
//
// Even and odd steps of the output from those of the input, E and O, and of the kernel, W and V, * being correlation
// and E' the even steps from the second on:
//
//   even = W * E + V * O = (W + V) * O + W * (E - O)      odd = W * O + V * E' = (W + V) * O + V * (E' - O)
//
// Each of the three is taken apart the same way. With X0 to X3 the input's phases and W0 to W3 the kernel's, nine
// products of a quarter's steps and a quarter's taps remain; each shared one is where two others continue from.

#define PHASES FIRSTLEAD_PHASES
enum { PARTS = 9 };

/// One group in phases.
typedef struct {
    const firstlead_convolution *x;
    /// Of a phase: steps of one sequence, and of all; taps; steps with the padding.
    size_t steps, rows, taps, length;
    /// Floats of a phase's weights in a panel.
    size_t each;
    /// The nine inputs `[part][sequence][length, channels]`, twelve more steps behind the last.
    float *inputs;
    /// A sum of phases of the weights of some panels.
    float *filter;
    /// What two parts continue from, and the even and odd steps of (W + V) * O: strips of all row panels.
    float *shared, *even, *odd, *working;
    const float *weights;
    firstlead_epilogue epilogue;
    float *output;
} phased_group;

/// The nine inputs of one sequence from its padded steps.
static void take_apart(const phased_group *g, size_t sequence, const float *padded) {
    const size_t width = g->x->channels, each = g->x->sequences * g->length * width;
    for (size_t i = 0; i < g->length; i++) {
        const float *x = padded + PHASES * i * width;
        float *out = g->inputs + (sequence * g->length + i) * width;
        for (size_t c = 0; c < width; c += 16) {
            const size_t lanes = width - c;
            v16 phase[PHASES + 3];
            for (size_t k = 0; k < PHASES + 3; k++) phase[k] = load_part(x + k * width + c, lanes);
            const v16 x1 = phase[1], x2 = phase[2], x3 = phase[3], next0 = phase[4], next1 = phase[5];
            const v16 even = x2 - x3, odd = next0 - x3;
            const v16 parts[PARTS] = {
                x3, x1 - x3, next1 - x3,
                even, (phase[0] - x1) - even, (next0 - next1) - even,
                odd, (x2 - x1) - odd, (phase[6] - next1) - odd};
            for (size_t part = 0; part < PARTS; part++) store_part(out + part * each + c, parts[part], lanes);
        }
    }
}

/// The weights of a part for `panels` panels from `panel` on; `apart` becomes the floats from one to the next.
static const float *filter_of(const phased_group *g, int part, size_t panel, size_t panels, size_t *apart) {
    static const signed char phases[PARTS][PHASES] = {
        {0, 1, 2, 3}, {0, 1, -1, -1}, {2, 3, -1, -1}, {0, 2, -1, -1}, {0, -1, -1, -1}, {2, -1, -1, -1},
        {1, 3, -1, -1}, {1, -1, -1, -1}, {3, -1, -1, -1}};
    const signed char *of = phases[part];
    const float *weights = g->weights + panel * PHASES * g->each;
    *apart = of[1] < 0 ? PHASES * g->each : g->each;
    if (of[1] < 0) return weights + (size_t)of[0] * g->each;
    for (size_t p = 0; p < panels; p++, weights += PHASES * g->each)
        for (size_t i = 0; i < g->each; i += 16) {
            const float *w = weights + i;
            v16 sum = load16(w + (size_t)of[0] * g->each) + load16(w + (size_t)of[1] * g->each);
            if (of[2] >= 0) sum = sum + (load16(w + (size_t)of[2] * g->each) + load16(w + (size_t)of[3] * g->each));
            store16(g->filter + p * g->each + i, sum);
        }
    return g->filter;
}

/// The taps of a phase that see at least one step for at least one of the rows of a panel.
INLINE void taps_seen(const phased_group *g, size_t row, size_t rows, size_t *low, size_t *high) {
    const size_t first = row % g->steps, last = first + rows - 1, left = g->x->taps / 2 / PHASES;
    *low = 0, *high = g->taps;
    // Rows of two sequences see whatever either does.
    if (last >= g->steps) return;
    // Some parts look one step further ahead.
    if (left > last + 1) *low = left - 1 - last;
    *high = least(g->taps, left + g->steps - first);
}

/// A part for some column panels, continued from the strip `from`, or from zero if that is NULL, to the strip `to`; or,
/// if `plus` is a strip, added to that and out as the steps of `phase`.
static void convolve_part(
    const phased_group *g, int part, size_t panel, const float *from, float *to, const float *plus, size_t phase) {
    const firstlead_convolution *x = g->x;
    const size_t width = x->channels, panels = least((x->outputs + 15) / 16 - panel, TILE_PANELS);
    const float *inputs = g->inputs + (size_t)part * x->sequences * g->length * width;
    size_t apart;
    const float *filter = filter_of(g, part, panel, panels, &apart);
    firstlead_epilogue epilogue = g->epilogue;
    if (epilogue.residual) epilogue.residual += phase * epilogue.residual_stride;
    epilogue.residual_stride *= PHASES;
    for (size_t tap = 0; tap < g->taps; tap += taps_at_once(width))
        for (size_t row = 0; row < g->rows; row += 12) {
            const size_t rows = least(g->rows - row, 12), at = row / 12 * TILE_FLOATS;
            size_t low, high;
            taps_seen(g, row, rows, &low, &high);
            const size_t first = tap > low ? tap : low, last = least(tap + taps_at_once(width), high);
            if (first >= last) continue;
            const size_t sequence = row / g->steps, before = row % g->steps;
            tile_product t = {
                .a = inputs + (sequence * g->length + before + first) * width,
                .a_row = width,
                .a_step = 1,
                .a_whole = sequence + 1 < x->sequences ? g->steps - before : 12,
                .a_gap = (g->length - g->steps) * width,
                .b = filter + first * width * 16,
                .b_panel = apart,
                .b_step = 16,
                .depth = (last - first) * width,
                .pitch = TILE_COLUMNS,
                .start = first > low ? to + at : from ? from + at : NULL,
                .first = to + at,
                .to = {
                    &epilogue, g->output + phase * x->output_stride, PHASES * x->output_stride, row, panel * 16,
                    rows, least(x->outputs - panel * 16, 16 * TILE_PANELS), 0},
            };
            if (plus && last == high) t.ends = 1, t.first_from = plus + at;
            run_tile(&t, panels);
        }
}

/// All nine parts: (W + V) * O to two strips, then the even steps of the output, then the odd.
static void convolve_columns(const phased_group *g, size_t panel) {
    convolve_part(g, 0, panel, NULL, g->shared, NULL, 0);
    convolve_part(g, 1, panel, g->shared, g->even, NULL, 0);
    convolve_part(g, 2, panel, g->shared, g->odd, NULL, 0);
    for (size_t odd = 0; odd < 2; odd++) {
        const int part = odd ? 6 : 3;
        convolve_part(g, part, panel, NULL, g->shared, NULL, 0);
        convolve_part(g, part + 1, panel, g->shared, g->working, g->even, odd);
        convolve_part(g, part + 2, panel, g->shared, g->working, g->odd, odd + 2);
    }
}

static void convolve_phases(const firstlead_convolution *x, size_t group, float *scratch) {
    const size_t width = x->channels, panels = (x->outputs + 15) / 16, rows = x->sequences * x->steps / PHASES;
    const size_t strip = (rows + 11) / 12 * TILE_FLOATS, behind = x->taps - x->taps / 2 + 2 * PHASES;
    phased_group g = {
        .x = x,
        .steps = x->steps / PHASES,
        .rows = rows,
        .taps = x->taps / PHASES,
        .length = (x->steps + x->taps) / PHASES,
        .each = x->taps / PHASES * width * 16,
        .shared = scratch,
        .even = scratch + strip,
        .odd = scratch + 2 * strip,
        .working = scratch + 3 * strip,
        .filter = scratch + 4 * strip,
        .weights = x->weights + group * panels * 16 * x->taps * width,
        .epilogue = epilogue_of(x, group, 0),
        .output = x->output + group * x->outputs,
    };
    g.inputs = g.filter + TILE_PANELS * g.each;
    float *behind_inputs = g.inputs + PARTS * x->sequences * g.length * width, *padded = behind_inputs + 12 * width;
    memset(behind_inputs, 0, 12 * width * sizeof(float));
    for (size_t sequence = 0; sequence < x->sequences; sequence++) {
        pad_steps(x, group, sequence, behind, padded);
        take_apart(&g, sequence, padded);
    }
    for (size_t panel = 0; panel < panels; panel += TILE_PANELS) convolve_columns(&g, panel);
}

static void convolve_group(const firstlead_convolution *x, size_t group, float *scratch) {
    if (firstlead_convolves_in_phases(x->steps, x->channels, x->taps)) {
        convolve_phases(x, group, scratch);
        return;
    }
    for (size_t sequence = 0; sequence < x->sequences; sequence++) convolve_sequence(x, group, sequence, scratch);
}
