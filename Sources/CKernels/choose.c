// Which of several tables is used: the first that is sound, and why not another.

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "CKernelsCheck.h"

/// A sentence that grows, cut where its memory ends.
typedef struct {
    char *text;
    size_t size, used;
} growing_text;

static void append(growing_text *to, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void append(growing_text *to, const char *format, ...) {
    if (to->used >= to->size) return;
    va_list arguments;
    va_start(arguments, format);
    const int added = vsnprintf(to->text + to->used, to->size - to->used, format, arguments);
    va_end(arguments);
    if (added > 0) to->used += (size_t)added;
}

/// Index of the table to begin with.
static size_t wished(
    const firstlead_variant *const *tables, size_t count, const char *wish, growing_text *why) {
    if (!wish || !wish[0]) return 0;
    for (size_t i = 0; i < count; i++)
        if (strcmp(wish, tables[i]->name) == 0) return i;
    append(why, "FIRSTLEAD_KERNELS names '%.32s', this processor runs", wish);
    for (size_t i = 0; i < count; i++) append(why, "%s %s", i > 0 ? "," : "", tables[i]->name);
    return 0;
}

const firstlead_variant *firstlead_kernels_choose(
    const firstlead_variant *const *tables, size_t count, const char *wish, char *report, size_t size) {
    growing_text why = {report, size, 0};
    append(&why, "%s", "");
    for (size_t i = wished(tables, count, wish, &why); i < count; i++) {
        char failure[320];
        if (firstlead_kernels_check_table(tables[i], failure, sizeof failure) == 0) return tables[i];
        append(
            &why, "%sthe %s kernels are wrong on this processor (%s)", why.used > 0 ? "; " : "", tables[i]->name,
            failure);
    }
    return NULL;
}
