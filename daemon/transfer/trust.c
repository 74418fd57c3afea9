/* Trust anchors, read once at the start: see trust.h. Read into memory, not looked up by hash in a
 * directory, so that a handshake never touches the disk. */
#include "transfer/trust.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/x509_vfy.h>
#include <stddef.h>
#include <unistd.h>
#include "base/memory.h"

#define TRUST_BUNDLE "/etc/ssl/certs/ca-certificates.crt"

int trust_new(const char *ca_file, X509_STORE **ret_store)
{
    X509_STORE *store = X509_STORE_new();
    memory_must(store);
    int r = 0;
    if (access(TRUST_BUNDLE, R_OK) == 0 && X509_STORE_load_file(store, TRUST_BUNDLE) != 1)
        r = -EINVAL;
    if (r == 0 && ca_file != NULL && X509_STORE_load_file(store, ca_file) != 1)
        r = -EINVAL;
    if (r == 0 && X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN) != 1)
        r = -EINVAL;
    ERR_clear_error();
    if (r < 0) {
        X509_STORE_free(store);
        return r;
    }
    *ret_store = store;
    return 0;
}
