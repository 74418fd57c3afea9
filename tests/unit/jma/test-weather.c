/* VPWW55 to 61: what is in force in each municipality. */
#include "jma/load.h"

#define ISSUE     "own/VPWW55/noto-issue_VPWW55.xml"
#define UPGRADE   "own/VPWW55/noto-upgrade_VPWW55.xml"
#define DOWNGRADE "own/VPWW55/noto-downgrade_VPWW55.xml"
#define RELEASE   "own/VPWW55/noto-release_VPWW55.xml"
#define TWO       "own/VPWW58/two-hazards_VPWW58.xml"

#define WAJIMA   "1720400"
#define SUZU     "1720500"
#define NANAO    "1720200"
#define KANAZAWA "1720100"
#define NOTO     "1746300"
#define ANAMIZU  "1746100"
#define HAKUSAN  "1721000"

static const struct weather_item *item(const struct report *report, const char *code,
                                       enum hazard hazard)
{
    for (size_t i = 0; i < report->weather.item_count; i++) {
        const struct weather_item *found = &report->weather.items[i];
        if (found->hazard == hazard && strcmp(found->area_code, code) == 0)
            return found;
    }
    return NULL;
}

static int level(const struct report *report, const char *code, enum hazard hazard)
{
    const struct weather_item *found = item(report, code, hazard);
    return found != NULL ? found->level : -1;
}

static void each_municipality_has_its_own_level(void **state)
{
    struct report *report = load_report(*state, UPGRADE);
    assert_int_equal(report->kind, REPORT_WEATHER);
    assert_null(report->degraded);
    assert_string_equal(report->weather.office, "170000");
    assert_int_equal(level(report, WAJIMA, HAZARD_RAIN), 5);
    assert_int_equal(level(report, ANAMIZU, HAZARD_RAIN), 2);
    assert_int_equal(level(report, KANAZAWA, HAZARD_RAIN), 0);
    assert_string_equal(item(report, WAJIMA, HAZARD_RAIN)->area_name, "輪島市");
    assert_int_equal(report->weather.area_code_count, 7);
}

static void no_warning_is_level_zero_without_a_kind(void **state)
{
    const struct weather_item *none = item(load_report(*state, ISSUE), NANAO, HAZARD_RAIN);
    assert_non_null(none);
    assert_null(none->kind_code);
    assert_null(none->kind_name);
    assert_string_equal(none->status, "発表警報・注意報はなし");
    assert_int_equal(none->level, 0);
}

/* The released kind keeps its name and code: reading it without the status is an alert. */
static void a_release_keeps_its_kind_and_has_level_zero(void **state)
{
    struct report *report = load_report(*state, RELEASE);
    const struct weather_item *released = item(report, WAJIMA, HAZARD_RAIN);
    assert_string_equal(released->kind_code, "03");
    assert_string_equal(released->kind_name, "レベル３大雨警報");
    assert_string_equal(released->status, "解除");
    assert_int_equal(released->level, 0);
    for (size_t i = 0; i < report->weather.item_count; i++)
        assert_int_equal(report->weather.items[i].level, 0);
}

static void a_downgrade_is_in_force_though_its_status_is_not_issue(void **state)
{
    struct report *report = load_report(*state, DOWNGRADE);
    const struct weather_item *lower = item(report, WAJIMA, HAZARD_RAIN);
    assert_string_equal(lower->status, "特別警報から危険警報");
    assert_int_equal(lower->level, 4);
    assert_string_equal(lower->last_kind_code, "33");
    assert_int_equal(level(report, SUZU, HAZARD_RAIN), 3);
    assert_int_equal(level(report, NANAO, HAZARD_RAIN), 2);
    assert_int_equal(level(report, ANAMIZU, HAZARD_RAIN), 0);
}

static void a_status_that_nobody_knows_is_in_force(void **state)
{
    struct report *report = load_changed(*state, DOWNGRADE, "<Status>特別警報から危険警報</Status>",
                                         "<Status>縮小</Status>");
    assert_int_equal(report->weather.items[0].level >= 0, 1);
    assert_int_equal(level(report, WAJIMA, HAZARD_RAIN), 4);
}

static void the_upper_blocks_do_not_count(void **state)
{
    /* 石川県 as a whole stands at level 5 in the block of the prefecture. */
    struct report *report = load_report(*state, "own/VPWW55/noto-correction_VPWW55.xml");
    assert_int_equal(report->telegram->info_type, INFO_CORRECTION);
    assert_int_equal(level(report, NOTO, HAZARD_RAIN), 3);
    assert_int_equal(level(report, NANAO, HAZARD_RAIN), 0);
}

