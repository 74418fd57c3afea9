/* Passwords, tokens, one-time codes, the proof of a count, and the slowing of guesses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "base/memory.h"
#include "broadcast/lockout.h"
#include "broadcast/secret.h"

static TALLOC_CTX *context;

static int set_up(void **state)
{
    *state = NULL;
    context = talloc_new(NULL);
    return secret_setup();
}

static int tear_down(void **state)
{
    *state = NULL;
    talloc_free(context);
    return 0;
}

static void a_password_is_argon2id(void **state)
{
    (void)state;
    const char *password = password_random(context);
    const char *hash = password_hash(context, password);
    assert_int_equal(strncmp(hash, "$argon2id$", 10), 0);
    assert_null(strstr(hash, password));
    assert_true(password_matches(hash, password));
    assert_false(password_matches(hash, "correct horse battery"));
    assert_false(password_matches(NULL, password));
    assert_false(password_matches("", ""));
    assert_string_equal(password_fault(password), "");
    assert_string_not_equal(password_fault("short"), "");
    assert_string_not_equal(password_fault(NULL), "");
}

static void a_token_is_kept_as_a_hash(void **state)
{
    (void)state;
    struct token live = token_make(context, REACH_LIVE), drill = token_make(context, REACH_DRILL);
    struct token read;
    assert_true(token_read(context, live.text, &read));
    assert_string_equal(read.id, live.id);
    assert_int_equal(read.reach, REACH_LIVE);
    assert_true(digest_equal(read.digest, live.digest));
    assert_false(digest_equal(drill.digest, live.digest));
    assert_null(strstr(live.text, live.digest));
    /* 64 hexadecimal digits: 256 bits. */
    assert_int_equal(strlen(strrchr(live.text, '_') + 1), 64);
    assert_false(token_read(context, "nrs_live_", &read));
    assert_false(token_read(context, "", &read));
    assert_false(token_read(context, memory_printf(context, "%s0", live.text), &read));
}

/* The prefix is part of what is hashed: no changed byte makes a drill token a live one. */
static void no_changed_byte_turns_drill_into_live(void **state)
{
    (void)state;
    struct token drill = token_make(context, REACH_DRILL), read;
    char *text = memory_text(context, drill.text);
    for (size_t i = 0; text[i] != '\0'; i++) {
        char before = text[i];
        for (int letter = 1; letter < 256; letter++) {
            if ((char)letter == before)
                continue;
            text[i] = (char)letter;
            if (token_read(context, text, &read)) {
                assert_int_equal(read.reach, REACH_DRILL);
                assert_false(digest_equal(read.digest, drill.digest));
            }
        }
        text[i] = before;
    }
    char *live = memory_printf(context, "nrs_live_%s", text + strlen("nrs_drill_"));
    assert_true(token_read(context, live, &read));
    assert_false(digest_equal(read.digest, drill.digest));
}

