/* The lives of volcanic warnings, eruptions, ash and warnings at sea, by telegrams of our own. */
#include <stdio.h>

#include "event/build.h"
#include "event/value.h"

#define HAKONE_2       "VFVO50/hakone-level2_VFVO50.xml"
#define HAKONE_3       "VFVO50/hakone-level3_VFVO50.xml"
#define HAKONE_LOWERED "VFVO50/hakone-lowered_VFVO50.xml"
#define HAKONE_LIFTED  "VFVO50/hakone-lifted_VFVO50.xml"
#define FLASH          "VFVO56/ontake-issued_VFVO56.xml"
#define ASH            "VFVO54/asama-ash_VFVO54.xml"
#define EXTRA          "VFVO51/hakone-extra_VFVO51.xml"

#define HAKONE "1438200"

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

/* The telegram with the first `from` replaced by `to`, unless it is NULL. */
static struct report *read_changed(struct build_run *run, const char *file, const char *from,
                                   const char *to)
{
    const char *root = getenv("NOROSHI_ROOT");
    char *path = memory_printf(run, "%s/tests/telegram/own/%s", root != NULL ? root : ".", file);
    FILE *stream = fopen(path, "rb");
    if (stream == NULL)
        fail_msg("cannot open %s", path);
    char *bytes = memory_array(run, char, 64 * 1024);
    size_t length = fread(bytes, 1, 64 * 1024 - 1, stream);
    fclose(stream);
    char *at = from != NULL ? strstr(bytes, from) : NULL;
    if (from != NULL && at == NULL)
        fail_msg("%s does not hold %s", file, from);
    if (at != NULL) {
        bytes = memory_printf(run, "%.*s%s%s", (int)(at - bytes), bytes, to, at + strlen(from));
        length = strlen(bytes);
    }
    struct problems *problems = problems_new(run);
    struct telegram *telegram;
    assert_int_equal(telegram_parse(run, path, bytes, length, problems, &telegram), 0);
    return report_parse(run, run->graph, telegram, problems);
}

static struct alert *tell(struct build_run *run, const char *file)
{
    return run_report(run, read_changed(run, file, NULL, NULL));
}

static struct alert *tell_changed(struct build_run *run, const char *file, const char *from,
                                  const char *to)
{
    return run_report(run, read_changed(run, file, from, to));
}

static void a_level_rises_falls_and_ends(void **state)
{
    struct build_run *run = *state;
    struct alert *alert = tell(run, HAKONE_2);
    assert_string_equal(run->key, "hazard/actual/volcano/level/315");
    assert_int_equal(alert->phase, PHASE_ISSUE);
    assert_int_equal(alert->hazard, HAZARD_VOLCANO);
    assert_false(alert->generic);
    assert_true(alert->expires == alert->issued_at + 366 * USEC_PER_DAY);
    alert = tell(run, HAKONE_3);
    assert_int_equal(alert->phase, PHASE_UPGRADE);
    assert_int_equal(alert_find(alert, HAKONE)->level, 3);
    assert_int_equal(alert_find(alert, HAKONE)->previous_level, 2);
    assert_string_equal(alert_find(alert, HAKONE)->grade, "level-3");
    alert = tell(run, HAKONE_LOWERED);
    assert_int_equal(alert->phase, PHASE_DOWNGRADE);
    assert_int_equal(alert->level, 2);
    alert = tell(run, HAKONE_LIFTED);
    assert_int_equal(alert->phase, PHASE_ALL_CLEAR);
    assert_int_equal(alert_find(alert, HAKONE)->level, 0);
    assert_int_equal(alert_find(alert, HAKONE)->previous_level, 2);
    assert_string_equal(alert->grade, "level-1");
    assert_string_equal(alert->facts[0].value_ja, "箱根山");
    assert_false(alert_in_force(alert, alert->issued_at));
}

static void from_three_to_one_is_an_end_and_not_a_downgrade(void **state)
{
    struct build_run *run = *state;
    tell(run, HAKONE_3);
    assert_int_equal(tell(run, HAKONE_LIFTED)->phase, PHASE_ALL_CLEAR);
}

static void the_normal_state_is_no_news(void **state)
{
    struct build_run *run = *state;
    assert_null(tell(run, HAKONE_LIFTED));
    struct alert *alert =
        tell_changed(run, HAKONE_2, "2015-05-05T21:00:00Z", "2016-05-05T21:00:00Z");
    assert_int_equal(alert->phase, PHASE_ISSUE);
}

static void an_unchanged_repeat_is_no_news(void **state)
{
    struct build_run *run = *state;
    assert_non_null(tell(run, HAKONE_3));
    assert_null(tell(run, HAKONE_3));
    assert_null(tell_changed(run, HAKONE_3, "2015-06-30T03:30:00Z", "2015-07-01T03:30:00Z"));
    assert_string_equal(run->note, "nothing new to say");
}

static void an_older_telegram_changes_nothing(void **state)
{
    struct build_run *run = *state;
    tell(run, HAKONE_3);
    assert_null(tell(run, HAKONE_2));
    assert_int_equal(value_integer(run->state, "level"), 3);
}

static void a_municipality_more_is_told_beside_those_that_stay(void **state)
{
    struct build_run *run = *state;
    tell(run, "VFVO50/sakurajima-level5_VFVO50.xml");
    struct alert *alert = tell(run, "VFVO50/sakurajima-wide_VFVO50.xml");
    assert_int_equal(alert->phase, PHASE_UPDATE);
    assert_false(alert_find(alert, "4620100")->changed);
    assert_true(alert_find(alert, "4621800")->changed);
    assert_int_equal(alert_find(alert, "4621800")->level, 3);
    assert_int_equal(alert_find(alert, "4621400")->level, 1);
}

