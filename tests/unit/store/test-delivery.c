/* Messages and deliveries: claims, supersession, forward-only moves, what a subscriber was told. */
#include "fixture.h"
#include "base/text.h"
#include "numbers.h"

static void assert_told(const char *subscriber, const char *message)
{
    struct store_listener listener = {.subscriber = put_person(subscriber)};
    json_t *told = NULL;
    assert_int_equal(store_find_told(store, "event", INT64_MAX, &listener, 1), 0);
    if (listener.told != 0)
        assert_int_equal(store_get_told(store, listener.told, &told), 0);
    if (message == NULL)
        assert_int_equal(listener.told, 0);
    else
        same_text(json_string_value(json_object_get(told, "by")), message);
    json_decref(told);
}

static void a_message_comes_back_as_it_was_put(void **state)
{
    struct store_message got;
    (void)state;
    assert_int_equal(store_get_message(store, context, 1, &got), -ENOENT);
    int64_t alert = tell_alert((struct story){.alert = "alert"});
    int64_t number = put_message_of(alert, "m");
    assert_int_equal(put_message_of(alert, "m"), number);
    assert_int_equal(store_get_message(store, context, number, &got), 0);
    same_text(got.id, "m");
    same_text(got.alert_id, "alert");
    same_text(got.event_id, "event");
    same_text(got.form, "email");
    same_text(got.languages, "en,vi");
    same_text(got.subject, "Subject");
    same_text(got.body, "Body");
    assert_null(got.html);
}

static void the_table_lets_a_delivery_move_only_forward(void **state)
{
    static const char *const may[DELIVERY_COUNT] = {
        [DELIVERY_PENDING] = ".S..XURG",  [DELIVERY_SENDING] = "P.FDXURG",
        [DELIVERY_DEFERRED] = ".S..XURG", [DELIVERY_DELIVERED] = "........",
        [DELIVERY_EXPIRED] = "........",  [DELIVERY_SUPERSEDED] = "........",
        [DELIVERY_REFUSED] = "........",  [DELIVERY_GIVEN_UP] = "........"};
    (void)state;
    for (int from = 0; from < DELIVERY_COUNT; from++)
        for (int to = 0; to < DELIVERY_COUNT; to++)
            assert_int_equal(
                delivery_may_become((enum delivery_state)from, (enum delivery_state)to),
                may[from][to] != '.');
    assert_false(delivery_ended(DELIVERY_DEFERRED));
    assert_true(delivery_ended(DELIVERY_DELIVERED));
    assert_true(delivery_ended(DELIVERY_GIVEN_UP));
}

static void the_id_is_what_receivers_have_always_seen(void **state)
{
    (void)state;
    /* The hash of "alert|s|email": it must never change, receivers know repeats by it. */
    const char *text = "alert|s|email";
    const char *expected =
        memory_printf(context, "msg_%s", text_hash(context, text, strlen(text), 32));
    same_text(delivery_id(context, "alert", "s", "email"), expected);
    assert_int_equal(strlen(expected), strlen("msg_") + 32);
}

static void a_delivery_is_added_once_and_claimed_once(void **state)
{
    struct store_claim *claims;
    (void)state;
    int64_t alert = tell_alert((struct story){.alert = "alert", .created_at = 10});
    struct store_delivery row = row_of(alert, "s", 10);
    assert_true(add_row(row));
    assert_false(add_row(row));
    assert_int_equal(claim_rows(CLASS_ORDINARY, 9, 5, &claims), 0);
    assert_int_equal(claim_rows(CLASS_URGENT, 10, 5, &claims), 0);
    assert_int_equal(claim_rows(CLASS_ORDINARY, 10, 5, &claims), 1);
    const struct store_delivery *got = &claims[0].delivery;
    same_text(got->id, delivery_id(context, "alert", "s", "email"));
    same_text(got->alert_id, "alert");
    same_text(got->event_id, "event");
    same_text(got->subscriber_id, "s");
    assert_int_equal(got->message, row.message);
    assert_int_equal(got->state, DELIVERY_SENDING);
    assert_int_equal(got->attempts, 1);
    assert_int_equal(got->level, 3);
    assert_int_equal(got->created_at, 10);
    assert_int_equal(got->expires_at, 1000);
    assert_int_equal(got->issued_at, 10);
    same_text(claims[0].receiver.address, "s@example");
    same_text(claims[0].receiver.languages, "vi");
    assert_null(claims[0].receiver.refused);
    assert_int_equal(claim_rows(CLASS_ORDINARY, 10, 5, &claims), 0);
    assert_sound();
}

