// Digests and TLS from OpenSSL 3. What OpenSSL offers as macros, which Swift does not import, is a function here.
#ifndef FIRSTLEAD_OPENSSL_SHIM_H
#define FIRSTLEAD_OPENSSL_SHIM_H

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

static inline int firstlead_tls_set_minimum_version(SSL_CTX *context, int version) {
    return (int)SSL_CTX_set_min_proto_version(context, version);
}

/// No compression (CRIME), no renegotiation (RFC 9325 §3.5), the server's order of ciphers unless the client puts
/// ChaCha20 first; partial writes, no buffers for connections that rest, and
/// a record read in one piece rather than its header first.
static inline void firstlead_tls_set_options(SSL_CTX *context) {
    SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                                     SSL_OP_PRIORITIZE_CHACHA);
    SSL_CTX_set_mode(context,
                     SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_read_ahead(context, 1);
}

/// Writes a name as RFC 4514 does, UTF-8 left as it is.
static inline int firstlead_print_name(BIO *bio, const X509_NAME *name) {
    return X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB);
}

/// HMAC with SHA-256 under `key`. Parameters keep pointers to their names, which would be gone by the time that they
/// are used if Swift had passed them.
static inline int firstlead_set_mac_key(EVP_MAC_CTX *mac, const unsigned char *key, size_t count) {
    const OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, (void *)key, count),
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, (char *)"SHA256", 0),
        OSSL_PARAM_construct_end(),
    };
    return EVP_MAC_CTX_set_params(mac, parameters);
}

static inline int firstlead_tls_set_groups(SSL_CTX *context, const char *list) {
    return (int)SSL_CTX_set1_groups_list(context, list);
}

static inline int firstlead_tls_set_signatures(SSL_CTX *context, const char *list) {
    return (int)SSL_CTX_set1_sigalgs_list(context, list);
}

static inline void firstlead_tls_disable_session_cache(SSL_CTX *context) {
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
}

static inline void firstlead_tls_on_server_name(SSL_CTX *context, int (*callback)(SSL *, int *, void *)) {
    SSL_CTX_set_tlsext_servername_callback(context, callback);
}

static inline int firstlead_tls_add_chain_certificate(SSL_CTX *context, X509 *certificate) {
    return (int)SSL_CTX_add1_chain_cert(context, certificate);
}

static inline void *firstlead_tls_context_data(SSL_CTX *context) { return SSL_CTX_get_app_data(context); }

static inline void firstlead_tls_set_context_data(SSL_CTX *context, void *data) {
    (void)SSL_CTX_set_app_data(context, data);
}

static inline void firstlead_bio_set_retry_read(BIO *bio) { BIO_set_retry_read(bio); }

static inline void firstlead_bio_clear_retry(BIO *bio) { BIO_clear_retry_flags(bio); }

static inline const char *firstlead_reason(unsigned long code) { return ERR_reason_error_string(code); }

static inline int firstlead_general_name_count(const GENERAL_NAMES *names) { return sk_GENERAL_NAME_num(names); }

static inline GENERAL_NAME *firstlead_general_name(const GENERAL_NAMES *names, int index) {
    return sk_GENERAL_NAME_value(names, index);
}

/// The text of a DNS name or a URI (RFC 5280 §4.2.1.6), NULL for another kind; `kind` is GEN_DNS or GEN_URI.
static inline const ASN1_STRING *firstlead_general_name_text(const GENERAL_NAME *name, int kind) {
    return name->type == kind ? name->d.ia5 : NULL;
}

#endif
