/* VTSE41, 51, 52: coasts, grades, heights in words and numbers, observations. */
#include <math.h>

#include "jma/load.h"

#define ISSUE    "own/VTSE41/noto-issue_VTSE41.xml"
#define RELEASE  "own/VTSE41/noto-release_VTSE41.xml"
#define HUGE     "own/VTSE41/tohoku-huge_VTSE41.xml"
#define OBSERVED "own/VTSE51/noto-observed_VTSE51.xml"
#define OFFSHORE "own/VTSE52/offshore_VTSE52.xml"

static const struct tsunami_area *coast(const struct report *report, const char *code)
{
    for (size_t i = 0; i < report->tsunami.area_count; i++) {
        if (strcmp(report->tsunami.areas[i].code, code) == 0)
            return &report->tsunami.areas[i];
    }
    fail_msg("no coast %s", code);
    return NULL;
}

static void every_coast_has_its_grade(void **state)
{
    struct report *report = load_report(*state, ISSUE);
    assert_int_equal(report->kind, REPORT_TSUNAMI);
    assert_null(report->degraded);
    assert_true(report->tsunami.is_state);
    assert_int_equal(report->tsunami.area_count, 7);
    assert_string_equal(coast(report, "360")->grade, "major-warning");
    assert_int_equal(coast(report, "360")->level, 5);
    assert_true(coast(report, "360")->important);
    assert_string_equal(coast(report, "340")->grade, "warning");
    assert_string_equal(coast(report, "110")->grade, "advisory");
    assert_int_equal(coast(report, "110")->level, 3);
    assert_string_equal(coast(report, "530")->grade, "forecast");
    assert_int_equal(report->tsunami.source_count, 1);
    assert_near(report->tsunami.sources[0].magnitude, 7.4);
}

/* With a warning in force JMA leaves the advisories out of the Headline. */
static void coasts_come_from_the_body_and_not_the_headline(void **state)
{
    struct report *report =
        load_without(*state, ISSUE, "<Information type=\"津波予報領域表現\">", "</Headline>");
    assert_int_equal(report->tsunami.area_count, 7);
}

static void an_arrival_is_a_time_or_a_condition(void **state)
{
    struct report *report = load_report(*state, ISSUE);
    char text[CLOCK_TEXT_BYTES];
    assert_int_equal(coast(report, "360")->arrival_time, 0);
    assert_string_equal(coast(report, "360")->arrival_condition, "ただちに津波来襲と予測");
    assert_string_equal(clock_format_jst(coast(report, "110")->arrival_time, text),
                        "2024-01-01T17:50:00+09:00");
    assert_null(coast(report, "110")->arrival_condition);
}

static void a_huge_wave_has_words_and_no_number(void **state)
{
    struct report *report = load_report(*state, HUGE);
    assert_null(report->degraded);
    assert_true(isnan(coast(report, "210")->height_m));
    assert_string_equal(coast(report, "210")->height_text, "巨大");
    assert_string_equal(coast(report, "101")->height_text, "高い");
    assert_null(coast(report, "312")->height_text);
    assert_true(isnan(coast(report, "750")->height_m));
    assert_true(isnan(report->tsunami.sources[0].magnitude));
    assert_string_equal(report->tsunami.sources[0].magnitude_text, "Ｍ８を超える巨大地震");
}

static void over_ten_metres_is_shown_by_its_words(void **state)
{
    struct report *report = load_report(*state, "own/VTSE41/two-quakes_VTSE41.xml");
    assert_string_equal(coast(report, "210")->height_text, "１０ｍ超");
    assert_string_equal(coast(report, "300")->height_text, "１０ｍ");
    assert_near(coast(report, "210")->height_m, coast(report, "300")->height_m);
}

