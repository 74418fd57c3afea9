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
static struct store_subscriber row;

static void put(bool from_config)
{
    bool fresh;
    row = (struct store_subscriber){.id = ID,
                                    .address = URL,
                                    .from_config = from_config,
                                    .profile = {.channel = "webhook",
                                                .languages = "en",
                                                .areas = "prefecture:01",
                                                .hazards = "rain",
                                                .min_level = 2}};
    assert_int_equal(store_put_subscriber(store, &row, &fresh), 0);
    assert_int_equal(store_get_subscriber(store, context, ID, &row), 0);
}

static int set_up(void **state)
{
    int owner;
    context = talloc_new(NULL);
    *state = NULL;
    int r = store_open(context, ":memory:", problems_new(context), &owner, &store);
    if (r >= 0)
        r = receivers_new(context, store, NOW, &receivers);
    if (r >= 0)
        put(false);
    return r;
}

static int tear_down(void **state)
{
    (void)state;
    store_close(store);
    talloc_free(context);
    return 0;
}

static bool goes(const char *address, usec_t now)
{
    usec_t again;
    return receivers_may_go(receivers, address, now, &again);
}

static bool off(void)
{
    assert_int_equal(store_get_subscriber(store, context, ID, &row), 0);
    return row.disabled_at != 0;
}

static const char *tell(const char *address, enum transfer_failure failure, int status, usec_t now)
{
    enum transfer_kind kind = strchr(address, '@') != NULL ? TRANSFER_MAIL : TRANSFER_POST;
    const struct transfer_result result = {.failure = failure, .status = status};
    const char *why;
    assert_int_equal(receivers_result(receivers, row.number, address, kind, &result,
                                      retry_verdict(kind, &result), now, &why),
                     0);
    return why;
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
    assert_false(goes(URL, NOW));
    assert_false(goes("https://HOTEL.example.org/other", NOW));
    assert_true(goes("https://inn.example.org/", NOW));
    assert_int_equal(receivers_held(receivers), 1);
    assert_int_equal(receivers_new(context, store, NOW + 1, &receivers), 0);
    assert_true(goes(URL, NOW + 1)); /* the probe */
    assert_false(goes(URL, NOW + 1));
    assert_null(tell(URL, TRANSFER_OK, 200, NOW + 2));
    assert_int_equal(receivers_new(context, store, NOW + 3, &receivers), 0);
    assert_int_equal(receivers_held(receivers), 0);
}

static void a_mail_domain_that_puts_readers_off_is_slowed_and_no_other(void **state)
{
    (void)state;
    for (int i = 0; i < BREAKER_FAILURES; i++) {
        assert_true(goes("reader@busy.example", NOW));
        assert_null(tell("reader@busy.example", TRANSFER_OK, 450, NOW));
    }
    assert_true(goes("one@busy.example", NOW));
    assert_false(goes("other@BUSY.example", NOW));
    assert_true(goes("other@busy.example", NOW + BREAKER_PACE));
    assert_true(goes("reader@quick.example", NOW));
    assert_null(tell("one@busy.example", TRANSFER_OK, 250, NOW + BREAKER_PACE));
    assert_true(goes("third@busy.example", NOW + BREAKER_PACE));
}

static void gone_is_gone_until_someone_enables_it(void **state)
{
    (void)state;
    put(true);
    assert_non_null(tell(URL, TRANSFER_OK, 410, NOW));
    assert_true(off());
    put(true); /* as at each start */
    assert_true(off());
    assert_int_equal(store_enable_subscriber(store, ID), 0);
    assert_false(off());
    assert_int_equal(store_enable_subscriber(store, ID), -ENOENT);
    assert_int_equal(store_enable_subscriber(store, "s_unknown"), -ENOENT);
}

static void who_is_added_again_by_hand_is_meant_to_get_messages(void **state)
{
    (void)state;
    assert_non_null(tell(URL, TRANSFER_OK, 410, NOW));
    put(false);
    assert_false(off());
}

