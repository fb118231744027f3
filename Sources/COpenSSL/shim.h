// Digests (and, in the server, TLS) from OpenSSL 3, which the product links anyway.
#include <openssl/err.h>
#include <openssl/evp.h>
