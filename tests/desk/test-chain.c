/* The monthly test of the chain and the weekly look for gaps (H-19), by a clock of their own.
 * Nothing is delivered here: what did not arrive must be reported. */
#include <dirent.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/memory.h"
#include "base/text.h"
#include "chain_test.h"
#include "coverage.h"
#include "event/own_test.h"
#include "keep_alert.h"
#include "store/sqlite.h"
#include "subscribers.h"

#define MINUTE USEC_PER_MINUTE

static TALLOC_CTX *context;
static char folder[] = "/tmp/noroshi-chain-XXXXXX";
static struct config *config;
static struct store *store;

static usec_t at(const char *text)
{
    usec_t time;
    assert_int_equal(clock_parse(text, &time), 0);
    return time;
}

static int write_config(const char *path)
{
    const char *root = getenv("NOROSHI_ROOT");
    FILE *stream = fopen(path, "we");
    if (stream == NULL)
        return -errno;
    fprintf(stream,
            "paths:\n  state: %s\n  messages: %s/messages\n  areas: %s/config/areas\n"
            "mail:\n  directory: %s\nchain_test:\n  day: 15\n  hour: 10\n"
            "coverage:\n  areas: [札幌市, 石狩市, 那覇市]\n"
            "subscribers:\n"
            "  - {channel: email, address: staff@test.invalid, areas: [札幌市], staff: yes}\n"
            "  - {channel: email, address: school@test.invalid, areas: [石狩市], facility: school,"
            " languages: [vi]}\n"
            "  - {channel: email, address: canary@test.invalid, areas: [canary], drills: yes}\n",
            folder, root != NULL ? root : ".", root != NULL ? root : ".", folder);
    return fclose(stream);
}

static int load(void **state)
{
    (void)state;
    context = talloc_new(NULL);
    if (mkdtemp(folder) == NULL)
        return -1;
    struct problems *problems = problems_new(context);
    const char *path = memory_printf(context, "%s/noroshi.yaml", folder);
    int r = write_config(path);
    if (r >= 0)
        r = config_load(context, path, problems, &config);
    problems_print(problems, stderr);
    return r;
}

static void remove_folder(const char *path)
{
    DIR *opened = opendir(path);
    for (struct dirent *entry; opened != NULL && (entry = readdir(opened)) != NULL;) {
        char *inner = memory_printf(NULL, "%s/%s", path, entry->d_name);
        if (entry->d_name[0] != '.' && unlink(inner) != 0)
            remove_folder(inner);
        talloc_free(inner);
    }
    if (opened != NULL)
        closedir(opened);
    rmdir(path);
}

static int unload(void **state)
{
    (void)state;
    talloc_free(context);
    remove_folder(folder);
    return 0;
}

static int set_up(void **state)
{
    struct subscribers *subscribers;
    int owner;
    *state = NULL;
    int r = store_open(context, ":memory:", problems_new(context), &owner, &store);
    return r < 0 ? r : subscribers_new(context, config, store, &subscribers);
}

static int tear_down(void **state)
{
    (void)state;
    store_close(store);
    return 0;
}

static struct chain_test_news due(usec_t now, usec_t *ret_next)
{
    struct chain_test_news news;
    assert_int_equal(chain_test_due(context, config, store, now, &news, ret_next), 0);
    return news;
}

static void it_is_sent_corrected_and_reported_once_a_month(void **state)
{
    (void)state;
    usec_t next, ten = at("2026-12-15T10:00:00+09:00");
    assert_null(due(ten - MINUTE, &next).audit);
    assert_int_equal(next, ten);
    struct chain_test_news news = due(ten, &next);
    assert_string_equal(news.audit, "chain-test sent");
    const char *id = memory_text(context, news.object);
    assert_null(due(ten + 9 * MINUTE, &next).audit); /* the mail may still arrive */
    news = due(ten + 10 * MINUTE, &next);
    assert_string_equal(news.audit, "chain-test corrected");
    assert_string_equal(news.object, id);
    assert_null(due(ten + 19 * MINUTE, &next).audit);
    news = due(ten + 20 * MINUTE, &next);
    assert_string_equal(news.audit, "chain-test reported");
    assert_true(text_contains(news.notice, "TEST: result of the monthly test: 0 % reached"));
    static const char *const endings[] = {"json", "html", "csv"};
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(
            access(memory_printf(context, "%s/reports/chain-%s.%s", folder, id, endings[i]), R_OK),
            0);
    assert_null(due(ten + 21 * MINUTE, &next).audit);
    assert_null(due(at("2027-01-15T09:59:00+09:00"), &next).audit);
    assert_string_equal(due(at("2027-01-15T10:00:00+09:00"), &next).audit, "chain-test sent");
}

