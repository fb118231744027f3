// The check of products down the columns.

#include "check.h"

#include <string.h>

/// Both matrices of a batch, and what rows that overlap look like when they are written out.
typedef struct {
    size_t records, positions, m, channels, taps;
} column_case;

static void check_column_product(kernel_check *c, const column_case *x) {
    const size_t steps = x->records * x->positions, n = x->channels * x->taps;
    const size_t left_stride = x->m + 5, output_stride = n + 3, padded = x->positions + x->taps - 1;
    check_begin(c);
    check_running(
        c, "multiply_columns [%zu x %zu, %zu, %zu x %zu]", x->records, x->positions, x->m, x->taps, x->channels);
    const firstlead_column_product product = {
        .left = check_values(c, steps, x->m, left_stride, 0, 1),
        .left_stride = left_stride,
        .left_record = x->positions * left_stride,
        .right = check_values(c, x->records * padded, x->channels, x->channels, 0, 1),
        .right_stride = x->channels,
        .right_record = padded * x->channels,
        .records = x->records,
        .positions = x->positions,
        .m = x->m,
        .n = n,
        .output = check_array(c, x->m * output_stride),
        .output_stride = output_stride,
    };
    float *scratch = check_scratch(c, firstlead_column_scratch_count(x->m, n));
    float *left = check_array(c, steps * x->m), *right = check_array(c, steps * n);
    float *expected = check_array(c, x->m * n);
    if (c->failed) return;
    for (size_t step = 0; step < steps; step++) {
        const size_t row = step / x->positions * padded + step % x->positions;
        memcpy(left + step * x->m, product.left + step * left_stride, x->m * sizeof(float));
        memcpy(right + step * n, product.right + row * x->channels, n * sizeof(float));
    }
    c->table->multiply_columns(&product, scratch);
    firstlead_naive_multiply_columns(left, right, steps, x->m, n, expected);
    check_rows(c, product.output, output_stride, expected, x->m, n);
}

/// Around tiles (12 rows, 16 or 32 columns), panels of the left matrix (96) and blocks of steps (128), which begin and
/// end within records.
void check_column_products(kernel_check *c) {
    static const column_case shapes[] = {{1, 1, 1, 1, 1},     {3, 5, 11, 7, 1},   {2, 64, 12, 16, 2},
                                         {5, 27, 97, 11, 3},  {1, 129, 25, 5, 3}, {3, 43, 96, 33, 1},
                                         {2, 128, 13, 16, 3}, {1, 3, 200, 1, 7}};
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0] && !c->failed; i++)
        check_column_product(c, &shapes[i]);
}
