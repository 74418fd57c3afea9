/* Feeds, traffic, entries, telegrams, event states and alerts: what is put comes back. */
#include "fixture.h"

static void a_feed_never_seen_has_no_phase(void **state)
{
    struct store_feed feed;
    (void)state;
    assert_int_equal(store_get_feed(store, context, "eqvol", &feed), 0);
    same_text(feed.name, "eqvol");
    assert_null(feed.etag);
    assert_int_equal(feed.newest_updated, 0);
    assert_int_equal(feed.phase_seconds, -1);
}

static void a_feed_comes_back_as_it_was_put(void **state)
{
    const struct store_feed put = {.name = "eqvol",
                                   .etag = "\"e\"",
                                   .newest_updated = 9,
                                   .oldest_updated = 3,
                                   .last_success = 10,
                                   .last_attempt = 11,
                                   .failures = 2,
                                   .last_error = "timed out",
                                   .phase_seconds = 21};
    struct store_feed got;
    (void)state;
    assert_int_equal(store_put_feed(store, &(struct store_feed){.name = "eqvol"}), 0);
    assert_int_equal(store_put_feed(store, &put), 0);
    assert_int_equal(store_get_feed(store, context, "eqvol", &got), 0);
    same_text(got.etag, put.etag);
    assert_null(got.last_modified);
    assert_int_equal(got.newest_updated, 9);
    assert_int_equal(got.oldest_updated, 3);
    assert_int_equal(got.last_success, 10);
    assert_int_equal(got.last_attempt, 11);
    assert_int_equal(got.failures, 2);
    same_text(got.last_error, put.last_error);
    assert_int_equal(got.phase_seconds, 21);
}

static void traffic_adds_up_by_day(void **state)
{
    int64_t sum = 0;
    (void)state;
    assert_int_equal(store_add_traffic(store, "2026-11-23", 10, &sum), 0);
    assert_int_equal(sum, 10);
    assert_int_equal(store_add_traffic(store, "2026-11-23", 5000000000, &sum), 0);
    assert_int_equal(sum, 5000000010);
    assert_int_equal(store_add_traffic(store, "2026-11-24", 0, &sum), 0);
    assert_int_equal(sum, 0);
}

static bool add_entry(const char *id, usec_t updated, usec_t next_at)
{
    bool fresh = false;
    const struct store_entry entry = {.id = id,
                                      .url = "https://example/1.xml",
                                      .feed = "eqvol",
                                      .title = "震度速報",
                                      .content = "text",
                                      .updated = updated,
                                      .first_seen = 5,
                                      .next_at = next_at,
                                      .backlog = true};
    assert_int_equal(store_add_entry(store, &entry, &fresh), 0);
    return fresh;
}

static void an_entry_is_new_once_and_never_changed_by_adding(void **state)
{
    struct store_entry got = {.id = "untouched"};
    (void)state;
    assert_int_equal(store_get_entry(store, context, "a", &got), -ENOENT);
    same_text(got.id, "untouched");
    assert_true(add_entry("a", 7, 8));
    assert_false(add_entry("a", 70, 80));
    assert_int_equal(store_get_entry(store, context, "a", &got), 0);
    same_text(got.id, "a");
    same_text(got.url, "https://example/1.xml");
    same_text(got.feed, "eqvol");
    same_text(got.title, "震度速報");
    same_text(got.content, "text");
    assert_int_equal(got.updated, 7);
    assert_int_equal(got.first_seen, 5);
    assert_int_equal(got.next_at, 8);
    assert_int_equal(got.state, ENTRY_WAITING);
    assert_true(got.backlog);
    assert_false(got.announced);
}

static void due_entries_come_oldest_first_and_given_up_ones_never(void **state)
{
    struct store_entry *due, entry = {0};
    size_t count = 0;
    (void)state;
    add_entry("late", 30, 0);
    add_entry("early", 10, 0);
    add_entry("later", 20, 101);
    add_entry("hopeless", 1, 0);
    assert_int_equal(store_get_entry(store, context, "hopeless", &entry), 0);
    entry.state = ENTRY_GIVEN_UP;
    entry.attempts = 3;
    entry.announced = true;
    entry.last_error = "404";
    assert_int_equal(store_update_entry(store, &entry), 0);
    assert_int_equal(store_due_entries(store, context, 100, 9, &due, &count), 0);
    assert_int_equal(count, 2);
    same_text(due[0].id, "early");
    same_text(due[1].id, "late");
    assert_int_equal(store_due_entries(store, context, 100, 1, &due, &count), 0);
    assert_int_equal(count, 1);
    assert_int_equal(store_due_entries(store, context, 101, 9, &due, &count), 0);
    assert_int_equal(count, 3);
    assert_int_equal(store_get_entry(store, context, "hopeless", &entry), 0);
    assert_int_equal(entry.attempts, 3);
    assert_true(entry.announced);
    same_text(entry.last_error, "404");
}

