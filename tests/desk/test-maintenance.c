/* Maintenance mode (H-12): what it keeps, that it lasts until a person ends it, and its reminders.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/memory.h"
#include "maintenance.h"

#define NOW 1790000000000000

static TALLOC_CTX *context;
static struct store *store;
static struct maintenance *maintenance;

static int set_up(void **state)
{
    int owner;
    *state = NULL;
    context = talloc_new(NULL);
    if (store_open(context, ":memory:", problems_new(context), &owner, &store) < 0)
        return -1;
    return maintenance_new(context, store, &maintenance);
}

static int tear_down(void **state)
{
    (void)state;
    store_close(store);
    talloc_free(context);
    return 0;
}

static void only_news_that_is_no_danger_to_life_waits(void **state)
{
    (void)state;
    static const struct {
        enum hazard hazard;
        enum telegram_status status;
        enum alert_phase phase;
        int level;
        bool kept;
    } rows[] = {
        {HAZARD_RAIN, STATUS_ACTUAL, PHASE_ISSUE, 3, true},
        {HAZARD_RAIN, STATUS_ACTUAL, PHASE_UPGRADE, 3, true},
        {HAZARD_RAIN, STATUS_ACTUAL, PHASE_UPGRADE, 4, false},
        {HAZARD_RAIN, STATUS_ACTUAL, PHASE_ISSUE, 5, false},
        {HAZARD_RAIN, STATUS_ACTUAL, PHASE_ALL_CLEAR, 0, false},
        {HAZARD_RAIN, STATUS_ACTUAL, PHASE_DOWNGRADE, 2, false},
        {HAZARD_RAIN, STATUS_ACTUAL, PHASE_CORRECTION, 2, false},
        {HAZARD_EARTHQUAKE, STATUS_ACTUAL, PHASE_ISSUE, 2, false},
        {HAZARD_TSUNAMI, STATUS_ACTUAL, PHASE_ISSUE, 3, false},
        {HAZARD_VOLCANO, STATUS_ACTUAL, PHASE_ISSUE, 2, false},
        {HAZARD_TSUNAMI, STATUS_EXERCISE, PHASE_ISSUE, 5, true},
        {HAZARD_BROADCAST, STATUS_ACTUAL, PHASE_ISSUE, 5, true},
        {HAZARD_BROADCAST, STATUS_ACTUAL, PHASE_CANCEL, 5, false},
    };
    for (int on = 0; on < 2; on++) {
        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
            const struct alert alert = {.id = "a",
                                        .code = "VPWW55",
                                        .hazard = rows[i].hazard,
                                        .status = rows[i].status,
                                        .phase = rows[i].phase,
                                        .level = rows[i].level};
            assert_int_equal(maintenance_keeps(maintenance, &alert), on == 1 && rows[i].kept);
        }
        assert_int_equal(maintenance_begin(maintenance, "a new disk", "user 0", NOW),
                         on == 0 ? 0 : -EALREADY);
    }
    assert_false(maintenance_keeps(NULL, &(const struct alert){.level = 3}));
}

static void it_lasts_over_restarts_until_a_person_ends_it(void **state)
{
    (void)state;
    struct maintenance *next;
    assert_int_equal(maintenance_end(maintenance), -EALREADY);
    assert_int_equal(maintenance_begin(maintenance, "a new disk", "user 0", NOW), 0);
    assert_int_equal(maintenance_new(context, store, &next), 0);
    assert_int_equal(maintenance_since(next), NOW);
    assert_string_equal(maintenance_reason(next), "a new disk");
    assert_int_equal(maintenance_end(next), 0);
    assert_int_equal(maintenance_new(context, store, &next), 0);
    assert_int_equal(maintenance_since(next), 0);
    assert_null(maintenance_reason(next));
}

static void it_reminds_every_fifteen_minutes(void **state)
{
    (void)state;
    usec_t next;
    int reminders = 0;
    assert_null(maintenance_due(context, maintenance, NOW, &next));
    assert_int_equal(maintenance_begin(maintenance, "a new disk", "user 0", NOW), 0);
    for (usec_t now = NOW; now < NOW + USEC_PER_HOUR + USEC_PER_MINUTE; now += USEC_PER_MINUTE) {
        const char *text = maintenance_due(context, maintenance, now, &next);
        assert_true(next > now && next <= now + MAINTENANCE_REMINDER);
        if (text == NULL)
            continue;
        assert_non_null(strstr(text, "a new disk"));
        reminders++;
    }
    assert_int_equal(reminders, 4);
    /* A clock that was set back does not silence it for hours. */
    assert_non_null(maintenance_due(context, maintenance, NOW - USEC_PER_HOUR, &next));
    assert_int_equal(maintenance_end(maintenance), 0);
    assert_null(maintenance_due(context, maintenance, NOW + USEC_PER_DAY, &next));
}

#define FRESH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FRESH(only_news_that_is_no_danger_to_life_waits),
        FRESH(it_lasts_over_restarts_until_a_person_ends_it),
        FRESH(it_reminds_every_fifteen_minutes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
