/* What the older weather telegrams say beyond those of 2026: a notice for the operator after ten
 * minutes, once, and never a second alert. */
#include "event/build.h"
#include "event/crosscheck.h"

#define MINUTE USEC_PER_MINUTE

struct checking {
    struct build_run newer, older; /* R06, and the older kind */
};

static int begin(void **state)
{
    struct checking *checking = memory_new(NULL, struct checking);
    checking->newer.context = checking->older.context = checking;
    checking->newer.graph = checking->older.graph = build_graph(checking);
    *state = checking;
    return 0;
}

static int end(void **state)
{
    struct checking *checking = *state;
    json_decref(checking->newer.state);
    json_decref(checking->older.state);
    talloc_free(checking);
    return 0;
}

/* A VPWW53 whose notice says level 4 in Sapporo, where its kind is a plain warning. */
static void hear_older(struct checking *checking, const char *areas)
{
    struct report *report = build_rain(checking, NOON, areas);
    report->kind = REPORT_TRANSITIONAL;
    report->weather.transitional = true;
    build_telegram(report)->code = "VPWW53";
    assert_null(run_report(&checking->older, report));
    assert_string_equal(checking->older.key, "crosscheck/actual/016000");
}

/* The notice at `now`; a takeover fails the test. */
static const char *judge(struct checking *checking, usec_t now)
{
    const struct crosscheck_known known = {HAZARD_RAIN, checking->newer.state};
    struct crosscheck_verdict verdict =
        crosscheck_judge(checking, checking->older.state, &known, 1, NULL, now);
    json_decref(checking->older.state);
    checking->older.state = json_incref(verdict.state);
    assert_null(verdict.takeover);
    return verdict.notice;
}

static void a_hidden_level_4_is_told_to_the_operator_once(void **state)
{
    struct checking *checking = *state;
    assert_non_null(run_report(&checking->newer, build_rain(checking, NOON, "0110000 3")));
    hear_older(checking, "0110000 4");
    assert_null(judge(checking, NOON));
    assert_null(judge(checking, NOON + 9 * MINUTE));
    const char *notice = judge(checking, NOON + 10 * MINUTE);
    assert_non_null(notice);
    assert_non_null(strstr(notice, "rain level 4 (known: 3)"));
    assert_null(judge(checking, NOON + 20 * MINUTE));
}

static void what_the_newer_telegrams_say_in_time_is_no_difference(void **state)
{
    struct checking *checking = *state;
    assert_non_null(run_report(&checking->newer, build_rain(checking, NOON, "0110000 3")));
    hear_older(checking, "0110000 4");
    assert_null(judge(checking, NOON));
    run_report(&checking->newer, build_rain(checking, NOON + 5 * MINUTE, "0110000 4"));
    assert_null(judge(checking, NOON + 5 * MINUTE));
    run_report(&checking->newer, build_rain(checking, NOON + 8 * MINUTE, "0110000 2"));
    assert_null(judge(checking, NOON + 30 * MINUTE)); /* lowered since: its own news */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_hidden_level_4_is_told_to_the_operator_once, begin, end),
        cmocka_unit_test_setup_teardown(what_the_newer_telegrams_say_in_time_is_no_difference,
                                        begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
