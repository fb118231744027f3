// Gradient-boosted trees: the C interface of libxgboost 1.7 (Debian 12's libxgboost-dev).
#include <xgboost/c_api.h>
