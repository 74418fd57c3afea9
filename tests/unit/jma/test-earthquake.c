/* VXSE51, 52, 53, 61: what is known, what is not, and what the format hides. */
#include <math.h>

#include "jma/load.h"

#define FLASH   "own/VXSE51/iburi_VXSE51.xml"
#define SOURCE  "own/VXSE52/iburi_VXSE52.xml"
#define DETAIL  "own/VXSE53/iburi_VXSE53.xml"
#define MISSING "own/VXSE53/iburi-missing_VXSE53.xml"
#define REVISED "own/VXSE61/iburi_VXSE61.xml"
#define FAR     "own/VXSE53/far_VXSE53.xml"

static const struct quake_area *area_of(const struct quake_area *list, size_t count,
                                        const char *code)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(list[i].code, code) == 0)
            return &list[i];
    }
    fail_msg("no area %s", code);
    return NULL;
}

static const struct quake_area *city(const struct report *report, const char *code)
{
    return area_of(report->earthquake.cities, report->earthquake.city_count, code);
}

static const struct quake_area *region(const struct report *report, const char *code)
{
    return area_of(report->earthquake.regions, report->earthquake.region_count, code);
}

static bool has_code(const struct report *report, const char *code)
{
    for (size_t i = 0; i < report->earthquake.comment_code_count; i++) {
        if (strcmp(report->earthquake.comment_codes[i], code) == 0)
            return true;
    }
    return false;
}

static void the_flash_report_has_regions_and_no_hypocentre(void **state)
{
    struct report *report = load_report(*state, FLASH);
    assert_int_equal(report->kind, REPORT_EARTHQUAKE);
    assert_null(report->degraded);
    assert_false(report->earthquake.has_source);
    assert_true(report->earthquake.has_intensity);
    assert_string_equal(report->earthquake.max_intensity, "6+");
    assert_int_equal(report->earthquake.region_count, 5);
    assert_int_equal(report->earthquake.city_count, 0);
    assert_string_equal(region(report, "101")->intensity, "6-");
    assert_int_equal(region(report, "101")->system, AREA_QUAKE_REGION);
    assert_string_equal(report->earthquake.free_text, "この電文は試験のために書いたもの。");
}

static void the_source_report_has_no_intensity(void **state)
{
    struct report *report = load_report(*state, SOURCE);
    const struct quake_source *source = &report->earthquake.source;
    char text[CLOCK_TEXT_BYTES];
    assert_true(report->earthquake.has_source);
    assert_false(report->earthquake.has_intensity);
    assert_null(report->earthquake.max_intensity);
    assert_string_equal(clock_format_jst(source->origin_time, text), "2018-09-06T03:08:00+09:00");
    assert_string_equal(source->hypocenter.code, "146");
    assert_near(source->hypocenter.latitude, 42.7);
    assert_near(source->hypocenter.longitude, 142.0);
    assert_near(source->hypocenter.depth_km, 40);
    assert_near(source->magnitude, 6.7);
    assert_string_equal(source->magnitude_text, "Ｍ６．７");
    assert_string_equal(source->magnitude_type, "Mj");
    assert_string_equal(source->hypocenter.depth_text, "深さ　４０ｋｍ");
}

static void the_detailed_report_knows_each_city(void **state)
{
    struct report *report = load_report(*state, DETAIL);
    assert_string_equal(report->earthquake.max_intensity, "7");
    assert_string_equal(city(report, "0158100")->intensity, "7");
    assert_string_equal(city(report, "0158100")->name, "厚真町");
    assert_string_equal(city(report, "0110100")->intensity, "4");
    assert_int_equal(city(report, "0110100")->system, AREA_QUAKE_CITY);
    assert_int_equal(report->earthquake.city_count, 10);
    assert_false(city(report, "0158100")->missing);
}

static void comment_codes_are_split_at_blanks_and_joined_over_comments(void **state)
{
    struct report *report = load_report(*state, "own/VXSE53/iburi-correction_VXSE53.xml");
    assert_int_equal(report->earthquake.comment_code_count, 4);
    assert_true(has_code(report, "0212") && has_code(report, "0241"));
    assert_true(has_code(report, "0262") && has_code(report, "0256"));
}