static void a_withdrawn_level_ends(void **state)
{
    struct build_run *run = *state;
    tell(run, "VFVO50/sakurajima-level5_VFVO50.xml");
    struct alert *alert = tell(run, "VFVO50/sakurajima-withdrawn_VFVO50.xml");
    assert_int_equal(alert->phase, PHASE_CANCEL);
    assert_int_equal(alert_find(alert, "4620100")->level, 0);
}

static void a_drill_has_a_state_of_its_own(void **state)
{
    struct build_run *run = *state;
    struct alert *alert = tell_changed(run, HAKONE_3, "通常", "訓練");
    assert_string_equal(run->key, "hazard/exercise/volcano/level/315");
    assert_int_equal(alert->status, STATUS_EXERCISE);
}

static void an_eruption_is_corrected_and_withdrawn(void **state)
{
    struct build_run *run = *state;
    struct alert *alert = tell(run, FLASH);
    assert_string_equal(run->key, "hazard/actual/volcano/eruption/20140927120000_312");
    assert_int_equal(alert->level, 3);
    assert_true(alert->expires == alert->issued_at + USEC_PER_DAY);
    usec_t before = alert->facts[1].at;
    /* The page tells the right time; nobody is called because of a minute. */
    alert = tell(run, "VFVO56/ontake-corrected_VFVO56.xml");
    assert_int_equal(alert->phase, PHASE_CORRECTION);
    assert_true(alert->facts[1].at == before - USEC_PER_MINUTE);
    assert_false(alert_find(alert, "2042900")->changed);
    alert = tell(run, "VFVO56/ontake-withdrawn_VFVO56.xml");
    assert_int_equal(alert->phase, PHASE_CANCEL);
    assert_string_equal(alert->grade, "eruption");
    assert_int_equal(alert_find(alert, "2042900")->level, 0);
}

static void a_second_eruption_is_not_the_first(void **state)
{
    struct build_run *run = *state;
    size_t count;
    const struct report *first = read_changed(run, FLASH, NULL, NULL);
    const struct report *second =
        read_changed(run, FLASH, "20140927120000_312", "20140927180000_312");
    const char *key = event_keys(run, run->graph, first, &count)[0];
    assert_string_not_equal(event_keys(run, run->graph, second, &count)[0], key);
}

static void ash_ends_at_its_time_and_then_counts_as_new(void **state)
{
    struct build_run *run = *state;
    struct alert *alert = tell(run, ASH);
    usec_t until = (usec_t)1565186880 * USEC_PER_SEC;
    assert_true(alert->expires == until);
    struct event_state event = {.key = run->key, .json = run->state};
    assert_null(event_expire(run, run->graph, &event, until - 1));
    assert_non_null(event_expire(run, run->graph, &event, until));
    alert = tell_changed(run, ASH, "2019-08-07T13:20:00Z", "2019-08-07T15:20:00Z");
    assert_int_equal(alert->phase, PHASE_ISSUE);
}

static void a_warning_at_sea_begins_and_ends_without_a_place(void **state)
{
    struct build_run *run = *state;
    struct alert *alert = tell(run, "VFSVii/okanoba-warning_VFSVii.xml");
    assert_string_equal(run->key, "hazard/actual/volcano/sea/331");
    assert_int_equal(alert->phase, PHASE_ISSUE);
    assert_int_equal(alert->level, 2);
    assert_int_equal(alert->area_count, 0);
    assert_true(alert_in_force(alert, alert->issued_at));
    assert_null(tell_changed(run, "VFSVii/okanoba-warning_VFSVii.xml", "2021-08-13T05:30:00Z",
                             "2021-08-14T05:30:00Z"));
    alert = tell(run, "VFSVii/okanoba-lifted_VFSVii.xml");
    assert_int_equal(alert->phase, PHASE_ALL_CLEAR);
    assert_false(alert_in_force(alert, alert->issued_at));
}

static void a_commentary_is_told_once_for_each_text(void **state)
{
    struct build_run *run = *state;
    struct alert *alert = tell(run, EXTRA);
    assert_true(alert->generic);
    assert_int_equal(alert->level, 2);
    assert_string_equal(alert->grade, "commentary");
    assert_null(tell_changed(run, EXTRA, "2015-05-03T06:00:00Z", "2015-05-03T07:00:00Z"));
    struct report *report =
        read_changed(run, EXTRA, "箱根山で地震が増えている。", "地震は減った。");
    build_telegram(report)->control_time += 2 * USEC_PER_HOUR;
    assert_int_equal(run_report(run, report)->phase, PHASE_UPDATE);
}

static void the_monthly_summary_tells_nobody(void **state)
{
    struct build_run *run = *state;
    assert_null(tell(run, "VFVO51/monthly_VFVO51.xml"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_level_rises_falls_and_ends),
        TEST(from_three_to_one_is_an_end_and_not_a_downgrade),
        TEST(the_normal_state_is_no_news),
        TEST(an_unchanged_repeat_is_no_news),
        TEST(an_older_telegram_changes_nothing),
        TEST(a_municipality_more_is_told_beside_those_that_stay),
        TEST(a_withdrawn_level_ends),
        TEST(a_drill_has_a_state_of_its_own),
        TEST(an_eruption_is_corrected_and_withdrawn),
        TEST(a_second_eruption_is_not_the_first),
        TEST(ash_ends_at_its_time_and_then_counts_as_new),
        TEST(a_warning_at_sea_begins_and_ends_without_a_place),
        TEST(a_commentary_is_told_once_for_each_text),
        TEST(the_monthly_summary_tells_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
