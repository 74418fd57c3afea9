/* What JMA says of earthquakes beside the single earthquake. */
#include "jma/load.h"

#define ATTENTION "own/VYSE50/attention_VYSE50.xml"

static const struct hazard_report *outlook(void **state, const char *file)
{
    struct report *report = load_report(*state, file);
    assert_int_equal(report->kind, REPORT_OUTLOOK);
    assert_int_equal(report->hazard.hazard, HAZARD_EARTHQUAKE);
    return &report->hazard;
}

static void the_nankai_trough_information_is_ranked_by_its_stage(void **state)
{
    static const struct {
        const char *code, *grade;
        int level;
    } cases[] = {{">111<", "nankai-investigating", 2},
                 {">113<", "nankai-investigating", 2},
                 {">120<", "nankai-alert", 4},
                 {">130<", "nankai-attention", 3}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct report *report = load_changed(*state, ATTENTION, ">130<", cases[i].code);
        assert_int_equal(report->hazard.level, cases[i].level);
        assert_string_equal(report->hazard.grade, cases[i].grade);
        assert_int_equal(report->hazard.area_count, 29);
    }
    assert_int_equal(outlook(state, "own/VYSE50/over_VYSE50.xml")->level, 0);
}

static void all_stages_of_the_nankai_trough_are_one_event_that_lasts_a_week(void **state)
{
    const struct report *report = load_report(*state, ATTENTION);
    const struct hazard_report *over = outlook(state, "own/VYSE50/over_VYSE50.xml");
    assert_string_equal(report->hazard.family, over->family);
    assert_string_equal(report->hazard.subject, over->subject);
    assert_int_equal(report->hazard.ends_at - report->telegram->control_time, 7 * USEC_PER_DAY);
}

static void a_stage_that_we_do_not_know_is_told_in_general_words(void **state)
{
    const struct report *report = load_changed(*state, ATTENTION, ">130<", ">140<");
    assert_int_equal(report->kind, REPORT_GENERIC);
    assert_non_null(report->degraded);
    assert_int_equal(report->generic.area_count, 29);
    assert_true(report->generic.alerts);
}

static void the_hokkaido_and_sanriku_information_reaches_its_prefectures(void **state)
{
    const struct hazard_report *report = outlook(state, "own/VYSE60/sanriku_VYSE60.xml");
    assert_int_equal(report->level, 3);
    assert_int_equal(report->area_count, 7);
    assert_int_equal(report->areas[0].system, AREA_PREFECTURE);
    assert_string_equal(report->areas[0].code, "01");
}

static void long_period_motion_is_ranked_by_class_and_told_by_region(void **state)
{
    const struct hazard_report *report = outlook(state, "own/VXSE62/noto_VXSE62.xml");
    assert_int_equal(report->level, 4);
    assert_int_equal(report->area_count, 3);
    assert_string_equal(report->areas[0].code, "390");
    assert_int_equal(report->areas[1].level, 3);
    assert_int_equal(report->areas[2].level, 1);
    assert_false(report->prose);
}

static void the_strongest_class_of_the_body_holds_where_the_headline_lost_it(void **state)
{
    const struct report *report =
        load_changed(*state, "own/VXSE62/noto_VXSE62.xml", "<Name>長周期地震動階級４</Name>", "");
    assert_int_equal(report->kind, REPORT_OUTLOOK);
    assert_int_equal(report->hazard.level, 4);
    assert_non_null(report->degraded);
    report = load_changed(*state, "own/VXSE62/noto_VXSE62.xml", "<MaxLgInt>4</MaxLgInt>", "");
    assert_int_equal(report->hazard.level, 4);
    assert_non_null(report->degraded);
}

static void activity_and_counts_are_shown_and_told_to_nobody(void **state)
{
    const struct hazard_report *report = outlook(state, "own/VXSE60/swarm_VXSE60.xml");
    assert_int_equal(report->level, 1);
    assert_int_equal(report->area_count, 0);
}

static void what_only_repeats_a_nankai_telegram_says_nothing(void **state)
{
    assert_int_equal(outlook(state, "own/VXSE56/activity_VXSE56.xml")->level, 1);
    const struct report *report =
        load_changed(*state, "own/VXSE56/activity_VXSE56.xml", "地震の活動状況等をお知らせします",
                     "南海トラフ地震に関連する情報（臨時）を発表します");
    assert_int_equal(report->hazard.level, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_nankai_trough_information_is_ranked_by_its_stage),
        cmocka_unit_test(all_stages_of_the_nankai_trough_are_one_event_that_lasts_a_week),
        cmocka_unit_test(a_stage_that_we_do_not_know_is_told_in_general_words),
        cmocka_unit_test(the_hokkaido_and_sanriku_information_reaches_its_prefectures),
        cmocka_unit_test(long_period_motion_is_ranked_by_class_and_told_by_region),
        cmocka_unit_test(the_strongest_class_of_the_body_holds_where_the_headline_lost_it),
        cmocka_unit_test(activity_and_counts_are_shown_and_told_to_nobody),
        cmocka_unit_test(what_only_repeats_a_nankai_telegram_says_nothing),
    };
    return cmocka_run_group_tests(tests, load_begin, load_end);
}
