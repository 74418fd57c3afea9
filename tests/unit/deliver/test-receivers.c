/* deliver/receivers.h over a scratch store: who goes, who is held, who is off, and for how long. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "deliver/breaker.h"
#include "deliver/receivers.h"

#define NOW  ((usec_t)1704094980 * USEC_PER_SEC)
#define ID   "s_0123456789abcdef"
#define URL  "https://hotel.example.org/alerts"
#define MAIL "gone@example.net"

static TALLOC_CTX *context;
static struct store *store;
static struct receivers *receivers;

static int set_up(void **state)
{
    int owner;
    context = talloc_new(NULL);
    *state = NULL;
    int r = store_open(context, ":memory:", problems_new(context), &owner, &store);
    return r < 0 ? r : receivers_new(context, store, NOW, &receivers);
}

static int tear_down(void **state)
{
    (void)state;
    store_close(store);
    talloc_free(context);
    return 0;
}

static enum receiver_answer ask(const char *id, const char *address, usec_t now)
{
    enum receiver_answer answer;
    usec_t again;
    const char *reason;
    assert_int_equal(receivers_ask(receivers, context, id, address, now, &answer, &again, &reason),
                     0);
    return answer;
}

static const char *tell(const char *address, enum transfer_failure failure, int status, usec_t now)
{
    enum transfer_kind kind = strchr(address, '@') != NULL ? TRANSFER_MAIL : TRANSFER_POST;
    const struct transfer_result result = {.failure = failure, .status = status};
    const char *off;
    assert_int_equal(receivers_result(receivers, ID, address, kind, &result,
                                      retry_verdict(kind, &result), now, &off),
                     0);
    return off;
}

static size_t sweep(bool life_safety, usec_t now)
{
    const char *const *ids;
    size_t count;
    assert_int_equal(
        receivers_sweep(receivers, context, 5 * USEC_PER_DAY, life_safety, now, &ids, &count), 0);
    return count;
}

static void a_receiver_in_trouble_is_held_also_after_a_restart(void **state)
{
    (void)state;
    for (int i = 0; i < BREAKER_FAILURES; i++)
        assert_null(tell(URL, TRANSFER_TIMEOUT, 0, NOW));
    assert_int_equal(ask(ID, URL, NOW), RECEIVER_HOLD);
    assert_int_equal(ask("s_neighbour", "https://HOTEL.example.org/other", NOW), RECEIVER_HOLD);
    assert_int_equal(ask("s_other", "https://inn.example.org/", NOW), RECEIVER_GO);
    assert_int_equal(receivers_held(receivers), 1);
    assert_int_equal(receivers_new(context, store, NOW + 1, &receivers), 0);
    assert_int_equal(ask(ID, URL, NOW + 1), RECEIVER_GO); /* the probe */
    assert_int_equal(ask(ID, URL, NOW + 1), RECEIVER_HOLD);
    assert_null(tell(URL, TRANSFER_OK, 200, NOW + 2));
    assert_int_equal(receivers_new(context, store, NOW + 3, &receivers), 0);
    assert_int_equal(receivers_held(receivers), 0);
}

static void gone_is_gone_until_someone_switches_it_on(void **state)
{
    (void)state;
    assert_non_null(tell(URL, TRANSFER_OK, 410, NOW));
    assert_int_equal(ask(ID, URL, NOW), RECEIVER_OFF);
    assert_int_equal(receivers_new(context, store, NOW, &receivers), 0);
    assert_int_equal(ask(ID, URL, NOW + 400 * USEC_PER_DAY), RECEIVER_OFF);
    assert_null(tell(URL, TRANSFER_OK, 410, NOW)); /* told once */
    assert_int_equal(store_switch_on(store, ID), 0);
    assert_int_equal(ask(ID, URL, NOW), RECEIVER_GO);
}

static void who_fails_for_days_is_switched_off_but_never_in_an_emergency(void **state)
{
    usec_t end = NOW + 5 * USEC_PER_DAY;
    (void)state;
    assert_null(tell(URL, TRANSFER_OK, 500, NOW));
    assert_null(tell(URL, TRANSFER_OK, 500, end));
    assert_int_equal(sweep(false, end), 0);
    assert_int_equal(sweep(true, end + 1), 0);
    assert_int_equal(ask(ID, URL, end + 1), RECEIVER_GO);
    assert_int_equal(sweep(false, end + 1), 1);
    assert_int_equal(ask(ID, URL, end + 1), RECEIVER_OFF);
    assert_int_equal(sweep(false, end + 2), 0); /* told once */
}

static void a_success_in_between_begins_the_days_anew(void **state)
{
    (void)state;
    assert_null(tell(URL, TRANSFER_OK, 500, NOW));
    assert_null(tell(URL, TRANSFER_OK, 200, NOW + USEC_PER_DAY));
    assert_null(tell(URL, TRANSFER_OK, 500, NOW + 2 * USEC_PER_DAY));
    assert_int_equal(sweep(false, NOW + 6 * USEC_PER_DAY), 0);
    assert_int_equal(sweep(false, NOW + 7 * USEC_PER_DAY + 1), 1);
}

static void what_expired_before_it_was_sent_blames_nobody(void **state)
{
    (void)state;
    assert_null(tell(URL, TRANSFER_EXPIRED, 0, NOW));
    assert_int_equal(sweep(false, NOW + 400 * USEC_PER_DAY), 0);
}

static void an_address_that_does_not_exist_is_never_written_to_again(void **state)
{
    bool suppressed;
    (void)state;
    assert_null(tell(MAIL, TRANSFER_OK, 450, NOW));
    assert_null(tell(MAIL, TRANSFER_OK, 554, NOW));
    assert_int_equal(ask(ID, MAIL, NOW), RECEIVER_GO);
    assert_non_null(tell(MAIL, TRANSFER_OK, 550, NOW));
    assert_int_equal(ask(ID, MAIL, NOW), RECEIVER_OFF);
    assert_int_equal(store_suppressed(store, "Gone@Example.NET", &suppressed), 0);
    assert_true(suppressed);
}

static void a_bounce_switches_off_once(void **state)
{
    bool off;
    (void)state;
    assert_int_equal(receivers_bounced(receivers, ID, MAIL, "5.1.1", NOW, &off), 0);
    assert_true(off);
    assert_int_equal(receivers_bounced(receivers, ID, MAIL, "5.1.1", NOW, &off), 0);
    assert_false(off);
    assert_int_equal(ask(ID, MAIL, NOW), RECEIVER_OFF);
}

#define FRESH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FRESH(a_receiver_in_trouble_is_held_also_after_a_restart),
        FRESH(gone_is_gone_until_someone_switches_it_on),
        FRESH(who_fails_for_days_is_switched_off_but_never_in_an_emergency),
        FRESH(a_success_in_between_begins_the_days_anew),
        FRESH(what_expired_before_it_was_sent_blames_nobody),
        FRESH(an_address_that_does_not_exist_is_never_written_to_again),
        FRESH(a_bounce_switches_off_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
