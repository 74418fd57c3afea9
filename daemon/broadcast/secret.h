/* What proves who somebody is: passwords, machine tokens, one-time codes, and proofs of our own.
 *
 * Does: argon2id by libsodium; 256-bit tokens with a prefix that says what they are, kept as
 * SHA-256; RFC 6238 codes; a keyed proof of what a page showed. All comparing takes the same
 * time whatever differs. Never: keeps or logs a secret. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include "broadcast/person.h"

/* Must be called once before threads start. Returns 0 or -EIO. */
__attribute__((warn_unused_result)) int secret_setup(void);

#define PASSWORD_LEAST 12
#define PASSWORD_MOST  256
/* "" when it can be one, otherwise what is wrong. */
const char *password_fault(const char *password);
/* argon2id text for the store; takes about a tenth of a second and 64 MiB: not on the desk. NULL
 * when the memory cannot be had. */
char *password_hash(TALLOC_CTX *context, const char *password);
/* `hash` NULL or "": as slow, and false, so that unknown names cannot be told apart. */
bool password_matches(const char *hash, const char *password);
/* 20 letters and digits without those that look alike, in groups of five. */
char *password_random(TALLOC_CTX *context);

struct token {
    const char *text;   /* "nrs_live_" id "_" 64 hexadecimal digits: shown once */
    const char *id;     /* 12 hexadecimal digits */
    const char *digest; /* SHA-256 of the text, hexadecimal: what is kept */
    enum reach reach;
};
struct token token_make(TALLOC_CTX *context, enum reach reach);
/* The id and reach of a token's text; false when it has not the form of one. */
bool token_read(TALLOC_CTX *context, const char *text, struct token *ret_token);
bool digest_equal(const char *a, const char *b);

/* `bytes` random bytes as hexadecimal text: ids, cookies, CSRF tokens. */
char *secret_random(TALLOC_CTX *context, size_t bytes);
char *secret_digest(TALLOC_CTX *context, const char *text);

#define TOTP_SECRET_BYTES 20
#define TOTP_STEP_SECONDS 30
/* Base32 without padding. */
char *totp_secret(TALLOC_CTX *context);
/* The six digits of a step; -1 for a secret that is none. */
int totp_code(const char *secret, int64_t step);
/* Accepts the step of `now` and its neighbours, but none at or before `last_step` (a code works
 * once). *ret_step the step that matched. */
bool totp_matches(const char *secret, const char *code, usec_t now, int64_t last_step,
                  int64_t *ret_step);

/* "number.microseconds.proof": this many were counted then, for this person and text. */
struct count_key {
    unsigned char bytes[32];
};
void count_key_make(struct count_key *ret_key);
char *count_sign(TALLOC_CTX *context, const struct count_key *key, int64_t count, usec_t at,
                 const char *person, const char *hash);
/* False when it was made by another daemon, for another person or text, or is no proof. */
bool count_read(const struct count_key *key, const char *text, const char *person, const char *hash,
                int64_t *ret_count, usec_t *ret_at);
