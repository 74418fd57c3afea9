/* The tables of deliver/delivery.h: what a result means, and how long to wait. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "deliver/delivery.h"

#define NOW        ((usec_t)1704094980 * USEC_PER_SEC) /* Mon, 01 Jan 2024 07:43:00 GMT */
#define SECONDS(n) ((usec_t)(n)*USEC_PER_SEC)

static enum verdict verdict_of(enum transfer_kind kind, enum transfer_failure failure, int status)
{
    const struct transfer_result result = {.failure = failure, .status = status};
    return retry_verdict(kind, &result);
}

static usec_t wait_after(enum transfer_kind kind, int attempts, int level, double random)
{
    const struct transfer_result result = {.status = kind == TRANSFER_MAIL ? 450 : 503};
    return retry_wait(kind, attempts, level, &result, NOW, 0, random);
}

static usec_t wait_asked(const char *retry_after, int attempts, double random)
{
    const struct transfer_result result = {.status = 429, .retry_after = retry_after};
    return retry_wait(TRANSFER_POST, attempts, 5, &result, NOW, 0, random);
}

static void any_2xx_is_delivered_and_a_redirect_never(void **state)
{
    (void)state;
    for (int status = 200; status < 300; status++)
        assert_int_equal(verdict_of(TRANSFER_POST, TRANSFER_OK, status), VERDICT_DELIVERED);
    for (int status = 300; status < 600; status++)
        assert_int_not_equal(verdict_of(TRANSFER_POST, TRANSFER_OK, status), VERDICT_DELIVERED);
    assert_int_equal(verdict_of(TRANSFER_POST, TRANSFER_OK, 0), VERDICT_LATER);
}

static void only_410_disables_a_webhook_and_all_else_is_tried_again(void **state)
{
    (void)state;
    for (int status = 300; status < 600; status++)
        assert_int_equal(verdict_of(TRANSFER_POST, TRANSFER_OK, status),
                         status == 410 ? VERDICT_DISABLE : VERDICT_LATER);
}

static void a_relay_refuses_one_recipient_with_5xx_and_puts_off_with_4xx(void **state)
{
    (void)state;
    assert_int_equal(verdict_of(TRANSFER_MAIL, TRANSFER_OK, 250), VERDICT_DELIVERED);
    assert_int_equal(verdict_of(TRANSFER_MAIL, TRANSFER_OK, 410), VERDICT_LATER);
    assert_int_equal(verdict_of(TRANSFER_MAIL, TRANSFER_OK, 421), VERDICT_LATER);
    assert_int_equal(verdict_of(TRANSFER_MAIL, TRANSFER_OK, 450), VERDICT_LATER);
    assert_int_equal(verdict_of(TRANSFER_MAIL, TRANSFER_OK, 550), VERDICT_REFUSED);
    assert_int_equal(verdict_of(TRANSFER_MAIL, TRANSFER_OK, 554), VERDICT_REFUSED);
}

static void trouble_of_the_network_is_tried_again_even_beside_a_good_status(void **state)
{
    static const enum transfer_failure later[] = {
        TRANSFER_NAME, TRANSFER_CONNECT,   TRANSFER_TLS,  TRANSFER_TIMEOUT,
        TRANSFER_CUT,  TRANSFER_TOO_LARGE, TRANSFER_OTHER};
    (void)state;
    for (size_t i = 0; i < sizeof(later) / sizeof(later[0]); i++) {
        assert_int_equal(verdict_of(TRANSFER_POST, later[i], 200), VERDICT_LATER);
        assert_int_equal(verdict_of(TRANSFER_MAIL, later[i], 550), VERDICT_LATER);
    }
}

static void what_our_own_rules_refuse_or_time_ended_is_never_tried_again(void **state)
{
    (void)state;
    assert_int_equal(verdict_of(TRANSFER_POST, TRANSFER_ADDRESS_REFUSED, 0), VERDICT_REFUSED);
    assert_int_equal(verdict_of(TRANSFER_POST, TRANSFER_BAD_REQUEST, 0), VERDICT_REFUSED);
    assert_int_equal(verdict_of(TRANSFER_POST, TRANSFER_EXPIRED, 200), VERDICT_EXPIRED);
    assert_int_equal(verdict_of(TRANSFER_MAIL, TRANSFER_EXPIRED, 0), VERDICT_EXPIRED);
}

static void danger_is_tried_six_times_in_eighty_seconds(void **state)
{
    static const int expected[] = {1, 2, 5, 10, 20, 40, 300, 1800, 7200};
    (void)state;
    for (int i = 0; i < 9; i++)
        for (int level = 3; level <= 5; level++)
            assert_int_equal(wait_after(TRANSFER_POST, i + 1, level, 0.5), SECONDS(expected[i]));
}

