#include "CBuildInfo.h"

static const unsigned char openapi[] = {
#embed "../../openapi.yaml"
};

const char *firstlead_commit(void) { return FIRSTLEAD_COMMIT; }

const unsigned char *firstlead_openapi(size_t *length) {
    *length = sizeof openapi;
    return openapi;
}
