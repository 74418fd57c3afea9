/* Copies of a store, what a restored one holds back, and stores of an older version. */
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include "fixture.h"
#include "numbers.h"
#include "store/schema.h"

static char *folder;

static int open_folder(const char *name)
{
    int owner = 0;
    return store_open(context, memory_printf(context, "%s/%s", folder, name), problems_new(context),
                      &owner, &store);
}

static int make_folder(void **state)
{
    *state = NULL;
    context = talloc_new(NULL);
    folder = memory_text(context, "/tmp/noroshi-copy-XXXXXX");
    return mkdtemp(folder) != NULL ? open_folder("state") : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    store_close(store);
    int r = system(memory_printf(context, "rm -r %s", folder));
    talloc_free(context);
    return r;
}

/* Makes the copy the store of another folder and opens it. */
static void restore(const char *copy)
{
    store_close(store);
    assert_int_equal(mkdir(memory_printf(context, "%s/restored", folder), 0700), 0);
    assert_int_equal(rename(copy, memory_printf(context, "%s/restored/noroshi.db", folder)), 0);
    assert_int_equal(open_folder("restored"), 0);
}

static void a_restored_copy_sends_nothing_by_itself(void **state)
{
    struct store_claim *claims;
    struct store_fanout *fanouts;
    struct store *reader;
    int64_t released = 0;
    size_t count;
    usec_t at;
    (void)state;
    const char *copy = memory_printf(context, "%s/copy.db", folder);
    int64_t alert = tell_alert((struct story){.alert = "a"});
    add_row(row_of(alert, "under way", 10));
    add_row(row_of(alert, "waiting", 10));
    assert_int_equal(claim_rows(CLASS_ORDINARY, 10, 1, &claims), 1);
    assert_int_equal(store_open_reader(context, memory_printf(context, "%s/state", folder),
                                       problems_new(context), &reader),
                     0);
    assert_int_equal(store_backup(reader, copy), 0);
    assert_int_equal(store_backup(reader, copy), -EEXIST);
    store_close(reader);
    /* The store itself goes on. */
    assert_int_equal(claim_rows(CLASS_ORDINARY, 10, 1, &claims), 1);

    restore(copy);
    assert_sound();
    assert_int_equal(claim_rows(CLASS_ORDINARY, 20, 9, &claims), 0);
    assert_int_equal(store_next_delivery_at(store, DELIVERY_EMAIL, &at), 0);
    assert_int_equal(at, 0);
    assert_int_equal(store_open_fanouts(store, context, NULL, 9, &fanouts, &count), 0);
    assert_int_equal(count, 0);
    /* What comes now is told, also to those whose older delivery is held. */
    int64_t newer = tell_alert((struct story){.alert = "b"});
    struct store_listener listener = {.subscriber = put_person("waiting")};
    assert_int_equal(store_find_told(store, "event", newer, &listener, 1), 0);
    assert_int_equal(listener.told, 0);
    add_row(row_of(newer, "waiting", 15));
    assert_int_equal(claim_rows(CLASS_ORDINARY, 20, 9, &claims), 1);

    assert_int_equal(store_release(store, 25, &released), 0);
    assert_int_equal(released, 2); /* one was superseded; one delivery and the fan-out */
    assert_int_equal(claim_rows(CLASS_ORDINARY, 25, 9, &claims), 1);
    same_text(claims[0].delivery.subscriber_id, "under way");
    assert_int_equal(claims[0].delivery.attempts, 2);
    assert_sound();
}

static void a_damaged_count_is_found(void **state)
{
    struct problems *problems = problems_new(context);
    (void)state;
    add_row(row_of(tell_alert((struct story){.alert = "a"}), "s", 10));
    assert_sound();
    assert_int_equal(sqlite3_exec(store->database, "update tally set n = 5", NULL, NULL, NULL),
                     SQLITE_OK);
    assert_int_equal(store_check(store, problems), 0);
    assert_int_equal(problems->count, 1);
}

