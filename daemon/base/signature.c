/* Standard Webhooks 1.0: HMAC-SHA256 over "{id}.{timestamp}.{body}", base64 by OpenSSL. */
#include <errno.h>
#include <inttypes.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/core_names.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "base/signature.h"

#define PREFIX           "whsec_"
#define KEY_LEAST        24
#define KEY_MOST         64
#define NEW_KEY_BYTES    32
#define AGE_MAX_SECONDS  300
#define DIGEST_BYTES     32
#define TIMESTAMP_DIGITS 11

static char *to_base64(TALLOC_CTX *context, const uint8_t *bytes, size_t length)
{
    char *text = memory_array(context, char, (length + 2) / 3 * 4 + 1);
    EVP_EncodeBlock((unsigned char *)text, bytes, (int)length);
    return text;
}

char *signature_secret_new(TALLOC_CTX *context)
{
    uint8_t key[NEW_KEY_BYTES];
    if (RAND_bytes(key, sizeof(key)) != 1)
        abort(); /* without randomness there is no secret to hand out */
    char *text = memory_printf(context, PREFIX "%s", to_base64(context, key, sizeof(key)));
    OPENSSL_cleanse(key, sizeof(key));
    return text;
}

int signature_secret_read(TALLOC_CTX *context, const char *text, uint8_t **ret_key,
                          size_t *ret_length)
{
    if (!text_starts(text, PREFIX))
        return -EINVAL;
    const char *encoded = text + strlen(PREFIX);
    size_t length = strlen(encoded);
    if (length == 0 || length % 4 != 0 || length > KEY_MOST * 2)
        return -EINVAL;
    uint8_t *key = memory_array(context, uint8_t, length);
    int decoded = EVP_DecodeBlock(key, (const unsigned char *)encoded, (int)length);
    size_t padding = encoded[length - 2] == '=' ? 2 : encoded[length - 1] == '=' ? 1 : 0;
    /* OpenSSL overlooks blanks, stray '=' and loose bits at the end; other readers do not. */
    if (decoded < (int)padding || (size_t)decoded - padding < KEY_LEAST ||
        (size_t)decoded - padding > KEY_MOST ||
        strcmp(to_base64(key, key, (size_t)decoded - padding), encoded) != 0) {
        talloc_free(key);
        return -EINVAL;
    }
    *ret_key = key;
    *ret_length = (size_t)decoded - padding;
    return 0;
}

/* What may stand in the header webhook-id and in the signed text. */
static bool good_id(const char *id)
{
    for (const char *c = id; *c != '\0'; c++) {
        if (*c <= ' ' || *c >= 127 || *c == '.')
            return false;
    }
    return id[0] != '\0';
}

struct signer {
    EVP_MAC *algorithm;
    EVP_MAC_CTX *state; /* with its hash; the key comes with each signature */
};

static int signer_destroy(struct signer *signer)
{
    EVP_MAC_CTX_free(signer->state);
    EVP_MAC_free(signer->algorithm);
    return 0;
}

struct signer *signer_new(TALLOC_CTX *context)
{
    static const char hash[] = "SHA256";
    const OSSL_PARAM settings[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, (char *)hash, 0),
        OSSL_PARAM_construct_end()};
    struct signer *signer = memory_new(context, struct signer);
    talloc_set_destructor(signer, signer_destroy);
    signer->algorithm = memory_must(EVP_MAC_fetch(NULL, "HMAC", NULL));
    signer->state = memory_must(EVP_MAC_CTX_new(signer->algorithm));
    memory_must(EVP_MAC_CTX_set_params(signer->state, settings) == 1 ? signer : NULL);
    return signer;
}

/* HMAC-SHA256 over both parts, without a copy of them: a body is signed once for each receiver. */
static bool authenticate(struct signer *signer, const uint8_t *key, size_t key_length,
                         const char *head, const void *body, size_t body_length,
                         uint8_t digest[static DIGEST_BYTES])
{
    size_t length = 0;
    return EVP_MAC_init(signer->state, key, key_length, NULL) == 1 &&
           EVP_MAC_update(signer->state, (const unsigned char *)head, strlen(head)) == 1 &&
           EVP_MAC_update(signer->state, body, body_length) == 1 &&
           EVP_MAC_final(signer->state, digest, &length, DIGEST_BYTES) == 1 &&
           length == DIGEST_BYTES;
}

int signer_sign(struct signer *signer, TALLOC_CTX *context, const char *secret, const char *id,
                int64_t timestamp, const void *body, size_t body_length, char **ret_signature)
{
    uint8_t *key, digest[DIGEST_BYTES];
    size_t key_length;
    if (!good_id(id))
        return -EINVAL;
    int r = signature_secret_read(context, secret, &key, &key_length);
    if (r < 0)
        return r;
    char *head = memory_printf(context, "%s.%" PRId64 ".", id, timestamp);
    bool made = authenticate(signer, key, key_length, head, body, body_length, digest);
    OPENSSL_cleanse(key, key_length);
    talloc_free(key);
    talloc_free(head);
    if (!made)
        return -EINVAL;
    *ret_signature = memory_printf(context, "v1,%s", to_base64(context, digest, DIGEST_BYTES));
    return 0;
}

int signature_make(TALLOC_CTX *context, const char *secret, const char *id, int64_t timestamp,
                   const void *body, size_t body_length, char **ret_signature)
{
    struct signer *signer = signer_new(NULL);
    int r = signer_sign(signer, context, secret, id, timestamp, body, body_length, ret_signature);
    talloc_free(signer);
    return r;
}

bool signature_check(const char *secret, const char *id, const char *timestamp, const char *header,
                     const void *body, size_t body_length, int64_t now_seconds)
{
    size_t digits = strspn(timestamp, "0123456789");
    if (digits == 0 || digits > TIMESTAMP_DIGITS || timestamp[digits] != '\0')
        return false;
    long long time = atoll(timestamp);
    if (llabs(now_seconds - time) > AGE_MAX_SECONDS)
        return false;
    TALLOC_CTX *scratch = talloc_new(NULL);
    char *expected;
    bool good = false;
    if (signature_make(scratch, secret, id, time, body, body_length, &expected) == 0) {
        size_t count;
        char **parts = text_split(scratch, header, ' ', &count);
        for (size_t i = 0; i < count; i++)
            good = good || (strlen(parts[i]) == strlen(expected) &&
                            CRYPTO_memcmp(parts[i], expected, strlen(expected)) == 0);
    }
    talloc_free(scratch);
    return good;
}
