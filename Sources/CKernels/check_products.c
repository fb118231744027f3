// The check of packing, the matrix product and the grouped convolution.

#include "check.h"

#include <string.h>

/// Every combination of bias (1), GELU (2) and residual (4).
static const char *const epilogue_names[8] = {
    "", " with bias", " with GELU", " with bias and GELU", " with residual", " with bias and residual",
    " with GELU and residual", " with bias, GELU and residual"};
/// Added to a combination of products: rectified (8).
#define RECTIFIED 8

/// A product and its arrays.
typedef struct {
    size_t m, n, k;
    int folded;
    /// Row panels after which rows are taken by another call; 0 if one takes all.
    size_t cut;
    /// Contiguous, and the same rows further apart for the kernel.
    float *a, *input;
    float *weights, *packed, *bias, *residual, *sums, *scratch, *output;
    size_t input_stride, residual_stride, output_stride;
} product_case;

static int make_product(kernel_check *c, product_case *x) {
    const size_t m = x->m, n = x->n, k = x->k;
    x->input_stride = k + 5, x->residual_stride = n + 7, x->output_stride = n + 3;
    check_begin(c);
    check_running(c, "matmul [%zu, %zu, %zu]", m, n, k);
    x->a = check_values(c, m, k, k, 0, 1);
    x->weights = check_values(c, n, k, k, 0, 1);
    x->bias = check_values(c, 1, n, n, 0, 1);
    x->residual = check_values(c, m, n, x->residual_stride, 0, 1);
    x->input = check_array(c, m * x->input_stride);
    x->packed = check_array(c, firstlead_packed_weights_count(n, k));
    x->sums = check_array(c, firstlead_sums_count(m, n, k));
    x->scratch = check_scratch(c, firstlead_product_scratch_count());
    x->output = check_array(c, m * x->output_stride);
    if (c->failed) return -1;
    for (size_t i = 0; i < m; i++)
        memcpy(x->input + i * x->input_stride, x->a + i * k, k * sizeof(float));
    firstlead_pack_weights(x->weights, n, k, x->packed);
    if (x->folded) firstlead_fold_weights(x->packed, n, k);
    return 0;
}

/// An element of the weights, and of their folded form, from which a product of few rows takes it again.
static float folded_weight(const product_case *x, size_t j, size_t l, int again) {
    const float w = x->weights[j * x->k + l];
    if (!x->folded || j < x->n / 2) return w;
    const size_t half = FIRSTLEAD_STRASSEN_CHUNK / 2;
    const int is_upper = l / half % 2 == 0;
    const float *row = x->weights + j * x->k + (is_upper ? l : l - half);
    const float left = row[-(ptrdiff_t)(x->n / 2 * x->k)], t1 = *row - left;
    const float kept = is_upper ? t1 : w - t1;
    return again ? kept + (is_upper ? left : t1) : kept;
}

/// Panels of sixteen outputs, `[panel][k][16]`, zeros where there is no output.
static void check_packing(kernel_check *c, const product_case *x) {
    const size_t columns = (x->n + 15) / 16 * 16;
    check_running(c, "pack_weights [%zu, %zu]", x->n, x->k);
    for (size_t j = 0; j < columns && !c->failed; j++)
        for (size_t l = 0; l < x->k; l++)
            check_element(
                c, x->packed[(j / 16 * x->k + l) * 16 + j % 16], j < x->n ? folded_weight(x, j, l, 0) : 0.0f, j,
                l);
    check_guards(c);
}