static void what_is_less_urgent_starts_at_five_seconds(void **state)
{
    static const int expected[] = {5, 300, 1800, 7200};
    (void)state;
    for (int i = 0; i < 4; i++)
        assert_int_equal(wait_after(TRANSFER_POST, i + 1, 2, 0.5), SECONDS(expected[i]));
}

static void the_wait_never_shrinks_and_is_bounded_for_any_number_of_attempts(void **state)
{
    (void)state;
    for (int level = 0; level <= 5; level++) {
        usec_t before = 0;
        for (int attempts = 1; attempts < 40; attempts++) {
            usec_t wait = wait_after(TRANSFER_POST, attempts, level, 0.5);
            assert_true(wait >= before && wait <= 12 * USEC_PER_HOUR);
            before = wait;
        }
        assert_true(wait_after(TRANSFER_POST, 0, level, 0.5) > 0);
        assert_true(wait_after(TRANSFER_POST, INT32_MAX, level, 0.5) == before);
    }
}

static void chance_moves_the_wait_by_three_quarters_at_most(void **state)
{
    (void)state;
    assert_int_equal(wait_after(TRANSFER_POST, 4, 5, 0), SECONDS(10) / 4);
    assert_int_equal(wait_after(TRANSFER_POST, 4, 5, 1), SECONDS(10) * 7 / 4);
}

static void a_thousand_that_failed_together_do_not_come_back_together(void **state)
{
    static const struct {
        int level, attempts;
    } steps[] = {{5, 6}, {5, 7}, {3, 8}, {2, 2}, {1, 3}};
    (void)state;
    srand48(4);
    for (size_t step = 0; step < sizeof(steps) / sizeof(steps[0]); step++) {
        static int seconds[40000];
        int most = 0;
        memset(seconds, 0, sizeof(seconds));
        for (int i = 0; i < 1000; i++) {
            usec_t wait =
                wait_after(TRANSFER_POST, steps[step].attempts, steps[step].level, drand48());
            int *bucket = &seconds[wait / SECONDS(1)];
            most = ++*bucket > most ? *bucket : most;
        }
        assert_in_range(most, 1, 30);
    }
}

static void a_greylisted_mail_comes_again_after_one_to_five_minutes(void **state)
{
    (void)state;
    for (int step = 0; step <= 10; step++) {
        usec_t second = wait_after(TRANSFER_MAIL, 1, 5, step / 10.0);
        assert_in_range(second, SECONDS(60), SECONDS(300));
        for (int attempts = 2; attempts < 20; attempts++)
            for (int level = 1; level <= 5; level++)
                assert_in_range(wait_after(TRANSFER_MAIL, attempts, level, step / 10.0),
                                SECONDS(60), SECONDS(900));
    }
}

static void a_dead_relay_is_tried_at_once_and_never_left_for_long(void **state)
{
    const struct transfer_result dead = {.failure = TRANSFER_CONNECT};
    (void)state;
    assert_int_equal(retry_wait(TRANSFER_MAIL, 1, 5, &dead, NOW, 0, 0.5), SECONDS(1));
    for (int step = 0; step <= 10; step++)
        assert_in_range(retry_wait(TRANSFER_MAIL, 30, 1, &dead, NOW, 0, step / 10.0), SECONDS(60),
                        SECONDS(900));
}

static void retry_after_is_obeyed_and_at_most_a_fifth_is_added(void **state)
{
    (void)state;
    for (int step = 0; step <= 10; step++) {
        assert_in_range(wait_asked("120", 1, step / 10.0), SECONDS(120), SECONDS(144));
        assert_in_range(wait_asked("Mon, 01 Jan 2024 07:45:00 GMT", 1, step / 10.0), SECONDS(120),
                        SECONDS(144));
        /* Shorter or longer than our own wait of 10 s makes no difference. */
        assert_in_range(wait_asked("2", 4, step / 10.0), SECONDS(2), SECONDS(24) / 10);
        /* But nobody makes us come back every second for hours. */
        assert_in_range(wait_asked("1", 11, step / 10.0), USEC_PER_HOUR, 12 * USEC_PER_HOUR);
    }
}

static void retry_after_counts_only_with_429_and_503(void **state)
{
    static const int statuses[] = {301, 400, 404, 500, 502};
    (void)state;
    for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
        const struct transfer_result result = {.status = statuses[i], .retry_after = "1800"};
        assert_int_equal(retry_wait(TRANSFER_POST, 1, 5, &result, NOW, 0, 0.5), SECONDS(1));
    }
}

static void what_is_asked_beyond_the_end_leaves_one_last_try(void **state)
{
    const struct transfer_result result = {.status = 503, .retry_after = "1800"};
    (void)state;
    for (int step = 0; step <= 10; step++) {
        usec_t wait =
            retry_wait(TRANSFER_POST, 1, 5, &result, NOW, NOW + SECONDS(600), step / 10.0);
        assert_int_equal(wait, SECONDS(590));
        /* Too near for another one: the wait ends after the end. */
        wait = retry_wait(TRANSFER_POST, 1, 5, &result, NOW, NOW + SECONDS(9), step / 10.0);
        assert_true(wait >= SECONDS(9));
    }
}