/* A height out of what can be is unknown, in words as JMA wrote them, and told to the operator. */
static void a_height_out_of_range_is_unknown_and_the_coast_stays(void **state)
{
    static const char *const heights[] = {">1000<", ">-3<", ">1e9<", ">inf<", "><"};
    for (size_t i = 0; i < sizeof(heights) / sizeof(heights[0]); i++) {
        struct report *report = load_changed(*state, ISSUE, ">5<", heights[i]);
        assert_int_equal(report->kind, REPORT_TSUNAMI);
        assert_true(isnan(coast(report, "360")->height_m));
        assert_string_equal(coast(report, "360")->height_text, "５ｍ");
        assert_int_equal(coast(report, "360")->level, 5);
        assert_non_null(report->degraded);
    }
}

static void two_earthquakes_behind_one_warning_are_both_kept(void **state)
{
    struct report *report = load_report(*state, "own/VTSE41/two-quakes_VTSE41.xml");
    assert_int_equal(report->tsunami.source_count, 2);
    assert_string_equal(report->tsunami.sources[1].hypocenter.name, "茨城県沖");
}

static void a_release_has_level_zero_and_a_time_of_its_end(void **state)
{
    struct report *report = load_report(*state, RELEASE);
    char text[CLOCK_TEXT_BYTES];
    assert_true(report->tsunami.is_state);
    assert_string_equal(coast(report, "360")->grade, "none");
    assert_int_equal(coast(report, "360")->level, 0);
    assert_string_equal(coast(report, "340")->kind_code, "50");
    assert_null(coast(report, "340")->height_text);
    assert_int_equal(coast(report, "341")->level, 1);
    assert_string_equal(clock_format_jst(report->telegram->valid_until, text),
                        "2024-01-02T17:00:00+09:00");
}

static void a_downgrade_keeps_what_came_before(void **state)
{
    struct report *report = load_report(*state, "own/VTSE41/noto-downgrade_VTSE41.xml");
    assert_string_equal(coast(report, "360")->kind_code, "62");
    assert_string_equal(coast(report, "360")->last_kind_code, "51");
    assert_string_equal(coast(report, "102")->kind_code, "60");
}

static void observations_keep_their_conditions_as_written(void **state)
{
    struct report *report = load_report(*state, OBSERVED);
    const struct tsunami_observation *seen = report->tsunami.observations;
    assert_int_equal(report->tsunami.observation_count, 3);
    assert_string_equal(seen[0].area_code, "360");
    assert_string_equal(seen[0].station_name, "輪島港");
    assert_string_equal(seen[0].initial, "押し");
    assert_string_equal(seen[0].height_condition, "上昇中");
    assert_string_equal(seen[0].height_text, "１．２ｍ以上");
    assert_near(seen[0].height_m, 1.2);
    assert_string_equal(seen[1].max_condition, "重要　欠測");
    assert_true(isnan(seen[1].height_m));
    assert_string_equal(seen[1].first_condition, "第１波識別不能");
    assert_string_equal(seen[2].max_condition, "観測中");
}

static void a_forecast_inside_an_observation_report_is_a_state(void **state)
{
    struct report *report = load_report(*state, OBSERVED);
    assert_true(report->tsunami.is_state);
    assert_int_equal(report->tsunami.area_count, 7);
    report = load_without(*state, OBSERVED, "<Forecast>", "</Tsunami>");
    assert_non_null(report->degraded); /* JMA's details always have one */
    assert_false(report->tsunami.is_state);
    assert_int_equal(report->tsunami.observation_count, 3);
}

static void an_offshore_wave_has_no_coast(void **state)
{
    struct report *report = load_report(*state, OFFSHORE);
    assert_null(report->degraded);
    assert_false(report->tsunami.is_state);
    assert_int_equal(report->tsunami.observation_count, 1);
    assert_null(report->tsunami.observations[0].area_code);
    assert_near(report->tsunami.observations[0].height_m, 6.8);
}

