/* Telegrams known by title, headline and places only. */
#include "jma/load.h"

static const struct generic_report *generic(void **state, const char *file)
{
    struct report *report = load_report(*state, file);
    assert_int_equal(report->kind, REPORT_GENERIC);
    return &report->generic;
}

/* JMA lists prefecture, region, group and municipality side by side: taking the prefecture would
 * alarm all of it. */
static void the_finest_areas_are_taken(void **state)
{
    const struct generic_report *report = generic(state, "own/VPHW50/sighted_VPHW50.xml");
    assert_int_equal(report->area_count, 2);
    assert_int_equal(report->areas[0].system, AREA_WEATHER_CITY);
    assert_string_equal(report->areas[0].code, "1720100");
    assert_string_equal(report->areas[1].code, "1720900");
}

static void a_sighted_tornado_is_graver_than_a_possible_one(void **state)
{
    const struct generic_report *report = generic(state, "own/VPHW50/sighted_VPHW50.xml");
    assert_int_equal(report->hazard, HAZARD_TORNADO);
    assert_int_equal(report->level, 3);
    assert_int_equal(load_changed(*state, "own/VPHW50/sighted_VPHW50.xml", "竜巻目撃", "竜巻注意")
                         ->generic.level,
                     2);
}

static void a_heat_alert_is_for_the_area_that_its_whole_title_names(void **state)
{
    const struct generic_report *report = generic(state, "own/VPFT50/ishikawa_VPFT50.xml");
    assert_int_equal(report->hazard, HAZARD_HEAT);
    assert_int_equal(report->area_count, 1);
    assert_string_equal(report->areas[0].code, "170000");
    assert_int_equal(load_changed(*state, "own/VPFT50/ishikawa_VPFT50.xml",
                                  "石川県熱中症警戒アラート", "石川県と富山県熱中症警戒アラート")
                         ->generic.area_count,
                     0);
}

static void a_bulletin_of_snow_is_about_snow_and_its_region(void **state)
{
    const struct generic_report *report = generic(state, "own/VPBS50/snow_VPBS50.xml");
    assert_int_equal(report->hazard, HAZARD_HEAVY_SNOW);
    assert_int_equal(report->level, 3);
    assert_int_equal(report->area_count, 1);
    /* The body names the place of the measurement, which is narrower. */
    assert_int_equal(report->areas[0].system, AREA_WEATHER_REGION);
}

static void a_line_of_thunderstorms_is_level_four(void **state)
{
    struct report *report = load_changed(*state, "own/VPBS50/snow_VPBS50.xml",
                                         "<Condition>短時間大雪", "<Condition>線状降水帯発生");
    assert_int_equal(report->generic.level, 4);
}

static void an_unknown_code_of_a_family_of_life_safety_alerts(void **state)
{
    struct report *report = load_report(*state, "own/VXSE99/new_VXSE99.xml");
    assert_null(report->row);
    assert_true(report->generic.alerts);
    assert_int_equal(report->generic.hazard, HAZARD_INFORMATION);
    assert_int_equal(report->generic.area_count, 1);
    assert_string_equal(report->generic.areas[0].code, "101");
    json_t *json = report_to_json(report, "x");
    assert_string_equal(json_string_value(json_object_get(json, "role")), "unknown");
    json_decref(json);
}

static void an_unknown_code_of_no_such_family_does_not(void **state)
{
    struct load *load = *state;
    size_t length;
    char *bytes = load_bytes(load, "own/VXSE99/new_VXSE99.xml", &length);
    struct report *report = load_text(load, "a_0_VGZZ50_010000.xml", bytes, length);
    assert_null(report->row);
    assert_false(report->generic.alerts);
}

/* The code systems collide: 101 is a quake area and a coast, 46 a prefecture. */
static void a_code_is_looked_up_in_its_own_system_only(void **state)
{
    struct report *report =
        load_changed(*state, "own/VXSE99/new_VXSE99.xml", "地震情報／細分区域", "津波予報区");
    assert_int_equal(report->generic.areas[0].system, AREA_TSUNAMI_COAST);
    report = load_changed(*state, "own/VXSE99/new_VXSE99.xml", "地震情報／細分区域", "火山名");
    assert_int_equal(report->generic.area_count, 0);
}

static void a_designated_city_as_a_whole_is_found_by_its_municipality(void **state)
{
    struct report *report = load_changed(*state, "own/VXSE99/new_VXSE99.xml", "<Areas codeType=",
                                         "<Areas codeType=\"気象・地震・火山情報／市町村等\"><Area>"
                                         "<Code>0123300</Code></Area></Areas><Areas codeType=");
    assert_int_equal(report->generic.areas[0].system, AREA_MUNICIPALITY);
    assert_string_equal(report->generic.areas[0].code, "01233");
}

static void a_transitional_telegram_never_alerts(void **state)
{
    struct load *load = *state;
    size_t length;
    char *bytes = load_bytes(load, "own/VPWW55/noto-upgrade_VPWW55.xml", &length);
    struct report *report = load_text(load, "a_0_VPWW53_170000.xml", bytes, length);
    assert_int_equal(report->row->role, ROLE_CROSS_CHECK);
    assert_int_equal(report->kind, REPORT_TRANSITIONAL);
    /* Not even one that is told in general words. */
    char *warning = strstr(bytes, "</Headline>");
    bytes = memory_printf(load, "%.*s</Headline></Head><Body/></Report>", (int)(warning - bytes),
                          bytes);
    report = load_text(load, "a_0_VPWW53_170000.xml", bytes, strlen(bytes));
    assert_int_equal(report->kind, REPORT_GENERIC);
    assert_non_null(report->degraded);
    assert_false(report->generic.alerts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_finest_areas_are_taken),
        TEST(a_sighted_tornado_is_graver_than_a_possible_one),
        TEST(a_heat_alert_is_for_the_area_that_its_whole_title_names),
        TEST(a_bulletin_of_snow_is_about_snow_and_its_region),
        TEST(a_line_of_thunderstorms_is_level_four),
        TEST(an_unknown_code_of_a_family_of_life_safety_alerts),
        TEST(an_unknown_code_of_no_such_family_does_not),
        TEST(a_code_is_looked_up_in_its_own_system_only),
        TEST(a_designated_city_as_a_whole_is_found_by_its_municipality),
        TEST(a_transitional_telegram_never_alerts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
