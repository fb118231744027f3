#ifndef FIRSTLEAD_BUILD_INFO_H
#define FIRSTLEAD_BUILD_INFO_H

#include <stddef.h>

/// The git commit this binary was built from, "+modified" when the tree was not clean, or "unknown".
const char *firstlead_commit(void);

/// The text of openapi.yaml as it was at build time (not zero-terminated), and its length in bytes.
const unsigned char *firstlead_openapi(size_t *length);

#endif