/// The kernel, its panels in runs of `run` from the last to the first.
static void run_product(const kernel_check *c, const product_case *x, unsigned epilogue, size_t run) {
    firstlead_product product = {
        .input = x->input,
        .input_stride = x->input_stride,
        .m = x->m,
        .k = x->k,
        .weights = x->packed,
        .n = x->n,
        .folded = x->folded,
        .sums = x->sums,
        .epilogue = {
            epilogue & 1 ? x->bias : NULL, epilogue & 2 ? 1 : 0, epilogue & 4 ? x->residual : NULL,
            x->residual_stride},
        .output = x->output,
        .output_stride = x->output_stride,
        .relu = epilogue & RECTIFIED ? 1 : 0,
    };
    const size_t rows = firstlead_sums_rows(&product), panels = firstlead_product_panels(&product);
    check_clear(x->output, x->m * x->output_stride);
    c->table->sum_blocks(&product, rows / 3, rows);
    c->table->sum_blocks(&product, 0, rows / 3);
    for (size_t first = (panels - 1) / run * run + run; first > 0; first -= run) {
        product.top = 0, product.bottom = x->cut;
        c->table->matmul(&product, first - run, first < panels ? first : panels, x->scratch);
        if (x->cut == 0) continue;
        product.top = x->cut, product.bottom = x->m / 24;
        c->table->matmul(&product, first - run, first < panels ? first : panels, x->scratch);
    }
}

static float finished(const product_case *x, float sum, size_t i, size_t j, unsigned epilogue) {
    const float y = firstlead_naive_epilogue(
        sum, epilogue & 1 ? x->bias : NULL, j, epilogue & 2 ? 1 : 0,
        epilogue & 4 ? x->residual + i * x->residual_stride + j : NULL);
    return epilogue & RECTIFIED && y < 0.0f ? 0.0f : y;
}

/// The epilogues with an even number of parts, or those with an odd number: together all sixteen.
static void check_product(kernel_check *c, size_t m, size_t n, size_t k, int folded, int parity) {
    product_case x = {.m = m, .n = n, .k = k, .folded = folded};
    if (make_product(c, &x) != 0) return;
    float *sums = check_array(c, m * n), *expected = check_array(c, m * n);
    if (c->failed) return;
    check_packing(c, &x);
    for (size_t i = folded ? n * k : 0; i-- > 0;) x.weights[i] = folded_weight(&x, i / k, i % k, 1);
    firstlead_naive_matmul(x.a, x.weights, m, n, k, NULL, 0, NULL, sums);
    for (unsigned epilogue = 0; epilogue < 16 && !c->failed; epilogue++) {
        if (__builtin_parity(epilogue) != parity) continue;
        const size_t run = epilogue % 3 == 0 ? (n + 15) / 16 : epilogue % 3;
        check_running(
            c, "matmul [%zu, %zu, %zu]%s%s%s", m, n, k, folded ? ", folded" : "", epilogue_names[epilogue % 8],
            epilogue & RECTIFIED ? ", rectified" : "");
        for (size_t i = 0; i < m; i++)
            for (size_t j = 0; j < n; j++)
                expected[i * n + j] = finished(&x, sums[i * n + j], i, j, epilogue);
        run_product(c, &x, epilogue, run);
        check_rows(c, x.output, x.output_stride, expected, m, n);
    }
}

/// A sample of a product that takes Strassen's scheme: a quadruple for every row of the upper half, whose column
/// goes through all of them, so that every tile of twelve rows and sixteen columns holds at least one. Everything
/// must have been written. `run` panels in one call, for the row panels before `cut` and then for those behind.
static void check_strassen(
    kernel_check *c, size_t m, size_t n, size_t k, unsigned epilogue, size_t run, size_t cut) {
    product_case x = {.m = m, .n = n, .k = k, .folded = 1, .cut = cut};
    if (make_product(c, &x) != 0) return;
    float *sums = check_array(c, 4 * (m / 2));
    if (c->failed) return;
    for (size_t i = 0; i < m / 2; i++)
        firstlead_naive_strassen_sums(x.a, x.weights, m, n, k, i, i * 13 % (n / 2), sums + 4 * i);
    check_running(
        c, "matmul [%zu, %zu, %zu]%s%s", m, n, k, epilogue_names[epilogue % 8],
        epilogue & RECTIFIED ? ", rectified" : "");
    run_product(c, &x, epilogue, run);
    for (size_t q = 0; q < 4 * (m / 2) && !c->failed; q++) {
        const size_t row = q / 4 + q % 4 / 2 * (m / 2), column = q / 4 * 13 % (n / 2) + q % 2 * (n / 2);
        check_element(
            c, x.output[row * x.output_stride + column], finished(&x, sums[q], row, column, epilogue), row,
            column);
    }
    for (size_t row = 0; row < m; row++) {
        const float *output = x.output + row * x.output_stride;
        const size_t missing = firstlead_first_not_finite(output, n);
        if (missing < n) check_fail(c, "element [%zu, %zu] was not written", row, missing);
    }
    check_guards(c);
}

