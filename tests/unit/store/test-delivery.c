/* Messages and deliveries: claims, supersession, forward-only moves, what a subscriber was told. */
#include "fixture.h"

static void put_message(const char *id)
{
    json_t *told = json_pack("{s:s}", "by", id);
    const struct store_message message = {.id = id,
                                          .alert_id = "alert",
                                          .event_id = "event",
                                          .form = "email",
                                          .languages = "en,vi",
                                          .subject = "Subject",
                                          .body = "Body",
                                          .told = told};
    assert_int_equal(store_put_message(store, &message), 0);
    json_decref(told);
}

static struct store_delivery delivery(const char *id, const char *subscriber, usec_t created_at)
{
    return (struct store_delivery){.id = id,
                                   .alert_id = "alert",
                                   .event_id = "event",
                                   .message_id = id,
                                   .subscriber_id = subscriber,
                                   .level = 3,
                                   .created_at = created_at,
                                   .next_at = created_at,
                                   .expires_at = 1000,
                                   .issued_at = 1};
}

static bool add(struct store_delivery row)
{
    bool fresh = false;
    assert_int_equal(store_add_delivery(store, &row, &fresh), 0);
    return fresh;
}

/* A message of the same id, and the delivery of it. */
static void add_told(const char *id, const char *subscriber, usec_t created_at)
{
    put_message(id);
    assert_true(add(delivery(id, subscriber, created_at)));
}

static size_t claim(usec_t now, size_t limit, struct store_delivery **ret_rows)
{
    size_t count = 99;
    assert_int_equal(store_claim_deliveries(store, context, now, limit, ret_rows, &count), 0);
    return count;
}

static int record(const char *id, enum delivery_state to)
{
    struct store_delivery row = {
        .id = id, .state = to, .next_at = 50, .ended_at = 60, .last_error = "said no"};
    return store_record_delivery(store, &row);
}

static void assert_told(const char *subscriber, const char *message)
{
    json_t *one = NULL, *all = NULL;
    assert_int_equal(store_last_told(store, "event", subscriber, &one), 0);
    assert_int_equal(store_told_of_event(store, "event", &all), 0);
    assert_true(json_equal(one, json_object_get(all, subscriber)) ||
                (one == NULL && json_object_get(all, subscriber) == NULL));
    if (message == NULL) {
        assert_null(one);
        assert_null(json_object_get(all, subscriber));
    } else {
        same_text(json_string_value(json_object_get(one, "by")), message);
    }
    json_decref(one);
    json_decref(all);
}

static void a_message_comes_back_as_it_was_put(void **state)
{
    struct store_message got;
    (void)state;
    assert_int_equal(store_get_message(store, context, "m", &got), -ENOENT);
    put_message("m");
    put_message("m");
    assert_int_equal(store_get_message(store, context, "m", &got), 0);
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
        [DELIVERY_PENDING] = ".S..XUR",  [DELIVERY_SENDING] = "P.FDXUR",
        [DELIVERY_DEFERRED] = ".S..XUR", [DELIVERY_DELIVERED] = ".......",
        [DELIVERY_EXPIRED] = ".......",  [DELIVERY_SUPERSEDED] = ".......",
        [DELIVERY_REFUSED] = "......."};
    (void)state;
    for (int from = 0; from < DELIVERY_COUNT; from++)
        for (int to = 0; to < DELIVERY_COUNT; to++)
            assert_int_equal(
                delivery_may_become((enum delivery_state)from, (enum delivery_state)to),
                may[from][to] != '.');
    assert_false(delivery_ended(DELIVERY_DEFERRED));
    assert_true(delivery_ended(DELIVERY_DELIVERED));
    assert_true(delivery_ended(DELIVERY_REFUSED));
}