static void a_city_without_data_is_at_least_5_lower(void **state)
{
    struct report *report = load_report(*state, MISSING);
    assert_null(report->degraded);
    assert_string_equal(city(report, "0158100")->intensity, "5-?");
    assert_true(city(report, "0158100")->missing);
    assert_false(city(report, "0158500")->missing);
    assert_string_equal(city(report, "0158500")->intensity, "6+");
    assert_true(region(report, "146")->missing);
    assert_string_equal(region(report, "146")->intensity, "6+");
    /* Nothing else is known of this region. */
    assert_string_equal(region(report, "106")->intensity, "5-?");
    assert_string_equal(report->earthquake.max_intensity, "6+");
}

static void a_station_alone_marks_its_city_as_missing(void **state)
{
    struct report *report =
        load_changed(*state, MISSING, "<Condition>震度５弱以上未入電</Condition>", "");
    assert_true(city(report, "0158100")->missing);
    assert_string_equal(city(report, "0158100")->intensity, "5-?");
}

static void blanks_behind_an_intensity_do_not_hide_it(void **state)
{
    assert_string_equal(city(load_report(*state, MISSING), "0110300")->intensity, "6-");
}

static void of_two_coordinates_the_decimal_one_is_used(void **state)
{
    struct report *report = load_report(*state, REVISED);
    const struct hypocenter *at = &report->earthquake.source.hypocenter;
    assert_null(report->degraded);
    assert_near(at->latitude, 42.7);
    assert_near(at->depth_km, 37);
}

/* +4241.4+14200.4 is 42°41.4′ 142°00.4′ and not 4241 degrees. */
static void degrees_and_minutes_stand_in_for_the_decimal_coordinate(void **state)
{
    struct report *report = load_changed(*state, REVISED, "+42.7+142.0-37000/", "");
    const struct hypocenter *at = &report->earthquake.source.hypocenter;
    assert_near(at->latitude, 42 + 41.4 / 60);
    assert_near(at->longitude, 142 + 0.4 / 60);
    assert_near(at->depth_km, 37);
    assert_non_null(report->degraded);
}

static void two_coordinates_that_differ_are_told_to_the_operator(void **state)
{
    struct report *report = load_changed(*state, REVISED, "+4241.4+", "+3241.4+");
    assert_near(report->earthquake.source.hypocenter.latitude, 42.7);
    assert_non_null(report->degraded);
}

static void the_forms_of_a_coordinate(void **state)
{
    static const struct {
        const char *text;
        double latitude, longitude, depth_km;
        bool degraded;
    } cases[] = {
        {"+42.7+142.0+0/", 42.7, 142.0, 0, false},
        {"+42.7+142.0/", 42.7, 142.0, NAN, false},
        {"-35.8-072.7-20000/", -35.8, -72.7, 20, false},
        {"+27.9+140.8-682000/", 27.9, 140.8, 682, false},
        {"", NAN, NAN, NAN, false},
        {"+42.7", NAN, NAN, NAN, true},
        {"+4241.4+14200.4-37000/", NAN, NAN, NAN, true},
        {"north", NAN, NAN, NAN, true},
        {"+NaN+142.0/", NAN, NAN, NAN, true},
        {"+11111111111111111111111111111111111.0+142.0/", NAN, NAN, NAN, true},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct report *report = load_changed(*state, SOURCE, "+42.7+142.0-40000/", cases[i].text);
        const struct hypocenter *at = &report->earthquake.source.hypocenter;
        double found[] = {at->latitude, at->longitude, at->depth_km};
        double wanted[] = {cases[i].latitude, cases[i].longitude, cases[i].depth_km};
        for (size_t j = 0; j < 3; j++) {
            if (isnan(wanted[j]) ? !isnan(found[j]) : !(fabs(found[j] - wanted[j]) < 1e-9))
                fail_msg("%s: %g", cases[i].text, found[j]);
        }
        assert_true((report->degraded != NULL) == cases[i].degraded);
        assert_near(report->earthquake.source.magnitude, 6.7);
    }
}