/* A store as version 1 left it, with one delivery of each kind of reader. */
static const char version_1[] =
    "insert into alert values ('a', 'event', 'key', 'actual', 'tsunami', 5, 1, 10, 1000, 1,"
    " '{\"id\":\"a\"}');"
    "insert into message values ('m', 'a', 'event', 'email', 'vi', 'S', 'B', NULL,"
    " '{\"by\":\"m\"}');"
    "insert into subscriber values ('s', 'email', 's@example', 'vi', '13', 'tsunami', 'Mai', NULL,"
    " 2, 0, 0, 5);"
    "insert into subscriber values ('t', 'email', 't@example', 'vi', '13', 'tsunami', 'Mai', NULL,"
    " 2, 0, 1, 6);"
    "insert into delivery (id, alert_id, event_id, message_id, subscriber_id, state, attempts,"
    " level, drill, created_at, next_at, expires_at, issued_at) values"
    " ('msg_1', 'a', 'event', 'm', 's', 3, 1, 5, 0, 11, 11, 1000, 10),"
    " ('msg_2', 'a', 'event', 'm', 't', 0, 0, 5, 0, 11, 11, 1000, 10),"
    " ('msg_3', 'a', 'event', 'm', 'left', 3, 1, 5, 0, 11, 11, 1000, 10);"
    "insert into fact values ('settled', 'yes');";

static void a_store_of_version_1_is_brought_up_to_date(void **state)
{
    struct store_claim *claims;
    struct store_subscriber row;
    sqlite3 *old;
    json_t *told;
    const char *value;
    (void)state;
    store_close(store);
    assert_int_equal(mkdir(memory_printf(context, "%s/old", folder), 0700), 0);
    assert_int_equal(sqlite3_open(memory_printf(context, "%s/old/noroshi.db", folder), &old),
                     SQLITE_OK);
    assert_int_equal(sqlite3_exec(old, schema_base, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_exec(old, version_1, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_exec(old, "pragma user_version = 1", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(old);

    assert_int_equal(open_folder("old"), 0);
    assert_sound();
    assert_int_equal(number_in(store, "pragma user_version"), (int64_t)schema_step_count);
    assert_int_equal(store_get_fact(store, context, "settled", &value), 0);
    same_text(value, "yes");
    assert_int_equal(store_get_subscriber(store, context, "t", &row), 0);
    same_text(row.address, "t@example");
    assert_true(row.from_config);
    assert_int_equal(row.profile.number, 1);
    assert_int_equal(store_get_subscriber(store, context, "left", &row), -ENOENT);
    struct store_listener listener = {.subscriber = 1};
    assert_int_equal(store_find_told(store, "event", INT64_MAX, &listener, 1), 0);
    assert_int_equal(store_get_told(store, listener.told, &told), 0);
    same_text(json_string_value(json_object_get(told, "by")), "m");
    json_decref(told);
    assert_int_equal(claim_rows(CLASS_URGENT, 20, 9, &claims), 1);
    same_text(claims[0].delivery.id, delivery_id(context, "a", "t", "email"));
    assert_int_equal(claims[0].delivery.level, 5);
    assert_int_equal(claims[0].delivery.created_at, 11);
    assert_int_equal(number_in(store, "select count(*) from delivery"), 3);
    store_close(store);
    assert_int_equal(open_folder("old"), 0);
    assert_sound();
}

#define VERSION_BEFORE_TROUBLE 5

static void what_failed_before_is_in_trouble_now(void **state)
{
    struct store_trouble *rows;
    size_t count;
    (void)state;
    int64_t number = put_person("s");
    assert_int_equal(sqlite3_exec(store->database,
                                  "alter table trouble rename to failing;"
                                  "insert into failing values (1, 7);",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    const char *before = memory_printf(context, "pragma user_version = %d", VERSION_BEFORE_TROUBLE);
    assert_int_equal(sqlite3_exec(store->database, before, NULL, NULL, NULL), SQLITE_OK);
    store_close(store);
    assert_int_equal(open_folder("state"), 0);
    assert_int_equal(number, 1);
    assert_int_equal(store_list_trouble(store, context, 8, &rows, &count), 0);
    assert_int_equal(count, 1);
    assert_int_equal(rows[0].failing_since, 7);
    assert_int_equal(store_remove_subscriber(store, "s", 9), 0);
    assert_int_equal(number_in(store, "select count(*) from trouble"), 0);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

int main(void)
{
    (void)set_up;
    (void)tear_down;
    const struct CMUnitTest tests[] = {
        IN_FOLDER(a_restored_copy_sends_nothing_by_itself),
        IN_FOLDER(a_damaged_count_is_found),
        IN_FOLDER(a_store_of_version_1_is_brought_up_to_date),
        IN_FOLDER(what_failed_before_is_in_trouble_now),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