static void who_fails_for_days_is_disabled_but_never_in_an_emergency(void **state)
{
    usec_t end = NOW + 5 * USEC_PER_DAY;
    (void)state;
    assert_null(tell(URL, TRANSFER_OK, 500, NOW));
    assert_null(tell(URL, TRANSFER_OK, 500, end));
    assert_int_equal(sweep(false, end), 0);
    assert_int_equal(sweep(true, end + 1), 0);
    assert_false(off());
    assert_int_equal(sweep(false, end + 1), 1);
    assert_true(off());
    assert_int_equal(sweep(false, end + 2), 0); /* told once */
    assert_int_equal(store_enable_subscriber(store, ID), 0);
    assert_int_equal(sweep(false, end + 2), 0); /* the days begin anew */
}

static void who_is_added_again_is_tried_before_he_is_switched_off_again(void **state)
{
    usec_t end = NOW + 5 * USEC_PER_DAY + 1;
    (void)state;
    assert_null(tell(URL, TRANSFER_OK, 500, NOW));
    assert_int_equal(sweep(false, end), 1);
    put(false);
    assert_int_equal(sweep(false, end + 1), 0);
    assert_false(off());
    assert_null(tell(URL, TRANSFER_OK, 500, end + 2));
    put(false); /* an import each night does not hide that he fails */
    assert_int_equal(sweep(false, end + 3 + 5 * USEC_PER_DAY), 1);
}

static void a_start_forgets_no_trouble_and_who_comes_back_brings_none(void **state)
{
    struct store_trouble *rows;
    size_t count;
    (void)state;
    put(true);
    assert_null(tell(URL, TRANSFER_OK, 500, NOW));
    assert_int_equal(sweep(false, NOW + 5 * USEC_PER_DAY + 1), 1);
    put(true);
    assert_int_equal(store_list_trouble(store, context, INT64_MAX, &rows, &count), 0);
    assert_int_equal(count, 1);
    assert_int_equal(rows[0].failing_since, NOW);
    assert_int_equal(store_remove_subscriber(store, ID, NOW), 0);
    assert_null(tell(URL, TRANSFER_OK, 500, NOW)); /* it was on its way */
    put(false);
    assert_int_equal(store_list_trouble(store, context, INT64_MAX, &rows, &count), 0);
    assert_int_equal(count, 0);
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
    assert_false(off());
    assert_non_null(tell(MAIL, TRANSFER_OK, 550, NOW));
    assert_true(off());
    assert_int_equal(store_suppressed(store, "Gone@Example.NET", &suppressed), 0);
    assert_true(suppressed);
}

static void mail_that_came_back_for_good_disables(void **state)
{
    bool suppressed;
    (void)state;
    assert_int_equal(receivers_bounced(receivers, row.number, MAIL, "5.1.1", NOW), 0);
    assert_true(off());
    assert_int_equal(store_suppressed(store, MAIL, &suppressed), 0);
    assert_true(suppressed);
}

/* Whether the next alert would reach him after those of whom nothing is known. */
static bool in_trouble(void)
{
    struct store_listener *listeners;
    size_t count;
    assert_int_equal(
        store_page_listeners(store, context, 0, INT64_MAX, NULL, 0, 9, &listeners, &count), 0);
    assert_int_equal(count, 1);
    return listeners[0].in_trouble;
}

static void answer_after(const char *address, usec_t wait)
{
    const struct transfer_result result = {.status = 200, .sent_at = 5, .ended_at = 5 + wait};
    enum transfer_kind kind = strchr(address, '@') != NULL ? TRANSFER_MAIL : TRANSFER_POST;
    const char *why;
    assert_int_equal(receivers_result(receivers, row.number, address, kind, &result,
                                      VERDICT_DELIVERED, NOW, &why),
                     0);
    assert_null(why);
}