static void a_delivery_is_added_once_and_claimed_once(void **state)
{
    struct store_delivery *rows;
    (void)state;
    assert_true(add(delivery("d", "s", 10)));
    assert_false(add(delivery("d", "s", 11)));
    assert_int_equal(claim(9, 5, &rows), 0);
    assert_int_equal(claim(10, 5, &rows), 1);
    same_text(rows[0].id, "d");
    same_text(rows[0].alert_id, "alert");
    same_text(rows[0].event_id, "event");
    same_text(rows[0].message_id, "d");
    same_text(rows[0].subscriber_id, "s");
    assert_int_equal(rows[0].state, DELIVERY_SENDING);
    assert_int_equal(rows[0].attempts, 1);
    assert_int_equal(rows[0].level, 3);
    assert_int_equal(rows[0].created_at, 10);
    assert_int_equal(rows[0].expires_at, 1000);
    assert_int_equal(rows[0].issued_at, 1);
    assert_int_equal(claim(10, 5, &rows), 0);
}

static void high_levels_are_claimed_first_and_drills_last(void **state)
{
    static const char *const order[] = {"high", "old", "young", "drill"};
    struct store_delivery row, *rows;
    (void)state;
    row = delivery("drill", "a", 1);
    row.drill = true;
    row.level = 5;
    add(row);
    add(delivery("young", "b", 3));
    add(delivery("old", "c", 2));
    row = delivery("high", "d", 4);
    row.level = 4;
    add(row);
    assert_int_equal(claim(10, 3, &rows), 3);
    for (size_t i = 0; i < 3; i++)
        same_text(rows[i].id, order[i]);
    assert_int_equal(claim(10, 3, &rows), 1);
    same_text(rows[0].id, order[3]);
    assert_true(rows[0].drill);
}

static void what_is_too_late_expires_instead_of_being_claimed(void **state)
{
    struct store_delivery *rows, row = delivery("late", "s", 10);
    (void)state;
    row.expires_at = 20;
    add(row);
    add(delivery("good", "t", 10));
    assert_int_equal(claim(20, 5, &rows), 1);
    same_text(rows[0].id, "good");
    assert_int_equal(record("late", DELIVERY_SENDING), -EINVAL);
}

static void a_result_is_taken_only_forward(void **state)
{
    struct store_delivery *rows;
    (void)state;
    assert_int_equal(record("d", DELIVERY_DELIVERED), -ENOENT);
    add(delivery("d", "s", 10));
    assert_int_equal(record("d", DELIVERY_DELIVERED), -EINVAL);
    assert_int_equal(claim(10, 1, &rows), 1);
    assert_int_equal(record("d", DELIVERY_DEFERRED), 0);
    assert_int_equal(claim(49, 1, &rows), 0);
    assert_int_equal(claim(50, 1, &rows), 1);
    assert_int_equal(rows[0].attempts, 2);
    assert_int_equal(record("d", DELIVERY_DELIVERED), 0);
    assert_int_equal(record("d", DELIVERY_DELIVERED), -EINVAL);
    assert_int_equal(record("d", DELIVERY_PENDING), -EINVAL);
    assert_int_equal(claim(900, 1, &rows), 0);
}

static void after_a_start_what_was_being_sent_is_sent_again(void **state)
{
    struct store_delivery *rows;
    size_t count = 0;
    (void)state;
    add(delivery("a", "s", 10));
    add(delivery("b", "t", 10));
    assert_int_equal(claim(10, 1, &rows), 1);
    assert_int_equal(store_requeue_deliveries(store, &count), 0);
    assert_int_equal(count, 1);
    assert_int_equal(claim(10, 5, &rows), 2);
    same_text(rows[0].id, "a");
    assert_int_equal(rows[0].attempts, 2);
    assert_int_equal(rows[1].attempts, 1);
}

static void the_next_delivery_is_the_earliest_that_waits(void **state)
{
    struct store_delivery *rows;
    usec_t at = 99;
    (void)state;
    assert_int_equal(store_next_delivery_at(store, &at), 0);
    assert_int_equal(at, 0);
    add(delivery("a", "s", 10));
    add(delivery("b", "t", 30));
    assert_int_equal(store_next_delivery_at(store, &at), 0);
    assert_int_equal(at, 10);
    assert_int_equal(claim(10, 5, &rows), 1);
    assert_int_equal(store_next_delivery_at(store, &at), 0);
    assert_int_equal(at, 30);
    assert_int_equal(record("a", DELIVERY_DEFERRED), 0);
    assert_int_equal(claim(30, 5, &rows), 1);
    assert_int_equal(store_next_delivery_at(store, &at), 0);
    assert_int_equal(at, 50);
}