static void a_kind_that_nobody_knows_is_ranked_by_its_words_or_its_number(void **state)
{
    struct report *report = load_report(*state, "own/VTSE41/unknown-kind_VTSE41.xml");
    assert_int_equal(report->kind, REPORT_TSUNAMI);
    assert_non_null(report->degraded);
    assert_int_equal(coast(report, "210")->level, 5);
    assert_string_equal(coast(report, "210")->grade, "major-warning");
    assert_int_equal(coast(report, "300")->level, 4);
    report = load_changed(*state, OBSERVED,
                          "<Name>大津波警報：発表</Name>\n              <Code>53</Code>",
                          "<Code>58</Code>");
    assert_int_equal(coast(report, "360")->level, 4);
}

static void a_garbled_part_does_not_hide_the_coast(void **state)
{
    struct report *report = load_report(*state, "own/VTSE41/unknown-kind_VTSE41.xml");
    assert_int_equal(coast(report, "210")->arrival_time, 0);
    assert_true(isnan(coast(report, "210")->height_m));
    assert_string_equal(coast(report, "210")->height_text, "１０ｍ超");
    /* A coast without a code is found by its exact name. */
    assert_int_equal(report->tsunami.area_count, 3);
    assert_int_equal(coast(report, "220")->level, 5);
}

static void a_coast_without_code_and_name_is_left_out_and_told(void **state)
{
    struct report *report = load_changed(
        *state, ISSUE, "<Name>北海道日本海沿岸北部</Name>\n            <Code>110</Code>\n", "");
    assert_int_equal(report->kind, REPORT_TSUNAMI);
    assert_int_equal(report->tsunami.area_count, 6);
    assert_non_null(report->degraded); /* keeps it from being read as an end */
}

#define NORTH "<Name>北海道日本海沿岸北部</Name>\n            <Code>110</Code>"

static bool lists(const struct report *report, const char *code)
{
    for (size_t i = 0; i < report->tsunami.area_count; i++) {
        if (strcmp(report->tsunami.areas[i].code, code) == 0)
            return true;
    }
    return false;
}

static void a_coast_that_nobody_knows_is_told_where_its_number_may_be(void **state)
{
    struct report *report =
        load_changed(*state, ISSUE, NORTH, "<Name>留萌・宗谷沿岸</Name><Code>112</Code>");
    assert_non_null(report->degraded);
    assert_int_equal(coast(report, "112")->level, 3); /* as JMA has it, for the pages */
    assert_int_equal(coast(report, "110")->level, 3);
    assert_int_equal(coast(report, "111")->level, 3);
    assert_string_equal(coast(report, "111")->name, "北海道日本海沿岸南部");
    /* A missing area does not mean everyone. */
    assert_false(lists(report, "120"));
    assert_int_equal(report->tsunami.area_count, 9);
}

static void a_coast_without_a_number_is_told_in_the_prefecture_of_its_name(void **state)
{
    static const char *const hokkaido[] = {"100", "101", "110", "111", "120"};
    struct report *report = load_changed(*state, ISSUE, NORTH, "<Name>北海道新沿岸</Name>");
    assert_non_null(report->degraded);
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(coast(report, hokkaido[i])->level, 3);
    assert_int_equal(report->tsunami.area_count, 6 + 5);
    assert_false(lists(report, "200"));
}

static void coasts_that_are_all_listed_are_raised_for_the_one_that_nobody_knows(void **state)
{
    struct load *load = *state;
    size_t length;
    char *bytes = load_bytes(load, ISSUE, &length);
    char *west = strstr(bytes, "<Code>102</Code>");
    memcpy(west, "<Code>111</Code>", strlen("<Code>111</Code>"));
    char *lost =
        strstr(strstr(bytes, "<Body"), "<Name>福井県</Name>\n            <Code>370</Code>");
    bytes =
        memory_printf(load, "%.*s<Name>新沿岸</Name><Code>119</Code>%s", (int)(lost - bytes), bytes,
                      lost + strlen("<Name>福井県</Name>\n            <Code>370</Code>"));
    struct report *report = load_text(load, "a_0_VTSE41_010000.xml", bytes, strlen(bytes));
    assert_int_equal(coast(report, "110")->level, 4);
    assert_int_equal(coast(report, "111")->level, 4);
    assert_string_equal(coast(report, "111")->grade, "warning");
}

