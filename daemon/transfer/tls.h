/* TLS of a connection between two buffers: no socket is touched here, so nothing can raise
 * SIGPIPE or block. The other side's certificate must be trusted and bear its name; TLS 1.2 or
 * newer. */
#pragma once

#include <openssl/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <talloc.h>

/* What all connections share; `trust` is counted up. */
SSL_CTX *tls_context(X509_STORE *trust);

struct tls;
/* `host`: a name, or an address when `literal`. */
struct tls *tls_new(TALLOC_CTX *context, SSL_CTX *shared, const char *host, bool literal);
/* For tls_session.c. */
SSL *tls_ssl(struct tls *tls);
/* Bytes from the network. */
void tls_take(struct tls *tls, const char *bytes, size_t length);
/* Goes on with the handshake: 1 done, 0 not yet, -EPROTO refused by either side. */
int tls_handshake(struct tls *tls);
/* Plain bytes: their number, 0 for none now, -EPIPE at the end, -EPROTO. */
int tls_read(struct tls *tls, char *bytes, size_t size);
/* Takes plain bytes to be sent: 0 or -EPROTO. */
__attribute__((warn_unused_result)) int tls_write(struct tls *tls, const char *bytes,
                                                  size_t length);
/* Says that no more comes. */
void tls_finish(struct tls *tls);
/* Bytes for the network, and that `length` of them were written. */
size_t tls_output(struct tls *tls, const char **ret_bytes);
void tls_wrote(struct tls *tls, size_t length);
