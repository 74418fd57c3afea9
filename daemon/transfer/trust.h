/* The one set of trust anchors that all TLS connections share (performance.md 7.1). */
#pragma once

#include <openssl/types.h>

/* Debian's bundle and, when not NULL, `ca_file`. Returns 0, or -EINVAL when `ca_file` cannot be
 * used. A machine without the bundle gets an empty store: every certificate is then refused. */
__attribute__((warn_unused_result)) int trust_new(const char *ca_file, X509_STORE **ret_store);
