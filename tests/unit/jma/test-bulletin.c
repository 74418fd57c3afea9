/* Flash bulletins, tornado, heat, commentaries and typhoons. */
#include "jma/load.h"

#define SNOW    "own/VPBS50/snow_VPBS50.xml"
#define TORNADO "own/VPHW50/sighted_VPHW50.xml"
#define WATCH   "own/VPHW50/watch_VPHW50.xml"
#define HEAT    "own/VPFT50/ishikawa_VPFT50.xml"

static const struct hazard_report *bulletin(const struct report *report)
{
    if (report->kind != REPORT_BULLETIN)
        fail_msg("%s: %s", report->telegram->id, report->degraded);
    return &report->hazard;
}

static void assert_area(const struct hazard_report *report, size_t index, enum area_system system,
                        const char *code, int level)
{
    assert_true(index < report->area_count);
    assert_int_equal(report->areas[index].system, system);
    assert_string_equal(report->areas[index].code, code);
    assert_int_equal(report->areas[index].level, level);
}

static void snow_is_told_to_its_region(void **state)
{
    const struct hazard_report *report = bulletin(load_report(*state, SNOW));
    assert_int_equal(report->hazard, HAZARD_HEAVY_SNOW);
    assert_string_equal(report->grade, "sudden");
    assert_int_equal(report->area_count, 1);
    /* The body names the place of the measurement, which is narrower. */
    assert_area(report, 0, AREA_WEATHER_REGION, "170010", 3);
    assert_string_equal(report->subject, "SPTK202601210210");
}

static void the_tag_says_what_it_is(void **state)
{
    static const struct {
        const char *tag, *grade;
        int level;
    } rows[] = {{"<Condition>線状降水帯発生", "rainband", 4},
                {"<Condition>線状降水帯直前", "rainband-soon", 3},
                {"<Condition>記録雨", "record", 4},
                /* A garbled tag: the title still says it. */
                {"<Condition>？", "sudden", 3}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct hazard_report *report =
            bulletin(load_changed(*state, SNOW, "<Condition>短時間大雪", rows[i].tag));
        assert_string_equal(report->grade, rows[i].grade);
        assert_int_equal(report->level, rows[i].level);
    }
}

static void a_record_rain_is_told_to_its_town_too(void **state)
{
    const struct hazard_report *report =
        bulletin(load_changed(*state, SNOW, "<Condition>短時間大雪", "<Condition>記録雨"));
    assert_int_equal(report->area_count, 2);
    assert_area(report, 1, AREA_WEATHER_CITY, "1720100", 4);
}

static void a_new_kind_of_flash_bulletin_is_told_in_general_words(void **state)
{
    struct load *load = *state;
    size_t length;
    char *bytes = load_bytes(load, SNOW, &length);
    for (char *at = strstr(bytes, "短時間大雪"); at != NULL; at = strstr(at, "短時間大雪"))
        memcpy(at, "新種別情報", strlen("新種別情報"));
    struct report *report = load_text(load, "a_0_VPBS50_170000.xml", bytes, strlen(bytes));
    assert_int_equal(report->kind, REPORT_GENERIC);
    assert_true(report->generic.alerts);
    assert_non_null(report->degraded);
    assert_int_equal(report->generic.area_count, 1);
}

static void a_withdrawn_flash_bulletin_is_that_of_its_chain(void **state)
{
    struct load *load = *state;
    size_t length;
    char *bytes = load_bytes(load, SNOW, &length);
    char *headline = strstr(bytes, "<Information");
    bytes = memory_printf(load, "%.*s</Headline></Head><Body/></Report>", (int)(headline - bytes),
                          bytes);
    memcpy(strstr(bytes, "発表</InfoType>"), "取消", strlen("取消"));
    const struct hazard_report *report =
        bulletin(load_text(load, "a_0_VPBS50_170000.xml", bytes, strlen(bytes)));
    assert_int_equal(report->hazard, HAZARD_HEAVY_SNOW);
    assert_string_equal(report->family, "sudden");
    assert_string_equal(report->subject, "SPTK202601210210");
    assert_int_equal(report->level, 0);
}

/* JMA lists prefecture, region, group and municipality side by side: taking the prefecture would
 * alarm all of it. */
static void a_tornado_is_told_to_the_finest_areas(void **state)
{
    const struct hazard_report *report = bulletin(load_report(*state, TORNADO));
    assert_int_equal(report->area_count, 2);
    assert_area(report, 0, AREA_WEATHER_CITY, "1720100", 3);
    assert_area(report, 1, AREA_WEATHER_CITY, "1720900", 3);
    assert_string_equal(report->subject, "石川県");
    assert_int_equal(report->ends_at - load_report(*state, TORNADO)->telegram->control_time,
                     68 * USEC_PER_MINUTE);
}

