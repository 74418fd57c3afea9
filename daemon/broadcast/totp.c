/* One-time codes of RFC 6238: HMAC-SHA1, 30 seconds, six digits, which every app has. */
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sodium.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "broadcast/secret.h"

#define CODE_DIGITS  6
#define CODE_MODULUS 1000000U

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

char *totp_secret(TALLOC_CTX *context)
{
    unsigned char raw[TOTP_SECRET_BYTES];
    char *text = memory_array(context, char, TOTP_SECRET_BYTES * 8 / 5 + 1);
    size_t length = 0;
    unsigned bits = 0, held = 0;
    randombytes_buf(raw, sizeof(raw));
    for (size_t i = 0; i < sizeof(raw); i++) {
        held = held << 8 | raw[i];
        for (bits += 8; bits >= 5; bits -= 5)
            text[length++] = alphabet[held >> (bits - 5) & 31];
    }
    sodium_memzero(raw, sizeof(raw));
    return text;
}

static bool secret_bytes(const char *secret, unsigned char raw[static TOTP_SECRET_BYTES])
{
    size_t length = 0;
    unsigned bits = 0, held = 0;
    if (secret == NULL || strlen(secret) != TOTP_SECRET_BYTES * 8 / 5)
        return false;
    for (; *secret != '\0'; secret++) {
        const char *at = strchr(alphabet, *secret);
        if (at == NULL)
            return false;
        held = held << 5 | (unsigned)(at - alphabet);
        bits += 5;
        if (bits >= 8) {
            bits -= 8;
            raw[length++] = (unsigned char)(held >> bits & 255);
        }
    }
    return length == TOTP_SECRET_BYTES;
}

int totp_code(const char *secret, int64_t step)
{
    unsigned char raw[TOTP_SECRET_BYTES], counter[8], digest[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    if (!secret_bytes(secret, raw))
        return -1;
    for (int i = 7; i >= 0; i--, step >>= 8)
        counter[i] = (unsigned char)(step & 255);
    if (HMAC(EVP_sha1(), raw, sizeof(raw), counter, sizeof(counter), digest, &length) == NULL ||
        length < 20)
        return -1;
    unsigned offset = digest[length - 1] & 15U;
    unsigned number = (unsigned)(digest[offset] & 127U) << 24 | (unsigned)digest[offset + 1] << 16 |
                      (unsigned)digest[offset + 2] << 8 | digest[offset + 3];
    return (int)(number % CODE_MODULUS);
}

static int code_number(const char *code)
{
    int number = 0;
    if (code == NULL || strlen(code) != CODE_DIGITS || strspn(code, "0123456789") != CODE_DIGITS)
        return -1;
    for (; *code != '\0'; code++)
        number = number * 10 + (*code - '0');
    return number;
}

bool totp_matches(const char *secret, const char *code, usec_t now, int64_t last_step,
                  int64_t *ret_step)
{
    int given = code_number(code);
    int64_t present = now / (TOTP_STEP_SECONDS * USEC_PER_SEC);
    for (int64_t step = present - 1; given >= 0 && step <= present + 1; step++) {
        if (step > last_step && totp_code(secret, step) == given) {
            *ret_step = step;
            return true;
        }
    }
    return false;
}