static void trouble_of_a_receiver_is_told_from_trouble_with_one_address(void **state)
{
    static const struct {
        enum transfer_kind kind;
        enum transfer_failure failure;
        int status;
        enum blame blamed;
    } rows[] = {
        {TRANSFER_POST, TRANSFER_OK, 500, BLAME_RECEIVER},
        {TRANSFER_POST, TRANSFER_OK, 301, BLAME_RECEIVER},
        {TRANSFER_POST, TRANSFER_OK, 204, BLAME_NOBODY},
        {TRANSFER_POST, TRANSFER_TIMEOUT, 0, BLAME_RECEIVER},
        {TRANSFER_POST, TRANSFER_EXPIRED, 0, BLAME_NOBODY},
        {TRANSFER_POST, TRANSFER_ADDRESS_REFUSED, 0, BLAME_NOBODY},
        {TRANSFER_MAIL, TRANSFER_OK, 450, BLAME_PUT_OFF},
        {TRANSFER_MAIL, TRANSFER_OK, 451, BLAME_PUT_OFF},
        {TRANSFER_MAIL, TRANSFER_OK, 550, BLAME_NOBODY},
        {TRANSFER_MAIL, TRANSFER_OK, 421, BLAME_RECEIVER},
        {TRANSFER_MAIL, TRANSFER_OK, 452, BLAME_RECEIVER},
        {TRANSFER_MAIL, TRANSFER_CONNECT, 0, BLAME_RECEIVER},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct transfer_result result = {.failure = rows[i].failure,
                                               .status = rows[i].status};
        assert_int_equal(retry_blame(rows[i].kind, &result), rows[i].blamed);
    }
}

static void retry_after_is_capped_at_an_hour(void **state)
{
    static const char *const far[] = {"3600",          "999999999",
                                      "1000000000000", "99999999999999999999999999999",
                                      "4000",          "Fri, 01 Jan 2044 07:45:00 GMT"};
    (void)state;
    for (size_t i = 0; i < sizeof(far) / sizeof(far[0]); i++) {
        assert_int_equal(wait_asked(far[i], 1, 0), USEC_PER_HOUR);
        assert_int_equal(wait_asked(far[i], 1, 1), USEC_PER_HOUR);
    }
}

static void garbage_in_retry_after_means_our_own_wait(void **state)
{
    static const char *const garbage[] = {"",
                                          "-5",
                                          "soon",
                                          "1.5",
                                          "12 s",
                                          "0x10",
                                          "+12",
                                          "１２",
                                          "0",
                                          "\x80",
                                          "Mon, 01 Jan 2024",
                                          "Mon, 01 Jan 2024 07:42:59 GMT",
                                          NULL};
    (void)state;
    for (size_t i = 0; i < sizeof(garbage) / sizeof(garbage[0]); i++)
        assert_int_equal(wait_asked(garbage[i], 2, 0.5), SECONDS(2));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_2xx_is_delivered_and_a_redirect_never),
        cmocka_unit_test(only_410_disables_a_webhook_and_all_else_is_tried_again),
        cmocka_unit_test(a_relay_refuses_one_recipient_with_5xx_and_puts_off_with_4xx),
        cmocka_unit_test(trouble_of_the_network_is_tried_again_even_beside_a_good_status),
        cmocka_unit_test(what_our_own_rules_refuse_or_time_ended_is_never_tried_again),
        cmocka_unit_test(danger_is_tried_six_times_in_eighty_seconds),
        cmocka_unit_test(what_is_less_urgent_starts_at_five_seconds),
        cmocka_unit_test(the_wait_never_shrinks_and_is_bounded_for_any_number_of_attempts),
        cmocka_unit_test(chance_moves_the_wait_by_three_quarters_at_most),
        cmocka_unit_test(a_thousand_that_failed_together_do_not_come_back_together),
        cmocka_unit_test(a_greylisted_mail_comes_again_after_one_to_five_minutes),
        cmocka_unit_test(a_dead_relay_is_tried_at_once_and_never_left_for_long),
        cmocka_unit_test(retry_after_is_obeyed_and_at_most_a_fifth_is_added),
        cmocka_unit_test(retry_after_counts_only_with_429_and_503),
        cmocka_unit_test(what_is_asked_beyond_the_end_leaves_one_last_try),
        cmocka_unit_test(trouble_of_a_receiver_is_told_from_trouble_with_one_address),
        cmocka_unit_test(retry_after_is_capped_at_an_hour),
        cmocka_unit_test(garbage_in_retry_after_means_our_own_wait),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
