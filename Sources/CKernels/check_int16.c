// The check of the product of 16-bit integers.

#include "check.h"

#include <string.h>

/// A product and its arrays; integers lie in arrays of floats, two in each.
typedef struct {
    size_t m, n, k;
    /// Contiguous, and the same rows further apart for the kernel.
    float *a, *input;
    float *weights, *bias, *residual, *packed, *weight_scales, *rows, *row_scales, *scratch, *output;
    size_t input_stride, residual_stride, output_stride;
} int16_case;

static size_t floats(size_t integers) { return (integers + 1) / 2; }

/// Rows that quantisation could trip over: nothing but zeros, too small or too large for its squares, one value above
/// all others.
static void make_peculiar(float *rows, size_t count, size_t k) {
    if (count > 1) memset(rows + k, 0, k * sizeof *rows);
    for (size_t l = 0; count > 3 && l < k; l++) rows[3 * k + l] *= 1e-25f;
    if (count > 4) rows[4 * k + k / 2] = -700.0f;
    for (size_t l = 0; count > 5 && l < k; l++) rows[5 * k + l] *= 1e18f;
}

static int make_int16(kernel_check *c, int16_case *x) {
    const size_t m = x->m, n = x->n, k = x->k;
    x->input_stride = k + 5, x->residual_stride = n + 7, x->output_stride = n + 3;
    check_begin(c);
    check_running(c, "int16_matmul [%zu, %zu, %zu]", m, n, k);
    x->a = check_values(c, m, k, k, 0, 1);
    x->weights = check_values(c, n, k, k, 0, 1);
    x->bias = check_values(c, 1, n, n, 0, 1);
    x->residual = check_values(c, m, n, x->residual_stride, 0, 1);
    x->input = check_array(c, m * x->input_stride);
    x->packed = check_array(c, floats(firstlead_int16_weights_count(n, k)));
    x->weight_scales = check_array(c, firstlead_int16_weight_scales_count(n, k));
    x->rows = check_array(c, floats(firstlead_int16_rows_count(m, k)));
    x->row_scales = check_array(c, firstlead_int16_row_scales_count(m, k));
    x->scratch = check_scratch(c, firstlead_int16_scratch_count());
    x->output = check_array(c, m * x->output_stride);
    if (c->failed) return -1;
    make_peculiar(x->a, m, k);
    make_peculiar(x->weights, n, k);
    for (size_t i = 0; i < m; i++)
        memcpy(x->input + i * x->input_stride, x->a + i * k, k * sizeof(float));
    return 0;
}

/// The kernel, its panels in runs of `run` from the last to the first.
static void run_int16(const kernel_check *c, const int16_case *x, unsigned epilogue, size_t run) {
    const firstlead_int16_product product = {
        .input = x->input,
        .input_stride = x->input_stride,
        .m = x->m,
        .k = x->k,
        .rows = (int16_t *)x->rows,
        .row_scales = x->row_scales,
        .weights = (const int16_t *)x->packed,
        .weight_scales = x->weight_scales,
        .n = x->n,
        .epilogue = {
            epilogue & 1 ? x->bias : NULL, epilogue & 2 ? 1 : 0, epilogue & 4 ? x->residual : NULL,
            x->residual_stride},
        .output = x->output,
        .output_stride = x->output_stride,
    };
    const size_t rows = firstlead_int16_row_panels(x->m), panels = firstlead_int16_panels(x->n);
    check_clear(x->output, x->m * x->output_stride);
    c->table->int16_quantise(&product, rows / 3, rows);
    c->table->int16_quantise(&product, 0, rows / 3);
    for (size_t first = (panels - 1) / run * run + run; first > 0; first -= run)
        c->table->int16_matmul(&product, first - run, first < panels ? first : panels, x->scratch);
}

/// The twin's sums, or NULL if there is no memory.
static float *expected_sums(kernel_check *c, const int16_case *x) {
    const size_t m = x->m, n = x->n, k = x->k;
    const size_t blocks = (k + FIRSTLEAD_INT16_DEPTH_BLOCK - 1) / FIRSTLEAD_INT16_DEPTH_BLOCK;
    float *sums = check_array(c, m * n);
    float *left = check_array(c, floats(m * k) + m * blocks);
    float *right = check_array(c, floats(n * k) + n * blocks);
    if (c->failed) return NULL;
    float *left_scales = left + floats(m * k), *right_scales = right + floats(n * k);
    firstlead_naive_int16_rows(x->a, m, k, (int16_t *)left, left_scales);
    firstlead_naive_int16_rows(x->weights, n, k, (int16_t *)right, right_scales);
    firstlead_naive_int16_matmul(
        (const int16_t *)left, left_scales, (const int16_t *)right, right_scales, m, n, k, sums);
    return sums;
}

/// Four of the eight epilogues.
static void check_int16(kernel_check *c, size_t m, size_t n, size_t k, int parity) {
    int16_case x = {.m = m, .n = n, .k = k};
    if (make_int16(c, &x) != 0) return;
    float *sums = expected_sums(c, &x), *expected = check_array(c, m * n);
    if (c->failed) return;
    c->table->int16_pack_weights(x.weights, n, k, (int16_t *)x.packed, x.weight_scales);
    for (unsigned epilogue = 0; epilogue < 8 && !c->failed; epilogue++) {
        if (__builtin_parity(epilogue) != parity) continue;
        check_running(c, "int16_matmul [%zu, %zu, %zu] with epilogue %u", m, n, k, epilogue);
        for (size_t i = 0; i < m; i++)
            for (size_t j = 0; j < n; j++)
                expected[i * n + j] = firstlead_naive_epilogue(
                    sums[i * n + j], epilogue & 1 ? x.bias : NULL, j, epilogue & 2 ? 1 : 0,
                    epilogue & 4 ? x.residual + i * x.residual_stride + j : NULL);
        run_int16(c, &x, epilogue, epilogue % 3 == 0 ? (n + 15) / 16 : epilogue % 3);
        check_rows(c, x.output, x.output_stride, expected, m, n);
    }
}

/// Rows, outputs, inputs around the tiles (6 or 12 rows, 16 or 32 columns), pairs and vectors of inputs, the depth
/// block (384), the group (128 columns) and the sweep (384 rows).
void check_int16_products(kernel_check *c) {
    static const unsigned short shapes[][3] = {
        {1, 1, 1},    {2, 5, 2},    {5, 15, 11},  {6, 16, 16},  {7, 17, 15},   {11, 31, 13},  {12, 32, 31},
        {13, 33, 33}, {19, 47, 75}, {24, 49, 17}, {1, 16, 257}, {12, 32, 384}, {13, 33, 385}, {5, 23, 769},
        {7, 145, 40}, {397, 5, 9}};
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0] && !c->failed; i++)
        check_int16(c, shapes[i][0], shapes[i][1], shapes[i][2], (int)(i % 2));
}
