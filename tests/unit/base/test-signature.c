/* Standard Webhooks signatures: the published vector, and everything that must not pass
 * (reliability test 52). */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/memory.h"
#include "base/text.h"
#include "base/signature.h"

/* The vector that the specification's reference libraries share. */
static const char secret[] = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
static const char id[] = "msg_p5jXN8AQM9LWM0D4loKWxJek";
static const char body[] = "{\"test\": 2432232314}";
static const char vector[] = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
#define TIME 1614265330

static TALLOC_CTX *context;

static int make(void **state)
{
    *state = NULL;
    context = talloc_new(NULL);
    return 0;
}

static int drop(void **state)
{
    (void)state;
    talloc_free(context);
    return 0;
}

static bool checks(const char *with_secret, const char *with_id, const char *timestamp,
                   const char *header, const char *with_body, int64_t now)
{
    return signature_check(with_secret, with_id, timestamp, header, with_body, strlen(with_body),
                           now);
}

static bool secret_reads(const char *text)
{
    uint8_t *key = NULL;
    size_t length = 0;
    int r = signature_secret_read(context, text, &key, &length);
    assert_true(r == 0 || (r == -EINVAL && key == NULL && length == 0));
    return r == 0;
}

static void the_published_vector_comes_out(void **state)
{
    char *made = NULL;
    (void)state;
    assert_int_equal(signature_make(context, secret, id, TIME, body, strlen(body), &made), 0);
    assert_string_equal(made, vector);
    assert_true(checks(secret, id, "1614265330", vector, body, TIME));
}

static void one_good_signature_among_others_is_enough(void **state)
{
    (void)state;
    const char *header = memory_printf(context, "v1a,AAAA v1,AAAA %s v2,x", vector);
    assert_true(checks(secret, id, "1614265330", header, body, TIME));
}

static void anything_changed_does_not_pass(void **state)
{
    static const char other[] = "whsec_NfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    static const char longer[] = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=A";
    static const char v2[] = "v2,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
    (void)state;
    assert_false(checks(other, id, "1614265330", vector, body, TIME));
    assert_false(checks(secret, "msg_p5jXN8AQM9LWM0D4loKWxJeK", "1614265330", vector, body, TIME));
    assert_false(checks(secret, id, "1614265331", vector, body, TIME));
    assert_false(checks(secret, id, "1614265330", vector, "{\"test\": 2432232315}", TIME));
    assert_false(checks(secret, id, "1614265330", vector, "", TIME));
    assert_false(checks(secret, id, "1614265330", longer, body, TIME));
    assert_false(checks(secret, id, "1614265330", v2, body, TIME));
    assert_false(checks(secret, id, "1614265330", vector + 3, body, TIME));
    assert_false(checks(secret, id, "1614265330", "", body, TIME));
}

static void a_signature_is_good_for_five_minutes_to_either_side(void **state)
{
    (void)state;
    assert_true(checks(secret, id, "1614265330", vector, body, TIME + 300));
    assert_true(checks(secret, id, "1614265330", vector, body, TIME - 300));
    assert_false(checks(secret, id, "1614265330", vector, body, TIME + 301));
    assert_false(checks(secret, id, "1614265330", vector, body, TIME - 301));
}

static void a_time_that_is_no_plain_number_does_not_pass(void **state)
{
    static const char *const times[] = {"",
                                        "now",
                                        " 1614265330",
                                        "+1614265330",
                                        "1614265330 ",
                                        "1614265330.0",
                                        "-9223372036854775808",
                                        "99999999999999999999",
                                        "0x60380872"};
    (void)state;
    for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++)
        assert_false(checks(secret, id, times[i], vector, body, TIME));
}

static void an_id_that_could_move_the_borders_is_refused(void **state)
{
    static const char *const ids[] = {"", "msg.1", "msg 1", "msg\r\nx-evil: 1", "msg\x7f", "é"};
    char *made = NULL;
    (void)state;
    for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++)
        assert_int_equal(signature_make(context, secret, ids[i], TIME, body, strlen(body), &made),
                         -EINVAL);
    assert_null(made);
}

static void a_secret_is_24_to_64_bytes_of_strict_base64(void **state)
{
    static const char *const bad[] = {
        "",
        "whsec_",
        "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",       /* no prefix */
        "whsk_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",  /* a private key of the other scheme */
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS",  /* not whole */
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLQ==", /* 22 bytes */
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS=", /* 23 bytes */
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS ", /* a blank */
        "whsec_ MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS",
        "whsec_MfKQ9r8GKYqrTwjU=D8ILPZIo2LaLaSw",
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwAB==", /* loose bits */
        "whsec_MfKQ9r8GKYqrTwjUPD8I-PZIo2LaLa_w",     /* the URL alphabet */
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS\n",
    };
    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        if (secret_reads(bad[i]))
            fail_msg("%s was read", bad[i]);
    assert_false(secret_reads(NULL));
    assert_true(secret_reads(secret));
    assert_true(secret_reads("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwAA=="));
    char *most = memory_printf(context, "whsec_%0*d==", 86, 0); /* "0…0==" is 64 bytes 0xd3… */
    most[6 + 85] = 'w';
    assert_true(secret_reads(most));
    assert_false(secret_reads(memory_printf(context, "whsec_%0*d", 88, 0)));
}

static void a_bad_secret_signs_nothing(void **state)
{
    char *made = NULL;
    (void)state;
    assert_int_equal(signature_make(context, "whsec_x", id, TIME, body, strlen(body), &made),
                     -EINVAL);
    assert_null(made);
    assert_false(checks("whsec_x", id, "1614265330", vector, body, TIME));
}

static void new_secrets_are_32_bytes_and_differ(void **state)
{
    uint8_t *key;
    size_t length;
    (void)state;
    char *one = signature_secret_new(context), *two = signature_secret_new(context);
    assert_string_not_equal(one, two);
    assert_int_equal(signature_secret_read(context, one, &key, &length), 0);
    assert_int_equal(length, 32);
}

static void a_body_may_hold_any_bytes(void **state)
{
    static const char bytes[] = "a\0b\r\n\xff";
    char *made, *shorter;
    (void)state;
    assert_int_equal(signature_make(context, secret, id, TIME, bytes, 6, &made), 0);
    assert_int_equal(signature_make(context, secret, id, TIME, bytes, 1, &shorter), 0);
    assert_string_not_equal(made, shorter);
    assert_true(signature_check(secret, id, "1614265330", made, bytes, 6, TIME));
    assert_int_equal(signature_make(context, secret, id, TIME, "", 0, &made), 0);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, make, drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_published_vector_comes_out),
        TEST(one_good_signature_among_others_is_enough),
        TEST(anything_changed_does_not_pass),
        TEST(a_signature_is_good_for_five_minutes_to_either_side),
        TEST(a_time_that_is_no_plain_number_does_not_pass),
        TEST(an_id_that_could_move_the_borders_is_refused),
        TEST(a_secret_is_24_to_64_bytes_of_strict_base64),
        TEST(a_bad_secret_signs_nothing),
        TEST(new_secrets_are_32_bytes_and_differ),
        TEST(a_body_may_hold_any_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