/* RFC 6238, appendix B, SHA-1; the last six digits. */
static void codes_are_those_of_the_standard(void **state)
{
    (void)state;
    static const char secret[] = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
    static const struct {
        int64_t seconds;
        int code;
    } rows[] = {{59, 287082},       {1111111109, 81804},  {1111111111, 50471},
                {1234567890, 5924}, {2000000000, 279037}, {20000000000, 353130}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_int_equal(totp_code(secret, rows[i].seconds / 30), rows[i].code);
    assert_int_equal(totp_code("no secret", 1), -1);
}

static void a_code_works_once(void **state)
{
    (void)state;
    const char *secret = totp_secret(context);
    usec_t now = (usec_t)1790000000 * USEC_PER_SEC;
    char code[8];
    int64_t step = 0;
    snprintf(code, sizeof(code), "%06d", totp_code(secret, now / (30 * USEC_PER_SEC)));
    assert_true(totp_matches(secret, code, now, 0, &step));
    assert_false(totp_matches(secret, code, now, step, &step));
    assert_false(totp_matches(secret, code, now + 5 * USEC_PER_MINUTE, 0, &step));
    assert_false(totp_matches(secret, "", now, 0, &step));
    assert_false(totp_matches(secret, NULL, now, 0, &step));
    assert_false(totp_matches(secret, "12345", now, 0, &step));
}

static void a_count_cannot_be_made_up(void **state)
{
    (void)state;
    struct count_key key, other;
    int64_t count = 0;
    usec_t at = 0;
    count_key_make(&key);
    count_key_make(&other);
    char *proof = count_sign(context, &key, 1000, 77, "anna", "hash");
    assert_true(count_read(&key, proof, "anna", "hash", &count, &at));
    assert_int_equal(count, 1000);
    assert_int_equal(at, 77);
    assert_false(count_read(&key, proof, "bert", "hash", &count, &at));
    assert_false(count_read(&key, proof, "anna", "another", &count, &at));
    assert_false(count_read(&other, proof, "anna", "hash", &count, &at));
    assert_false(count_read(&key, "1000.77.", "anna", "hash", &count, &at));
    assert_false(count_read(&key, NULL, "anna", "hash", &count, &at));
    for (size_t i = 0; proof[i] != '\0'; i++) {
        char before = proof[i];
        proof[i] = before == '1' ? '2' : '1';
        assert_false(count_read(&key, proof, "anna", "hash", &count, &at));
        proof[i] = before;
    }
}

/* 10,000 guesses as fast as they are let: a day passes and few were made. */
static void guessing_is_slow(void **state)
{
    (void)state;
    struct lockout *lockout = lockout_new(context);
    usec_t now = USEC_PER_SEC, start = now;
    unsigned made = 0;
    for (int guess = 0; guess < 10000; guess++) {
        usec_t wait = lockout_wait(lockout, "anna", "192.0.2.0/24", now);
        if (wait > 0)
            now += USEC_PER_SEC; /* asked once a second */
        else {
            made++;
            lockout_failed(lockout, "anna", "192.0.2.0/24", now);
        }
    }
    assert_true(made < 40);
    assert_true(now - start > 2 * USEC_PER_HOUR);
}

static void many_sources_do_not_help_and_the_owner_gets_in(void **state)
{
    (void)state;
    struct lockout *lockout = lockout_new(context);
    usec_t now = USEC_PER_SEC;
    unsigned made = 0;
    lockout_passed(lockout, "anna", "198.51.100.0/24", now);
    for (int guess = 0; guess < 10000; guess++) {
        char source[32];
        snprintf(source, sizeof(source), "10.%d.%d.0/24", guess / 256, guess % 256);
        if (lockout_wait(lockout, "anna", source, now) == 0) {
            made++;
            lockout_failed(lockout, "anna", source, now);
        }
    }
    assert_int_equal(made, LOCKOUT_ACCOUNT_MOST);
    assert_int_equal(lockout_wait(lockout, "anna", "198.51.100.0/24", now), 0);
    assert_int_equal(lockout_wait(lockout, "bert", "10.0.1.0/24", now), 0);
    /* And nobody is shut out for good. */
    assert_int_equal(lockout_wait(lockout, "anna", "203.0.113.0/24", now + LOCKOUT_FORGET), 0);
}

static void a_source_is_a_prefix(void **state)
{
    (void)state;
    assert_string_equal(lockout_source(context, "192.0.2.77"), "192.0.2.0/24");
    assert_string_equal(lockout_source(context, "2001:db8::1:2:3"), "2001:db8::/64");
    assert_string_equal(lockout_source(context, "this machine"), "this machine");
}

#define FRESH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FRESH(a_password_is_argon2id),
        FRESH(a_token_is_kept_as_a_hash),
        FRESH(no_changed_byte_turns_drill_into_live),
        FRESH(codes_are_those_of_the_standard),
        FRESH(a_code_works_once),
        FRESH(a_count_cannot_be_made_up),
        FRESH(guessing_is_slow),
        FRESH(many_sources_do_not_help_and_the_owner_gets_in),
        FRESH(a_source_is_a_prefix),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