/* What is lifted there ends nothing elsewhere while anyone is warned. */
static void the_end_of_a_coast_that_nobody_knows_is_one_only_with_the_whole(void **state)
{
    const char *lifted = "<Name>津波注意報解除</Name>\n              <Code>60</Code>";
    struct report *report = load_changed(*state, RELEASE, "<Code>360</Code>", "<Code>362</Code>");
    assert_true(lists(report, "360"));
    report = load_changed(*state, RELEASE, "<Name>石川県能登</Name>\n            <Code>360</Code>",
                          "<Name>新沿岸</Name><Code>362</Code>");
    assert_non_null(report->degraded);
    assert_int_equal(coast(report, "361")->level, 0);
    struct load *load = *state;
    size_t length;
    char *bytes = load_bytes(load, ISSUE, &length);
    char *north = strstr(bytes, NORTH);
    bytes = memory_printf(load, "%.*s<Name>新沿岸</Name><Code>112</Code>%s", (int)(north - bytes),
                          bytes, north + strlen(NORTH));
    north = strstr(bytes, "<Code>112</Code>");
    char *kind = strstr(north, "<Name>津波注意報</Name>\n              <Code>62</Code>");
    bytes = memory_printf(load, "%.*s%s%s", (int)(kind - bytes), bytes, lifted,
                          kind + strlen("<Name>津波注意報</Name>\n              <Code>62</Code>"));
    report = load_text(load, "a_0_VTSE41_010000.xml", bytes, strlen(bytes));
    assert_int_equal(coast(report, "112")->level, 0);
    assert_false(lists(report, "110"));
}

/* Details have no headline of coasts: without number and name only the wave says which it was. */
static void a_coast_without_a_trace_is_told_where_a_wave_was_seen(void **state)
{
    struct report *report = load_report(*state, OBSERVED);
    assert_null(report->degraded);
    size_t length;
    char *bytes = load_bytes(*state, OBSERVED, &length);
    char *area = strstr(strstr(bytes, "<Forecast>"), "<Area>");
    bytes = memory_printf(*state, "%.*s%s", (int)(area - bytes), bytes,
                          strstr(area, "</Area>") + strlen("</Area>"));
    report = load_text(*state, "a_0_VTSE51_010000.xml", bytes, strlen(bytes));
    assert_non_null(report->degraded);
    assert_int_equal(coast(report, "360")->level, 5);
}

static void details_without_a_coast_where_a_wave_was_seen_are_told_to_the_operator(void **state)
{
    size_t length;
    char *bytes = load_bytes(*state, OBSERVED, &length);
    char *item = strstr(strstr(bytes, "<Forecast>"), "<Item>");
    char *without = memory_printf(*state, "%.*s%s", (int)(item - bytes), bytes,
                                  strstr(item, "</Item>") + strlen("</Item>"));
    struct report *report = load_text(*state, "a_0_VTSE51_010000.xml", without, strlen(without));
    assert_non_null(report->degraded);
    assert_non_null(load_without(*state, OBSERVED, "<Forecast>", "</Tsunami>")->degraded);
}

static void a_part_of_the_forecast_under_another_name_is_read(void **state)
{
    struct load *load = *state;
    size_t length;
    char *bytes = load_bytes(load, ISSUE, &length);
    char *item = strstr(strstr(bytes, "<Forecast>"), "<Item>");
    memcpy(strstr(item, "</Item>"), "</Itex>", strlen("</Itex>"));
    memcpy(item, "<Itex>", strlen("<Itex>"));
    struct report *report = load_text(load, ISSUE, bytes, length);
    assert_non_null(report->degraded);
    assert_int_equal(coast(report, "360")->level, 5);
    assert_true(coast(report, "360")->important);
}