/// All panels of two chunks, two sweeps and four groups of columns in one call; then the groups one by one, their rows in
/// two calls, one with as few as may be.
static void check_large_products(kernel_check *c) {
    const size_t chunk = FIRSTLEAD_STRASSEN_CHUNK;
    check_strassen(c, 408, 256, 2 * chunk, 7, 8, 0);
    if (!c->failed) check_strassen(c, 288, 256, chunk, 5 | RECTIFIED, FIRSTLEAD_GROUP_PANELS, FIRSTLEAD_STRASSEN_ROW_PANELS);
}

/// Rows, outputs, inputs around the tiles (6 or 12 rows, 16 or 32 columns), the round of steps (32), the depth block
/// (384) and the sweep (384 rows), each with half of the epilogues; one with two sweeps, several depth blocks and
/// pairs of panels at once; one of folded weights; then those that take Strassen's scheme.
void check_products(kernel_check *c) {
    static const unsigned short shapes[][3] = {
        {1, 1, 1},    {2, 5, 2},    {5, 15, 11},  {6, 16, 5},   {11, 17, 12}, {12, 31, 13}, {13, 32, 31},
        {12, 32, 32}, {15, 33, 32}, {16, 47, 33}, {17, 48, 15}, {24, 48, 16}, {23, 49, 16}, {25, 65, 17},
        {12, 33, 47}, {1, 16, 257}, {2, 80, 255}, {12, 32, 384}, {12, 64, 385}, {13, 31, 385}, {7, 23, 769},
        {397, 5, 9},  {396, 3, 8},  {31, 25, 48}, {386, 18, 385}};
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0] && !c->failed; i++)
        check_product(c, shapes[i][0], shapes[i][1], shapes[i][2], 0, (int)(i % 2));
    if (!c->failed) check_product(c, 5, 128, FIRSTLEAD_STRASSEN_CHUNK, 1, 0);
    if (!c->failed) check_large_products(c);
}

/// A convolution, its arrays, and its sums before the epilogue as the twin adds them.
typedef struct {
    size_t sequences, steps, groups, channels, taps;
    float *input, *packed, *bias, *residual, *scratch, *output, *sums;
    size_t input_stride, residual_stride, output_stride;
} convolution_case;

/// Every group's weights tap by tap, packed.
static void pack_groups(const convolution_case *x, const float *weights, float *by_tap) {
    const size_t each = x->channels, depth = x->taps * each;
    for (size_t group = 0; group < x->groups; group++) {
        for (size_t output = 0; output < each; output++)
            for (size_t i = 0; i < depth; i++) {
                const size_t place = firstlead_tap_place(x->steps, each, x->taps, i / each);
                by_tap[output * depth + place * each + i % each] =
                    weights[((group * each + output) * each + i % each) * x->taps + i / each];
            }
        firstlead_pack_weights(
            by_tap, each, depth, x->packed + group * firstlead_packed_weights_count(each, depth));
    }
}

static firstlead_convolution shape_of(const convolution_case *x, unsigned epilogue) {
    return (firstlead_convolution){
        .input = x->input,
        .input_stride = x->input_stride,
        .sequences = x->sequences,
        .steps = x->steps,
        .channels = x->channels,
        .outputs = x->channels,
        .taps = x->taps,
        .weights = x->packed,
        .epilogue = {
            epilogue & 1 ? x->bias : NULL, epilogue & 2 ? 1 : 0, epilogue & 4 ? x->residual : NULL,
            x->residual_stride},
        .output = x->output,
        .output_stride = x->output_stride,
    };
}

