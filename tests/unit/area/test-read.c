/* A place as people write it: codes with and without prefix, names, and advice instead of guesses.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "area/tables.h"
#include "base/text.h"

static struct area_graph *graph;

static int load_graph(void **state)
{
    *state = talloc_new(NULL);
    struct problems *problems = problems_new(*state);
    return area_graph_load(*state, tables_folder(*state), problems, &graph);
}

static int free_graph(void **state)
{
    return talloc_free(*state);
}

static void assert_reads(void *context, const char *text, enum area_system system, const char *code)
{
    const struct area *area = NULL;
    const char *advice = "untouched";
    if (area_read(context, graph, text, &area, &advice) != 0)
        fail_msg("\"%s\" refused: %s", text, advice);
    assert_int_equal(area->system, system);
    assert_string_equal(area->code, code);
    assert_string_equal(advice, "untouched");
}

static const char *assert_refused(void *context, const char *text, int expected)
{
    const struct area untouched = {0};
    const struct area *area = &untouched;
    const char *advice = NULL;
    int error = area_read(context, graph, text, &area, &advice);
    if (error != expected)
        fail_msg("\"%s\" gave %d", text, error);
    assert_ptr_equal(area, &untouched);
    assert_non_null(advice);
    assert_true(advice[0] != '\0');
    return advice;
}

static void plain_digits_are_codes_by_their_number(void **state)
{
    assert_reads(*state, "01", AREA_PREFECTURE, "01");
    assert_reads(*state, "01100", AREA_MUNICIPALITY, "01100");
    assert_reads(*state, "010010", AREA_WEATHER_REGION, "010010");
    assert_reads(*state, "010021", AREA_WEATHER_GROUP, "010021");
    assert_reads(*state, "020000", AREA_WEATHER_OFFICE, "020000");
    assert_reads(*state, "0110001", AREA_WEATHER_CITY, "0110001");
    assert_reads(*state, "0110100", AREA_QUAKE_CITY, "0110100");
    assert_reads(*state, "0120100", AREA_WEATHER_CITY, "0120100");
    assert_reads(*state, "jp", AREA_COUNTRY, "jp");
}

static void a_prefix_names_the_system(void **state)
{
    assert_reads(*state, "coast:100", AREA_TSUNAMI_COAST, "100");
    assert_reads(*state, "quake:100", AREA_QUAKE_REGION, "100");
    assert_reads(*state, "weather:010000", AREA_WEATHER_OFFICE, "010000");
    assert_reads(*state, "weather:010020", AREA_WEATHER_REGION, "010020");
    assert_reads(*state, "weather:0120100", AREA_WEATHER_CITY, "0120100");
    assert_reads(*state, "ward:0110200", AREA_QUAKE_CITY, "0110200");
    assert_reads(*state, "ward:0120100", AREA_QUAKE_CITY, "0120100");
    assert_reads(*state, "weather-region:020000", AREA_WEATHER_REGION, "020000");
    assert_reads(*state, "epicenter:100", AREA_EPICENTER, "100");
}

static void names_are_read_in_japanese_and_english(void **state)
{
    assert_reads(*state, "狼煙市", AREA_MUNICIPALITY, "01100");
    assert_reads(*state, "北灯県", AREA_PREFECTURE, "01");
    assert_reads(*state, "狼煙中央区", AREA_QUAKE_CITY, "0110100");
    assert_reads(*state, "狼煙市中央区", AREA_QUAKE_CITY, "0110100");
    assert_reads(*state, "北灯県狼煙市北区", AREA_QUAKE_CITY, "0110200");
    assert_reads(*state, "Noroshi City", AREA_MUNICIPALITY, "01100");
    assert_reads(*state, "noroshi", AREA_MUNICIPALITY, "01100");
    assert_reads(*state, "Kitahi", AREA_PREFECTURE, "01");
    assert_reads(*state, "Kita", AREA_QUAKE_CITY, "0110200");
    assert_reads(*state, "Hama", AREA_MUNICIPALITY, "01201");
    assert_reads(*state, "日本全国", AREA_COUNTRY, "jp");
}

static void wide_digits_and_blanks_around_are_fine(void **state)
{
    assert_reads(*state, "　０１１００ ", AREA_MUNICIPALITY, "01100");
    assert_reads(*state, " 浜町　", AREA_MUNICIPALITY, "01201");
}

static void a_name_of_two_places_is_a_question_with_both_codes(void **state)
{
    const char *advice = assert_refused(*state, "伊達市", -EINVAL);
    assert_string_equal(advice, "one of 01202 (北灯県伊達市), 02201 (南灯県伊達市)");
    assert_refused(*state, "Date", -EINVAL);
    assert_reads(*state, "南灯県伊達市", AREA_MUNICIPALITY, "02201");
}

static void what_is_unknown_is_refused_with_advice(void **state)
{
    static const char *const unknown[] = {
        "",          " ",      "99",     "1",          "100",          "99999",  "0110",
        "123456789", "coast:", ":100",   "coast:999",  "sea:100",      "狼煙町", "Tokyo",
        "quake:1",   "coast",  "01100x", "coast:1000", "Noroshi Town", "JP",
    };
    for (size_t i = 0; i < sizeof unknown / sizeof unknown[0]; i++)
        assert_refused(*state, unknown[i], -ENOENT);
}

static void the_beginning_of_a_name_is_advice_and_never_an_answer(void **state)
{
    const char *advice = assert_refused(*state, "狼煙", -ENOENT);
    assert_string_equal(advice, "one of 01100 (北灯県狼煙市), ward:0110100 (北灯県狼煙中央区), "
                                "ward:0110200 (北灯県狼煙北区)");
    assert_true(text_contains(assert_refused(*state, "Noro", -ENOENT), "01100"));
}

static void three_digits_ask_for_the_kind_of_area(void **state)
{
    assert_true(text_contains(assert_refused(*state, "100", -ENOENT), "coast:"));
}

#define TEST(name) cmocka_unit_test(name)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(plain_digits_are_codes_by_their_number),
        TEST(a_prefix_names_the_system),
        TEST(names_are_read_in_japanese_and_english),
        TEST(wide_digits_and_blanks_around_are_fine),
        TEST(a_name_of_two_places_is_a_question_with_both_codes),
        TEST(what_is_unknown_is_refused_with_advice),
        TEST(the_beginning_of_a_name_is_advice_and_never_an_answer),
        TEST(three_digits_ask_for_the_kind_of_area),
    };
    return cmocka_run_group_tests(tests, load_graph, free_graph);
}