static void a_kind_that_was_lost_is_not_below_the_one_before(void **state)
{
    struct load *load = *state;
    size_t length;
    char *bytes = load_bytes(load, OBSERVED, &length);
    char *kind = strstr(strstr(bytes, "<Forecast>"), "<Kind>");
    char *after = strstr(kind, "<LastKind>");
    bytes = memory_printf(load, "%.*s<LastKind><Name>大津波警報</Name><Code>52</Code></LastKind>%s",
                          (int)(kind - bytes), bytes, strstr(after, "</Category>"));
    struct report *report = load_text(load, "a_0_VTSE51_010000.xml", bytes, strlen(bytes));
    assert_non_null(report->degraded);
    assert_true(coast(report, "360")->at_least);
    assert_int_equal(coast(report, "360")->level, 5);
    assert_string_equal(coast(report, "360")->grade, "major-warning");
}

static void a_coast_without_a_kind_is_as_grave_as_the_title(void **state)
{
    struct report *report = load_without(*state, ISSUE, "<Category>", "<FirstHeight>");
    assert_non_null(report->degraded);
    assert_int_equal(report->tsunami.area_count, 7);
    assert_int_equal(report->tsunami.areas[0].level, 5);
    assert_string_equal(report->tsunami.areas[0].grade, "major-warning");
}

static void a_title_graver_than_every_coast_tells_of_a_loss(void **state)
{
    struct report *report =
        load_changed(*state, ISSUE, "<Name>大津波警報：発表</Name>\n              <Code>53</Code>",
                     "<Name>津波警報</Name>\n              <Code>51</Code>");
    assert_non_null(report->degraded);
    report = load_report(*state, ISSUE);
    assert_null(report->degraded);
    report = load_report(*state, "own/VTSE41/noto-release_VTSE41.xml");
    assert_null(report->degraded);
}

static void a_warning_whose_body_is_gone_still_warns_by_its_headline(void **state)
{
    struct report *report = load_without(*state, ISSUE, "<Tsunami>", "<Earthquake>");
    assert_int_equal(report->kind, REPORT_GENERIC);
    assert_non_null(report->degraded);
    assert_true(report->generic.alerts);
    assert_int_equal(report->generic.hazard, HAZARD_TSUNAMI);
    assert_int_equal(report->generic.level, 5);
    assert_int_equal(report->generic.area_count, 4);
    assert_int_equal(report->generic.areas[0].system, AREA_TSUNAMI_COAST);
    assert_string_equal(report->generic.areas[0].code, "360");
}

static void a_cancel_has_no_coasts(void **state)
{
    struct report *report = load_report(*state, "own/VTSE41/noto-cancel_VTSE41.xml");
    assert_int_equal(report->kind, REPORT_TSUNAMI);
    assert_int_equal(report->telegram->info_type, INFO_CANCEL);
    assert_null(report->degraded);
    assert_false(report->tsunami.is_state);
}

static void a_drill_says_so_and_nothing_else_differs(void **state)
{
    struct report *report = load_report(*state, "own/VTSE41/noto-drill_VTSE41.xml");
    assert_int_equal(report->telegram->status, STATUS_EXERCISE);
    assert_int_equal(coast(report, "360")->level, 5);
}

static void a_coast_that_the_body_lost_is_warned_by_the_headline(void **state)
{
    struct report *report =
        load_without(*state, ISSUE, "<Area>\n            <Name>石川県能登</Name>", "</Item>");
    assert_int_equal(coast(report, "360")->level, 5);
    assert_string_equal(coast(report, "360")->grade, "major-warning");
    assert_string_equal(coast(report, "360")->name, "石川県能登");
    assert_non_null(report->degraded);
    report = load_changed(*state, ISSUE, "<Code>53</Code>", "<Code>62</Code>");
    assert_int_equal(coast(report, "360")->level, 5);
    assert_non_null(report->degraded);
}

static void a_group_of_the_headline_without_so_grave_a_coast_lost_one(void **state)
{
    static const char *const members[] = {"201", "210", "220", "250"};
    struct report *report = load_changed(*state, ISSUE, "<Code>360</Code>", "<Code>291</Code>");
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(coast(report, members[i])->level, 5);
    assert_non_null(report->degraded);
}

