/* Events whose newest telegram is the whole state: levels by place, the way up and down, the end.
 */
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

/* A flood: "1720400 5,1720100 5" → places with their levels; the whole has the highest. */
static struct report *build_flood(TALLOC_CTX *context, usec_t at, const char *places)
{
    static const char *const grades[] = {NULL, NULL, "advisory", "warning", "urgent", "emergency"};
    struct report *report = build_report(context, "VXKO70", REPORT_FLOOD, "820209000400", at);
    struct hazard_report *flood = &report->hazard;
    *flood = (struct hazard_report){
        .hazard = HAZARD_FLOOD, .family = "zone", .subject = "820209000400", .keeps_places = true};
    size_t count;
    char **parts = text_split(context, places, ',', &count);
    struct hazard_area *areas = memory_array(context, struct hazard_area, count + 1);
    for (size_t i = 0; i < count; i++) {
        size_t words;
        char **word = text_split_blank(context, parts[i], &words);
        if (words < 2)
            continue;
        int level = atoi(word[1]);
        areas[flood->area_count++] = (struct hazard_area){.system = AREA_WEATHER_CITY,
                                                          .code = word[0],
                                                          .name = "町",
                                                          .grade = grades[level],
                                                          .level = level};
        if (level > flood->level) {
            flood->level = level;
            flood->grade = grades[level];
        }
    }
    flood->areas = areas;
    return report;
}

static void a_flood_rises_falls_and_ends_and_an_unchanged_telegram_says_nothing(void **state)
{
    struct build_run *run = *state;
    struct alert *alert = run_report(run, build_flood(run, NOON, "1720400 3"));
    assert_string_equal(run->key, "hazard/actual/flood/zone/820209000400");
    assert_int_equal(alert->phase, PHASE_ISSUE);
    assert_string_equal(alert->grade, "warning");
    assert_false(alert->generic);
    const char *id = memory_text(run, alert->event_id);
    assert_null(run_report(run, build_flood(run, NOON + MINUTE, "1720400 3")));
    alert = run_report(run, build_flood(run, NOON + 2 * MINUTE, "1720400 5"));
    assert_int_equal(alert->phase, PHASE_UPGRADE);
    assert_string_equal(alert->event_id, id);
    alert = run_report(run, build_flood(run, NOON + 3 * MINUTE, "1720400 2"));
    assert_int_equal(alert->phase, PHASE_DOWNGRADE);
    assert_int_equal(alert->level, 2);
    alert = run_report(run, build_flood(run, NOON + 4 * MINUTE, ""));
    assert_int_equal(alert->phase, PHASE_ALL_CLEAR);
    assert_int_equal(alert_find(alert, "1720400")->level, 0);
    assert_null(run_report(run, build_flood(run, NOON + 5 * MINUTE, "")));
}

static void a_telegram_that_names_only_where_it_is_worst_does_not_lift_the_rest(void **state)
{
    struct build_run *run = *state;
    run_report(run, build_flood(run, NOON, "1720400 4,1720100 4"));
    struct alert *alert = run_report(run, build_flood(run, NOON + MINUTE, "1720400 5"));
    assert_int_equal(alert_find(alert, "1720100")->level, 5);
    alert = run_report(run, build_flood(run, NOON + 2 * MINUTE, "1720400 3"));
    assert_int_equal(alert_find(alert, "1720100")->level, 3);
}

static void an_older_telegram_changes_nothing(void **state)
{
    struct build_run *run = *state;
    run_report(run, build_flood(run, NOON + MINUTE, "1720400 4"));
    assert_null(run_report(run, build_flood(run, NOON, "1720400 2")));
    assert_string_equal(run->note, "older than what is known");
}

static void a_withdrawal_ends_it_as_an_error(void **state)
{
    struct build_run *run = *state;
    run_report(run, build_flood(run, NOON, "1720400 4"));
    struct report *report = build_flood(run, NOON + MINUTE, "");
    build_info(report, INFO_CANCEL);
    assert_int_equal(run_report(run, report)->phase, PHASE_CANCEL);
}