static void high_levels_are_claimed_first_and_drills_last(void **state)
{
    static const char *const order[] = {"old", "young", "drill"};
    struct store_claim *claims;
    struct store_delivery row;
    (void)state;
    int64_t alert = tell_alert((struct story){.alert = "alert"});
    row = row_of(alert, "drill", 1);
    row.drill = true;
    row.level = 5;
    add_row(row);
    add_row(row_of(alert, "young", 3));
    add_row(row_of(alert, "old", 2));
    row = row_of(alert, "high", 4);
    row.level = 4;
    add_row(row);
    assert_int_equal(claim_rows(CLASS_URGENT, 10, 3, &claims), 1);
    same_text(claims[0].delivery.subscriber_id, "high");
    assert_int_equal(claim_rows(CLASS_ORDINARY, 10, 3, &claims), 3);
    for (size_t i = 0; i < 3; i++)
        same_text(claims[i].delivery.subscriber_id, order[i]);
    assert_true(claims[2].delivery.drill);
    assert_int_equal(claims[2].delivery.level, 5);
}

static void the_new_goes_before_the_retried_of_its_level(void **state)
{
    struct store_claim *claims;
    (void)state;
    int64_t alert = tell_alert((struct story){.alert = "alert"});
    struct store_delivery row = row_of(alert, "retried", 1);
    add_row(row);
    assert_int_equal(claim_rows(CLASS_ORDINARY, 10, 1, &claims), 1);
    assert_int_equal(record_row(alert, row.subscriber, DELIVERY_DEFERRED), 0);
    add_row(row_of(alert, "new", 60));
    assert_int_equal(claim_rows(CLASS_ORDINARY, 60, 2, &claims), 2);
    same_text(claims[0].delivery.subscriber_id, "new");
    same_text(claims[1].delivery.subscriber_id, "retried");
}

static void what_is_too_late_expires_instead_of_being_claimed(void **state)
{
    struct store_claim *claims;
    (void)state;
    int64_t late = tell_alert((struct story){.alert = "late", .event = "a", .expires = 20});
    int64_t good = tell_alert((struct story){.alert = "good", .event = "b"});
    struct store_delivery row = row_of(late, "s", 10);
    add_row(row);
    add_row(row_of(good, "t", 10));
    assert_int_equal(claim_rows(CLASS_ORDINARY, 20, 5, &claims), 1);
    same_text(claims[0].delivery.alert_id, "good");
    assert_int_equal(record_row(late, row.subscriber, DELIVERY_SENDING), -EINVAL);
    assert_int_equal(number_in(store, "select state from delivery where alert = 1"),
                     DELIVERY_EXPIRED);
    assert_sound();
}

