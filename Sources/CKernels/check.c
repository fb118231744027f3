// The check that a variant passes before it is used: memory with guards, comparisons, and the words of a failure.

#include "check.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/// Floats of a guard: one store of the widest registers on either side.
#define GUARD 16
/// Floats that the largest case takes, guards included.
#define CAPACITY (4u << 20)

/// A quiet NaN that no arithmetic makes.
static const uint32_t nothing = 0x7FC5A5A5u;

static uint32_t bits_of(float x) {
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

void check_clear(float *values, size_t count) {
    for (size_t i = 0; i < count; i++) memcpy(values + i, &nothing, sizeof nothing);
}

void check_begin(kernel_check *check) {
    check->used = 0;
    check->count = 0;
}

float *check_scratch(kernel_check *check, size_t count) {
    // Three floats beyond a cache line's beginning.
    const size_t start = (check->used + GUARD + 15) / 16 * 16 + 3;
    if (check->count == sizeof check->arrays / sizeof check->arrays[0]
        || start + count + GUARD > check->capacity) {
        check_fail(check, "the check has no memory for %zu values", count);
        return NULL;
    }
    float *values = check->memory + start;
    check_clear(values - GUARD, GUARD);
    check_clear(values + count, GUARD);
    check->arrays[check->count].values = values;
    check->arrays[check->count].count = count;
    check->count += 1;
    check->used = start + count + GUARD;
    return values;
}

float *check_array(kernel_check *check, size_t count) {
    float *values = check_scratch(check, count);
    if (values) check_clear(values, count);
    return values;
}

float *check_values(
    kernel_check *check, size_t rows, size_t columns, size_t stride, double base, double scale) {
    float *values = check_array(check, rows * stride);
    if (!values) return NULL;
    // Another seed for each array of a case, so that no two are alike.
    for (size_t row = 0; row < rows; row++)
        firstlead_fill(check->count * 4096 + row, base, scale, values + row * stride, columns);
    return values;
}

void check_running(kernel_check *check, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(check->running, sizeof check->running, format, arguments);
    va_end(arguments);
}

void check_fail(kernel_check *check, const char *format, ...) {
    if (check->failed) return;
    check->failed = 1;
    if (check->size == 0) return;
    const int used = snprintf(check->report, check->size, "%s: ", check->running);
    if (used < 0 || (size_t)used >= check->size) return;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(check->report + used, check->size - (size_t)used, format, arguments);
    va_end(arguments);
}

void check_element(kernel_check *check, float found, float expected, size_t row, size_t column) {
    if (bits_of(found) == bits_of(expected)) return;
    if (bits_of(found) == nothing) {
        check_fail(
            check, "element [%zu, %zu] was not written, or from what was not, expected %.9g", row, column,
            (double)expected);
    } else {
        check_fail(
            check, "element [%zu, %zu] is %.9g (0x%08x), expected %.9g (0x%08x)", row, column, (double)found,
            (unsigned)bits_of(found), (double)expected, (unsigned)bits_of(expected));
    }
}

void check_guards(kernel_check *check) {
    for (size_t i = 0; i < check->count; i++) {
        const float *before = check->arrays[i].values - GUARD;
        const float *behind = check->arrays[i].values + check->arrays[i].count;
        for (size_t g = 0; g < GUARD; g++)
            if (bits_of(before[g]) != nothing || bits_of(behind[g]) != nothing)
                return check_fail(
                    check, "wrote outside of an array of %zu values", check->arrays[i].count);
    }
}

void check_rows(
    kernel_check *check, const float *found, size_t stride, const float *expected, size_t rows,
    size_t columns) {
    for (size_t row = 0; row < rows && !check->failed; row++) {
        const float *x = found + row * stride, *y = expected + row * columns;
        if (memcmp(x, y, columns * sizeof(float)) != 0)
            for (size_t column = 0; column < columns; column++)
                check_element(check, x[column], y[column], row, column);
        for (size_t column = columns; column < stride; column++)
            if (bits_of(x[column]) != nothing)
                check_fail(check, "wrote beside row %zu, at column %zu of %zu", row, column, columns);
    }
    check_guards(check);
}

int firstlead_kernels_check_table(const firstlead_variant *table, char *report, size_t size) {
    static void (*const parts[])(kernel_check *) = {
        check_pointwise, check_products, check_column_products, check_int16_products, check_convolutions, check_attention,
        check_normalisation};
    kernel_check check = {.table = table, .report = report, .size = size, .capacity = CAPACITY};
    if (size > 0) report[0] = 0;
    check_running(&check, "check");
    check.memory = aligned_alloc(64, CAPACITY * sizeof(float));
    if (!check.memory) check_fail(&check, "no memory");
    for (size_t i = 0; i < sizeof parts / sizeof parts[0] && !check.failed; i++) parts[i](&check);
    free(check.memory);
    return check.failed ? -1 : 0;
}
