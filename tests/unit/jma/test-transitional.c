/* The older kinds of weather telegram, which have no code for level 4: only their texts tell. */
#include "jma/load.h"

#define WAJIMA "1720400"
#define SUZU   "1720500"

/* A VPWW53 with the warnings of our VPWW55, this Notice and this headline. */
static struct report *with_texts(struct load *load, const char *notice, const char *headline)
{
    size_t length;
    char *bytes = load_bytes(load, "own/VPWW55/noto-issue_VPWW55.xml", &length);
    char *text = strstr(bytes, "<Text>"), *after = strstr(text, "</Text>");
    char *end = strstr(after, "</Body>");
    bytes = memory_printf(load, "%.*s<Text>%s%.*s<Notice>%s</Notice>%s", (int)(text - bytes), bytes,
                          headline, (int)(end - after), after, notice, end);
    return load_text(load, "a_0_VPWW53_170000.xml", bytes, strlen(bytes));
}

static int level(const struct report *report, const char *code, enum hazard hazard)
{
    int most = -1;
    for (size_t i = 0; i < report->weather.item_count; i++) {
        const struct weather_item *item = &report->weather.items[i];
        if (item->hazard == hazard && text_equal(item->area_code, code) && item->level > most)
            most = item->level;
    }
    return most;
}

static void level_4_stands_in_the_notice_only(void **state)
{
    static const char notice[] = "［危険警報・氾濫特別警報の発表状況］\n"
                                 "〈レベル４大雨危険警報〉輪島市＊\n"
                                 "〈レベル４高潮危険警報〉なし";
    struct report *report = with_texts(*state, notice, "大雨に警戒してください。");
    assert_int_equal(report->kind, REPORT_TRANSITIONAL);
    assert_int_equal(level(report, WAJIMA, HAZARD_RAIN), 4);
    assert_int_equal(level(report, SUZU, HAZARD_RAIN), 3);
    assert_int_equal(level(report, WAJIMA, HAZARD_STORM_SURGE), -1);
    report = with_texts(*state, "", "大雨に警戒してください。");
    assert_int_equal(level(report, WAJIMA, HAZARD_RAIN), 3);
}

static void a_headline_that_names_no_place_tells_of_level_4_somewhere(void **state)
{
    static const char headline[] = "〈危険警報（大雨）〉能登に危険警報を発表中です。";
    struct report *report = with_texts(*state, "", headline);
    assert_int_equal(level(report, NULL, HAZARD_RAIN), 4);
    assert_int_equal(level(report, WAJIMA, HAZARD_RAIN), 3);
    assert_string_equal(report->weather.office, "170000");
}

static void a_name_that_the_telegram_does_not_list_is_told_to_the_operator(void **state)
{
    struct report *report =
        with_texts(*state, "〈レベル４土砂災害危険警報〉新町", "大雨に警戒してください。");
    assert_non_null(report->degraded);
    assert_int_equal(level(report, NULL, HAZARD_LANDSLIDE), 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(level_4_stands_in_the_notice_only),
        TEST(a_headline_that_names_no_place_tells_of_level_4_somewhere),
        TEST(a_name_that_the_telegram_does_not_list_is_told_to_the_operator),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
