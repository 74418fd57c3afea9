/* The notifications of deliver/bounce.h: real shapes, forgeries, and bytes of nonsense. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "deliver/bounce.h"

#define BASE "bounces@alerts.example.org"
#define KEY  "0123456789abcdef0123456789abcdef"
#define ID   "msg_0123456789abcdef0123456789abcdef"

static int make(void **state)
{
    *state = talloc_new(NULL);
    return 0;
}

static int end(void **state)
{
    talloc_free(*state);
    return 0;
}

/* As Postfix writes it. */
static char *notification(TALLOC_CTX *context, const char *to, const char *action,
                          const char *status)
{
    return talloc_asprintf(
        context,
        "Return-Path: <>\r\nX-Original-To: %s\r\nDelivered-To: %s\r\n"
        "From: MAILER-DAEMON@relay.example.org (Mail Delivery System)\r\n"
        "Subject: Undelivered Mail Returned to Sender\r\nAuto-Submitted: auto-replied\r\n"
        "MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status;\r\n"
        "\tboundary=\"4F1.17/relay.example.org\"\r\nMessage-Id: <1@relay.example.org>\r\n\r\n"
        "This is a MIME-encapsulated message.\r\n\r\n--4F1.17/relay.example.org\r\n"
        "Content-Description: Notification\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\n"
        "Action: delayed\r\nStatus: 4.0.0\r\n\r\n--4F1.17/relay.example.org\r\n"
        "Content-Description: Delivery report\r\nContent-Type: message/delivery-status\r\n\r\n"
        "Reporting-MTA: dns; relay.example.org\r\nX-Postfix-Queue-ID: 4F1\r\n\r\n"
        "Final-Recipient: rfc822; gone@example.net\r\nOriginal-Recipient: rfc822;x@example.net\r\n"
        "Action: %s\r\nStatus: %s\r\nRemote-MTA: dns; mx.example.net\r\n"
        "Diagnostic-Code: smtp; 550 5.7.1 <gone@example.net>:\r\n    Action: delayed\r\n\r\n"
        "--4F1.17/relay.example.org\r\nContent-Type: message/rfc822\r\n\r\nSubject: x\r\n\r\nx\r\n"
        "--4F1.17/relay.example.org--\r\n",
        to, to, action, status);
}

static struct bounce read_text(TALLOC_CTX *context, const char *text)
{
    return bounce_read(context, BASE, KEY, text, strlen(text));
}

static void the_sender_carries_the_delivery_and_a_seal(void **state)
{
    const char *sender = bounce_sender(*state, BASE, ID, KEY);
    assert_memory_equal(sender, "bounces+" ID "-", strlen("bounces+" ID "-"));
    assert_string_equal(strrchr(sender, '@'), "@alerts.example.org");
    assert_in_range(strrchr(sender, '@') - sender, 1, 64); /* RFC 5321 4.5.3.1.1 */
    assert_string_not_equal(sender, bounce_sender(*state, BASE, ID, "another key"));
    assert_null(bounce_sender(*state, "", ID, KEY));
    assert_null(bounce_sender(*state, "nonsense", ID, KEY));
    assert_null(bounce_sender(*state, BASE, "", KEY));
    assert_null(bounce_sender(*state, BASE, "a@b", KEY));
    assert_null(bounce_sender(*state, BASE, "a\r\nRCPT TO:<x>", KEY));
}

static void a_notification_names_its_delivery_and_says_why(void **state)
{
    static const struct {
        const char *action, *status;
        enum bounce_kind kind;
    } rows[] = {
        {"failed", "5.1.1", BOUNCE_HARD},     {"failed", "5.1.2", BOUNCE_HARD},
        {"Failed", "5.2.1", BOUNCE_HARD},     {"failed", "5.4.4", BOUNCE_HARD},
        {"failed", "5.2.2", BOUNCE_FAILED},   {"failed", "5.7.1", BOUNCE_FAILED},
        {"failed", "5.0.0", BOUNCE_FAILED},   {"failed", "4.4.7", BOUNCE_FAILED},
        {"failed", "", BOUNCE_FAILED},        {"failed", "x", BOUNCE_FAILED},
        {"delayed", "4.4.1", BOUNCE_DELAYED}, {"relayed", "2.1.9", BOUNCE_NONE},
        {"delivered", "2.0.0", BOUNCE_NONE},
    };
    const char *sender = bounce_sender(*state, BASE, ID, KEY);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct bounce bounce =
            read_text(*state, notification(*state, sender, rows[i].action, rows[i].status));
        assert_int_equal(bounce.kind, rows[i].kind);
        if (bounce.kind != BOUNCE_NONE)
            assert_string_equal(bounce.delivery_id, ID);
    }
}

static void lines_without_carriage_returns_and_another_case_are_read_too(void **state)
{
    char *text = notification(*state, bounce_sender(*state, "Bounces@alerts.example.org", ID, KEY),
                              "failed", "5.1.1");
    char *write = text;
    for (const char *c = text; *c != '\0'; c++) {
        if (*c != '\r')
            *write++ = *c;
    }
    *write = '\0';
    assert_int_equal(read_text(*state, text).kind, BOUNCE_HARD);
}