/* strtod() takes "NaN", "inf" and "0x1p3". */
static void a_magnitude_is_a_plain_number_or_unknown(void **state)
{
    static const struct {
        const char *from, *to;
        double wanted;
        bool degraded;
    } cases[] = {
        {">6.7<", ">NaN<", NAN, false},
        {">6.7<", "><", NAN, true},
        {">6.7<", ">inf<", NAN, true},
        {">6.7<", ">0x1p3<", NAN, true},
        {">6.7<", ">6.7M<", NAN, true},
        {">6.7<", ">67<", NAN, true},
        {">6.7<", ">-0.3<", -0.3, false},
        {"type=\"Mj\" description=\"Ｍ６．７\">6.7<", "type=\"Mj\" condition=\"不明\">6.7<", NAN,
         false},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct report *report = load_changed(*state, SOURCE, cases[i].from, cases[i].to);
        double found = report->earthquake.source.magnitude;
        if (isnan(cases[i].wanted) ? !isnan(found) : !(fabs(found - cases[i].wanted) < 1e-9))
            fail_msg("%s: %g", cases[i].to, found);
        assert_true((report->degraded != NULL) == cases[i].degraded);
        assert_near(report->earthquake.source.hypocenter.depth_km, 40);
    }
}

static void a_distant_earthquake_has_no_intensity_and_its_own_name(void **state)
{
    struct report *report = load_report(*state, FAR);
    assert_true(report->earthquake.distant);
    assert_false(report->earthquake.eruption);
    assert_false(report->earthquake.has_intensity);
    assert_string_equal(report->earthquake.source.hypocenter.detailed_name, "チリ中部沿岸");
    assert_string_equal(report->earthquake.source.hypocenter.source, "ＰＴＷＣ");
    assert_true(isnan(report->earthquake.source.magnitude));
    assert_string_equal(report->earthquake.source.magnitude_text, "Ｍ不明");
    assert_true(isnan(report->earthquake.source.hypocenter.depth_km));
    assert_true(has_code(report, "0221") && has_code(report, "0229"));
    assert_null(report->degraded);
}

/* Its headline speaks of a great earthquake; there was none. */
static void an_eruption_told_as_a_distant_earthquake_is_known(void **state)
{
    struct report *report = load_report(*state, "own/VXSE53/eruption_VXSE53.xml");
    assert_true(report->earthquake.distant);
    assert_true(report->earthquake.eruption);
}

static void a_cancel_holds_nothing_but_its_event(void **state)
{
    static const char *const files[] = {"own/VXSE51/iburi-cancel_VXSE51.xml",
                                        "own/VXSE53/iburi-cancel_VXSE53.xml"};
    for (size_t i = 0; i < 2; i++) {
        struct report *report = load_report(*state, files[i]);
        assert_int_equal(report->kind, REPORT_EARTHQUAKE);
        assert_null(report->degraded);
        assert_false(report->earthquake.has_source);
        assert_false(report->earthquake.has_intensity);
        assert_string_equal(report->telegram->event_id, "20180906030809");
    }
}

static void a_flash_report_without_regions_has_those_of_its_headline(void **state)
{
    struct report *report = load_without(*state, FLASH, "<Intensity>", "<Comments>");
    assert_int_equal(report->kind, REPORT_EARTHQUAKE);
    assert_non_null(report->degraded);
    assert_int_equal(report->earthquake.region_count, 5);
    assert_string_equal(region(report, "146")->intensity, "6+");
    assert_string_equal(report->earthquake.max_intensity, "6+");
}

static void a_flash_report_whose_headline_names_no_intensity_is_told_in_general_words(void **state)
{
    struct load *load = *state;
    size_t length;
    char *bytes = load_bytes(load, FLASH, &length);
    for (char *at = strstr(bytes, "震度"); at != NULL; at = strstr(at, "震度"))
        memcpy(at, "地震", strlen("地震"));
    char *body = strstr(bytes, "<Intensity>");
    assert_non_null(body);
    memcpy(body + 1, "Xntensity>", strlen("Xntensity>"));
    body = strstr(bytes, "</Intensity>");
    memcpy(body + 2, "Xntensity>", strlen("Xntensity>"));
    struct report *report = load_text(load, FLASH, bytes, length);
    assert_int_equal(report->kind, REPORT_GENERIC);
    assert_non_null(report->degraded);
    assert_true(report->generic.alerts);
    assert_int_equal(report->generic.hazard, HAZARD_EARTHQUAKE);
    assert_int_equal(report->generic.area_count, 5);
    assert_string_equal(report->generic.areas[0].code, "146");
    assert_int_equal(report->generic.areas[0].system, AREA_QUAKE_REGION);
}

static void intensities_without_a_source_are_kept(void **state)
{
    struct report *report = load_without(*state, DETAIL, "<Earthquake>", "<Intensity>");
    assert_int_equal(report->kind, REPORT_EARTHQUAKE);
    assert_non_null(report->degraded);
    assert_string_equal(report->earthquake.max_intensity, "7");
    assert_false(report->earthquake.has_source);
}

