/* Floods of rivers: the zone's level, its places, and the way down. */
#include "jma/load.h"

#define LEVEL5 "own/VXKO70/level5_VXKO70.xml"

static const struct hazard_report *flood(void **state, const char *file)
{
    struct report *report = load_report(*state, file);
    assert_int_equal(report->kind, REPORT_FLOOD);
    assert_int_equal(report->hazard.hazard, HAZARD_FLOOD);
    return &report->hazard;
}

static void the_zone_tells_the_level_and_not_the_first_gauge(void **state)
{
    const struct hazard_report *report = flood(state, LEVEL5);
    assert_int_equal(report->level, 5);
    assert_string_equal(report->grade, "emergency");
    assert_string_equal(report->subject, "819999000100");
    assert_string_equal(report->text, "【警戒レベル５相当】下流で川の水があふれた。");
}

static void a_flood_concerns_the_cities_it_may_flood(void **state)
{
    const struct hazard_report *report = flood(state, LEVEL5);
    assert_int_equal(report->area_count, 1);
    assert_int_equal(report->areas[0].system, AREA_WEATHER_CITY);
    assert_string_equal(report->areas[0].code, "1720400");
    assert_int_equal(report->areas[0].level, 5);
}

/* Found by tests/telegram/degrade: VXSU has a Warning of its own for them, and its whole prefecture
 * was told. */
static void the_cities_may_stand_in_a_second_warning(void **state)
{
    const struct report *report =
        load_changed(*state, LEVEL5, "<Warning ", "<Warning type=\"（河川）\"/><Warning ");
    assert_null(report->degraded);
    assert_int_equal(report->hazard.area_count, 1);
    assert_string_equal(report->hazard.areas[0].code, "1720400");
}

static void each_kind_has_the_level_of_its_first_digit(void **state)
{
    static const struct {
        const char *code;
        int level;
    } cases[] = {{"20", 2}, {"22", 2}, {"30", 3}, {"31", 3}, {"40", 4}, {"41", 4}, {"53", 5}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char code[32];
        snprintf(code, sizeof(code), "<Code>%s</Code>", cases[i].code);
        const struct report *report = load_changed(*state, LEVEL5, "<Code>51</Code>", code);
        assert_int_equal(report->kind, REPORT_FLOOD);
        assert_int_equal(report->hazard.level, cases[i].level);
    }
}

static void a_kind_without_a_known_code_goes_by_its_name_or_is_told_in_general_words(void **state)
{
    const struct report *report =
        load_changed(*state, LEVEL5, "<Code>51</Code>", "<Code>99</Code>");
    assert_int_equal(report->hazard.level, 5);
    report = load_changed(*state, LEVEL5, "<Name>レベル５氾濫特別警報</Name>", "<Name>新</Name>");
    assert_int_equal(report->hazard.level, 5);
    report = load_changed(*state, LEVEL5,
                          "<Name>レベル５氾濫特別警報</Name>\n            <Code>51</Code>",
                          "<Name>新</Name>\n            <Code>99</Code>");
    assert_int_equal(report->kind, REPORT_GENERIC);
    assert_non_null(report->degraded);
    assert_true(report->generic.alerts);
}

static void a_warning_lowered_to_an_advisory_is_not_the_end(void **state)
{
    assert_int_equal(flood(state, "own/VXKO70/partly-lifted_VXKO70.xml")->level, 2);
    assert_int_equal(flood(state, "own/VXKO70/lifted_VXKO70.xml")->level, 0);
}

static void a_city_that_nobody_knows_widens_to_the_prefecture(void **state)
{
    struct report *report = load_changed(*state, LEVEL5, "<CityCode>1720400</CityCode>",
                                         "<CityCode>1799900</CityCode>");
    assert_non_null(report->degraded);
    assert_int_equal(report->hazard.area_count, 1);
    assert_int_equal(report->hazard.areas[0].system, AREA_WEATHER_OFFICE);
    assert_string_equal(report->hazard.areas[0].code, "170000");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_zone_tells_the_level_and_not_the_first_gauge),
        cmocka_unit_test(a_flood_concerns_the_cities_it_may_flood),
        cmocka_unit_test(the_cities_may_stand_in_a_second_warning),
        cmocka_unit_test(each_kind_has_the_level_of_its_first_digit),
        cmocka_unit_test(a_kind_without_a_known_code_goes_by_its_name_or_is_told_in_general_words),
        cmocka_unit_test(a_warning_lowered_to_an_advisory_is_not_the_end),
        cmocka_unit_test(a_city_that_nobody_knows_widens_to_the_prefecture),
    };
    return cmocka_run_group_tests(tests, load_begin, load_end);
}
