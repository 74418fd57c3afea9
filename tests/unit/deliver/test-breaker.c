/* The breaker of deliver/breaker.h: who may go, who is held, and how a receiver comes back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "deliver/breaker.h"

#define NOW        ((usec_t)1704094980 * USEC_PER_SEC)
#define SECONDS(n) ((usec_t)(n)*USEC_PER_SEC)
#define HOST       "hotel.example.org"

static int make(void **state)
{
    *state = breakers_new(NULL);
    return 0;
}

static int end(void **state)
{
    talloc_free(*state);
    return 0;
}

static bool goes(struct breakers *breakers, usec_t now)
{
    usec_t again;
    return breakers_may_go(breakers, HOST, now, &again);
}

static bool result(struct breakers *breakers, bool fine, usec_t now)
{
    struct breaker_state kept;
    return breakers_result(breakers, HOST, fine, now, &kept);
}

static void open_it(struct breakers *breakers)
{
    for (int i = 0; i < BREAKER_FAILURES; i++)
        (void)result(breakers, false, NOW);
}

static void a_receiver_without_trouble_is_never_held(void **state)
{
    for (int i = 0; i < 1000; i++) {
        assert_true(goes(*state, NOW));
        assert_false(result(*state, true, NOW));
    }
    assert_int_equal(breakers_open(*state), 0);
}

static void it_opens_only_after_failures_in_a_row(void **state)
{
    for (int i = 0; i < 3 * BREAKER_FAILURES; i++) {
        assert_true(goes(*state, NOW));
        assert_false(result(*state, i % BREAKER_FAILURES == BREAKER_FAILURES - 1, NOW));
    }
    for (int i = 1; i <= BREAKER_FAILURES; i++)
        assert_int_equal(result(*state, false, NOW), i == BREAKER_FAILURES);
    assert_int_equal(breakers_open(*state), 1);
    assert_false(goes(*state, NOW));
}

static void one_probe_goes_at_a_time_and_the_others_ask_again_later(void **state)
{
    usec_t again, before = 0;
    open_it(*state);
    for (int i = 0; i < 100; i++) {
        assert_false(breakers_may_go(*state, HOST, NOW, &again));
        assert_true(again >= NOW + BREAKER_WAIT_LEAST && again > before);
        before = again;
    }
    usec_t later = NOW + BREAKER_WAIT_LEAST;
    assert_true(goes(*state, later));
    for (int i = 0; i < 100; i++)
        assert_false(goes(*state, later));
    /* Another receiver is not concerned. */
    assert_true(breakers_may_go(*state, "inn.example.org", later, &again));
}

static void probes_come_rarer_but_once_a_minute_at_least(void **state)
{
    usec_t now = NOW;
    static const int waits[] = {5, 10, 20, 40, 60, 60, 60};
    open_it(*state);
    for (size_t i = 0; i < sizeof(waits) / sizeof(waits[0]); i++) {
        assert_false(goes(*state, now + SECONDS(waits[i]) - 1));
        now += SECONDS(waits[i]);
        assert_true(goes(*state, now));
        assert_true(result(*state, false, now));
    }
}

static void failures_that_were_on_their_way_make_it_no_worse(void **state)
{
    open_it(*state);
    for (int i = 0; i < 200; i++)
        assert_false(result(*state, false, NOW));
    usec_t now = NOW + BREAKER_WAIT_LEAST;
    assert_true(goes(*state, now));
    assert_true(result(*state, false, now));
    assert_true(goes(*state, now + 2 * BREAKER_WAIT_LEAST));
}

static void a_probe_that_never_ends_does_not_hold_the_receiver_for_ever(void **state)
{
    open_it(*state);
    usec_t now = NOW + BREAKER_WAIT_LEAST;
    assert_true(goes(*state, now));
    assert_false(goes(*state, now + BREAKER_PROBE_LIMIT - 1));
    assert_true(goes(*state, now + BREAKER_PROBE_LIMIT));
}

static void after_a_success_ten_a_second_go_for_a_minute(void **state)
{
    open_it(*state);
    usec_t now = NOW + BREAKER_WAIT_LEAST, again[1000] = {0};
    int waiting = 1000;
    assert_true(goes(*state, now));
    assert_true(result(*state, true, now));
    assert_int_equal(breakers_open(*state), 0);
    /* A thousand wait; each asks again when it was told to. */
    for (usec_t end = now + BREAKER_RECOVERY; now < end && waiting > 0;) {
        int in_this_second = 0;
        for (usec_t second = now + SECONDS(1); now < second; now += USEC_PER_SEC / 100) {
            for (int i = 0; i < 1000; i++) {
                if (again[i] < 0 || again[i] > now)
                    continue;
                if (breakers_may_go(*state, HOST, now, &again[i])) {
                    again[i] = -1;
                    waiting--;
                    in_this_second++;
                    assert_false(result(*state, true, now));
                }
            }
        }
        assert_in_range(in_this_second, 5, 10);
    }
    assert_true(goes(*state, NOW + BREAKER_WAIT_LEAST + BREAKER_RECOVERY + SECONDS(1)));
}

static void a_failure_while_it_recovers_opens_it_again(void **state)
{
    open_it(*state);
    usec_t now = NOW + BREAKER_WAIT_LEAST;
    assert_true(goes(*state, now));
    assert_true(result(*state, true, now));
    assert_true(result(*state, false, now + SECONDS(1)));
    assert_false(goes(*state, now + SECONDS(2)));
}

#define WAITING 3000
/* How many of those who wait go in a minute from `now` on: each asks when it was told to, and who
 * was put off asks again two minutes later. */