static int make_convolution(kernel_check *c, convolution_case *x) {
    const size_t width = x->groups * x->channels, depth = x->taps * x->channels;
    const size_t rows = x->sequences * x->steps;
    x->input_stride = width + 5, x->residual_stride = width + 7, x->output_stride = width + 3;
    check_begin(c);
    const firstlead_convolution shape = shape_of(x, 0);
    float *values = check_values(c, rows, width, width, 0, 1);
    float *weights = check_values(c, width, depth, depth, 0, 1);
    float *by_tap = check_array(c, x->channels * depth);
    x->bias = check_values(c, 1, width, width, 0, 1);
    x->residual = check_values(c, rows, width, x->residual_stride, 0, 1);
    x->input = check_array(c, rows * x->input_stride);
    x->packed = check_array(c, x->groups * firstlead_packed_weights_count(x->channels, depth));
    x->scratch = check_scratch(c, firstlead_convolution_scratch_count(&shape));
    x->output = check_array(c, rows * x->output_stride);
    x->sums = check_array(c, rows * width);
    if (c->failed) return -1;
    for (size_t t = 0; t < rows; t++)
        memcpy(x->input + t * x->input_stride, values + t * width, width * sizeof(float));
    pack_groups(x, weights, by_tap);
    const int phased = firstlead_convolves_in_phases(x->steps, x->channels, x->taps);
    for (size_t sequence = 0; sequence < x->sequences; sequence++) {
        const size_t first = sequence * x->steps * width;
        (phased ? firstlead_naive_phases : firstlead_naive_convolution)(
            values + first, x->steps, x->groups, x->channels, x->channels, x->taps, weights, x->sums + first);
    }
    return 0;
}

static void check_convolution(kernel_check *c, convolution_case x) {
    const size_t width = x.groups * x.channels, rows = x.sequences * x.steps;
    check_running(c, "convolve_group [%zu, %zu x %zu, %zu]", x.steps, x.groups, x.channels, x.taps);
    float *expected = make_convolution(c, &x) == 0 ? check_array(c, rows * width) : NULL;
    for (unsigned epilogue = 0; epilogue < 8 && !c->failed; epilogue++) {
        const firstlead_convolution convolution = shape_of(&x, epilogue);
        check_running(
            c, "convolve_group [%zu, %zu x %zu, %zu]%s", x.steps, x.groups, x.channels, x.taps,
            epilogue_names[epilogue]);
        for (size_t i = 0; i < rows * width; i++)
            expected[i] = firstlead_naive_epilogue(
                x.sums[i], epilogue & 1 ? x.bias : NULL, i % width, epilogue & 2 ? 1 : 0,
                epilogue & 4 ? x.residual + i / width * x.residual_stride + i % width : NULL);
        check_clear(x.output, rows * x.output_stride);
        for (size_t group = x.groups; group > 0; group--)
            c->table->convolve_group(&convolution, group - 1, x.scratch);
        check_rows(c, x.output, x.output_stride, expected, rows, width);
    }
}

/// Steps, groups, channels of a group, taps: more taps than steps, several blocks of taps, several column panels;
/// blocks of taps that see nothing but padding, before the first step as well as behind the last, for some panels of
/// rows but not for others. The last two are done in phases, where a panel of rows sees two sequences, and none of what
/// some taps do.
void check_convolutions(kernel_check *c) {
    static const convolution_case shapes[] = {
        {.steps = 1, .groups = 1, .channels = 1, .taps = 1},
        {.steps = 3, .groups = 2, .channels = 4, .taps = 16},
        {.steps = 31, .groups = 3, .channels = 5, .taps = 8},
        {.steps = 25, .groups = 2, .channels = 17, .taps = 7},
        {.steps = 13, .groups = 1, .channels = 48, .taps = 9},
        {.steps = 5, .groups = 1, .channels = 33, .taps = 24},
        {.steps = 3, .groups = 1, .channels = 33, .taps = 40},
        {.steps = 27, .groups = 1, .channels = 16, .taps = 96},
        {.sequences = 2, .steps = 60, .groups = 1, .channels = 33, .taps = 8},
        {.steps = 48, .groups = 1, .channels = 34, .taps = 104},
    };
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0] && !c->failed; i++) {
        convolution_case x = shapes[i];
        if (x.sequences == 0) x.sequences = 1;
        check_convolution(c, x);
    }
}