static void a_city_that_we_do_not_know_costs_no_place(void **state)
{
    struct report *report = load_changed(*state, TORNADO, "1720900", "1799900");
    const struct hazard_report *tornado = bulletin(report);
    assert_non_null(report->degraded);
    assert_int_equal(tornado->area_count, 2);
    assert_area(tornado, 1, AREA_WEATHER_GROUP, "170011", 3);
}

static void places_that_cannot_be_read_do_not_end_a_watch(void **state)
{
    struct load *load = *state;
    size_t length;
    char *bytes = load_bytes(load, TORNADO, &length);
    for (char *at = strstr(bytes, "Areas"); at != NULL; at = strstr(at, "Areas"))
        memcpy(at, "AreaX", strlen("AreaX"));
    struct report *report = load_text(load, "a_0_VPHW50_170000.xml", bytes, strlen(bytes));
    assert_int_equal(report->kind, REPORT_GENERIC);
    assert_non_null(report->degraded);
    assert_true(report->generic.alerts);
    assert_int_equal(report->generic.level, 3);
}

static void a_sighted_tornado_is_graver_than_a_possible_one(void **state)
{
    const struct hazard_report *report =
        bulletin(load_changed(*state, TORNADO, "竜巻目撃", "竜巻注意"));
    assert_int_equal(report->level, 3); /* the headline still tells of it */
    report = bulletin(load_report(*state, "own/VPHW50/watch_VPHW50.xml"));
    assert_int_equal(report->level, 2);
    assert_string_equal(report->grade, "watch");
}

static void a_heat_alert_is_for_the_area_that_its_whole_title_names(void **state)
{
    const struct hazard_report *report = bulletin(load_report(*state, HEAT));
    assert_int_equal(report->hazard, HAZARD_HEAT);
    assert_int_equal(report->area_count, 1);
    assert_area(report, 0, AREA_PREFECTURE, "17", 3);
    struct report *two =
        load_changed(*state, HEAT, "石川県熱中症警戒アラート", "石川県と富山県熱中症警戒アラート");
    assert_int_equal(two->kind, REPORT_GENERIC);
    assert_non_null(two->degraded);
    report = bulletin(load_changed(*state, HEAT, "石川県熱中症警戒", "石川県熱中症特別警戒"));
    assert_string_equal(report->grade, "special");
    assert_int_equal(report->level, 5);
}

/* 011000 is 宗谷地方 and 九州南部・奄美地方. */
static void a_commentary_is_for_the_prefectures_of_its_region(void **state)
{
    load_need_corpus();
    const struct hazard_report *report =
        bulletin(load_report(*state, "corpus/VPZJ51/83_02_01_260324_VPZJ51.xml"));
    assert_string_equal(report->grade, "commentary");
    assert_int_equal(report->area_count, 12);
    assert_area(report, 0, AREA_PREFECTURE, "36", 1);
    assert_area(report, 11, AREA_PREFECTURE, "46", 1);
    assert_true(report->prose);
}

static void a_typhoon_is_information_until_it_is_over(void **state)
{
    load_need_corpus();
    const struct hazard_report *report =
        bulletin(load_report(*state, "corpus/VPTW60/10_04_03_170913_VPTW60.xml"));
    assert_int_equal(report->level, 1);
    assert_int_equal(report->area_count, 0);
    assert_string_equal(report->facts[0].value, "TALIM (1718)");
    assert_string_equal(report->facts[1].value, "950");
    assert_string_equal(report->facts[2].value, "45");
    report = bulletin(load_report(*state, "corpus/VPTW60/10_04_08_170918_VPTW60.xml"));
    assert_int_equal(report->level, 0);
    report = bulletin(load_report(*state, "corpus/VPTW61/10_05_05_200826_VPTW61.xml"));
    assert_int_equal(report->level, 0);
}

static void a_sighting_that_the_headline_lost_stands_in_its_block(void **state)
{
    struct report *report =
        load_changed(*state, WATCH, "竜巻注意情報（発表細分）", "竜巻注意情報（目撃情報あり）");
    assert_int_equal(bulletin(report)->level, 3);
    assert_string_equal(bulletin(report)->grade, "sighted");
    assert_non_null(report->degraded);
}

static void a_tornado_without_its_headline_is_told_to_the_operator(void **state)
{
    assert_null(load_report(*state, WATCH)->degraded);
    struct report *report = load_changed(*state, WATCH, "加賀は、竜巻などの", "？");
    assert_int_equal(bulletin(report)->level, 2);
    assert_non_null(report->degraded);
}

static void a_commentary_whose_areas_were_lost_is_told_to_the_operator(void **state)
{
    load_need_corpus();
    const char *file = "corpus/VPZJ51/83_01_01_250630_VPZJ51.xml";
    assert_null(load_report(*state, file)->degraded);
    struct report *report = load_changed(*state, file, "010800", "？00");
    assert_int_equal(bulletin(report)->area_count, 6);
    assert_non_null(report->degraded);
    report = load_without(*state, file, "<Information", "</Headline>");
    assert_int_equal(bulletin(report)->area_count, 0);
    assert_non_null(report->degraded);
}