static int go_in_a_minute(struct breakers *breakers, usec_t now, usec_t again[WAITING])
{
    int gone = 0;
    for (usec_t end = now + USEC_PER_MINUTE; now < end; now += USEC_PER_SEC / 20) {
        for (int i = 0; i < WAITING; i++) {
            if (again[i] > now || !breakers_may_go(breakers, HOST, now, &again[i]))
                continue;
            gone++;
            again[i] = now + 2 * USEC_PER_MINUTE;
            breakers_put_off(breakers, HOST, now);
        }
    }
    return gone;
}

static void a_domain_that_puts_readers_off_is_asked_ever_more_slowly(void **state)
{
    usec_t again[WAITING] = {0};
    for (int i = 0; i < BREAKER_FAILURES; i++) {
        assert_true(goes(*state, NOW));
        breakers_put_off(*state, HOST, NOW);
    }
    /* Nobody waits for a probe: each reader must be asked himself. */
    assert_int_equal(breakers_open(*state), 0);
    int before = go_in_a_minute(*state, NOW, again);
    assert_in_range(before, 300, 610);
    for (int minute = 1; minute <= 10; minute++) {
        int gone = go_in_a_minute(*state, NOW + minute * USEC_PER_MINUTE, again);
        assert_in_range(gone, 30, before + 10);
        before = gone;
    }
    assert_in_range(before, 30, 61);
    assert_true(breakers_may_go(*state, "inn.example.org", NOW, &again[0]));
}

static void one_that_is_taken_ends_the_pace_of_a_domain(void **state)
{
    for (int i = 0; i < 2 * BREAKER_FAILURES; i++)
        breakers_put_off(*state, HOST, NOW);
    assert_true(goes(*state, NOW));
    assert_false(goes(*state, NOW));
    assert_false(result(*state, true, NOW));
    for (int i = 0; i < 100; i++)
        assert_true(goes(*state, NOW));
}

static void a_pace_ends_when_nothing_was_put_off_for_long(void **state)
{
    for (int i = 0; i < BREAKER_FAILURES; i++)
        breakers_put_off(*state, HOST, NOW);
    assert_true(goes(*state, NOW));
    assert_false(goes(*state, NOW));
    for (int i = 0; i < 100; i++)
        assert_true(goes(*state, NOW + BREAKER_PUT_OFF_END));
}

static void what_is_kept_survives_a_restart_and_begins_with_one_probe(void **state)
{
    struct breaker_state kept;
    for (int i = 1; i < BREAKER_FAILURES; i++)
        assert_false(breakers_result(*state, HOST, false, NOW + SECONDS(i), &kept));
    assert_true(breakers_result(*state, HOST, false, NOW + SECONDS(60), &kept));
    assert_string_equal(kept.receiver, HOST);
    assert_int_equal(kept.failures, BREAKER_FAILURES);
    assert_int_equal(kept.failing_since, NOW + SECONDS(1));
    struct breakers *next = breakers_new(*state);
    breakers_restore(next, &kept, NOW + SECONDS(100));
    assert_true(goes(next, NOW + SECONDS(100)));
    assert_false(goes(next, NOW + SECONDS(100)));
    assert_true(breakers_result(next, HOST, true, NOW + SECONDS(101), &kept));
    assert_int_equal(kept.failures, 0);
}

static void the_receiver_of_an_address_is_its_host_or_domain(void **state)
{
    static const char *const rows[][2] = {
        {"https://Hotel.Example.org/alerts?x=1", "hotel.example.org"},
        {"http://127.0.0.1:8080", "127.0.0.1:8080"},
        {"https://[::1]:8443/x@y", "[::1]:8443"},
        {"someone@Example.ORG", "example.org"},
        {"\"odd@local\"@example.org", "example.org"},
        {"nonsense", NULL},
        {"https:///x", NULL},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const char *receiver = breaker_receiver(*state, rows[i][0]);
        if (rows[i][1] == NULL)
            assert_null(receiver);
        else
            assert_string_equal(receiver, rows[i][1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_receiver_without_trouble_is_never_held, make, end),
        cmocka_unit_test_setup_teardown(it_opens_only_after_failures_in_a_row, make, end),
        cmocka_unit_test_setup_teardown(one_probe_goes_at_a_time_and_the_others_ask_again_later,
                                        make, end),
        cmocka_unit_test_setup_teardown(probes_come_rarer_but_once_a_minute_at_least, make, end),
        cmocka_unit_test_setup_teardown(failures_that_were_on_their_way_make_it_no_worse, make,
                                        end),
        cmocka_unit_test_setup_teardown(a_probe_that_never_ends_does_not_hold_the_receiver_for_ever,
                                        make, end),
        cmocka_unit_test_setup_teardown(after_a_success_ten_a_second_go_for_a_minute, make, end),
        cmocka_unit_test_setup_teardown(a_failure_while_it_recovers_opens_it_again, make, end),
        cmocka_unit_test_setup_teardown(a_domain_that_puts_readers_off_is_asked_ever_more_slowly,
                                        make, end),
        cmocka_unit_test_setup_teardown(one_that_is_taken_ends_the_pace_of_a_domain, make, end),
        cmocka_unit_test_setup_teardown(a_pace_ends_when_nothing_was_put_off_for_long, make, end),
        cmocka_unit_test_setup_teardown(what_is_kept_survives_a_restart_and_begins_with_one_probe,
                                        make, end),
        cmocka_unit_test_setup_teardown(the_receiver_of_an_address_is_its_host_or_domain, make,
                                        end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