/* VPHW50 repeats without the sighting that VPHW51 tells a second later. */
static void at_least_so_much_does_not_lower_what_is_known_to_be_graver(void **state)
{
    struct build_run *run = *state;
    run_report(run, build_flood(run, NOON, "1720400 3"));
    struct report *report = build_flood(run, NOON + MINUTE, "1720400 2");
    report->hazard.floor = true;
    assert_null(run_report(run, report));
    report = build_flood(run, NOON + 2 * MINUTE, "1720400 2,1720100 2");
    report->hazard.floor = true;
    struct alert *alert = run_report(run, report);
    assert_int_equal(alert_find(alert, "1720400")->level, 3);
    assert_int_equal(alert_find(alert, "1720100")->level, 2);
}

static void what_ends_by_its_time_ends_then_and_what_follows_is_new(void **state)
{
    struct build_run *run = *state;
    struct report *report = build_flood(run, NOON, "1720400 3");
    report->hazard.ends_at = NOON + 60 * MINUTE;
    struct alert *alert = run_report(run, report);
    assert_true(alert->expires == NOON + 60 * MINUTE);
    const char *id = memory_text(run, alert->event_id);
    assert_true(event_expires_at(run->state) == NOON + 60 * MINUTE);
    alert = run_report(run, build_flood(run, NOON + 61 * MINUTE, "1720400 3"));
    assert_int_equal(alert->phase, PHASE_ISSUE);
    assert_string_not_equal(alert->event_id, id);
}

static void a_drill_of_the_same_river_is_another_event(void **state)
{
    struct build_run *run = *state;
    run_report(run, build_flood(run, NOON, "1720400 3"));
    struct report *report = build_flood(run, NOON + MINUTE, "1720400 5");
    build_telegram(report)->status = STATUS_EXERCISE;
    size_t count;
    const char **keys = event_keys(run, run->graph, report, &count);
    assert_string_equal(keys[0], "hazard/exercise/flood/zone/820209000400");
}

static void what_could_not_be_read_neither_ends_nor_falls_until_a_whole_telegram(void **state)
{
    struct build_run *run = *state;
    run_report(run, build_flood(run, NOON, "1720400 5,1720100 3"));
    struct report *report = build_flood(run, NOON + MINUTE, "1720400 3");
    report->hazard.keeps_places = false;
    report->degraded = "an area is unknown";
    assert_null(run_report(run, report));
    report = build_flood(run, NOON + 2 * MINUTE, "1720400 3");
    report->hazard.keeps_places = false;
    struct alert *alert = run_report(run, report);
    assert_int_equal(alert->phase, PHASE_DOWNGRADE);
    assert_int_equal(alert_find(alert, "1720400")->level, 3);
    assert_int_equal(alert_find(alert, "1720100")->level, 0);
}

static void an_unknown_code_that_lost_its_places_keeps_them(void **state)
{
    struct build_run *run = *state;
    run_report(run, build_generic(run, "VXSE99", NOON, "一", 3, "1720400"));
    struct alert *alert =
        run_report(run, build_generic(run, "VXSE99", NOON + MINUTE, "二", 3, NULL));
    assert_int_equal(alert_find(alert, "1720400")->level, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            a_flood_rises_falls_and_ends_and_an_unchanged_telegram_says_nothing, begin, end),
        cmocka_unit_test_setup_teardown(
            a_telegram_that_names_only_where_it_is_worst_does_not_lift_the_rest, begin, end),
        cmocka_unit_test_setup_teardown(an_older_telegram_changes_nothing, begin, end),
        cmocka_unit_test_setup_teardown(a_withdrawal_ends_it_as_an_error, begin, end),
        cmocka_unit_test_setup_teardown(at_least_so_much_does_not_lower_what_is_known_to_be_graver,
                                        begin, end),
        cmocka_unit_test_setup_teardown(what_ends_by_its_time_ends_then_and_what_follows_is_new,
                                        begin, end),
        cmocka_unit_test_setup_teardown(a_drill_of_the_same_river_is_another_event, begin, end),
        cmocka_unit_test_setup_teardown(
            what_could_not_be_read_neither_ends_nor_falls_until_a_whole_telegram, begin, end),
        cmocka_unit_test_setup_teardown(an_unknown_code_that_lost_its_places_keeps_them, begin,
                                        end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
