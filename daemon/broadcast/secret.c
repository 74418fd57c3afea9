/* Passwords, tokens and proofs, by libsodium. */
#include <errno.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "broadcast/secret.h"

#define TOKEN_ID_BYTES     6
#define TOKEN_SECRET_BYTES 32
#define TOKEN_ID_DIGITS    ((size_t)TOKEN_ID_BYTES * 2)
#define TOKEN_DIGITS       ((size_t)TOKEN_SECRET_BYTES * 2)
#define PASSWORD_LETTERS   20

int secret_setup(void)
{
    return sodium_init() < 0 ? -EIO : 0;
}

const char *password_fault(const char *password)
{
    size_t length = password != NULL ? strlen(password) : 0;
    if (length < PASSWORD_LEAST)
        return "a password has at least 12 characters";
    if (length > PASSWORD_MOST)
        return "a password has at most 256 bytes";
    if (!text_is_utf8(password, length))
        return "a password is UTF-8 text";
    return "";
}

char *password_hash(TALLOC_CTX *context, const char *password)
{
    char *hash = memory_array(context, char, crypto_pwhash_STRBYTES);
    if (crypto_pwhash_str(hash, password, strlen(password), crypto_pwhash_OPSLIMIT_INTERACTIVE,
                          crypto_pwhash_MEMLIMIT_INTERACTIVE) == 0)
        return hash;
    talloc_free(hash);
    return NULL;
}

bool password_matches(const char *hash, const char *password)
{
    /* Of a random password that nobody knows: the work for a name that does not exist. */
    static const char nobody[] = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$"
                                 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    bool known = text_given(hash);
    size_t length = password != NULL ? strnlen(password, PASSWORD_MOST + 1) : 0;
    if (length > PASSWORD_MOST)
        return false;
    int r =
        crypto_pwhash_str_verify(known ? hash : nobody, password != NULL ? password : "", length);
    return known && r == 0;
}

char *password_random(TALLOC_CTX *context)
{
    static const char letters[] = "abcdefghjkmnpqrstuvwxyz23456789";
    char *text = memory_text(context, "");
    for (unsigned i = 0; i < PASSWORD_LETTERS; i++) {
        char letter = letters[randombytes_uniform(sizeof(letters) - 1)];
        text = memory_must(
            talloc_asprintf_append_buffer(text, "%s%c", i > 0 && i % 5 == 0 ? "-" : "", letter));
    }
    return text;
}

char *secret_random(TALLOC_CTX *context, size_t bytes)
{
    unsigned char *raw = memory_array(context, unsigned char, bytes);
    char *text = memory_array(context, char, bytes * 2 + 1);
    randombytes_buf(raw, bytes);
    sodium_bin2hex(text, bytes * 2 + 1, raw, bytes);
    sodium_memzero(raw, bytes);
    talloc_free(raw);
    return text;
}

char *secret_digest(TALLOC_CTX *context, const char *text)
{
    return text_hash(context, text, strlen(text), 64);
}

struct token token_make(TALLOC_CTX *context, enum reach reach)
{
    struct token token = {.reach = reach, .id = secret_random(context, TOKEN_ID_BYTES)};
    char *secret = secret_random(context, TOKEN_SECRET_BYTES);
    token.text = memory_printf(context, "nrs_%s_%s_%s", reach_name(reach), token.id, secret);
    token.digest = secret_digest(context, token.text);
    sodium_memzero(secret, TOKEN_DIGITS);
    talloc_free(secret);
    return token;
}

static bool hexadecimal(const char *text, size_t digits)
{
    return strspn(text, "0123456789abcdef") >= digits;
}

bool token_read(TALLOC_CTX *context, const char *text, struct token *ret_token)
{
    static const enum reach reaches[] = {REACH_LIVE, REACH_DRILL};
    for (size_t i = 0; i < 2; i++) {
        const char *prefix = memory_printf(context, "nrs_%s_", reach_name(reaches[i]));
        if (!text_starts(text, prefix))
            continue;
        const char *id = text + strlen(prefix);
        if (strlen(id) != TOKEN_ID_DIGITS + 1 + TOKEN_DIGITS || !hexadecimal(id, TOKEN_ID_DIGITS) ||
            id[TOKEN_ID_DIGITS] != '_' || !hexadecimal(id + TOKEN_ID_DIGITS + 1, TOKEN_DIGITS))
            return false;
        *ret_token = (struct token){.text = memory_text(context, text),
                                    .id = memory_must(talloc_strndup(context, id, TOKEN_ID_DIGITS)),
                                    .digest = secret_digest(context, text),
                                    .reach = reaches[i]};
        return true;
    }
    return false;
}

bool digest_equal(const char *a, const char *b)
{
    size_t length = a != NULL ? strlen(a) : 0;
    return length > 0 && b != NULL && strlen(b) == length && sodium_memcmp(a, b, length) == 0;
}

void count_key_make(struct count_key *ret_key)
{
    randombytes_buf(ret_key->bytes, sizeof(ret_key->bytes));
}

char *count_sign(TALLOC_CTX *context, const struct count_key *key, int64_t count, usec_t at,
                 const char *person, const char *hash)
{
    unsigned char proof[crypto_auth_hmacsha256_BYTES];
    char digits[sizeof(proof) * 2 + 1];
    const char *text =
        memory_printf(context, "%" PRId64 "|%" PRId64 "|%s|%s", count, at, person, hash);
    crypto_auth_hmacsha256(proof, (const unsigned char *)text, strlen(text), key->bytes);
    sodium_bin2hex(digits, sizeof(digits), proof, sizeof(proof));
    return memory_printf(context, "%" PRId64 ".%" PRId64 ".%s", count, at, digits);
}

bool count_read(const struct count_key *key, const char *text, const char *person, const char *hash,
                int64_t *ret_count, usec_t *ret_at)
{
    char *end;
    if (text == NULL || strlen(text) > 200)
        return false;
    int64_t count = strtoll(text, &end, 10);
    if (*end != '.' || count < 0)
        return false;
    usec_t at = strtoll(end + 1, &end, 10);
    if (*end != '.')
        return false;
    TALLOC_CTX *scratch = talloc_new(NULL);
    bool same = digest_equal(count_sign(scratch, key, count, at, person, hash), text);
    talloc_free(scratch);
    if (!same)
        return false;
    *ret_count = count;
    *ret_at = at;
    return true;
}