static void one_telegram_may_speak_of_two_hazards(void **state)
{
    struct report *report = load_report(*state, TWO);
    assert_int_equal(report->weather.hazard_count, 2);
    assert_int_equal(level(report, WAJIMA, HAZARD_BLIZZARD), 3);
    assert_int_equal(level(report, WAJIMA, HAZARD_STORM), 0);
    assert_int_equal(level(report, KANAZAWA, HAZARD_STORM), 2);
    assert_null(item(report, KANAZAWA, HAZARD_BLIZZARD));
    assert_int_equal(level(report, NANAO, HAZARD_STORM), 0);
    assert_int_equal(level(report, NANAO, HAZARD_BLIZZARD), 0);
}

static void of_two_kinds_of_one_hazard_the_higher_counts(void **state)
{
    struct report *report = load_report(*state, TWO);
    assert_int_equal(level(report, SUZU, HAZARD_STORM), 3);
    assert_string_equal(item(report, SUZU, HAZARD_STORM)->kind_code, "05");
}

static void a_kind_that_nobody_knows_is_ranked_by_its_name(void **state)
{
    static const struct {
        const char *name;
        int level;
        enum hazard hazard;
    } cases[] = {
        {"大雨特別警報（新）", 5, HAZARD_RAIN}, {"大雨危険警報（新）", 4, HAZARD_RAIN},
        {"大雨警報（新）", 3, HAZARD_RAIN},     {"大雨注意報（新）", 2, HAZARD_RAIN},
        {"新しいもの", 2, HAZARD_RAIN}, /* never silent */
    };
    struct report *report = load_report(*state, TWO);
    assert_non_null(report->degraded);
    assert_int_equal(level(report, NOTO, HAZARD_BLIZZARD), 4);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        TALLOC_CTX *context = *state;
        char *kind = memory_printf(context,
                                   "<Name>%s</Name>\n          <Code>98</Code>\n"
                                   "          <Status>継続",
                                   cases[i].name);
        report = load_changed(*state, DOWNGRADE,
                              "<Name>レベル３大雨警報</Name>\n          <Code>03</Code>\n"
                              "          <Status>継続",
                              kind);
        assert_non_null(report->degraded);
        assert_int_equal(level(report, SUZU, cases[i].hazard), cases[i].level);
        assert_int_equal(level(report, WAJIMA, HAZARD_RAIN), 4);
    }
}

static void a_kind_of_another_family_is_not_lost(void **state)
{
    struct report *report =
        load_changed(*state, DOWNGRADE, "<Name>レベル３大雨警報</Name>\n          <Code>03</Code>",
                     "<Name>レベル３土砂災害警報</Name>\n          <Code>09</Code>");
    assert_non_null(report->degraded);
    assert_int_equal(level(report, SUZU, HAZARD_LANDSLIDE), 3);
    assert_int_equal(report->weather.hazard_count, 2);
    assert_int_equal(report->weather.hazards[1], HAZARD_LANDSLIDE);
}

/* All of 能登北部 and 能登南部, each as its group says; 加賀 as its own. */
static void without_its_municipalities_the_next_finer_block_speaks(void **state)
{
    struct report *report = load_report(*state, "own/VPWW55/without-cities_VPWW55.xml");
    assert_int_equal(report->kind, REPORT_WEATHER);
    assert_non_null(report->degraded);
    assert_int_equal(level(report, WAJIMA, HAZARD_RAIN), 5);
    assert_int_equal(level(report, ANAMIZU, HAZARD_RAIN), 5);
    assert_int_equal(level(report, NANAO, HAZARD_RAIN), 0);
    assert_null(item(report, KANAZAWA, HAZARD_RAIN)); /* no group of 加賀 is listed */
}

static void without_any_body_the_headline_speaks(void **state)
{
    struct report *report = load_report(*state, "own/VPWW55/without-body_VPWW55.xml");
    assert_int_equal(report->kind, REPORT_GENERIC);
    assert_non_null(report->degraded);
    assert_true(report->generic.alerts);
    assert_int_equal(report->generic.level, 5);
    assert_int_equal(report->generic.hazard, HAZARD_RAIN);
    assert_int_equal(report->generic.area_count, 1); /* not 七尾市, where it was lifted */
    assert_string_equal(report->generic.areas[0].code, WAJIMA);
}

/* The headline names the kind of the whole office; a municipality whose place was lost may have a
 * graver one, and of the two the graver holds. */