static void a_result_is_taken_only_forward(void **state)
{
    struct store_claim *claims;
    (void)state;
    assert_int_equal(record_row(1, 1, DELIVERY_DELIVERED), -ENOENT);
    int64_t alert = tell_alert((struct story){.alert = "alert"});
    struct store_delivery row = row_of(alert, "s", 10);
    add_row(row);
    assert_int_equal(record_row(alert, row.subscriber, DELIVERY_DELIVERED), -EINVAL);
    assert_int_equal(claim_rows(CLASS_ORDINARY, 10, 1, &claims), 1);
    assert_int_equal(record_row(alert, row.subscriber, DELIVERY_DEFERRED), 0);
    assert_int_equal(claim_rows(CLASS_ORDINARY, 49, 1, &claims), 0);
    assert_int_equal(claim_rows(CLASS_ORDINARY, 50, 1, &claims), 1);
    assert_int_equal(claims[0].delivery.attempts, 2);
    assert_int_equal(record_row(alert, row.subscriber, DELIVERY_DELIVERED), 0);
    assert_int_equal(record_row(alert, row.subscriber, DELIVERY_DELIVERED), -EINVAL);
    assert_int_equal(record_row(alert, row.subscriber, DELIVERY_PENDING), -EINVAL);
    assert_int_equal(claim_rows(CLASS_ORDINARY, 900, 1, &claims), 0);
    assert_sound();
}

static void after_a_start_what_was_being_sent_is_sent_again(void **state)
{
    struct store_claim *claims;
    size_t count = 0;
    (void)state;
    int64_t alert = tell_alert((struct story){.alert = "alert"});
    add_row(row_of(alert, "a", 10));
    add_row(row_of(alert, "b", 10));
    assert_int_equal(claim_rows(CLASS_ORDINARY, 10, 1, &claims), 1);
    assert_int_equal(store_requeue_deliveries(store, &count), 0);
    assert_int_equal(count, 1);
    assert_int_equal(claim_rows(CLASS_ORDINARY, 10, 5, &claims), 2);
    same_text(claims[0].delivery.subscriber_id, "b");
    assert_int_equal(claims[0].delivery.attempts, 1);
    assert_int_equal(claims[1].delivery.attempts, 2);
    assert_sound();
}

static void the_next_delivery_is_the_earliest_that_waits(void **state)
{
    struct store_claim *claims;
    usec_t at = 99;
    (void)state;
    assert_int_equal(store_next_delivery_at(store, DELIVERY_EMAIL, &at), 0);
    assert_int_equal(at, 0);
    int64_t alert = tell_alert((struct story){.alert = "alert"});
    struct store_delivery first = row_of(alert, "a", 10);
    add_row(first);
    add_row(row_of(alert, "b", 30));
    assert_int_equal(store_next_delivery_at(store, DELIVERY_EMAIL, &at), 0);
    assert_int_equal(at, 10);
    assert_int_equal(store_next_delivery_at(store, DELIVERY_WEBHOOK, &at), 0);
    assert_int_equal(at, 0);
    assert_int_equal(claim_rows(CLASS_ORDINARY, 10, 5, &claims), 1);
    assert_int_equal(store_next_delivery_at(store, DELIVERY_EMAIL, &at), 0);
    assert_int_equal(at, 30);
    assert_int_equal(record_row(alert, first.subscriber, DELIVERY_DEFERRED), 0);
    assert_int_equal(claim_rows(CLASS_ORDINARY, 30, 5, &claims), 1);
    assert_int_equal(store_next_delivery_at(store, DELIVERY_EMAIL, &at), 0);
    assert_int_equal(at, 50);
}

static void a_newer_delivery_supersedes_the_open_one_of_the_same_event(void **state)
{
    struct store_claim *claims;
    (void)state;
    int64_t other = tell_alert((struct story){.alert = "other", .event = "another"});
    int64_t old = tell_alert((struct story){.alert = "old"});
    struct store_delivery row = row_of(old, "s", 10);
    add_row(row_of(other, "s", 10));
    add_row(row);
    add_row(row_of(old, "t", 10));
    int64_t new = tell_alert((struct story){.alert = "new"});
    add_row(row_of(new, "s", 11));
    assert_int_equal(claim_rows(CLASS_ORDINARY, 20, 9, &claims), 3);
    same_text(claims[0].delivery.alert_id, "other");
    same_text(claims[1].delivery.subscriber_id, "t");
    same_text(claims[2].delivery.alert_id, "new");
    assert_int_equal(record_row(old, row.subscriber, DELIVERY_SENDING), -EINVAL);
    assert_int_equal(number_in(store, "select ended_at from delivery where state = 5"), 11);
    int64_t newest = tell_alert((struct story){.alert = "newest"});
    add_row(row_of(newest, "s", 12));
    assert_int_equal(record_row(new, row.subscriber, DELIVERY_DELIVERED), -EINVAL);
    assert_sound();
}