static void it_waits_while_life_is_in_danger_and_is_left_out_a_day_late(void **state)
{
    (void)state;
    usec_t next, ten = at("2026-12-15T10:00:00+09:00");
    struct alert *grave = own_test_alert(context, ten, 3 * USEC_PER_HOUR);
    bool fresh;
    grave->status = STATUS_ACTUAL;
    grave->level = 4;
    assert_int_equal(keep_alert(store, grave, true, false, &fresh), 0);
    assert_null(due(ten, &next).audit);
    assert_int_equal(next, ten + USEC_PER_HOUR);
    assert_string_equal(due(ten + 4 * USEC_PER_HOUR, &next).audit, "chain-test sent");
    due(ten + 5 * USEC_PER_HOUR, &next);
    due(ten + 6 * USEC_PER_HOUR, &next);
    assert_null(due(at("2027-01-16T11:00:00+09:00"), &next).audit);
    assert_null(due(at("2027-01-16T12:00:00+09:00"), &next).audit);
}

/* What a crash between the two would leave: sending succeeds, the state cannot be kept. */
static void break_state(bool broken)
{
    const char *sql = broken ? "create temp trigger power_cut before insert on fact"
                               " when new.name = 'chain_test' begin select raise(abort, ''); end"
                             : "drop trigger power_cut";
    assert_int_equal(sqlite3_exec(store->database, sql, NULL, NULL, NULL), SQLITE_OK);
}

static int deliveries(void)
{
    sqlite3_stmt *statement;
    assert_int_equal(
        sqlite3_prepare_v2(store->database, "select count(*) from delivery", -1, &statement, NULL),
        SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    int count = sqlite3_column_int(statement, 0);
    sqlite3_finalize(statement);
    return count;
}

static void no_step_is_sent_twice_when_its_state_is_lost(void **state)
{
    (void)state;
    static const char *const steps[] = {"chain-test sent", "chain-test corrected",
                                        "chain-test reported"};
    usec_t next, now = at("2026-12-15T10:00:00+09:00");
    struct chain_test_news news;
    for (int i = 0; i < 3; i++, now += 11 * MINUTE) {
        break_state(true);
        assert_true(chain_test_due(context, config, store, now, &news, &next) < 0);
        assert_int_equal(deliveries(), i);
        break_state(false);
        assert_string_equal(due(now + 1, &next).audit, steps[i]);
        assert_int_equal(deliveries(), i + 1);
    }
}

static void by_hand_it_begins_at_once_but_never_twice(void **state)
{
    (void)state;
    const char *id = NULL;
    usec_t now = at("2026-12-01T12:00:00+09:00");
    assert_int_equal(chain_test_begin(context, config, store, now, &id), 0);
    assert_non_null(id);
    assert_int_equal(chain_test_begin(context, config, store, now, &id), -EALREADY);
}

static void a_place_and_a_language_without_a_reader_are_named(void **state)
{
    (void)state;
    json_t *coverage = NULL;
    assert_int_equal(
        coverage_find(context, config, store, at("2026-12-01T12:00:00+09:00"), &coverage), 0);
    assert_int_equal(json_integer_value(json_object_get(coverage, "municipalities")), 3);
    const json_t *readers = json_object_get(coverage, "without_reader");
    const json_t *facilities = json_object_get(coverage, "without_facility");
    assert_int_equal(json_array_size(readers), 1);
    assert_string_equal(json_string_value(json_object_get(json_array_get(readers, 0), "name_ja")),
                        "那覇市");
    assert_int_equal(json_array_size(facilities), 2); /* the school is in 石狩市 */
    /* The canary is nobody's reader. */
    assert_int_equal(json_integer_value(json_object_get(coverage, "readers")), 2);
    const char *text = coverage_notice(context, coverage);
    assert_true(text_contains(text, "1 without a reader (那覇市)"));
    assert_true(text_contains(text, "ne"));
    assert_false(text_contains(text, "vi"));
    json_decref(coverage);
}

static void operators_hear_of_gaps_once_a_week(void **state)
{
    (void)state;
    const char *notice;
    usec_t next, now = at("2026-12-01T12:00:00+09:00");
    static const struct {
        int hours;
        bool tells;
    } rows[] = {{0, false},  {23, false},         {24, true},
                {25, false}, {24 * 8 - 1, false}, {24 * 8, true}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(coverage_due(context, config, store, now + rows[i].hours * USEC_PER_HOUR,
                                      &notice, &next),
                         0);
        assert_int_equal(notice != NULL, rows[i].tells);
    }
}

#define FRESH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FRESH(it_is_sent_corrected_and_reported_once_a_month),
        FRESH(it_waits_while_life_is_in_danger_and_is_left_out_a_day_late),
        FRESH(no_step_is_sent_twice_when_its_state_is_lost),
        FRESH(by_hand_it_begins_at_once_but_never_twice),
        FRESH(a_place_and_a_language_without_a_reader_are_named),
        FRESH(operators_hear_of_gaps_once_a_week),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