static void a_kind_whose_place_was_lost_counts_in_general_words(void **state)
{
    struct load *load = *state;
    size_t length;
    char *bytes = load_bytes(load, TWO, &length);
    char *body = strstr(bytes, "<Body");
    for (char *at = strstr(body, "Area>"); at != NULL; at = strstr(at, "Area>"))
        memcpy(at, "AreX>", strlen("AreX>"));
    struct report *report = load_text(load, TWO, bytes, length);
    assert_int_equal(report->kind, REPORT_GENERIC);
    assert_non_null(report->degraded);
    assert_true(report->generic.alerts);
    assert_int_equal(report->generic.level,
                     4); /* 暴風雪危険警報 of the body; the headline says 3 */
    assert_int_equal(report->generic.area_count, 4);
    /* What is lifted in the body raises nothing. */
    memcpy(strstr(strstr(body, "暴風雪危険警報"), "発表"), "解除", strlen("解除"));
    report = load_text(load, TWO, bytes, length);
    assert_int_equal(report->generic.level, 3);
}

/* ISSUE with another area in place of 輪島市 in the block of the body. */
static struct report *with_area(struct load *load, const char *file, const char *name,
                                const char *code)
{
    size_t length;
    char *bytes = load_bytes(load, file, &length);
    char *at = strstr(bytes, "（市町村等）\">");
    at = strstr(at + 1, "（市町村等）\">"); /* the second: the block of the body */
    char *from = strstr(at, "<Name>輪島市</Name>");
    char *to = strstr(strstr(from, "<Code>" WAJIMA), "</Area>");
    bytes =
        memory_printf(load, "%.*s<Name>%s</Name>%s%s", (int)(from - bytes), bytes, name, code, to);
    return load_text(load, file, bytes, strlen(bytes));
}

static void an_area_with_a_garbled_code_is_found_by_its_exact_name(void **state)
{
    static const char *const codes[] = {"<Code>1799900</Code>", "<Code/>", ""};
    for (size_t i = 0; i < 3; i++) {
        struct report *report = with_area(*state, ISSUE, "輪島市", codes[i]);
        assert_non_null(report->degraded);
        assert_int_equal(level(report, WAJIMA, HAZARD_RAIN), 3);
        assert_int_equal(report->weather.area_code_count, 7);
    }
}

/* JMA divides cities: a part that the tables do not know yet is told to the whole of it. */
static void a_new_part_of_a_city_is_told_to_the_city(void **state)
{
    struct report *report = with_area(*state, ISSUE, "輪島市東部", "<Code>1720410</Code>");
    assert_string_equal(report->degraded, "area 1720410 is unknown");
    assert_int_equal(level(report, WAJIMA, HAZARD_RAIN), 3);
    assert_null(item(report, HAKUSAN, HAZARD_RAIN));
}

/* Test 32: to those of its office, and to nobody else. */
static void an_area_that_nobody_knows_is_told_where_it_may_be(void **state)
{
    struct report *report = with_area(*state, ISSUE, "新市", "<Code>1799900</Code>");
    assert_non_null(report->degraded);
    assert_int_equal(level(report, "1799900", HAZARD_RAIN), 3);
    assert_int_equal(level(report, WAJIMA, HAZARD_RAIN), 3);
    assert_int_equal(level(report, HAKUSAN, HAZARD_RAIN), 3);
    assert_int_equal(level(report, NANAO, HAZARD_RAIN), 0); /* the telegram says so */
    for (size_t i = 0; i < report->weather.item_count; i++)
        assert_memory_equal(report->weather.items[i].area_code, "17", 2);
}

static void an_unknown_area_without_a_warning_ends_nothing(void **state)
{
    struct report *report = with_area(*state, RELEASE, "新市", "<Code>1799900</Code>");
    assert_non_null(report->degraded);
    assert_null(item(report, WAJIMA, HAZARD_RAIN));
    assert_null(item(report, HAKUSAN, HAZARD_RAIN));
}

static void when_every_area_is_unknown_the_office_of_the_body_is_told(void **state)
{
    struct load *load = *state;
    size_t length;
    char *bytes = load_bytes(load, ISSUE, &length);
    for (char *at = strstr(bytes, "<Code>17"); at != NULL; at = strstr(at + 1, "<Code>17")) {
        if (strncmp(at, "<Code>170", 9) != 0)
            at[8] = '9';
    }
    for (char *at = strstr(bytes, "市</Name>"); at != NULL; at = strstr(at + 1, "市</Name>"))
        memcpy(at, "村", 3);
    for (char *at = strstr(bytes, "町</Name>"); at != NULL; at = strstr(at + 1, "町</Name>"))
        memcpy(at, "郡", 3);
    struct report *report = load_text(load, ISSUE, bytes, length);
    assert_int_equal(report->kind, REPORT_WEATHER);
    assert_non_null(report->degraded);
    assert_string_equal(report->weather.office, "170000");
    assert_int_equal(level(report, WAJIMA, HAZARD_RAIN), 3);
    assert_int_equal(level(report, KANAZAWA, HAZARD_RAIN), 3);
}

