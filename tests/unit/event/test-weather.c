/* Weather warnings by hazard and office, and telegrams understood only by title and headline. */
#include "event/build.h"

#define MINUTE USEC_PER_MINUTE

static int begin(void **state)
{
    struct build_run *run = memory_new(NULL, struct build_run);
    run->context = run;
    run->graph = build_graph(run);
    *state = run;
    return 0;
}

static int end(void **state)
{
    struct build_run *run = *state;
    json_decref(run->state);
    talloc_free(run);
    return 0;
}

static void keys_are_the_hazards_of_the_code_in_each_office_of_its_areas(void **state)
{
    struct build_run *run = *state;
    static const enum hazard hazards[] = {HAZARD_STORM, HAZARD_BLIZZARD};
    struct report *report = build_rain(run, NOON, "0110000 3,1720500 0");
    report->weather.hazards = hazards;
    report->weather.hazard_count = 2;
    size_t count;
    const char **keys = event_keys(run, run->graph, report, &count);
    assert_int_equal(count, 4);
    assert_string_equal(keys[0], "weather/actual/storm/016000");
    assert_string_equal(keys[1], "weather/actual/blizzard/016000");
    assert_string_equal(keys[3], "weather/actual/blizzard/170000");
    assert_null(keys[4]);
}

static void a_rise_a_change_and_a_release_by_municipality(void **state)
{
    struct build_run *run = *state;
    struct alert *alert = run_report(run, build_rain(run, NOON, "0110000 2,0120300 0"));
    assert_string_equal(run->key, "weather/actual/rain/016000");
    assert_string_equal(alert->event_id, "weather-rain-016000-20260901T120000Z");
    assert_int_equal(alert->phase, PHASE_ISSUE);
    assert_int_equal(alert->area_count, 1);
    assert_string_equal(alert_find(alert, "0110000")->grade, "advisory");
    assert_true(alert->expires == NOON + USEC_PER_DAY);
    alert = run_report(run, build_rain(run, NOON + MINUTE, "0110000 5,0120300 3"));
    assert_int_equal(alert->phase, PHASE_UPGRADE);
    assert_int_equal(alert_find(alert, "0110000")->previous_level, 2);
    assert_null(run_report(run, build_rain(run, NOON + 2 * MINUTE, "0110000 5,0120300 3")));
    assert_string_equal(run->note, "no change of level");
    alert = run_report(run, build_rain(run, NOON + 3 * MINUTE, "0110000 4,0120300 3"));
    assert_int_equal(alert->phase, PHASE_DOWNGRADE);
    alert = run_report(run, build_rain(run, NOON + 4 * MINUTE, "0110000 4,0120300 0"));
    assert_int_equal(alert->phase, PHASE_UPDATE);
    assert_int_equal(alert_find(alert, "0120300")->level, 0);
    assert_int_equal(alert_find(alert, "0120300")->previous_level, 3);
    alert = run_report(run, build_rain(run, NOON + 5 * MINUTE, "0110000 0,0120300 0"));
    assert_int_equal(alert->phase, PHASE_ALL_CLEAR);
    assert_int_equal(alert->level, 4);
    assert_int_equal(alert->reference_count, 4);
    /* It ended before; who missed that step can still be told. */
    assert_false(alert_find(alert, "0120300")->changed);
    assert_null(run_report(run, build_rain(run, NOON + 6 * MINUTE, "0110000 0,0120300 0")));
    alert = run_report(run, build_rain(run, NOON + 7 * MINUTE, "0110000 2,0120300 0"));
    assert_string_equal(alert->event_id, "weather-rain-016000-20260901T120700Z");
    assert_int_equal(alert->phase, PHASE_ISSUE);
    assert_int_equal(alert->area_count, 1);
}

static void each_area_follows_the_newest_telegram_that_lists_it(void **state)
{
    struct build_run *run = *state;
    run_report(run, build_rain(run, NOON + MINUTE, "0110000 4"));
    struct alert *alert = run_report(run, build_rain(run, NOON, "0110000 0,0120300 3"));
    assert_int_equal(alert_find(alert, "0110000")->level, 4);
    assert_int_equal(alert_find(alert, "0120300")->level, 3);
    assert_null(run_report(run, build_rain(run, NOON - MINUTE, "0110000 5,0120300 5")));
}

