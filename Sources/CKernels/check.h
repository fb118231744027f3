#ifndef FIRSTLEAD_CHECK_H
#define FIRSTLEAD_CHECK_H

#include "CKernelsCheck.h"

/// A table under test, the memory it is tested in, and its first failure.
typedef struct {
    const firstlead_variant *table;
    char *report;
    size_t size;
    int failed;
    /// What runs now: "matmul [13, 33, 257] with bias".
    char running[96];
    /// Arrays with guards around them, from the front of `memory`.
    float *memory;
    size_t capacity, used;
    struct {
        float *values;
        size_t count;
    } arrays[16];
    size_t count;
} kernel_check;

/// Begins a case: forgets its predecessor's arrays.
void check_begin(kernel_check *check);

/// `count` floats that hold a NaN each, as do the guards before and behind: what reads too far gets a NaN, what
/// writes too far is found out. Not aligned to more than a float, as the kernels allow. NULL, and a failure, if there
/// is no room left.
float *check_array(kernel_check *check, size_t count);

/// The same with whatever the cases before left in it, to save time.
float *check_scratch(kernel_check *check, size_t count);

/// An array of `rows` of `columns` values in [base - scale, base + scale), rows `stride` apart.
float *check_values(
    kernel_check *check, size_t rows, size_t columns, size_t stride, double base, double scale);

/// Puts the NaN into `count` floats anew.
void check_clear(float *values, size_t count);

/// Names what runs now.
void check_running(kernel_check *check, const char *format, ...) __attribute__((format(printf, 2, 3)));

/// Records a failure, unless there was one.
void check_fail(kernel_check *check, const char *format, ...) __attribute__((format(printf, 2, 3)));

/// Compares one element's bits.
void check_element(kernel_check *check, float found, float expected, size_t row, size_t column);

/// Compares `rows` of `columns` floats with contiguous ones, and what lies between them with the NaN; then the
/// guards.
void check_rows(
    kernel_check *check, const float *found, size_t stride, const float *expected, size_t rows,
    size_t columns);

/// Fails if a guard has changed.
void check_guards(kernel_check *check);

void check_products(kernel_check *check);
void check_column_products(kernel_check *check);
void check_int16_products(kernel_check *check);
void check_convolutions(kernel_check *check);
void check_attention(kernel_check *check);
void check_normalisation(kernel_check *check);
void check_pointwise(kernel_check *check);

#endif