static void a_source_without_intensities_is_kept_with_those_of_the_headline(void **state)
{
    struct report *report = load_without(*state, DETAIL, "<Intensity>", "<Comments>");
    assert_int_equal(report->kind, REPORT_EARTHQUAKE);
    assert_non_null(report->degraded);
    assert_string_equal(region(report, "146")->intensity, "7");
    assert_string_equal(region(report, "101")->intensity, "6-");
    assert_near(report->earthquake.source.magnitude, 6.7);
}

static void a_garbled_intensity_does_not_hide_the_others(void **state)
{
    struct report *report =
        load_changed(*state, DETAIL, "<MaxInt>7</MaxInt>", "<MaxInt>x</MaxInt>");
    assert_non_null(report->degraded);
    assert_string_equal(report->earthquake.max_intensity, "7"); /* from the areas */
    report = load_changed(*state, DETAIL, "<MaxInt>7</MaxInt>", "<MaxInt>4</MaxInt>");
    assert_non_null(report->degraded);
    assert_string_equal(report->earthquake.max_intensity, "7");
}

static void a_place_without_its_code_is_found_by_its_exact_name(void **state)
{
    static const char *const wrong[] = {"", "<Code/>", "<Code>?158100</Code>"};
    for (size_t i = 0; i < 3; i++) {
        struct report *report = load_changed(*state, DETAIL, "<Code>0158100</Code>", wrong[i]);
        assert_non_null(report->degraded);
        assert_string_equal(city(report, "0158100")->intensity, "7");
    }
    struct report *report =
        load_changed(*state, FLASH, "<Code>146</Code>\n            <MaxInt>", "<MaxInt>");
    assert_non_null(report->degraded);
    assert_string_equal(region(report, "146")->intensity, "6+");
}

static void a_city_with_neither_code_nor_known_name_is_left_out_and_told(void **state)
{
    struct report *report =
        load_changed(*state, DETAIL, "<Name>厚真町</Name>\n              <Code>0158100</Code>", "");
    assert_non_null(report->degraded);
    assert_int_equal(report->earthquake.city_count, 9);
    assert_string_equal(city(report, "0158500")->intensity, "6+");
}

#define LOST_REGION                                                                                \
    "<Name>胆振地方中東部</Name>\n            <Code>146</Code>\n            <MaxInt>"
#define LOST_HEAD  "<Name>胆振地方中東部</Name>\n              <Code>146</Code>"
#define NEW_REGION "<Name>胆振地方新区域</Name><Code>148</Code><MaxInt>"

/* The flash report with its gravest region under another name and number everywhere. */
static struct report *flash_with(struct load *load, const char *body)
{
    size_t length;
    char *bytes = load_bytes(load, FLASH, &length);
    const char *pairs[][2] = {{LOST_HEAD, "<Name>胆振地方新区域</Name><Code>148</Code>"},
                              {LOST_REGION, body}};
    for (size_t i = 0; i < 2; i++) {
        char *at = strstr(bytes, pairs[i][0]);
        assert_non_null(at);
        bytes = memory_printf(load, "%.*s%s%s", (int)(at - bytes), bytes, pairs[i][1],
                              at + strlen(pairs[i][0]));
    }
    return load_text(load, "a_0_VXSE51_010000.xml", bytes, strlen(bytes));
}

static void a_region_that_nobody_knows_is_told_where_it_may_be(void **state)
{
    struct report *report = flash_with(*state, NEW_REGION);
    assert_non_null(report->degraded);
    /* Every region of Hokkaido that the telegram does not list, and none that it does. */
    assert_string_equal(region(report, "146")->intensity, "6+");
    assert_string_equal(region(report, "145")->intensity, "6+");
    assert_string_equal(region(report, "148")->intensity, "6+");
    assert_string_equal(region(report, "101")->intensity, "6-");
    assert_string_equal(region(report, "106")->intensity, "5-");
    /* Never beyond the prefecture: a missing area does not mean everyone. */
    for (size_t i = 0; i < report->earthquake.region_count; i++) {
        const struct quake_area *area = &report->earthquake.regions[i];
        const struct area *known =
            area_find(((struct load *)*state)->graph, AREA_QUAKE_REGION, area->code);
        assert_true(known == NULL || strcmp(known->parent, "01") == 0);
    }
}