static void another_office_in_the_telegram_does_not_touch_this_one(void **state)
{
    struct build_run *run = *state;
    struct alert *alert = run_report(run, build_rain(run, NOON, "0110000 3,1720500 5"));
    assert_int_equal(alert->level, 3);
    assert_false(alert_lists(alert, "1720500"));
}

static void a_correction_that_leaves_nothing_withdraws(void **state)
{
    struct build_run *run = *state;
    run_report(run, build_rain(run, NOON, "0110000 3,0120300 3"));
    struct report *report = build_rain(run, NOON, "0110000 2,0120300 3");
    build_info(report, INFO_CORRECTION);
    assert_int_equal(run_report(run, report)->phase, PHASE_CORRECTION);
    report = build_rain(run, NOON + MINUTE, "0110000 0,0120300 0");
    build_info(report, INFO_CORRECTION);
    assert_int_equal(run_report(run, report)->phase, PHASE_CANCEL);
}

static void a_cancel_withdraws_all_that_is_older(void **state)
{
    struct build_run *run = *state;
    run_report(run, build_rain(run, NOON, "0110000 3"));
    struct report *report = build_rain(run, NOON + MINUTE, "");
    report->weather.office = "016000";
    build_info(report, INFO_CANCEL);
    assert_int_equal(run_report(run, report)->phase, PHASE_CANCEL);
    assert_null(run_report(run, build_rain(run, NOON, "0120300 3")));
    assert_non_null(run_report(run, build_rain(run, NOON + 2 * MINUTE, "0120300 3")));
}

static void what_could_not_be_read_has_not_ended(void **state)
{
    struct build_run *run = *state;
    run_report(run, build_rain(run, NOON, "0110000 3,0120300 2"));
    struct report *report = build_rain(run, NOON + MINUTE, "0110000 0,0120300 3");
    report->degraded = "one item could not be read";
    struct alert *alert = run_report(run, report);
    assert_int_equal(alert_find(alert, "0110000")->level, 3);
    assert_int_equal(alert_find(alert, "0120300")->level, 3);
}

static void the_same_state_a_day_later_is_said_again(void **state)
{
    struct build_run *run = *state;
    run_report(run, build_rain(run, NOON, "0110000 3"));
    struct alert *alert = run_report(run, build_rain(run, NOON + 13 * USEC_PER_HOUR, "0110000 3"));
    assert_false(alert_find(alert, "0110000")->changed);
    assert_true(alert->expires == NOON + 37 * USEC_PER_HOUR);
    alert = run_report(run, build_rain(run, NOON + 38 * USEC_PER_HOUR, "0110000 3"));
    assert_true(alert_find(alert, "0110000")->changed);
}

static void at_most_twenty_references_are_kept(void **state)
{
    struct build_run *run = *state;
    struct alert *alert = NULL;
    for (int i = 0; i < 30; i++)
        alert = run_report(
            run, build_rain(run, NOON + i * MINUTE, i % 2 == 0 ? "0110000 3" : "0110000 4"));
    assert_int_equal(alert->reference_count, 20);
    assert_true(text_contains(alert->references[19], "20260901T122800Z"));
}

static void a_generic_telegram_alerts_once_for_each_text(void **state)
{
    struct build_run *run = *state;
    struct alert *alert =
        run_report(run, build_generic(run, "VFVO50", NOON, "噴火しました", 4, "0110000"));
    assert_string_equal(run->key, "generic/actual/VFVO50/109");
    assert_true(alert->generic);
    assert_int_equal(alert->phase, PHASE_ISSUE);
    assert_int_equal(alert->level, 4);
    assert_string_equal(alert->headline_ja, "噴火しました");
    assert_null(
        run_report(run, build_generic(run, "VFVO50", NOON + MINUTE, "噴火しました", 4, "0110000")));
    assert_string_equal(run->note, "nothing new to say");
    alert = run_report(
        run, build_generic(run, "VFVO50", NOON + 2 * MINUTE, "続いています", 4, "0110000"));
    assert_int_equal(alert->phase, PHASE_UPDATE);
    assert_true(alert_find(alert, "0110000")->changed);
    struct report *report = build_generic(run, "VFVO50", NOON + 3 * MINUTE, "解除", 1, "0110000");
    report->generic.released = true;
    alert = run_report(run, report);
    assert_int_equal(alert->phase, PHASE_ALL_CLEAR);
    assert_int_equal(alert->level, 4);
    assert_int_equal(alert_find(alert, "0110000")->level, 0);
}

