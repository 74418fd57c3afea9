/* The tables of store/receiver.h. */
#include "fixture.h"
#include "store/receiver.h"

#define NOW ((usec_t)1704094980 * USEC_PER_SEC)
#define ID  "s_0123456789abcdef"

static size_t health(usec_t failing_before, struct store_health **ret)
{
    size_t count;
    assert_int_equal(store_list_health(store, context, failing_before, ret, &count), 0);
    return count;
}

static const char *off_reason(const char *id)
{
    const char *reason;
    assert_int_equal(store_off_reason(store, context, id, &reason), 0);
    return reason;
}

static void the_first_failure_counts_until_a_success(void **state)
{
    struct store_health *rows;
    (void)state;
    assert_int_equal(store_note_failure(store, ID, NOW), 0);
    assert_int_equal(store_note_failure(store, ID, NOW + USEC_PER_DAY), 0);
    assert_int_equal(health(NOW, &rows), 0);
    assert_int_equal(health(NOW + 1, &rows), 1);
    assert_string_equal(rows[0].subscriber_id, ID);
    assert_int_equal(rows[0].failing_since, NOW);
    assert_int_equal(store_note_success(store, ID), 0);
    assert_int_equal(health(INT64_MAX, &rows), 0);
}

static void who_is_off_stays_off_until_switched_on(void **state)
{
    struct store_health *rows;
    bool fresh;
    (void)state;
    assert_null(off_reason(ID));
    assert_int_equal(store_switch_on(store, ID), -ENOENT);
    assert_int_equal(store_note_failure(store, ID, NOW), 0);
    assert_int_equal(store_switch_off(store, ID, "gone", NOW + 5, &fresh), 0);
    assert_true(fresh);
    assert_int_equal(store_switch_off(store, ID, "failing", NOW + 9, &fresh), 0);
    assert_false(fresh);
    assert_int_equal(store_note_success(store, ID), 0);
    same_text(off_reason(ID), "gone");
    assert_int_equal(health(0, &rows), 1);
    assert_int_equal(rows[0].off_since, NOW + 5);
    assert_int_equal(rows[0].failing_since, NOW);
    assert_int_equal(store_switch_on(store, ID), 0);
    assert_null(off_reason(ID));
    assert_int_equal(health(INT64_MAX, &rows), 0);
}

static void what_belongs_to_a_subscriber_leaves_with_it(void **state)
{
    const struct store_subscriber row = {.id = ID,
                                         .channel = "webhook",
                                         .address = "https://hotel.example.org/",
                                         .languages = "en",
                                         .areas = "prefecture:01",
                                         .hazards = "rain",
                                         .min_level = 2};
    char **ids;
    size_t count;
    bool fresh;
    (void)state;
    assert_int_equal(store_put_subscriber(store, &row), 0);
    assert_int_equal(store_switch_off(store, ID, "gone", NOW, &fresh), 0);
    assert_int_equal(store_put_overlap(store, ID, NOW), 0);
    /* Read again from the configuration at each start: that changes nothing. */
    assert_int_equal(store_put_subscriber(store, &row), 0);
    same_text(off_reason(ID), "gone");
    assert_int_equal(store_remove_subscriber(store, ID, NOW), 0);
    assert_null(off_reason(ID));
    assert_int_equal(store_take_ended_overlaps(store, context, NOW, &ids, &count), 0);
    assert_int_equal(count, 0);
}

static void breakers_are_kept_until_they_close(void **state)
{
    const struct store_breaker one = {"hotel.example.org", 5, NOW}, more = {one.receiver, 6, NOW},
                               closed = {one.receiver, 0, 0};
    struct store_breaker *rows;
    size_t count;
    (void)state;
    assert_int_equal(store_put_breaker(store, &one), 0);
    assert_int_equal(store_put_breaker(store, &more), 0);
    assert_int_equal(store_list_breakers(store, context, &rows, &count), 0);
    assert_int_equal(count, 1);
    assert_string_equal(rows[0].receiver, one.receiver);
    assert_int_equal(rows[0].failures, 6);
    assert_int_equal(rows[0].failing_since, NOW);
    assert_int_equal(store_put_breaker(store, &closed), 0);
    assert_int_equal(store_list_breakers(store, context, &rows, &count), 0);
    assert_int_equal(count, 0);
}

static void a_suppressed_address_is_known_in_any_case(void **state)
{
    struct store_suppression *rows;
    size_t count;
    bool suppressed;
    (void)state;
    assert_int_equal(store_suppress(store, "Gone@Example.net", "550 5.1.1", NOW), 0);
    assert_int_equal(store_suppress(store, "gone@example.net", "again", NOW + 1), 0);
    assert_int_equal(store_suppressed(store, "GONE@example.net", &suppressed), 0);
    assert_true(suppressed);
    assert_int_equal(store_suppressed(store, "other@example.net", &suppressed), 0);
    assert_false(suppressed);
    assert_int_equal(store_list_suppressions(store, context, &rows, &count), 0);
    assert_int_equal(count, 1);
    same_text(rows[0].reason, "550 5.1.1");
    assert_int_equal(store_unsuppress(store, "gone@EXAMPLE.net"), 0);
    assert_int_equal(store_unsuppress(store, "gone@example.net"), -ENOENT);
    assert_int_equal(store_suppressed(store, "gone@example.net", &suppressed), 0);
    assert_false(suppressed);
}

static void an_overlap_ends_once(void **state)
{
    char **ids;
    size_t count;
    (void)state;
    assert_int_equal(store_put_overlap(store, ID, NOW), 0);
    assert_int_equal(store_put_overlap(store, "s_other", NOW + 5), 0);
    assert_int_equal(store_take_ended_overlaps(store, context, NOW - 1, &ids, &count), 0);
    assert_int_equal(count, 0);
    assert_int_equal(store_take_ended_overlaps(store, context, NOW, &ids, &count), 0);
    assert_int_equal(count, 1);
    assert_string_equal(ids[0], ID);
    assert_int_equal(store_take_ended_overlaps(store, context, NOW, &ids, &count), 0);
    assert_int_equal(count, 0);
}

static void a_bounce_counts_once(void **state)
{
    bool fresh;
    (void)state;
    assert_int_equal(store_put_bounce(store, "msg_1", "5.1.1", true, NOW, &fresh), 0);
    assert_true(fresh);
    assert_int_equal(store_put_bounce(store, "msg_1", "5.1.1", true, NOW, &fresh), 0);
    assert_false(fresh);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FRESH(the_first_failure_counts_until_a_success),
        FRESH(who_is_off_stays_off_until_switched_on),
        FRESH(what_belongs_to_a_subscriber_leaves_with_it),
        FRESH(breakers_are_kept_until_they_close),
        FRESH(a_suppressed_address_is_known_in_any_case),
        FRESH(an_overlap_ends_once),
        FRESH(a_bounce_counts_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