static void a_forged_or_foreign_notification_is_nothing(void **state)
{
    static const char *const senders[] = {
        "bounces@alerts.example.org",
        "bounces+" ID "@alerts.example.org",
        "bounces+" ID "-0000000000000000@alerts.example.org",
        "bounces+" ID "-@alerts.example.org",
        "bounces+-0000000000000000@alerts.example.org",
        "bounces+",
        "",
    };
    for (size_t i = 0; i < sizeof(senders) / sizeof(senders[0]); i++) {
        const char *text = notification(*state, senders[i], "failed", "5.1.1");
        assert_int_equal(read_text(*state, text).kind, BOUNCE_NONE);
    }
    const char *foreign = bounce_sender(*state, BASE, ID, "another key");
    assert_int_equal(read_text(*state, notification(*state, foreign, "failed", "5.1.1")).kind,
                     BOUNCE_NONE);
    const char *moved = bounce_sender(*state, "people@alerts.example.org", ID, KEY);
    assert_int_equal(read_text(*state, notification(*state, moved, "failed", "5.1.1")).kind,
                     BOUNCE_NONE);
    assert_int_equal(bounce_read(*state, "", KEY, "x", 1).kind, BOUNCE_NONE);
}

static void an_answer_of_a_person_is_nothing(void **state)
{
    const char *text = talloc_asprintf(
        *state,
        "To: %s\nSubject: Out of office\nContent-Type: text/plain\n\nAction: failed\nStatus: "
        "5.1.1\n",
        bounce_sender(*state, BASE, ID, KEY));
    assert_int_equal(read_text(*state, text).kind, BOUNCE_NONE);
}

static void every_cut_of_a_notification_is_harmless(void **state)
{
    const char *text =
        notification(*state, bounce_sender(*state, BASE, ID, KEY), "failed", "5.1.1");
    for (size_t length = 0; length <= strlen(text); length++) {
        char *cut = talloc_memdup(*state, text, length > 0 ? length : 1);
        struct bounce bounce = bounce_read(*state, BASE, KEY, cut, length);
        assert_true(bounce.kind == BOUNCE_NONE || strcmp(bounce.delivery_id, ID) == 0);
        talloc_free(cut);
    }
}

static void nonsense_is_harmless(void **state)
{
    const char *text =
        notification(*state, bounce_sender(*state, BASE, ID, KEY), "failed", "5.1.1");
    size_t length = strlen(text);
    srand48(7);
    for (int round = 0; round < 20000; round++) {
        TALLOC_CTX *scratch = talloc_new(*state);
        char *bytes = talloc_memdup(scratch, text, length);
        for (int change = 0; change < 1 + round % 8; change++) {
            size_t at = (size_t)(drand48() * (double)length);
            size_t other = (size_t)(drand48() * (double)length);
            if (round % 3 == 0)
                bytes[at] = (char)(drand48() * 256);
            else
                memmove(bytes + at, text + other, length - (at > other ? at : other));
        }
        struct bounce bounce = bounce_read(scratch, BASE, KEY, bytes, length);
        assert_true(bounce.kind == BOUNCE_NONE || strcmp(bounce.delivery_id, ID) == 0);
        talloc_free(scratch);
    }
}

static void a_huge_notification_is_read_to_its_limit_only(void **state)
{
    size_t length = 8 * BOUNCE_BYTES_MAX;
    char *bytes = talloc_size(*state, length);
    static const char *const fills[] = {"\n", "a", "+", " \n", "--b\n", "To: bounces+a-\n"};
    for (size_t i = 0; i < sizeof(fills) / sizeof(fills[0]); i++) {
        for (size_t at = 0; at < length; at++)
            bytes[at] = fills[i][at % strlen(fills[i])];
        memcpy(bytes, "Content-Type: multipart/report; boundary=b\n", 43);
        assert_int_equal(bounce_read(*state, BASE, KEY, bytes, length).kind, BOUNCE_NONE);
    }
}

static void only_an_answer_about_the_address_is_for_good(void **state)
{
    (void)state;
    assert_true(bounce_is_hard(550, "5.1.1"));
    assert_true(bounce_is_hard(550, NULL));
    assert_true(bounce_is_hard(553, NULL));
    assert_false(bounce_is_hard(554, NULL));
    assert_false(bounce_is_hard(552, "5.2.2"));
    assert_false(bounce_is_hard(550, "5.7.1"));
    assert_false(bounce_is_hard(450, "4.1.1"));
    assert_false(bounce_is_hard(0, NULL));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_sender_carries_the_delivery_and_a_seal),
        TEST(a_notification_names_its_delivery_and_says_why),
        TEST(lines_without_carriage_returns_and_another_case_are_read_too),
        TEST(a_forged_or_foreign_notification_is_nothing),
        TEST(an_answer_of_a_person_is_nothing),
        TEST(every_cut_of_a_notification_is_harmless),
        TEST(nonsense_is_harmless),
        TEST(a_huge_notification_is_read_to_its_limit_only),
        TEST(only_an_answer_about_the_address_is_for_good),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
