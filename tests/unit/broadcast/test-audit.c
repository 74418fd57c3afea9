/* The hash chain: a changed byte, a removed, put in or moved record is named (test 59). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "base/memory.h"
#include "broadcast/audit.h"

#define ROWS 200

static TALLOC_CTX *context;
static struct audit_record rows[ROWS];

static int set_up(void **state)
{
    *state = NULL;
    context = talloc_new(NULL);
    const char *before = AUDIT_START;
    for (int i = 0; i < ROWS; i++) {
        rows[i] = (struct audit_record){.number = i + 1,
                                        .at = (usec_t)1790000000 * USEC_PER_SEC + i,
                                        .who = memory_printf(context, "person%d", i % 7),
                                        .via = memory_text(context, "session"),
                                        .from = memory_text(context, "192.0.2.1"),
                                        .what = memory_text(context, "live-send ok"),
                                        .object = memory_printf(context, "live-%d", i),
                                        .why = memory_text(context, "the river is over the bank"),
                                        .detail = memory_text(context, "{\"deliveries\":12}")};
        audit_seal(context, &rows[i], before);
        rows[i].hash = memory_text(context, rows[i].hash);
        before = rows[i].hash;
    }
    return 0;
}

static int tear_down(void **state)
{
    *state = NULL;
    talloc_free(context);
    return 0;
}

static struct audit_check check(const struct audit_record *list, size_t count)
{
    struct audit_check result;
    TALLOC_CTX *scratch = talloc_new(context);
    audit_check_begin(&result);
    for (size_t i = 0; i < count; i++)
        audit_check_add(scratch, &result, &list[i]);
    result.last_hash = NULL;
    talloc_free(scratch);
    return result;
}

static void an_untouched_log_is_intact(void **state)
{
    (void)state;
    struct audit_check result = check(rows, ROWS);
    assert_int_equal(result.fault, 0);
    assert_int_equal(result.records, ROWS);
}

static void every_flipped_byte_is_named(void **state)
{
    (void)state;
    size_t flipped = 0;
    for (int i = 0; i < ROWS; i++) {
        char *const texts[] = {(char *)rows[i].who,    (char *)rows[i].via,    (char *)rows[i].from,
                               (char *)rows[i].what,   (char *)rows[i].object, (char *)rows[i].why,
                               (char *)rows[i].detail, (char *)rows[i].hash};
        /* Only from the record before on: the rest is the same each time. */
        for (size_t t = 0; t < sizeof(texts) / sizeof(texts[0]); t++) {
            for (char *at = texts[t]; *at != '\0'; at++, flipped++) {
                *at ^= 1;
                struct audit_check result;
                audit_check_begin(&result);
                result.records = i;
                result.last_hash = i > 0 ? rows[i - 1].hash : AUDIT_START;
                TALLOC_CTX *scratch = talloc_new(context);
                audit_check_add(scratch, &result, &rows[i]);
                talloc_free(scratch);
                assert_int_equal(result.fault, i + 1);
                *at ^= 1;
            }
        }
        rows[i].at++;
        assert_int_equal(check(rows, ROWS).fault, i + 1);
        rows[i].at--;
    }
    assert_true(flipped > ROWS * 100);
}

static void a_removed_record_is_named(void **state)
{
    (void)state;
    struct audit_record list[ROWS];
    for (int gone = 0; gone < ROWS - 1; gone++) {
        memcpy(list, rows, sizeof(rows));
        memmove(&list[gone], &list[gone + 1], (size_t)(ROWS - 1 - gone) * sizeof(rows[0]));
        struct audit_check result = check(list, ROWS - 1);
        assert_int_equal(result.fault, gone + 1);
        assert_string_equal(result.what, "removed");
        /* Numbers made anew do not hide it. */
        for (int i = gone; i < ROWS - 1; i++)
            list[i].number = i + 1;
        assert_int_equal(check(list, ROWS - 1).fault, gone + 1);
    }
}

static void moved_and_added_records_are_named(void **state)
{
    (void)state;
    struct audit_record list[ROWS + 1];
    for (int i = 0; i < ROWS - 1; i++) {
        memcpy(list, rows, sizeof(rows));
        list[i] = rows[i + 1];
        list[i + 1] = rows[i];
        assert_int_equal(check(list, ROWS).fault, i + 1);
        list[i].number = i + 1;
        list[i + 1].number = i + 2;
        assert_int_equal(check(list, ROWS).fault, i + 1);
    }
    memcpy(list, rows, sizeof(rows));
    memmove(&list[101], &list[100], (ROWS - 100) * sizeof(rows[0]));
    assert_int_equal(check(list, ROWS + 1).fault, 102);
}

/* Bytes that wander from one field to the next do not leave the hash alone. */
static void fields_do_not_run_into_each_other(void **state)
{
    (void)state;
    struct audit_record a = {.number = 1, .who = "ab", .via = "c"};
    struct audit_record b = {.number = 1, .who = "a", .via = "bc"};
    audit_seal(context, &a, AUDIT_START);
    audit_seal(context, &b, AUDIT_START);
    assert_string_not_equal(a.hash, b.hash);
}

#define FRESH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FRESH(an_untouched_log_is_intact),        FRESH(every_flipped_byte_is_named),
        FRESH(a_removed_record_is_named),         FRESH(moved_and_added_records_are_named),
        FRESH(fields_do_not_run_into_each_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
