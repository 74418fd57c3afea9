/* TLS between two buffers: see tls.h. */
#include "transfer/tls.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include "base/memory.h"

struct tls {
    SSL *ssl;
    BIO *in, *out; /* belong to ssl */
};

SSL_CTX *tls_context(X509_STORE *trust)
{
    SSL_CTX *shared = memory_must(SSL_CTX_new(TLS_client_method()));
    SSL_CTX_set_min_proto_version(shared, TLS1_2_VERSION);
    SSL_CTX_set1_cert_store(shared, trust);
    SSL_CTX_set_verify(shared, SSL_VERIFY_PEER, NULL);
    SSL_CTX_set_mode(shared, SSL_MODE_AUTO_RETRY | SSL_MODE_RELEASE_BUFFERS);
    return shared;
}

static int tls_destroy(struct tls *tls)
{
    /* Otherwise OpenSSL takes the session for spoilt, too: see tls_session.c. */
    SSL_set_shutdown(tls->ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
    SSL_free(tls->ssl);
    return 0;
}

struct tls *tls_new(TALLOC_CTX *context, SSL_CTX *shared, const char *host, bool literal)
{
    struct tls *tls = memory_new(context, struct tls);
    tls->ssl = memory_must(SSL_new(shared));
    tls->in = memory_must(BIO_new(BIO_s_mem()));
    tls->out = memory_must(BIO_new(BIO_s_mem()));
    BIO_set_mem_eof_return(tls->in, -1); /* empty is not the end */
    SSL_set_bio(tls->ssl, tls->in, tls->out);
    talloc_set_destructor(tls, tls_destroy);
    SSL_set_hostflags(tls->ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    int named = literal ? X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(tls->ssl), host)
                        : SSL_set1_host(tls->ssl, host);
    if (!literal && named == 1)
        named = (int)SSL_set_tlsext_host_name(tls->ssl, host);
    memory_must(named == 1 ? tls : NULL); /* the host was checked: only memory can lack */
    SSL_set_connect_state(tls->ssl);
    return tls;
}

SSL *tls_ssl(struct tls *tls)
{
    return tls->ssl;
}

void tls_take(struct tls *tls, const char *bytes, size_t length)
{
    memory_must(BIO_write(tls->in, bytes, (int)length) == (int)length ? tls : NULL);
}

/* 0 when OpenSSL only waits for bytes. */
static int fault(struct tls *tls, int result)
{
    int why = SSL_get_error(tls->ssl, result);
    ERR_clear_error();
    if (why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE)
        return 0;
    return why == SSL_ERROR_ZERO_RETURN ? -EPIPE : -EPROTO;
}

int tls_handshake(struct tls *tls)
{
    ERR_clear_error();
    int r = SSL_do_handshake(tls->ssl);
    if (r == 1)
        return SSL_get_verify_result(tls->ssl) == X509_V_OK ? 1 : -EPROTO;
    return fault(tls, r);
}

int tls_read(struct tls *tls, char *bytes, size_t size)
{
    ERR_clear_error();
    int r = SSL_read(tls->ssl, bytes, (int)size);
    return r > 0 ? r : fault(tls, r);
}

int tls_write(struct tls *tls, const char *bytes, size_t length)
{
    ERR_clear_error();
    int r = SSL_write(tls->ssl, bytes, (int)length);
    if (r == (int)length)
        return 0;
    (void)fault(tls, r);
    return -EPROTO; /* a buffer always has room */
}

void tls_finish(struct tls *tls)
{
    if (SSL_is_init_finished(tls->ssl))
        (void)SSL_shutdown(tls->ssl);
    ERR_clear_error();
}

size_t tls_output(struct tls *tls, const char **ret_bytes)
{
    char *bytes = NULL;
    long length = BIO_get_mem_data(tls->out, &bytes);
    *ret_bytes = bytes;
    return length > 0 ? (size_t)length : 0;
}

void tls_wrote(struct tls *tls, size_t length)
{
    char gone[4096];
    while (length > 0) {
        int part = BIO_read(tls->out, gone, (int)(length < sizeof(gone) ? length : sizeof(gone)));
        if (part <= 0)
            return;
        length -= (size_t)part;
    }
}