static void a_newer_delivery_supersedes_the_open_one_of_the_same_event(void **state)
{
    struct store_delivery *rows, other = delivery("other", "s", 10);
    (void)state;
    other.event_id = "another";
    add(other);
    add(delivery("old", "s", 10));
    add(delivery("neighbour", "t", 10));
    add(delivery("new", "s", 11));
    assert_int_equal(claim(20, 9, &rows), 3);
    same_text(rows[0].id, "other");
    same_text(rows[1].id, "neighbour");
    same_text(rows[2].id, "new");
    assert_int_equal(record("old", DELIVERY_SENDING), -EINVAL);
    add(delivery("newest", "s", 12));
    assert_int_equal(record("new", DELIVERY_DELIVERED), -EINVAL);
}

static void an_older_one_stays_open_when_the_newer_is_rolled_back(void **state)
{
    struct store_delivery *rows;
    (void)state;
    add(delivery("old", "s", 10));
    assert_int_equal(store_begin(store), 0);
    add(delivery("new", "s", 11));
    store_rollback(store);
    assert_int_equal(claim(20, 9, &rows), 1);
    same_text(rows[0].id, "old");
}

static void told_is_what_the_newest_delivery_said(void **state)
{
    struct store_delivery *rows;
    (void)state;
    assert_told("s", NULL);
    add_told("first", "s", 10);
    assert_told("s", "first");
    assert_int_equal(claim(10, 1, &rows), 1);
    assert_int_equal(record("first", DELIVERY_DELIVERED), 0);
    add_told("second", "s", 11);
    add_told("of-t", "t", 12);
    assert_told("s", "second");
    assert_told("t", "of-t");
}

static void what_never_left_was_not_told(void **state)
{
    struct store_delivery *rows;
    (void)state;
    add_told("first", "s", 10);
    assert_int_equal(claim(10, 1, &rows), 1);
    add_told("second", "s", 11);
    add_told("third", "s", 12);
    assert_told("s", "third");
    assert_int_equal(claim(12, 1, &rows), 1);
    assert_int_equal(record("third", DELIVERY_REFUSED), 0);
    /* Superseded while it was being sent it may have arrived; never tried it cannot have. */
    assert_told("s", "first");
    add_told("alone", "t", 10);
    assert_int_equal(claim(1000, 1, &rows), 0);
    assert_told("t", NULL);
}

static void a_thread_starts_at_the_first_that_was_tried(void **state)
{
    struct store_delivery *rows;
    const char *root = "untouched";
    (void)state;
    add(delivery("first", "s", 10));
    assert_int_equal(claim(10, 1, &rows), 1);
    assert_int_equal(store_thread_root(store, context, "event", "s", "first", &root), 0);
    assert_null(root);
    assert_int_equal(record("first", DELIVERY_DELIVERED), 0);
    add(delivery("second", "s", 11));
    assert_int_equal(claim(11, 1, &rows), 1);
    assert_int_equal(store_thread_root(store, context, "event", "s", "second", &root), 0);
    same_text(root, "first");
    assert_int_equal(store_thread_root(store, context, "event", "t", "other", &root), 0);
    assert_null(root);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FRESH(a_message_comes_back_as_it_was_put),
        FRESH(the_table_lets_a_delivery_move_only_forward),
        FRESH(a_delivery_is_added_once_and_claimed_once),
        FRESH(high_levels_are_claimed_first_and_drills_last),
        FRESH(what_is_too_late_expires_instead_of_being_claimed),
        FRESH(a_result_is_taken_only_forward),
        FRESH(after_a_start_what_was_being_sent_is_sent_again),
        FRESH(the_next_delivery_is_the_earliest_that_waits),
        FRESH(a_newer_delivery_supersedes_the_open_one_of_the_same_event),
        FRESH(an_older_one_stays_open_when_the_newer_is_rolled_back),
        FRESH(told_is_what_the_newest_delivery_said),
        FRESH(what_never_left_was_not_told),
        FRESH(a_thread_starts_at_the_first_that_was_tried),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