static void a_generic_telegram_ends_at_its_time_and_then_counts_as_new(void **state)
{
    struct build_run *run = *state;
    struct report *report = build_generic(run, "VPHW50", NOON, "竜巻", 2, "0110000");
    build_telegram(report)->valid_until = NOON + 70 * MINUTE;
    assert_true(run_report(run, report)->expires == NOON + 70 * MINUTE);
    assert_true(event_expires_at(run->state) == NOON + 70 * MINUTE);
    struct event_state event = {.key = run->key, .json = run->state};
    struct event_change *change =
        event_expire(run->context, run->graph, &event, NOON + 70 * MINUTE);
    assert_non_null(change->state);
    assert_null(change->alert);
    report = build_generic(run, "VPHW50", NOON + 2 * USEC_PER_HOUR, "竜巻", 2, "0110000");
    assert_int_equal(run_report(run, report)->phase, PHASE_ISSUE);
}

static void a_generic_telegram_that_need_not_alert_is_only_recorded(void **state)
{
    struct build_run *run = *state;
    struct report *report = build_generic(run, "VFVO53", NOON, "降灰", 1, "0110000");
    report->generic.alerts = false;
    assert_null(run_report(run, report));
    assert_null(run->state);
    static const struct registry_row row = {.code = "VPWW53", .role = ROLE_CROSS_CHECK};
    report = build_generic(run, "VPWW53", NOON, "大雨", 4, "0110000");
    report->row = &row;
    assert_null(run_report(run, report));
}

static void a_cancel_of_a_generic_telegram_ends_it(void **state)
{
    struct build_run *run = *state;
    run_report(run, build_generic(run, "VFVO56", NOON, "噴火速報", 3, "0110000"));
    struct report *report = build_generic(run, "VFVO56", NOON + MINUTE, "取り消し", 3, NULL);
    report->generic.alerts = false;
    build_info(report, INFO_CANCEL);
    assert_int_equal(run_report(run, report)->phase, PHASE_CANCEL);
    assert_null(run_report(run, build_generic(run, "VFVO56", NOON, "噴火速報", 3, "0110000")));
}

static void a_kind_that_nobody_knows_does_not_lower_what_is_known(void **state)
{
    struct build_run *run = *state;
    run_report(run, build_rain(run, NOON, "1720400 4"));
    struct report *report = build_rain(run, NOON + USEC_PER_MINUTE, "1720400 3");
    struct weather_item *item = (struct weather_item *)report->weather.items;
    item->at_least = true;
    item->kind_code = "99";
    report->degraded = "a weather kind is unknown";
    assert_null(run_report(run, report));
    struct alert *alert = run_report(run, build_rain(run, NOON + 2 * USEC_PER_MINUTE, "1720400 3"));
    assert_int_equal(alert_find(alert, "1720400")->level, 3);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(keys_are_the_hazards_of_the_code_in_each_office_of_its_areas),
        TEST(a_rise_a_change_and_a_release_by_municipality),
        TEST(each_area_follows_the_newest_telegram_that_lists_it),
        TEST(another_office_in_the_telegram_does_not_touch_this_one),
        TEST(a_correction_that_leaves_nothing_withdraws),
        TEST(a_cancel_withdraws_all_that_is_older),
        TEST(what_could_not_be_read_has_not_ended),
        TEST(the_same_state_a_day_later_is_said_again),
        TEST(at_most_twenty_references_are_kept),
        TEST(a_generic_telegram_alerts_once_for_each_text),
        TEST(a_generic_telegram_ends_at_its_time_and_then_counts_as_new),
        TEST(a_generic_telegram_that_need_not_alert_is_only_recorded),
        TEST(a_cancel_of_a_generic_telegram_ends_it),
        TEST(a_kind_that_nobody_knows_does_not_lower_what_is_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
