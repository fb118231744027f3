#include "CBuildInfo.h"

const char *firstlead_commit(void) { return FIRSTLEAD_COMMIT; }