static bool put_telegram(const char *id, usec_t control_time, usec_t received_at)
{
    bool fresh = false;
    const struct store_telegram telegram = {.id = id,
                                            .url = "https://example/1.xml",
                                            .body = "a\0b",
                                            .body_length = 3,
                                            .received_at = received_at,
                                            .control_time = control_time,
                                            .backlog = true};
    assert_int_equal(store_put_telegram(store, &telegram, &fresh), 0);
    return fresh;
}

static void a_telegram_is_stored_once_and_its_entry_with_it(void **state)
{
    struct store_entry entry = {0};
    struct store_telegram *list;
    size_t count = 0;
    (void)state;
    add_entry("a", 1, 1);
    assert_true(put_telegram("a", 4, 5));
    assert_false(put_telegram("a", 6, 7));
    assert_int_equal(store_get_entry(store, context, "a", &entry), 0);
    assert_int_equal(entry.state, ENTRY_STORED);
    assert_int_equal(store_unfinished_telegrams(store, context, &list, &count), 0);
    assert_int_equal(count, 1);
    same_text(list[0].id, "a");
    same_text(list[0].url, "https://example/1.xml");
    assert_null(list[0].code);
    assert_int_equal(list[0].body_length, 3);
    assert_memory_equal(list[0].body, "a\0b", 3);
    assert_int_equal(list[0].control_time, 4);
    assert_int_equal(list[0].received_at, 5);
    assert_true(list[0].backlog);
}

static void telegrams_left_unfinished_come_in_the_order_of_jma(void **state)
{
    struct store_telegram *list;
    size_t count = 0;
    (void)state;
    put_telegram("second", 20, 2);
    put_telegram("third", 20, 3);
    put_telegram("first", 10, 4);
    put_telegram("done", 5, 1);
    assert_int_equal(store_finish_telegram(store, "done", "VXSE53", 5, OUTCOME_ALERTED, NULL), 0);
    assert_int_equal(store_unfinished_telegrams(store, context, &list, &count), 0);
    assert_int_equal(count, 3);
    same_text(list[0].id, "first");
    same_text(list[1].id, "second");
    same_text(list[2].id, "third");
}

static void every_outcome_and_state_has_a_name(void **state)
{
    (void)state;
    for (int i = 0; i < OUTCOME_COUNT; i++)
        assert_non_null(telegram_outcome_name((enum telegram_outcome)i));
    for (int i = 0; i < DELIVERY_COUNT; i++)
        assert_non_null(delivery_state_name((enum delivery_state)i));
    same_text(telegram_outcome_name(OUTCOME_NO_CHANGE), "no-change");
    same_text(delivery_state_name(DELIVERY_SUPERSEDED), "superseded");
}

static void an_event_state_is_replaced(void **state)
{
    json_t *got = NULL, *one = json_pack("{s:i}", "n", 1), *two = json_pack("{s:i}", "n", 2);
    (void)state;
    assert_int_equal(store_get_event(store, "eq/1", &got), 0);
    assert_null(got);
    assert_int_equal(store_put_event(store, "eq/1", one, 0, 1), 0);
    assert_int_equal(store_put_event(store, "eq/1", two, 50, 2), 0);
    assert_int_equal(store_get_event(store, "eq/1", &got), 0);
    assert_true(json_equal(got, two));
    json_decref(got);
    json_decref(one);
    json_decref(two);
}

static void only_events_with_an_end_expire(void **state)
{
    json_t *json = json_object();
    char **keys;
    size_t count = 0;
    (void)state;
    assert_int_equal(store_put_event(store, "never", json, 0, 1), 0);
    assert_int_equal(store_put_event(store, "at-50", json, 50, 1), 0);
    assert_int_equal(store_put_event(store, "at-51", json, 51, 1), 0);
    assert_int_equal(store_expiring_events(store, context, 50, &keys, &count), 0);
    assert_int_equal(count, 1);
    same_text(keys[0], "at-50");
    json_decref(json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FRESH(a_feed_never_seen_has_no_phase),
        FRESH(a_feed_comes_back_as_it_was_put),
        FRESH(traffic_adds_up_by_day),
        FRESH(an_entry_is_new_once_and_never_changed_by_adding),
        FRESH(due_entries_come_oldest_first_and_given_up_ones_never),
        FRESH(a_telegram_is_stored_once_and_its_entry_with_it),
        FRESH(telegrams_left_unfinished_come_in_the_order_of_jma),
        FRESH(every_outcome_and_state_has_a_name),
        FRESH(an_event_state_is_replaced),
        FRESH(only_events_with_an_end_expire),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
