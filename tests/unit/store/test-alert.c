/* Alerts, subscribers, counts and retention. */
#include <stdlib.h>
#include "fixture.h"
#include "numbers.h"

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

static bool put_subscriber(const char *id, const char *address, const char *areas)
{
    const struct store_subscriber row = {.id = id,
                                         .address = address,
                                         .name = "Mai",
                                         .profile = {.channel = "email",
                                                     .languages = "vi",
                                                     .areas = areas,
                                                     .hazards = "tsunami",
                                                     .min_level = 2,
                                                     .drills = true},
                                         .created_at = 10};
    bool new_profile = false;
    assert_int_equal(store_put_subscriber(store, &row, &new_profile), 0);
    return new_profile;
}

/* A delivery of alert `alert`, which begins to be told. */
static void put_delivery(const char *alert, const char *subscriber, usec_t at)
{
    bool fresh;
    int64_t number = 0;
    assert_int_equal(store_begin_fanout(store, alert, at, NULL, &fresh, &number), 0);
    assert_int_equal(store_move_fanout(store, number, INT64_MAX), 0);
    assert_true(add_row(row_of(number, subscriber, at)));
}

static void a_subscriber_comes_back_and_is_replaced_by_id(void **state)
{
    struct store_subscriber *rows;
    size_t count = 0;
    (void)state;
    put_subscriber("old", "before@example", "13");
    put_subscriber("young", "y@example", "13");
    put_subscriber("old", "o@example", "13");
    assert_int_equal(store_page_subscribers(store, context, 0, 10, &rows, &count), 0);
    assert_int_equal(count, 2);
    same_text(rows[0].id, "old");
    same_text(rows[0].profile.channel, "email");
    same_text(rows[0].address, "o@example");
    same_text(rows[0].profile.languages, "vi");
    same_text(rows[0].profile.areas, "13");
    same_text(rows[0].profile.hazards, "tsunami");
    same_text(rows[0].name, "Mai");
    assert_null(rows[0].secret);
    assert_int_equal(rows[0].profile.min_level, 2);
    assert_true(rows[0].profile.drills);
    assert_false(rows[0].from_config);
    assert_int_equal(rows[0].created_at, 10);
    same_text(rows[1].id, "young");
    assert_int_equal(store_page_subscribers(store, context, rows[0].number, 10, &rows, &count), 0);
    assert_int_equal(count, 1);
    same_text(rows[0].id, "young");
}

static void subscribers_who_want_the_same_share_a_profile(void **state)
{
    struct store_profile *profiles;
    size_t count = 0;
    (void)state;
    assert_true(put_subscriber("a", "a@example", "13"));
    assert_false(put_subscriber("b", "b@example", "13"));
    assert_true(put_subscriber("c", "c@example", "14"));
    assert_int_equal(store_list_profiles(store, context, &profiles, &count), 0);
    assert_int_equal(count, 2);
    same_text(profiles[0].areas, "13");
    assert_int_equal(profiles[0].subscribers, 2);
    /* He moves, and nobody is left with what he wanted. */
    assert_false(put_subscriber("c", "c@example", "13"));
    assert_int_equal(store_list_profiles(store, context, &profiles, &count), 0);
    assert_int_equal(count, 1);
    assert_int_equal(profiles[0].subscribers, 3);
    assert_true(put_subscriber("c", "c@example", "14"));
    assert_sound();
}

static void who_is_disabled_is_refused_until_he_is_put_again(void **state)
{
    struct store_claim *claims;
    struct store_subscriber row;
    (void)state;
    put_alert("a", "key", 1, true);
    put_delivery("a", "s", 1);
    assert_int_equal(store_disable_subscriber(store, put_person("s"), "gone", 5), 0);
    assert_int_equal(claim_rows(CLASS_ORDINARY, 10, 1, &claims), 1);
    same_text(claims[0].receiver.refused, "gone");
    assert_int_equal(store_get_subscriber(store, context, "s", &row), 0);
    same_text(row.disabled_reason, "gone");
    put_person("s");
    assert_int_equal(store_get_subscriber(store, context, "s", &row), 0);
    assert_null(row.disabled_reason);
}

static void who_leaves_gets_nothing_more(void **state)
{
    struct store_subscriber *rows;
    size_t count = 9;
    (void)state;
    assert_int_equal(store_remove_subscriber(store, "s", 5), -ENOENT);
    put_alert("a", "key", 1, true);
    put_delivery("a", "s", 1);
    int64_t number = put_person("s");
    assert_int_equal(store_remove_subscriber(store, "s", 5), 0);
    assert_int_equal(store_remove_subscriber(store, "s", 5), -ENOENT);
    assert_int_equal(store_page_subscribers(store, context, 0, 10, &rows, &count), 0);
    assert_int_equal(count, 0);
    assert_int_equal(number_of("select state from delivery"), DELIVERY_REFUSED);
    assert_int_equal(number_of("select ended_at from delivery"), 5);
    assert_sound();
    /* Who comes back is the same one: what he was told is not forgotten. */
    assert_int_equal(put_person("s"), number);
    assert_sound();
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
    put_subscriber("s", "unforgettable@example", "13");
    assert_true(holds(log, "unforgettable"));
    assert_int_equal(store_remove_subscriber(store, "s", 5), 0);
    assert_false(holds(log, "unforgettable"));
    assert_false(holds(file, "unforgettable"));
    assert_int_equal(system(memory_printf(context, "rm -r %s", folder)), 0);
}

