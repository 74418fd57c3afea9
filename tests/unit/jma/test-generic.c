/* Telegrams known by title, headline and places only. */
#include "jma/load.h"

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
        TEST(an_unknown_code_of_a_family_of_life_safety_alerts),
        TEST(an_unknown_code_of_no_such_family_does_not),
        TEST(a_code_is_looked_up_in_its_own_system_only),
        TEST(a_designated_city_as_a_whole_is_found_by_its_municipality),
        TEST(a_transitional_telegram_never_alerts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