static void a_region_without_code_and_name_is_told_where_it_may_be(void **state)
{
    struct report *report = flash_with(*state, "<MaxInt>");
    assert_non_null(report->degraded);
    assert_string_equal(region(report, "146")->intensity, "6+");
    assert_string_equal(region(report, "101")->intensity, "6-");
    /* Without an intensity of its own it is as strong as the strongest of its prefecture. */
    report = flash_with(*state, "<MaxInt>?");
    assert_string_equal(region(report, "146")->intensity, "6+");
}

static void a_prefecture_whose_regions_are_all_listed_is_told_as_a_whole(void **state)
{
    struct load *load = *state;
    size_t length;
    char *bytes = load_bytes(load, FLASH, &length);
    static const char *const pairs[][2] = {
        {"<Name>北海道</Name>", "<Name>大阪府</Name>"},
        {"<Code>01</Code>", "<Code>27</Code>"},
        {LOST_REGION, NEW_REGION},
        {"<Code>101</Code>\n            <", "<Code>520</Code><"},
        {"<Code>102</Code>\n            <", "<Code>521</Code><"}};
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        char *at = strstr(bytes, pairs[i][0]);
        assert_non_null(at);
        bytes = memory_printf(load, "%.*s%s%s", (int)(at - bytes), bytes, pairs[i][1],
                              at + strlen(pairs[i][0]));
    }
    struct report *report = load_text(load, "a_0_VXSE51_010000.xml", bytes, strlen(bytes));
    assert_string_equal(region(report, "520")->intensity, "6+");
    assert_string_equal(region(report, "521")->intensity, "6+");
}

/* Its cities say which region of the tables it is, and the neighbours are left in peace. */
static void a_region_that_nobody_knows_is_that_of_its_cities(void **state)
{
    struct load *load = *state;
    size_t length;
    char *bytes = load_bytes(load, DETAIL, &length);
    for (char *at = strstr(bytes, "<Code>146</Code>"); at != NULL;
         at = strstr(at, "<Code>146</Code>"))
        memcpy(at, "<Code>148</Code>", strlen("<Code>148</Code>"));
    for (char *at = strstr(bytes, "<Name>胆振地方中東部"); at != NULL;
         at = strstr(at, "<Name>胆振地方中東部"))
        memcpy(at, "<Name>新胆振中東部地", strlen("<Name>新胆振中東部地"));
    struct report *report = load_text(load, "a_0_VXSE53_010000.xml", bytes, strlen(bytes));
    assert_non_null(report->degraded);
    assert_string_equal(region(report, "146")->intensity, "7");
    for (size_t i = 0; i < report->earthquake.region_count; i++)
        assert_string_not_equal(report->earthquake.regions[i].code, "145");
}

static void an_intensity_that_is_missing_is_that_of_the_stations_or_cities(void **state)
{
    struct report *report =
        load_changed(*state, DETAIL, "<Code>0158500</Code>\n              <MaxInt>6+</MaxInt>",
                     "<Code>0158500</Code>");
    assert_non_null(report->degraded);
    assert_string_equal(city(report, "0158500")->intensity, "6+");
    report = load_changed(*state, DETAIL, "<Code>146</Code>\n            <MaxInt>7</MaxInt>",
                          "<Code>146</Code>");
    assert_non_null(report->degraded);
    assert_string_equal(region(report, "146")->intensity, "7");
}

static void a_garbled_origin_time_is_unknown_and_not_1970(void **state)
{
    struct report *report =
        load_changed(*state, SOURCE, "<OriginTime>2018-09-06T03:08:00+09:00", "<OriginTime>03:08");
    assert_int_equal(report->earthquake.source.origin_time, 0);
    assert_non_null(report->degraded);
    json_t *json = report_to_json(report, SOURCE);
    assert_true(json_is_null(json_object_get(json, "origin_time")));
    assert_true(json_array_size(json_object_get(json, "problems")) >= 1);
    json_decref(json);
}

