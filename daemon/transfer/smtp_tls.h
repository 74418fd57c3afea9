/* TLS of a mail connection between two buffers: no socket is touched here, so nothing can raise
 * SIGPIPE or block. The other side's certificate must be trusted and bear its name; TLS 1.2 or
 * newer. */
#pragma once

#include <openssl/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <talloc.h>

/* What all connections share; `trust` is counted up. */
SSL_CTX *smtp_tls_context(X509_STORE *trust);

struct smtp_tls;
/* `host`: a name, or an address when `literal`. */
struct smtp_tls *smtp_tls_new(TALLOC_CTX *context, SSL_CTX *shared, const char *host, bool literal);
/* Bytes from the network. */
void smtp_tls_take(struct smtp_tls *tls, const char *bytes, size_t length);
/* Goes on with the handshake: 1 done, 0 not yet, -EPROTO refused by either side. */
int smtp_tls_handshake(struct smtp_tls *tls);
/* Plain bytes: their number, 0 for none now, -EPIPE at the end, -EPROTO. */
int smtp_tls_read(struct smtp_tls *tls, char *bytes, size_t size);
/* Takes plain bytes to be sent: 0 or -EPROTO. */
__attribute__((warn_unused_result)) int smtp_tls_write(struct smtp_tls *tls, const char *bytes,
                                                       size_t length);
/* Says that no more comes. */
void smtp_tls_finish(struct smtp_tls *tls);
/* Bytes for the network, and that `length` of them were written. */
size_t smtp_tls_output(struct smtp_tls *tls, const char **ret_bytes);
void smtp_tls_wrote(struct smtp_tls *tls, size_t length);
