#ifndef FIRSTLEAD_BUILD_INFO_H
#define FIRSTLEAD_BUILD_INFO_H

/// The git commit this binary was built from, "+modified" when the tree was not clean, or "unknown".
const char *firstlead_commit(void);

#endif