/* 484 is all of 石川県: JMA names it when any part of it has that kind. */
static void a_group_of_the_headline_with_so_grave_a_coast_says_nothing_more(void **state)
{
    struct report *report = load_changed(*state, ISSUE, "<Code>360</Code>", "<Code>484</Code>");
    assert_int_equal(report->tsunami.area_count, 7);
    assert_null(report->degraded);
}

static void a_headline_whose_kind_or_coast_was_lost_is_told(void **state)
{
    assert_non_null(load_changed(*state, ISSUE, "<Code>52</Code>", "<Code/>")->degraded);
    assert_non_null(load_changed(*state, ISSUE, "<Code>360</Code>", "<Code>？0</Code>")->degraded);
    assert_non_null(load_changed(*state, ISSUE, "<Code>360</Code>", "")->degraded);
}

static void a_kind_is_found_wherever_the_item_holds_it(void **state)
{
    struct load *load = *state;
    size_t length;
    char *bytes = load_bytes(load, OBSERVED, &length);
    for (char *at = strstr(bytes, "Category"); at != NULL; at = strstr(at, "Category"))
        memcpy(at, "CategorX", strlen("CategorX"));
    struct report *report = load_text(load, "a_0_VTSE51_010000.xml", bytes, strlen(bytes));
    assert_int_equal(coast(report, "360")->level, 5);
    assert_int_equal(coast(report, "110")->level, 3);
    char *kind = strstr(strstr(bytes, "<Forecast>"), "<Kind>");
    memcpy(strstr(kind, "</Kind>"), "</Kinx>", strlen("</Kinx>"));
    memcpy(kind, "<Kinx>", strlen("<Kinx>"));
    for (char *at = strstr(bytes, "CategorX"); at != NULL; at = strstr(at, "CategorX"))
        memcpy(at, "Category", strlen("Category"));
    report = load_text(load, "a_0_VTSE51_010000.xml", bytes, strlen(bytes));
    assert_int_equal(coast(report, "360")->level, 5);
    assert_string_equal(coast(report, "360")->kind_code, "53");
}

static void a_kind_without_a_trace_is_the_least_that_it_can_be(void **state)
{
    struct report *report = load_without(*state, OBSERVED, "<Category>", "<FirstHeight>");
    assert_int_equal(coast(report, "360")->level, 4);
    assert_true(coast(report, "360")->at_least);
    assert_false(coast(report, "340")->at_least);
    assert_non_null(report->degraded);
}

static void what_waves_out_at_sea_mean_for_a_coast_is_an_estimate(void **state)
{
    struct report *report = load_report(*state, "own/VTSE52/risen_VTSE52.xml");
    assert_null(report->degraded);
    assert_int_equal(report->tsunami.observation_count, 1);
    assert_string_equal(report->tsunami.observations[0].max_condition, "観測中");
    assert_string_equal(report->tsunami.observations[0].max_revise, "更新");
    assert_int_equal(report->tsunami.estimate_count, 1);
    const struct tsunami_observation *estimate = &report->tsunami.estimates[0];
    assert_string_equal(estimate->area_code, "210");
    assert_string_equal(estimate->max_condition, "推定中");
    assert_string_equal(estimate->max_revise, "更新");
    assert_null(estimate->station_name);
}

/* Found by tests/telegram/degrade. */
static void a_kind_that_only_the_title_names_is_told(void **state)
{
    const char *file = "own/VTSE41/two-quakes_VTSE41.xml", *title = "<Title>大津波警報</Title>";
    assert_null(load_report(*state, ISSUE)->degraded);
    assert_null(load_report(*state, file)->degraded);
    struct report *report =
        load_changed(*state, file, title, "<Title>大津波警報・津波警報</Title>");
    assert_string_equal(report->degraded, "no coast has what the title warns of");
}