static void counts_are_by_channel_code_hazard(void **state)
{
    json_t *counts = NULL;
    bool fresh = false;
    const struct store_telegram telegram = {.id = "t", .body = "x", .body_length = 1};
    (void)state;
    put_alert("a", "key", 1, true);
    put_delivery("a", "s", 1);
    put_alert("b", "key", 2, true);
    put_delivery("b", "s", 2);
    assert_int_equal(store_put_telegram(store, &telegram, &fresh), 0);
    assert_int_equal(store_finish_telegram(store, "t", "VTSE41", 1, OUTCOME_ALERTED, "n"), 0);
    assert_int_equal(store_counts(store, &counts), 0);
    json_t *expected = json_pack("{s:{s:{s:i,s:i}}, s:{s:{s:i}}, s:{s:i}, s:{s:i}}", "deliveries",
                                 "email", "pending", 1, "superseded", 1, "telegrams", "VTSE41",
                                 "alerted", 1, "alerts", "tsunami", 2, "subscribers", "email", 1);
    assert_true(json_equal(counts, expected));
    json_decref(counts);
    json_decref(expected);
}

static void retain_all(usec_t before)
{
    bool more = true;
    for (int i = 0; more && i < 1000; i++)
        assert_int_equal(store_retain(store, before, 100, &more), 0);
    assert_false(more);
}

static void old_things_go_and_open_ones_stay(void **state)
{
    struct store_claim *claims;
    bool fresh = false;
    const struct store_telegram telegram = {
        .id = "t", .body = "x", .body_length = 1, .received_at = 1};
    (void)state;
    assert_int_equal(store_put_telegram(store, &telegram, &fresh), 0);
    put_alert("a", "key", 1, true);
    assert_int_equal(store_put_fact(store, "x", "y"), 0);
    assert_int_equal(
        sqlite3_exec(store->database, "update alert set expires = 170", NULL, NULL, NULL),
        SQLITE_OK);
    put_delivery("a", "s", 1);
    put_alert("young", "other", 200, true);
    retain_all(150);
    assert_int_equal(number_of("select count(*) from delivery"), 1);
    assert_int_equal(number_of("select count(*) from message"), 1);
    assert_int_equal(number_of("select count(*) from alert"), 2);
    assert_int_equal(number_of("select count(*) from telegram where body is not null"), 1);

    assert_int_equal(store_finish_telegram(store, "t", "VTSE41", 1, OUTCOME_ALERTED, NULL), 0);
    assert_int_equal(claim_rows(CLASS_ORDINARY, 160, 1, &claims), 1);
    claims[0].delivery.state = DELIVERY_DELIVERED;
    claims[0].delivery.ended_at = 160;
    assert_int_equal(store_record_delivery(store, &claims[0].delivery), 0);
    retain_all(150);
    assert_int_equal(number_of("select count(*) from message"), 1);
    retain_all(180);
    assert_int_equal(number_of("select count(*) from delivery"), 0);
    assert_int_equal(number_of("select count(*) from message"), 0);
    assert_int_equal(number_of("select count(*) from tally"), 0);
    assert_int_equal(number_of("select count(*) from fanout"), 0);
    assert_int_equal(number_of("select count(*) from alert"), 1);
    assert_int_equal(number_of("select count(*) from telegram where body is null"), 1);
    assert_int_equal(store_put_telegram(store, &telegram, &fresh), 0);
    assert_false(fresh);
    assert_sound();
}

static void ten_thousand_deliveries_are_no_burden(void **state)
{
    struct store_claim *claims;
    size_t count = 0, total = 0;
    (void)state;
    put_alert("a", "key", 1, false);
    assert_int_equal(
        sqlite3_exec(store->database, "update alert set expires = 900", NULL, NULL, NULL),
        SQLITE_OK);
    put_delivery("a", "s", 1);
    assert_int_equal(store_begin(store), 0);
    for (int i = 1; i < DELIVERIES; i++)
        assert_true(add_row(
            (struct store_delivery){.alert = 1,
                                    .subscriber = put_person(memory_printf(context, "s%d", i)),
                                    .message = 1,
                                    .channel = DELIVERY_EMAIL,
                                    .level = 3,
                                    .next_at = 1}));
    assert_int_equal(store_commit(store), 0);
    do {
        count = claim_rows(CLASS_ORDINARY, 10, 1000, &claims);
        total += count;
        for (size_t i = 0; i < count; i++) {
            claims[i].delivery.state = DELIVERY_DELIVERED;
            claims[i].delivery.ended_at = 11;
            assert_int_equal(store_record_delivery(store, &claims[i].delivery), 0);
        }
    } while (count > 0);
    assert_int_equal(total, DELIVERIES);
    assert_sound();
    retain_all(200);
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
        FRESH(subscribers_who_want_the_same_share_a_profile),
        FRESH(who_is_disabled_is_refused_until_he_is_put_again),
        FRESH(who_leaves_gets_nothing_more),
        FRESH(no_file_remembers_who_left),
        FRESH(counts_are_by_channel_code_hazard),
        FRESH(old_things_go_and_open_ones_stay),
        FRESH(ten_thousand_deliveries_are_no_burden),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