static void who_failed_or_answered_late_is_in_trouble_until_he_answers_quickly(void **state)
{
    (void)state;
    assert_false(in_trouble());
    assert_null(tell(URL, TRANSFER_OK, 500, NOW));
    assert_true(in_trouble());
    answer_after(URL, RECEIVER_LATE - 1);
    assert_false(in_trouble());
    answer_after(URL, RECEIVER_LATE);
    assert_true(in_trouble());
    answer_after(URL, RECEIVER_LATE);
    assert_true(in_trouble());
    answer_after(URL, 1);
    assert_false(in_trouble());
    answer_after(MAIL, RECEIVER_LATE); /* the relay, not the reader */
    assert_false(in_trouble());
}

static void whom_another_channel_reaches_is_not_in_trouble(void **state)
{
    bool fresh;
    (void)state;
    assert_null(tell(URL, TRANSFER_OK, 500, NOW));
    assert_int_equal(store_disable_subscriber(store, row.number, "test", NOW), 0);
    assert_false(in_trouble());
    assert_int_equal(store_enable_subscriber(store, ID), 0);
    assert_null(tell(URL, TRANSFER_OK, 500, NOW));
    assert_true(in_trouble());
    row.fallback = MAIL;
    assert_int_equal(store_put_subscriber(store, &row, &fresh), 0);
    assert_false(in_trouble());
}

static void to_be_late_is_no_failure(void **state)
{
    struct store_trouble *rows;
    size_t count;
    (void)state;
    answer_after(URL, RECEIVER_LATE);
    assert_int_equal(store_list_trouble(store, context, INT64_MAX, &rows, &count), 0);
    assert_int_equal(count, 0);
    assert_int_equal(sweep(false, NOW + USEC_PER_DAY * 365), 0);
    assert_null(tell(URL, TRANSFER_OK, 500, NOW));
    assert_null(tell(URL, TRANSFER_OK, 500, NOW + 1));
    assert_int_equal(store_list_trouble(store, context, INT64_MAX, &rows, &count), 0);
    assert_int_equal(count, 1);
    assert_int_equal(rows[0].failing_since, NOW);
    answer_after(URL, RECEIVER_LATE);
    assert_int_equal(store_disable_subscriber(store, row.number, "test", NOW), 0);
    assert_int_equal(store_list_trouble(store, context, INT64_MAX, &rows, &count), 0);
    assert_int_equal(count, 1);
    assert_int_equal(rows[0].failing_since, 0);
}

static void trouble_leaves_with_the_subscriber(void **state)
{
    struct store_trouble *rows;
    size_t count;
    (void)state;
    assert_null(tell(URL, TRANSFER_OK, 500, NOW));
    assert_int_equal(store_list_trouble(store, context, NOW + 1, &rows, &count), 0);
    assert_int_equal(count, 1);
    assert_string_equal(rows[0].id, ID);
    assert_int_equal(rows[0].failing_since, NOW);
    assert_int_equal(store_remove_subscriber(store, ID, NOW), 0);
    assert_int_equal(store_list_trouble(store, context, NOW + 1, &rows, &count), 0);
    assert_int_equal(count, 0);
}

#define FRESH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FRESH(a_receiver_in_trouble_is_held_also_after_a_restart),
        FRESH(a_mail_domain_that_puts_readers_off_is_slowed_and_no_other),
        FRESH(gone_is_gone_until_someone_enables_it),
        FRESH(who_is_added_again_by_hand_is_meant_to_get_messages),
        FRESH(who_fails_for_days_is_disabled_but_never_in_an_emergency),
        FRESH(who_is_added_again_is_tried_before_he_is_switched_off_again),
        FRESH(a_start_forgets_no_trouble_and_who_comes_back_brings_none),
        FRESH(a_success_in_between_begins_the_days_anew),
        FRESH(what_expired_before_it_was_sent_blames_nobody),
        FRESH(an_address_that_does_not_exist_is_never_written_to_again),
        FRESH(mail_that_came_back_for_good_disables),
        FRESH(who_failed_or_answered_late_is_in_trouble_until_he_answers_quickly),
        FRESH(whom_another_channel_reaches_is_not_in_trouble),
        FRESH(to_be_late_is_no_failure),
        FRESH(trouble_leaves_with_the_subscriber),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