static void unknown_is_null_in_json_and_never_zero(void **state)
{
    json_t *json = report_to_json(load_report(*state, FAR), FAR);
    const json_t *hypocenter = json_object_get(json, "hypocenter");
    assert_true(json_is_null(json_object_get(json, "magnitude")));
    assert_true(json_is_null(json_object_get(hypocenter, "depth_km")));
    assert_true(json_is_null(json_object_get(json, "max_intensity")));
    assert_string_equal(json_string_value(json_object_get(hypocenter, "source")), "ＰＴＷＣ");
    json_decref(json);
    json = report_to_json(load_report(*state, FLASH), FLASH);
    assert_true(json_is_null(json_object_get(json, "hypocenter")));
    assert_true(json_is_null(json_object_get(json, "origin_time")));
    json_decref(json);
}

static void a_distant_earthquake_without_its_title_is_known_by_its_headline(void **state)
{
    struct report *report = load_changed(*state, FAR, "遠地地震に関する情報", "");
    assert_true(report->earthquake.distant);
    assert_non_null(report->degraded);
}

static void assert_unsure(const struct report *report)
{
    assert_non_null(report->degraded);
    assert_true(report->earthquake.judgement_unsure);
}

static void an_earthquake_without_a_word_on_the_tsunami_is_told(void **state)
{
    assert_null(load_report(*state, FAR)->degraded);
    assert_false(load_report(*state, FAR)->earthquake.judgement_unsure);
    assert_unsure(load_without(*state, FAR, "<ForecastComment", "</Comments>"));
    assert_unsure(load_changed(*state, FAR, "<Code>0221 0229", "<Code>？ 0229"));
    assert_unsure(load_changed(*state, FAR, "<Code>0221 0229", "<Code>0299"));
    assert_unsure(load_without(*state, DETAIL, "<ForecastComment", "<VarComment"));
    assert_unsure(load_without(*state, SOURCE, "<ForecastComment", "</Comments>"));
}

/* A flash may come without a comment, and VXSE61 never judges. */
static void who_never_speaks_of_a_tsunami_is_not_damaged(void **state)
{
    assert_false(load_report(*state, REVISED)->earthquake.judgement_unsure);
    struct report *flash = load_without(*state, FLASH, "<ForecastComment", "<FreeFormComment");
    assert_null(flash->degraded);
    assert_false(flash->earthquake.judgement_unsure);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_flash_report_has_regions_and_no_hypocentre),
        TEST(the_source_report_has_no_intensity),
        TEST(the_detailed_report_knows_each_city),
        TEST(comment_codes_are_split_at_blanks_and_joined_over_comments),
        TEST(a_city_without_data_is_at_least_5_lower),
        TEST(a_station_alone_marks_its_city_as_missing),
        TEST(blanks_behind_an_intensity_do_not_hide_it),
        TEST(of_two_coordinates_the_decimal_one_is_used),
        TEST(degrees_and_minutes_stand_in_for_the_decimal_coordinate),
        TEST(two_coordinates_that_differ_are_told_to_the_operator),
        TEST(the_forms_of_a_coordinate),
        TEST(a_magnitude_is_a_plain_number_or_unknown),
        TEST(a_distant_earthquake_has_no_intensity_and_its_own_name),
        TEST(an_eruption_told_as_a_distant_earthquake_is_known),
        TEST(a_cancel_holds_nothing_but_its_event),
        TEST(a_flash_report_without_regions_has_those_of_its_headline),
        TEST(a_flash_report_whose_headline_names_no_intensity_is_told_in_general_words),
        TEST(intensities_without_a_source_are_kept),
        TEST(a_source_without_intensities_is_kept_with_those_of_the_headline),
        TEST(a_garbled_intensity_does_not_hide_the_others),
        TEST(a_place_without_its_code_is_found_by_its_exact_name),
        TEST(a_city_with_neither_code_nor_known_name_is_left_out_and_told),
        TEST(a_region_that_nobody_knows_is_told_where_it_may_be),
        TEST(a_region_without_code_and_name_is_told_where_it_may_be),
        TEST(a_prefecture_whose_regions_are_all_listed_is_told_as_a_whole),
        TEST(a_region_that_nobody_knows_is_that_of_its_cities),
        TEST(an_intensity_that_is_missing_is_that_of_the_stations_or_cities),
        TEST(a_garbled_origin_time_is_unknown_and_not_1970),
        TEST(unknown_is_null_in_json_and_never_zero),
        TEST(a_distant_earthquake_without_its_title_is_known_by_its_headline),
        TEST(an_earthquake_without_a_word_on_the_tsunami_is_told),
        TEST(who_never_speaks_of_a_tsunami_is_not_damaged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