static void an_older_one_stays_open_when_the_newer_is_rolled_back(void **state)
{
    struct store_claim *claims;
    (void)state;
    int64_t old = tell_alert((struct story){.alert = "old"});
    add_row(row_of(old, "s", 10));
    assert_int_equal(store_begin(store), 0);
    int64_t new = tell_alert((struct story){.alert = "new"});
    add_row(row_of(new, "s", 11));
    store_rollback(store);
    assert_int_equal(claim_rows(CLASS_ORDINARY, 20, 9, &claims), 1);
    same_text(claims[0].delivery.alert_id, "old");
    assert_sound();
}

static void told_is_what_the_newest_delivery_said(void **state)
{
    struct store_claim *claims;
    (void)state;
    assert_told("s", NULL);
    int64_t first = tell_alert((struct story){.alert = "first"});
    struct store_delivery row = row_of(first, "s", 10);
    add_row(row);
    assert_told("s", "m-1-s");
    assert_int_equal(claim_rows(CLASS_ORDINARY, 10, 1, &claims), 1);
    assert_int_equal(record_row(first, row.subscriber, DELIVERY_DELIVERED), 0);
    int64_t second = tell_alert((struct story){.alert = "second"});
    add_row(row_of(second, "s", 5)); /* the clock was set back */
    add_row(row_of(second, "t", 12));
    assert_told("s", "m-2-s");
    assert_told("t", "m-2-t");
}

static void what_never_left_was_not_told(void **state)
{
    struct store_claim *claims;
    (void)state;
    int64_t first = tell_alert((struct story){.alert = "first"});
    struct store_delivery row = row_of(first, "s", 10);
    add_row(row);
    assert_int_equal(claim_rows(CLASS_ORDINARY, 10, 1, &claims), 1);
    int64_t second = tell_alert((struct story){.alert = "second"});
    add_row(row_of(second, "s", 11));
    int64_t third = tell_alert((struct story){.alert = "third"});
    add_row(row_of(third, "s", 12));
    assert_told("s", "m-3-s");
    assert_int_equal(claim_rows(CLASS_ORDINARY, 12, 1, &claims), 1);
    assert_int_equal(record_row(third, row.subscriber, DELIVERY_REFUSED), 0);
    /* Superseded while it was being sent it may have arrived; never tried it cannot have. */
    assert_told("s", "m-1-s");
    add_row(row_of(third, "t", 10));
    assert_int_equal(claim_rows(CLASS_ORDINARY, 1000, 1, &claims), 0);
    assert_told("t", NULL);
}

static void far_apart_or_close_together_the_same_was_told(void **state)
{
    enum { PEOPLE = 100 };
    struct store_listener all[PEOPLE], few[2];
    (void)state;
    int64_t alert = tell_alert((struct story){.alert = "alert"});
    for (int i = 0; i < PEOPLE; i++) {
        const char *name = memory_printf(context, "s%d", i);
        all[i] = (struct store_listener){.subscriber = put_person(name)};
        if (i % 3 == 0)
            add_row(row_of(alert, name, 10));
    }
    few[0] = all[0];
    few[1] = all[PEOPLE - 1];
    assert_int_equal(store_find_told(store, "event", INT64_MAX, all, PEOPLE), 0);
    assert_int_equal(store_find_told(store, "event", INT64_MAX, few, 2), 0);
    for (int i = 0; i < PEOPLE; i++)
        assert_int_equal(all[i].told != 0, i % 3 == 0);
    assert_int_equal(few[0].told, all[0].told);
    assert_int_equal(few[1].told, all[PEOPLE - 1].told);
    few[0].told = few[1].told = 0;
    assert_int_equal(store_find_told(store, "event", alert, few, 2), 0);
    assert_int_equal(few[0].told, 0);
}