/* Found by tests/telegram/degrade. */
static void a_region_that_only_the_body_of_a_commentary_names_is_its_place(void **state)
{
    load_need_corpus();
    const char *file = "corpus/VPFJ51/85(82)_02_01_250630_VPFJ51.xml";
    struct report *report = load_report(*state, file);
    assert_null(report->degraded);
    assert_int_equal(bulletin(report)->area_count, 2);
    assert_true(bulletin(report)->keeps_places);
    report = load_without(*state, file, "<Area>", "<Area>\n<Name>嶺南");
    assert_string_equal(report->degraded, "a region of the body is not in the headline");
    assert_int_equal(bulletin(report)->area_count, 2);
    assert_area(bulletin(report), 1, AREA_WEATHER_REGION, "180010", 1);
}

static void a_flash_bulletin_without_its_region_is_told(void **state)
{
    assert_null(load_report(*state, SNOW)->degraded);
    assert_non_null(load_without(*state, SNOW, "<Areas", "</Item>")->degraded);
}

static void a_region_that_nobody_knows_widens_to_the_prefecture_of_the_title(void **state)
{
    struct report *report = load_changed(*state, SNOW, "<Code>170010</Code>",
                                         "<Code>170010</Code></Area><Area><Code>170019</Code>");
    assert_non_null(report->degraded);
    assert_int_equal(bulletin(report)->area_count, 2);
    assert_area(bulletin(report), 0, AREA_WEATHER_REGION, "170010", 3);
    assert_area(bulletin(report), 1, AREA_PREFECTURE, "17", 3);
    report = load_without(*state, SNOW, "<Areas", "</Item>");
    assert_area(bulletin(report), 0, AREA_PREFECTURE, "17", 3);
}

/* A watch all of whose places are gone is told to the office in its title, in general words. */
static void a_watch_without_any_place_is_told_in_the_prefecture_of_its_title(void **state)
{
    struct report *report = load_without(*state, WATCH, "<Information", "</Headline>");
    assert_int_equal(report->kind, REPORT_GENERIC);
    assert_non_null(report->degraded);
    assert_true(report->generic.alerts);
    assert_int_equal(report->generic.area_count, 1);
    assert_int_equal(report->generic.areas[0].system, AREA_WEATHER_OFFICE);
    assert_string_equal(report->generic.areas[0].code, "170000");
}

static void a_record_rain_whose_town_was_lost_is_told_to_its_region(void **state)
{
    struct load *load = *state;
    size_t length;
    char *bytes = load_bytes(load, SNOW, &length);
    for (char *at = strstr(bytes, "短時間大雪"); at != NULL; at = strstr(at, "短時間大雪"))
        memcpy(at, "記録雨　　", strlen("記録雨　　"));
    char *town = strstr(bytes, "<Code>1720100</Code>");
    memcpy(town, "<Code>1799900</Code>", strlen("<Code>1799900</Code>"));
    struct report *report = load_text(load, "a_0_VPBS50_170000.xml", bytes, strlen(bytes));
    assert_non_null(report->degraded);
    assert_int_equal(bulletin(report)->area_count, 1);
    assert_area(bulletin(report), 0, AREA_WEATHER_REGION, "170010", 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(snow_is_told_to_its_region),
        TEST(the_tag_says_what_it_is),
        TEST(a_record_rain_is_told_to_its_town_too),
        TEST(a_new_kind_of_flash_bulletin_is_told_in_general_words),
        TEST(a_withdrawn_flash_bulletin_is_that_of_its_chain),
        TEST(a_tornado_is_told_to_the_finest_areas),
        TEST(a_city_that_we_do_not_know_costs_no_place),
        TEST(places_that_cannot_be_read_do_not_end_a_watch),
        TEST(a_sighted_tornado_is_graver_than_a_possible_one),
        TEST(a_heat_alert_is_for_the_area_that_its_whole_title_names),
        TEST(a_commentary_is_for_the_prefectures_of_its_region),
        TEST(a_typhoon_is_information_until_it_is_over),
        TEST(a_sighting_that_the_headline_lost_stands_in_its_block),
        TEST(a_tornado_without_its_headline_is_told_to_the_operator),
        TEST(a_commentary_whose_areas_were_lost_is_told_to_the_operator),
        TEST(a_region_that_only_the_body_of_a_commentary_names_is_its_place),
        TEST(a_flash_bulletin_without_its_region_is_told),
        TEST(a_region_that_nobody_knows_widens_to_the_prefecture_of_the_title),
        TEST(a_watch_without_any_place_is_told_in_the_prefecture_of_its_title),
        TEST(a_record_rain_whose_town_was_lost_is_told_to_its_region),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
