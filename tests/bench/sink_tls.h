/* TLS 1.3 for the sink: an authority of its own, and for each address of the loopback network a
 * certificate with just that address, made when it is first asked for and then kept. */
#pragma once

#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>

struct sink_authority {
    EVP_PKEY *key, *leaf_key;
    X509 *certificate;
    X509 **leaves; /* by the last 24 bits of the address */
};
static struct sink_authority sink_authority;

static inline X509 *sink_certificate(const char *name, long serial, EVP_PKEY *key)
{
    X509 *certificate = X509_new();
    X509_set_version(certificate, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -86400);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 86400L * 30);
    X509_set_pubkey(certificate, key);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC,
                               (const unsigned char *)name, -1, -1, 0);
    return certificate;
}

static inline void sink_extension(X509 *certificate, int kind, const char *value)
{
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, kind, value);
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
}

static inline X509 *sink_leaf(uint32_t address)
{
    uint32_t number = address & 0xffffff;
    X509 **leaf = &sink_authority.leaves[number];
    if (*leaf != NULL)
        return *leaf;
    char text[32];
    snprintf(text, sizeof(text), "IP:127.%u.%u.%u", number >> 16, number >> 8 & 255, number & 255);
    *leaf = sink_certificate("bench receiver", (long)number + 2, sink_authority.leaf_key);
    X509_set_issuer_name(*leaf, X509_get_subject_name(sink_authority.certificate));
    sink_extension(*leaf, NID_subject_alt_name, text);
    X509_sign(*leaf, sink_authority.key, EVP_sha256());
    return *leaf;
}

static inline int sink_choose(SSL *ssl, void *userdata)
{
    (void)userdata;
    struct sockaddr_in own;
    socklen_t length = sizeof(own);
    if (getsockname(SSL_get_fd(ssl), (struct sockaddr *)&own, &length) < 0)
        return 0;
    return SSL_use_certificate(ssl, sink_leaf(ntohl(own.sin_addr.s_addr))) == 1 &&
           SSL_use_PrivateKey(ssl, sink_authority.leaf_key) == 1;
}

/* Writes its authority's certificate to `ca_file`. */
static inline SSL_CTX *sink_tls_new(const char *ca_file)
{
    struct sink_authority *authority = &sink_authority;
    authority->leaves = calloc(1 << 24, sizeof(X509 *));
    authority->key = EVP_EC_gen("P-256");
    authority->leaf_key = EVP_EC_gen("P-256");
    authority->certificate = sink_certificate("bench authority", 1, authority->key);
    X509_set_issuer_name(authority->certificate, X509_get_subject_name(authority->certificate));
    sink_extension(authority->certificate, NID_basic_constraints, "critical,CA:TRUE");
    X509_sign(authority->certificate, authority->key, EVP_sha256());
    FILE *file = fopen(ca_file, "w");
    if (file == NULL || PEM_write_X509(file, authority->certificate) != 1) {
        perror(ca_file);
        exit(1);
    }
    fclose(file);
    SSL_CTX *tls = SSL_CTX_new(TLS_server_method());
    SSL_CTX_set_min_proto_version(tls, TLS1_3_VERSION);
    SSL_CTX_set_mode(tls, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_num_tickets(tls, 0);
    SSL_CTX_set_cert_cb(tls, sink_choose, NULL);
    return tls;
}

static inline SSL *sink_tls_connection(SSL_CTX *tls, int fd)
{
    SSL *ssl = SSL_new(tls);
    SSL_set_fd(ssl, fd);
    SSL_set_accept_state(ssl);
    return ssl;
}
