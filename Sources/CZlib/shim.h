// DEFLATE streams of zip members and gzip bodies.
#include <zlib.h>
