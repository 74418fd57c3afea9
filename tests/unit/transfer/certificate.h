/* Self-signed certificates, made on the spot. */
#pragma once

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

/* For "DNS:a.test,DNS:b.test", valid from and for so many seconds from now on. */
static inline X509 *certificate_for(EVP_PKEY *key, long from, long until, const char *names)
{
    X509 *certificate = X509_new();
    X509_set_version(certificate, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), from);
    X509_gmtime_adj(X509_getm_notAfter(certificate), until);
    X509_set_pubkey(certificate, key);
    X509_NAME *name = X509_get_subject_name(certificate);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"good.test", -1, -1,
                               0);
    X509_set_issuer_name(certificate, name);
    X509_EXTENSION *names_of = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, names);
    X509_add_ext(certificate, names_of, -1);
    X509_EXTENSION_free(names_of);
    X509_sign(certificate, key, EVP_sha256());
    return certificate;
}

static inline X509 *certificate_new(EVP_PKEY *key, long from, long until)
{
    return certificate_for(key, from, until, "DNS:good.test");
}

/* A new file below TMPDIR; `path` has room for 64. */
static inline FILE *certificate_file(char path[64])
{
    snprintf(path, 64, "%s/noroshi-tls-XXXXXX",
             getenv("TMPDIR") != NULL ? getenv("TMPDIR") : "/tmp");
    int fd = mkstemp(path);
    return fd >= 0 ? fdopen(fd, "w") : NULL;
}