static void a_coast_without_its_code_is_that_of_its_stations(void **state)
{
    struct load *load = *state;
    size_t length;
    char *bytes = load_bytes(load, OBSERVED, &length);
    char *area = strstr(strstr(bytes, "<Forecast>"), "<Area>");
    const char *text =
        memory_printf(load, "%.*s<Station><Name>輪島港</Name><Code>36020</Code></Station>%s",
                      (int)(area - bytes), bytes, strstr(area, "</Area>") + strlen("</Area>"));
    struct report *report = load_text(load, "a_0_VTSE51_010000.xml", text, strlen(text));
    assert_int_equal(coast(report, "360")->level, 5);
    assert_non_null(report->degraded);
}

static void a_wave_of_a_metre_where_nothing_is_in_force_is_told(void **state)
{
    const char *none = "<Condition>観測中</Condition>";
    struct report *report = load_changed(
        *state, OBSERVED, none, "<jmx_eb:TsunamiHeight unit=\"m\">0.9</jmx_eb:TsunamiHeight>");
    assert_null(report->degraded);
    report = load_changed(*state, OBSERVED, none,
                          "<jmx_eb:TsunamiHeight unit=\"m\">1.0</jmx_eb:TsunamiHeight>");
    assert_string_equal(report->degraded, "a coast with a great wave is not in the forecast");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_coast_has_its_grade),
        TEST(coasts_come_from_the_body_and_not_the_headline),
        TEST(an_arrival_is_a_time_or_a_condition),
        TEST(a_huge_wave_has_words_and_no_number),
        TEST(over_ten_metres_is_shown_by_its_words),
        TEST(a_height_out_of_range_is_unknown_and_the_coast_stays),
        TEST(two_earthquakes_behind_one_warning_are_both_kept),
        TEST(a_release_has_level_zero_and_a_time_of_its_end),
        TEST(a_downgrade_keeps_what_came_before),
        TEST(observations_keep_their_conditions_as_written),
        TEST(a_forecast_inside_an_observation_report_is_a_state),
        TEST(an_offshore_wave_has_no_coast),
        TEST(a_kind_that_nobody_knows_is_ranked_by_its_words_or_its_number),
        TEST(a_garbled_part_does_not_hide_the_coast),
        TEST(a_coast_without_code_and_name_is_left_out_and_told),
        TEST(a_coast_without_a_trace_is_told_where_a_wave_was_seen),
        TEST(details_without_a_coast_where_a_wave_was_seen_are_told_to_the_operator),
        TEST(a_part_of_the_forecast_under_another_name_is_read),
        TEST(a_kind_that_was_lost_is_not_below_the_one_before),
        TEST(a_coast_that_nobody_knows_is_told_where_its_number_may_be),
        TEST(a_coast_without_a_number_is_told_in_the_prefecture_of_its_name),
        TEST(coasts_that_are_all_listed_are_raised_for_the_one_that_nobody_knows),
        TEST(the_end_of_a_coast_that_nobody_knows_is_one_only_with_the_whole),
        TEST(a_coast_without_a_kind_is_as_grave_as_the_title),
        TEST(a_title_graver_than_every_coast_tells_of_a_loss),
        TEST(a_warning_whose_body_is_gone_still_warns_by_its_headline),
        TEST(a_cancel_has_no_coasts),
        TEST(a_drill_says_so_and_nothing_else_differs),
        TEST(a_coast_that_the_body_lost_is_warned_by_the_headline),
        TEST(a_group_of_the_headline_without_so_grave_a_coast_lost_one),
        TEST(a_group_of_the_headline_with_so_grave_a_coast_says_nothing_more),
        TEST(a_headline_whose_kind_or_coast_was_lost_is_told),
        TEST(a_kind_is_found_wherever_the_item_holds_it),
        TEST(a_kind_without_a_trace_is_the_least_that_it_can_be),
        TEST(what_waves_out_at_sea_mean_for_a_coast_is_an_estimate),
        TEST(a_kind_that_only_the_title_names_is_told),
        TEST(a_coast_without_its_code_is_that_of_its_stations),
        TEST(a_wave_of_a_metre_where_nothing_is_in_force_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
