/* Alerts, subscribers, counts and retention. */
#include <stdlib.h>
#include "fixture.h"
#include "store/sqlite.h"

#define DELIVERIES 10000

static int64_t number_of(const char *sql)
{
    sqlite3_stmt *statement;
    assert_int_equal(sqlite3_prepare_v2(store->database, sql, -1, &statement, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    int64_t number = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return number;
}

static bool put_alert(const char *id, const char *key, usec_t issued_at, bool in_force)
{
    bool fresh = false;
    json_t *json = json_pack("{s:s,s:s}", "id", id, "hazard", "tsunami");
    const struct store_alert alert = {.id = id,
                                      .event_id = "event",
                                      .event_key = key,
                                      .status = "actual",
                                      .level = 4,
                                      .in_force = in_force,
                                      .issued_at = issued_at,
                                      .expires = 100,
                                      .json = json};
    assert_int_equal(store_put_alert(store, &alert, &fresh), 0);
    json_decref(json);
    return fresh;
}

/* Steals the array. */
static void assert_ids(json_t *array, const char *const *ids, size_t count)
{
    assert_int_equal(json_array_size(array), count);
    for (size_t i = 0; i < count; i++)
        same_text(json_string_value(json_object_get(json_array_get(array, i), "id")), ids[i]);
    json_decref(array);
}

static void the_newest_alert_of_an_event_is_in_force_until_it_expires(void **state)
{
    json_t *array = NULL;
    (void)state;
    assert_true(put_alert("a", "key", 10, true));
    assert_true(put_alert("b", "key", 11, true));
    assert_true(put_alert("c", "other", 12, true));
    assert_false(put_alert("a", "key", 10, true));
    assert_int_equal(store_alerts_in_force(store, 99, &array), 0);
    assert_ids(array, (const char *const[]){"b", "c"}, 2);
    assert_int_equal(store_alerts_in_force(store, 100, &array), 0);
    assert_ids(array, NULL, 0);
    assert_true(put_alert("end", "key", 20, false));
    assert_int_equal(store_alerts_in_force(store, 99, &array), 0);
    assert_ids(array, (const char *const[]){"c"}, 1);
}

static void recent_alerts_are_of_any_kind_newest_first(void **state)
{
    json_t *array = NULL;
    (void)state;
    put_alert("a", "key", 10, true);
    put_alert("c", "other", 12, false);
    put_alert("b", "key", 11, true);
    assert_int_equal(store_recent_alerts(store, 2, &array), 0);
    assert_ids(array, (const char *const[]){"c", "b"}, 2);
}

static void put_subscriber(const char *id, const char *address, usec_t created_at)
{
    const struct store_subscriber row = {.id = id,
                                         .channel = "email",
                                         .address = address,
                                         .languages = "vi",
                                         .areas = "13",
                                         .hazards = "tsunami",
                                         .name = "Mai",
                                         .min_level = 2,
                                         .drills = true,
                                         .created_at = created_at};
    assert_int_equal(store_put_subscriber(store, &row), 0);
}

static void put_delivery(const char *id, const char *subscriber, usec_t created_at)
{
    json_t *told = json_object();
    const struct store_message message = {.id = "m",
                                          .alert_id = "a",
                                          .event_id = "event",
                                          .form = "email",
                                          .languages = "vi",
                                          .body = "text",
                                          .told = told};
    const struct store_delivery row = {.id = id,
                                       .alert_id = "a",
                                       .event_id = "event",
                                       .message_id = "m",
                                       .subscriber_id = subscriber,
                                       .created_at = created_at,
                                       .expires_at = 1000};
    bool fresh = false;
    assert_int_equal(store_put_message(store, &message), 0);
    assert_int_equal(store_add_delivery(store, &row, &fresh), 0);
    json_decref(told);
}

static void a_subscriber_comes_back_and_is_replaced_by_id(void **state)
{
    struct store_subscriber *rows;
    size_t count = 0;
    (void)state;
    put_subscriber("young", "y@example", 20);
    put_subscriber("old", "before@example", 10);
    put_subscriber("old", "o@example", 10);
    assert_int_equal(store_list_subscribers(store, context, &rows, &count), 0);
    assert_int_equal(count, 2);
    same_text(rows[0].id, "old");
    same_text(rows[0].channel, "email");
    same_text(rows[0].address, "o@example");
    same_text(rows[0].languages, "vi");
    same_text(rows[0].areas, "13");
    same_text(rows[0].hazards, "tsunami");
    same_text(rows[0].name, "Mai");
    assert_null(rows[0].secret);
    assert_int_equal(rows[0].min_level, 2);
    assert_true(rows[0].drills);
    assert_false(rows[0].from_config);
    assert_int_equal(rows[0].created_at, 10);
    same_text(rows[1].id, "young");
}

static void who_leaves_gets_nothing_more(void **state)
{
    struct store_subscriber *rows;
    size_t count = 9;
    (void)state;
    assert_int_equal(store_remove_subscriber(store, "s", 5), -ENOENT);
    put_subscriber("s", "s@example", 1);
    put_delivery("d", "s", 1);
    assert_int_equal(store_remove_subscriber(store, "s", 5), 0);
    assert_int_equal(store_list_subscribers(store, context, &rows, &count), 0);
    assert_int_equal(count, 0);
    assert_int_equal(number_of("select state from delivery"), DELIVERY_REFUSED);
    assert_int_equal(number_of("select ended_at from delivery"), 5);
}

/* Whether the bytes are anywhere in a file. */
static bool holds(const char *file, const char *text)
{
    FILE *stream = fopen(file, "rb");
    if (stream == NULL)
        return false;
    char *bytes = memory_array(context, char, 4 << 20);
    size_t length = fread(bytes, 1, 4 << 20, stream);
    fclose(stream);
    return memmem(bytes, length, text, strlen(text)) != NULL;
}

static void no_file_remembers_who_left(void **state)
{
    int owner = 0;
    char *folder = memory_text(context, "/tmp/noroshi-store-XXXXXX");
    (void)state;
    store_close(store);
    assert_non_null(mkdtemp(folder));
    char *file = memory_printf(context, "%s/noroshi.db", folder);
    char *log = memory_printf(context, "%s-wal", file);
    assert_int_equal(store_open(context, folder, problems_new(context), &owner, &store), 0);
    put_subscriber("s", "unforgettable@example", 1);
    assert_true(holds(log, "unforgettable"));
    assert_int_equal(store_remove_subscriber(store, "s", 5), 0);
    assert_false(holds(log, "unforgettable"));
    assert_false(holds(file, "unforgettable"));
    assert_int_equal(system(memory_printf(context, "rm -r %s", folder)), 0);
}

static void a_superseded_delivery_ended_when_the_newer_was_made(void **state)
{
    (void)state;
    put_delivery("old", "s", 1);
    put_delivery("new", "s", 7);
    assert_int_equal(number_of("select ended_at from delivery where id = 'old' and state = 5"), 7);
    assert_int_equal(number_of("select ended_at from delivery where id = 'new' and state = 0"), 0);
}

static void counts_are_by_channel_code_hazard(void **state)
{
    json_t *counts = NULL;
    bool fresh = false;
    const struct store_telegram telegram = {.id = "t", .body = "x", .body_length = 1};
    (void)state;
    put_alert("a", "key", 1, true);
    put_subscriber("s", "s@example", 1);
    put_delivery("old", "s", 1);
    put_delivery("new", "s", 2);
    assert_int_equal(store_put_telegram(store, &telegram, &fresh), 0);
    assert_int_equal(store_finish_telegram(store, "t", "VTSE41", 1, OUTCOME_ALERTED, "n"), 0);
    assert_int_equal(store_counts(store, &counts), 0);
    json_t *expected = json_pack("{s:{s:{s:i,s:i}}, s:{s:{s:i}}, s:{s:i}, s:{s:i}}", "deliveries",
                                 "email", "pending", 1, "superseded", 1, "telegrams", "VTSE41",
                                 "alerted", 1, "alerts", "tsunami", 1, "subscribers", "email", 1);
    assert_true(json_equal(counts, expected));
    json_decref(counts);
    json_decref(expected);
}

static void old_things_go_and_open_ones_stay(void **state)
{
    struct store_delivery *rows;
    size_t count = 0;
    bool fresh = false;
    const struct store_telegram telegram = {
        .id = "t", .body = "x", .body_length = 1, .received_at = 1};
    (void)state;
    assert_int_equal(store_put_telegram(store, &telegram, &fresh), 0);
    put_alert("a", "key", 1, true);
    put_alert("young", "other", 200, true);
    put_delivery("d", "s", 1);
    assert_int_equal(store_retain(store, 150), 0);
    assert_int_equal(number_of("select count(*) from delivery"), 1);
    assert_int_equal(number_of("select count(*) from message"), 1);
    assert_int_equal(number_of("select count(*) from alert"), 2);
    assert_int_equal(number_of("select count(*) from telegram where body is not null"), 1);

    assert_int_equal(store_finish_telegram(store, "t", "VTSE41", 1, OUTCOME_ALERTED, NULL), 0);
    assert_int_equal(store_claim_deliveries(store, context, 160, 1, &rows, &count), 0);
    rows[0].state = DELIVERY_DELIVERED;
    rows[0].ended_at = 160;
    assert_int_equal(store_record_delivery(store, &rows[0]), 0);
    assert_int_equal(store_retain(store, 150), 0);
    assert_int_equal(number_of("select count(*) from message"), 1);
    assert_int_equal(store_retain(store, 170), 0);
    assert_int_equal(number_of("select count(*) from delivery"), 0);
    assert_int_equal(number_of("select count(*) from message"), 0);
    assert_int_equal(number_of("select count(*) from alert"), 1);
    assert_int_equal(number_of("select count(*) from telegram where body is null"), 1);
    assert_int_equal(store_put_telegram(store, &telegram, &fresh), 0);
    assert_false(fresh);
}

static void ten_thousand_deliveries_are_no_burden(void **state)
{
    json_t *all = NULL;
    struct store_delivery *rows;
    size_t count = 0, total = 0;
    (void)state;
    put_alert("a", "key", 1, false);
    assert_int_equal(store_begin(store), 0);
    for (int i = 0; i < DELIVERIES; i++)
        put_delivery(memory_printf(context, "d%d", i), memory_printf(context, "s%d", i), 1);
    assert_int_equal(store_commit(store), 0);
    usec_t before = clock_monotonic();
    assert_int_equal(store_told_of_event(store, "event", &all), 0);
    assert_int_equal(json_object_size(all), DELIVERIES);
    json_decref(all);
    assert_in_range(clock_monotonic() - before, 0, USEC_PER_SEC);
    do {
        assert_int_equal(store_claim_deliveries(store, context, 10, 1000, &rows, &count), 0);
        total += count;
        for (size_t i = 0; i < count; i++) {
            rows[i].state = DELIVERY_DELIVERED;
            rows[i].ended_at = 11;
            assert_int_equal(store_record_delivery(store, &rows[i]), 0);
        }
    } while (count > 0);
    assert_int_equal(total, DELIVERIES);
    assert_int_equal(store_retain(store, 200), 0);
    assert_int_equal(number_of("select count(*) from delivery"), 0);
    assert_int_equal(number_of("select count(*) from message"), 0);
    assert_int_equal(number_of("select count(*) from alert"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FRESH(the_newest_alert_of_an_event_is_in_force_until_it_expires),
        FRESH(recent_alerts_are_of_any_kind_newest_first),
        FRESH(a_subscriber_comes_back_and_is_replaced_by_id),
        FRESH(who_leaves_gets_nothing_more),
        FRESH(no_file_remembers_who_left),
        FRESH(a_superseded_delivery_ended_when_the_newer_was_made),
        FRESH(counts_are_by_channel_code_hazard),
        FRESH(old_things_go_and_open_ones_stay),
        FRESH(ten_thousand_deliveries_are_no_burden),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