static void a_thread_starts_at_the_first_that_was_tried(void **state)
{
    struct store_claim *claims;
    const char *root = "untouched";
    (void)state;
    int64_t first = tell_alert((struct story){.alert = "first"});
    struct store_delivery row = row_of(first, "s", 10);
    add_row(row);
    assert_int_equal(claim_rows(CLASS_ORDINARY, 10, 1, &claims), 1);
    assert_int_equal(store_thread_root(store, context, &claims[0].delivery, &root), 0);
    assert_null(root);
    assert_int_equal(record_row(first, row.subscriber, DELIVERY_DELIVERED), 0);
    int64_t second = tell_alert((struct story){.alert = "second"});
    add_row(row_of(second, "s", 11));
    assert_int_equal(claim_rows(CLASS_ORDINARY, 11, 1, &claims), 1);
    assert_int_equal(store_thread_root(store, context, &claims[0].delivery, &root), 0);
    same_text(root, delivery_id(context, "first", "s", "email"));
}

static void every_delivery_ends_within_its_bound(void **state)
{
    enum { PEOPLE = 25 };
    struct store_sweep sweep = {0};
    struct store_claim *claims;
    size_t late = 0, total = 0;
    bool more = true;
    (void)state;
    int64_t alert = tell_alert((struct story){.alert = "alert", .expires = 100});
    for (int i = 0; i < PEOPLE; i++)
        add_row(row_of(alert, memory_printf(context, "s%d", i), 10));
    assert_int_equal(claim_rows(CLASS_ORDINARY, 10, 2, &claims), 2);
    for (int i = 0; more && i < PEOPLE; i++)
        assert_int_equal(store_sweep_deliveries(store, 100, 4, &sweep, &late, &more), 0);
    assert_int_equal(number_in(store, "select count(*) from delivery where state = 4"), PEOPLE - 2);
    /* What is under way may still come back, until the bound has passed. */
    assert_int_equal(number_in(store, "select count(*) from delivery where state = 1"), 2);
    more = true;
    for (int i = 0; more && i < PEOPLE; i++) {
        assert_int_equal(
            store_sweep_deliveries(store, 100 + DELIVERY_BOUND, 4, &sweep, &late, &more), 0);
        total += late;
    }
    assert_int_equal(total, 2);
    assert_int_equal(number_in(store, "select count(*) from delivery where state = 7"), 2);
    assert_int_equal(number_in(store, "select count(*) from delivery where ended_at = 0"), 0);
    assert_sound();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FRESH(a_message_comes_back_as_it_was_put),
        FRESH(the_table_lets_a_delivery_move_only_forward),
        FRESH(the_id_is_what_receivers_have_always_seen),
        FRESH(a_delivery_is_added_once_and_claimed_once),
        FRESH(high_levels_are_claimed_first_and_drills_last),
        FRESH(the_new_goes_before_the_retried_of_its_level),
        FRESH(what_is_too_late_expires_instead_of_being_claimed),
        FRESH(a_result_is_taken_only_forward),
        FRESH(after_a_start_what_was_being_sent_is_sent_again),
        FRESH(the_next_delivery_is_the_earliest_that_waits),
        FRESH(a_newer_delivery_supersedes_the_open_one_of_the_same_event),
        FRESH(an_older_one_stays_open_when_the_newer_is_rolled_back),
        FRESH(told_is_what_the_newest_delivery_said),
        FRESH(what_never_left_was_not_told),
        FRESH(far_apart_or_close_together_the_same_was_told),
        FRESH(a_thread_starts_at_the_first_that_was_tried),
        FRESH(every_delivery_ends_within_its_bound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
