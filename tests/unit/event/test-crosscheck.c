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

static struct crosscheck_verdict verdict_at(struct checking *checking, usec_t now)
{
    const struct crosscheck_known known = {HAZARD_RAIN, checking->newer.state};
    struct crosscheck_verdict verdict =
        crosscheck_judge(checking, checking->older.state, &known, 1, NULL, now);
    json_decref(checking->older.state);
    checking->older.state = json_incref(verdict.state);
    return verdict;
}

/* Where R06 is absent for a day the older telegrams speak, after the same ten minutes, until it is
 * there again. */
static void where_r06_is_absent_the_older_telegrams_speak(void **state)
{
    struct checking *checking = *state;
    hear_older(checking, "0110000 4,0123500 0");
    assert_null(verdict_at(checking, NOON).takeover);
    assert_null(verdict_at(checking, NOON + 9 * MINUTE).takeover);
    struct crosscheck_verdict verdict = verdict_at(checking, NOON + 10 * MINUTE);
    assert_non_null(verdict.takeover);
    assert_non_null(strstr(verdict.notice, "people are told from the older ones"));
    const struct weather_report *weather = &verdict.takeover->weather;
    assert_int_equal(verdict.takeover->kind, REPORT_WEATHER);
    assert_true(weather->transitional);
    assert_int_equal(weather->item_count, 1);
    assert_int_equal(weather->items[0].level, 4);
    assert_string_equal(weather->items[0].area_code, "0110000");
    assert_int_equal(weather->area_code_count, 2); /* all that it speaks of, for its end */
    /* It goes on without a second notice, and is over with the first telegram of R06. */
    verdict = verdict_at(checking, NOON + 20 * MINUTE);
    assert_non_null(verdict.takeover);
    assert_null(verdict.notice);
    run_report(&checking->newer, build_rain(checking, NOON + 21 * MINUTE, "0110000 4"));
    assert_null(verdict_at(checking, NOON + 21 * MINUTE).takeover);
}

static void a_day_old_r06_is_absent_and_a_younger_one_is_not(void **state)
{
    struct checking *checking = *state;
    usec_t day = USEC_PER_DAY;
    run_report(&checking->newer, build_rain(checking, NOON - day + MINUTE, "0110000 3"));
    hear_older(checking, "0110000 4");
    verdict_at(checking, NOON);
    struct crosscheck_verdict verdict = verdict_at(checking, NOON + 10 * MINUTE);
    assert_null(verdict.takeover);
    assert_non_null(strstr(verdict.notice, "check by hand"));
    struct report *later = build_rain(checking, NOON + 2 * MINUTE, "0110000 5");
    later->kind = REPORT_TRANSITIONAL;
    later->weather.transitional = true;
    build_telegram(later)->code = "VPWW53";
    run_report(&checking->older, later);
    verdict_at(checking, NOON + 12 * MINUTE);
    assert_non_null(verdict_at(checking, NOON + 22 * MINUTE).takeover);
}

/* VPOA50 of a rain of which no VPBS50 tells, and of one of which it does. */
static void a_record_rain_that_only_the_older_telegram_tells_is_noticed(void **state)
{
    struct checking *checking = *state;
    for (int with = 0; with < 2; with++) {
        struct report *older =
            build_generic(checking, "VPOA50", NOON, "記録的短時間大雨", 4, "0110000");
        build_telegram(older)->event_id = "JPTG202607271923_202607271923";
        json_decref(checking->older.state);
        checking->older.state = NULL;
        assert_null(run_report(&checking->older, older));
        struct report *bulletin =
            build_generic(checking, "VPBS50", NOON, "記録的短時間大雨", 4, "0110000");
        build_telegram(bulletin)->event_id = "KJPTG202607271923_202607271923";
        struct crosscheck_verdict verdict = crosscheck_judge(checking, checking->older.state, NULL,
                                                             0, with == 1 ? bulletin : NULL, NOON);
        verdict = crosscheck_judge(checking, verdict.state, NULL, 0, NULL, NOON + 10 * MINUTE);
        assert_null(verdict.takeover);
        if (with == 1)
            assert_null(verdict.notice);
        else
            assert_non_null(strstr(verdict.notice, "a record rain without VPBS50 KJPTG"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_hidden_level_4_is_told_to_the_operator_once, begin, end),
        cmocka_unit_test_setup_teardown(what_the_newer_telegrams_say_in_time_is_no_difference,
                                        begin, end),
        cmocka_unit_test_setup_teardown(where_r06_is_absent_the_older_telegrams_speak, begin, end),
        cmocka_unit_test_setup_teardown(a_day_old_r06_is_absent_and_a_younger_one_is_not, begin,
                                        end),
        cmocka_unit_test_setup_teardown(a_record_rain_that_only_the_older_telegram_tells_is_noticed,
                                        begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