/* Test 32: in general words to those who match the prefecture; without one, to nobody. */
static void without_any_code_the_prefecture_of_the_title_is_told(void **state)
{
    static const char file[] = "own/VPWW55/without-body_VPWW55.xml";
    struct load *load = *state;
    size_t length;
    char *bytes = load_bytes(load, file, &length);
    char *from = strstr(bytes, "<Information"), *to = strstr(bytes, "</Headline>");
    bytes = memory_printf(load, "%.*s%s", (int)(from - bytes), bytes, to);
    struct report *report = load_text(load, file, bytes, strlen(bytes));
    assert_int_equal(report->kind, REPORT_GENERIC);
    assert_true(report->generic.alerts);
    assert_non_null(report->degraded);
    assert_int_equal(report->generic.level, 5);
    assert_int_equal(report->generic.area_count, 1);
    assert_int_equal(report->generic.areas[0].system, AREA_WEATHER_OFFICE);
    assert_string_equal(report->generic.areas[0].code, "170000");
    memcpy(strstr(bytes, "<Title>石川県") + strlen("<Title>"), "某所の", strlen("某所の"));
    report = load_text(load, file, bytes, strlen(bytes));
    assert_int_equal(report->generic.area_count, 0);
    assert_true(report->generic.alerts);
}

static void a_kind_without_code_name_and_status_is_told(void **state)
{
    struct report *report =
        load_changed(*state, DOWNGRADE,
                     "<Name>レベル３大雨警報</Name>\n          <Code>03</Code>\n"
                     "          <Status>継続</Status>",
                     "");
    assert_non_null(report->degraded);
    assert_null(item(report, SUZU, HAZARD_RAIN));
    size_t length;
    char *bytes = load_bytes(*state, DOWNGRADE, &length);
    char *body = strstr(bytes, "<Body");
    for (char *at = strstr(body, "Kind>"); at != NULL; at = strstr(at + 1, "Kind>"))
        memcpy(at, "Kinx", 4);
    report = load_text(*state, DOWNGRADE, bytes, length);
    assert_string_equal(report->degraded, "an area has no kind");
}

static void advisories_without_warnings_have_a_hazard_each(void **state)
{
    struct report *report = load_report(*state, "own/VPWW61/advisories_VPWW61.xml");
    assert_null(report->degraded);
    assert_int_equal(report->weather.hazard_count, 10);
    assert_int_equal(level(report, KANAZAWA, HAZARD_THUNDER), 2);
    assert_int_equal(level(report, KANAZAWA, HAZARD_SNOW_ACCRETION), 2);
    assert_int_equal(level(report, WAJIMA, HAZARD_AVALANCHE), 2);
    assert_int_equal(level(report, WAJIMA, HAZARD_LOW_TEMPERATURE), 2);
    assert_int_equal(level(report, SUZU, HAZARD_FOG), 0);
    assert_int_equal(level(report, SUZU, HAZARD_OTHER_ADVISORY), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(each_municipality_has_its_own_level),
        TEST(no_warning_is_level_zero_without_a_kind),
        TEST(a_release_keeps_its_kind_and_has_level_zero),
        TEST(a_downgrade_is_in_force_though_its_status_is_not_issue),
        TEST(a_status_that_nobody_knows_is_in_force),
        TEST(the_upper_blocks_do_not_count),
        TEST(one_telegram_may_speak_of_two_hazards),
        TEST(of_two_kinds_of_one_hazard_the_higher_counts),
        TEST(a_kind_that_nobody_knows_is_ranked_by_its_name),
        TEST(a_kind_of_another_family_is_not_lost),
        TEST(without_its_municipalities_the_next_finer_block_speaks),
        TEST(without_any_body_the_headline_speaks),
        TEST(a_kind_whose_place_was_lost_counts_in_general_words),
        TEST(an_area_with_a_garbled_code_is_found_by_its_exact_name),
        TEST(a_new_part_of_a_city_is_told_to_the_city),
        TEST(an_area_that_nobody_knows_is_told_where_it_may_be),
        TEST(an_unknown_area_without_a_warning_ends_nothing),
        TEST(when_every_area_is_unknown_the_office_of_the_body_is_told),
        TEST(without_any_code_the_prefecture_of_the_title_is_told),
        TEST(a_kind_without_code_name_and_status_is_told),
        TEST(advisories_without_warnings_have_a_hazard_each),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
