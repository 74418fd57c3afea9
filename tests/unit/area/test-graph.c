/* The graph over small made-up tables: lookup, names, coverage, meeting. Made up: a city of two
 * wards on two coasts and of two weather parts; a town on a coast; two inland namesakes. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "area/tables.h"
#include "base/text.h"

static struct area_graph *graph_new(void *context)
{
    struct area_graph *graph = NULL;
    struct problems *problems = problems_new(context);
    int error = area_graph_load(context, tables_folder(context), problems, &graph);
    problems_print(problems, stdout);
    assert_int_equal(error, 0);
    return graph;
}

static int make_context(void **state)
{
    *state = talloc_new(NULL);
    return 0;
}

static int free_context(void **state)
{
    return talloc_free(*state);
}

static void systems_have_names_and_names_have_systems(void **state)
{
    (void)state;
    for (unsigned system = 1; system < AREA_SYSTEM_COUNT; system++)
        assert_int_equal(area_system_from_name(area_system_name((enum area_system)system)), system);
    assert_string_equal(area_system_name(AREA_TSUNAMI_COAST), "tsunami-coast");
    assert_int_equal(area_system_from_name("unknown"), AREA_UNKNOWN);
    assert_int_equal(area_system_from_name("sea"), AREA_UNKNOWN);
    assert_int_equal(area_system_from_name(NULL), AREA_UNKNOWN);
    assert_non_null(area_system_name((enum area_system)99));
}

static void a_place_is_found_by_system_and_code_together(void **state)
{
    struct area_graph *graph = graph_new(*state);
    assert_string_equal(area_find(graph, AREA_QUAKE_REGION, "100")->name_ja, "北灯地方");
    assert_string_equal(area_find(graph, AREA_TSUNAMI_COAST, "100")->name_ja, "北灯沿岸");
    assert_string_equal(area_find(graph, AREA_EPICENTER, "100")->name_ja, "北灯沖");
    assert_string_equal(area_find(graph, AREA_WEATHER_CITY, "0110001")->parent, "010011");
    assert_null(area_find(graph, AREA_TSUNAMI_COAST, "100")->parent);
    assert_null(area_find(graph, AREA_PREFECTURE, "100"));
    assert_null(area_find(graph, AREA_PREFECTURE, "99"));
    assert_null(area_find(graph, AREA_PREFECTURE, ""));
    assert_null(area_find(graph, AREA_PREFECTURE, NULL));
    assert_null(area_find(graph, AREA_UNKNOWN, "01"));
    assert_null(area_find(graph, (enum area_system)99, "01"));
}

static void a_name_that_one_place_has_finds_it(void **state)
{
    struct area_graph *graph = graph_new(*state);
    size_t count;
    for (unsigned system = 1; system < AREA_SYSTEM_COUNT; system++) {
        const struct area *const *all = area_list(graph, (enum area_system)system, &count);
        for (size_t i = 0; i < count; i++) {
            size_t same = 0;
            for (size_t other = 0; other < count; other++)
                same += strcmp(all[other]->name_ja, all[i]->name_ja) == 0 ? 1 : 0;
            assert_ptr_equal(area_of_name(graph, (enum area_system)system, all[i]->name_ja),
                             same == 1 ? all[i] : NULL);
        }
    }
    assert_string_equal(area_of_name(graph, AREA_TSUNAMI_COAST, "北灯沿岸")->code, "100");
    assert_null(area_of_name(graph, AREA_TSUNAMI_COAST, "北灯地方"));
    assert_null(area_of_name(graph, AREA_TSUNAMI_COAST, ""));
    assert_null(area_of_name(graph, AREA_TSUNAMI_COAST, "龠"));
    assert_null(area_of_name(graph, AREA_TSUNAMI_COAST, NULL));
    assert_null(area_of_name(graph, (enum area_system)99, "北灯沿岸"));
}

static void areas_are_listed_from_the_start_of_their_code(void **state)
{
    struct area_graph *graph = graph_new(*state);
    size_t count;
    const struct area *const *parts = area_list_from(graph, AREA_WEATHER_CITY, "01100", &count);
    assert_int_equal(count, 2);
    assert_string_equal(parts[0]->code, "0110001");
    assert_string_equal(parts[1]->code, "0110002");
    (void)area_list_from(graph, AREA_WEATHER_CITY, "0110002", &count);
    assert_int_equal(count, 1);
    (void)area_list_from(graph, AREA_WEATHER_CITY, "00000", &count);
    assert_int_equal(count, 0);
    (void)area_list_from(graph, AREA_WEATHER_CITY, "99999", &count);
    assert_int_equal(count, 0);
    size_t all;
    (void)area_list(graph, AREA_WEATHER_CITY, &all);
    (void)area_list_from(graph, AREA_WEATHER_CITY, "", &count);
    assert_int_equal(count, all);
}

static void a_name_falls_from_the_language_to_english_to_japanese(void **state)
{
    struct area_graph *graph = graph_new(*state);
    const struct area *city = area_find(graph, AREA_MUNICIPALITY, "01100");
    const struct area *group = area_find(graph, AREA_WEATHER_GROUP, "010011");
    const char *language = NULL;
    assert_string_equal(area_name(graph, city, "ko", &language), "노로시 시");
    assert_string_equal(language, "ko");
    assert_string_equal(area_name(graph, city, "ja-simple", &language), "狼煙市");
    assert_string_equal(language, "ja");
    assert_string_equal(area_name(graph, city, "en-GB", &language), "Noroshi City");
    assert_string_equal(language, "en");
    assert_string_equal(area_name(graph, city, "zh-Hans", &language), "Noroshi City");
    assert_string_equal(language, "en");
    assert_string_equal(area_name(graph, city, "vi", &language), "Noroshi City");
    assert_string_equal(area_name(graph, group, "en", &language), "狼煙地方");
    assert_string_equal(language, "ja");
    assert_string_equal(area_name(graph, group, NULL, NULL), "狼煙地方");
    assert_string_equal(area_name(graph, group, "", NULL), "狼煙地方");
    assert_string_equal(area_name(graph, city, "e", NULL), "Noroshi City");
}

static size_t covered(const struct area_graph *graph, enum area_system system, const char *code)
{
    const struct area_set *set = area_coverage(graph, system, code);
    assert_non_null(set);
    return area_set_count(set);
}

static void larger_areas_cover_what_their_parts_cover(void **state)
{
    struct area_graph *graph = graph_new(*state);
    assert_int_equal(covered(graph, AREA_COUNTRY, "jp"), 5);
    assert_int_equal(covered(graph, AREA_PREFECTURE, "01"), 3);
    assert_int_equal(covered(graph, AREA_PREFECTURE, "02"), 2);
    assert_int_equal(covered(graph, AREA_WEATHER_OFFICE, "010000"), 3);
    assert_int_equal(covered(graph, AREA_WEATHER_REGION, "010010"), 1);
    assert_int_equal(covered(graph, AREA_WEATHER_REGION, "010020"), 2);
    assert_int_equal(covered(graph, AREA_WEATHER_GROUP, "010021"), 2);
    assert_int_equal(covered(graph, AREA_WEATHER_CITY, "0110002"), 1);
    assert_int_equal(covered(graph, AREA_QUAKE_REGION, "100"), 3);
    assert_int_equal(covered(graph, AREA_TSUNAMI_COAST, "100"), 2);
    assert_int_equal(covered(graph, AREA_MUNICIPALITY, "01202"), 1);
    assert_int_equal(covered(graph, AREA_EPICENTER, "100"), 0);
    assert_null(area_coverage(graph, AREA_MUNICIPALITY, "99999"));
}

static void a_set_takes_what_is_added_and_refuses_the_unknown(void **state)
{
    struct area_graph *graph = graph_new(*state);
    struct area_set *set = area_set_new(*state, graph);
    assert_int_equal(area_set_count(set), 0);
    assert_int_equal(area_set_add(set, graph, AREA_MUNICIPALITY, "99999"), -ENOENT);
    assert_int_equal(area_set_add(set, graph, AREA_EPICENTER, "100"), -ENOENT);
    assert_int_equal(area_set_count(set), 0);
    assert_int_equal(area_set_add(set, graph, AREA_TSUNAMI_COAST, "100"), 0);
    assert_int_equal(area_set_add(set, graph, AREA_TSUNAMI_COAST, "200"), 0);
    assert_int_equal(area_set_count(set), 3);
    assert_int_equal(covered(graph, AREA_TSUNAMI_COAST, "100"), 2);
}

static void sets_meet_in_a_common_municipality_only(void **state)
{
    struct area_graph *graph = graph_new(*state);
    const struct area_set *city = area_coverage(graph, AREA_MUNICIPALITY, "01100");
    const struct area_set *inland = area_coverage(graph, AREA_MUNICIPALITY, "01202");
    assert_true(area_set_meets(city, area_coverage(graph, AREA_TSUNAMI_COAST, "200")));
    assert_false(area_set_meets(inland, area_coverage(graph, AREA_TSUNAMI_COAST, "200")));
    assert_true(area_set_meets(inland, area_coverage(graph, AREA_COUNTRY, "jp")));
    assert_false(area_set_meets(city, area_set_new(*state, graph)));
    assert_false(area_set_meets(city, NULL));
    assert_false(area_set_meets(NULL, city));
}

static void assert_meeting(const struct area_graph *graph, bool expected, enum area_system system,
                           const char *code, enum area_system other_system, const char *other)
{
    const struct area *a = area_find(graph, system, code);
    const struct area *b = area_find(graph, other_system, other);
    assert_non_null(a);
    assert_non_null(b);
    assert_int_equal(area_meets(graph, a, b), expected);
    assert_int_equal(area_meets(graph, b, a), expected);
}

static void a_ward_meets_only_itself_among_wards_but_its_city_in_all_else(void **state)
{
    struct area_graph *graph = graph_new(*state);
    assert_meeting(graph, true, AREA_QUAKE_CITY, "0110100", AREA_QUAKE_CITY, "0110100");
    assert_meeting(graph, false, AREA_QUAKE_CITY, "0110100", AREA_QUAKE_CITY, "0110200");
    assert_meeting(graph, true, AREA_QUAKE_CITY, "0110100", AREA_MUNICIPALITY, "01100");
    assert_meeting(graph, true, AREA_QUAKE_CITY, "0110100", AREA_WEATHER_CITY, "0110002");
    assert_meeting(graph, true, AREA_QUAKE_CITY, "0110100", AREA_QUAKE_REGION, "100");
    assert_meeting(graph, true, AREA_WEATHER_CITY, "0110001", AREA_WEATHER_CITY, "0110002");
}

static void places_meet_by_municipality_across_systems(void **state)
{
    struct area_graph *graph = graph_new(*state);
    assert_meeting(graph, true, AREA_MUNICIPALITY, "01100", AREA_TSUNAMI_COAST, "200");
    assert_meeting(graph, false, AREA_MUNICIPALITY, "02202", AREA_TSUNAMI_COAST, "200");
    assert_meeting(graph, true, AREA_PREFECTURE, "01", AREA_TSUNAMI_COAST, "200");
    assert_meeting(graph, false, AREA_PREFECTURE, "01", AREA_WEATHER_OFFICE, "020000");
    assert_meeting(graph, false, AREA_QUAKE_CITY, "0120200", AREA_QUAKE_CITY, "0220100");
    assert_meeting(graph, false, AREA_EPICENTER, "100", AREA_COUNTRY, "jp");
    assert_false(area_meets(graph, NULL, area_find(graph, AREA_COUNTRY, "jp")));
}

static void the_office_is_found_from_every_weather_area(void **state)
{
    struct area_graph *graph = graph_new(*state);
    assert_string_equal(area_weather_office(graph, AREA_WEATHER_CITY, "0110002"), "010000");
    assert_string_equal(area_weather_office(graph, AREA_WEATHER_GROUP, "010021"), "010000");
    /* Region and office of one code: the system decides. */
    assert_string_equal(area_weather_office(graph, AREA_WEATHER_REGION, "020000"), "020000");
    assert_string_equal(area_weather_office(graph, AREA_WEATHER_OFFICE, "020000"), "020000");
    assert_null(area_weather_office(graph, AREA_WEATHER_CITY, "9999999"));
    assert_null(area_weather_office(graph, AREA_QUAKE_CITY, "0110100"));
}

static void a_list_holds_one_system_in_code_order(void **state)
{
    struct area_graph *graph = graph_new(*state);
    size_t count = 0;
    const struct area *const *list = area_list(graph, AREA_MUNICIPALITY, &count);
    assert_int_equal(count, 5);
    for (size_t i = 1; i < count; i++)
        assert_true(strcmp(list[i - 1]->code, list[i]->code) < 0);
    assert_ptr_equal(list[0], area_find(graph, AREA_MUNICIPALITY, "01100"));
    area_list(graph, AREA_UNKNOWN, &count);
    assert_int_equal(count, 0);
    area_list(graph, AREA_EPICENTER, &count);
    assert_int_equal(count, 1);
}

static void consistent_tables_pass_the_check(void **state)
{
    struct area_graph *graph = graph_new(*state);
    struct problems *problems = problems_new(*state);
    area_graph_check(graph, problems);
    problems_print(problems, stdout);
    assert_int_equal(problems->count, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_context, free_context)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(systems_have_names_and_names_have_systems),
        TEST(a_place_is_found_by_system_and_code_together),
        TEST(a_name_that_one_place_has_finds_it),
        TEST(areas_are_listed_from_the_start_of_their_code),
        TEST(a_name_falls_from_the_language_to_english_to_japanese),
        TEST(larger_areas_cover_what_their_parts_cover),
        TEST(a_set_takes_what_is_added_and_refuses_the_unknown),
        TEST(sets_meet_in_a_common_municipality_only),
        TEST(a_ward_meets_only_itself_among_wards_but_its_city_in_all_else),
        TEST(places_meet_by_municipality_across_systems),
        TEST(the_office_is_found_from_every_weather_area),
        TEST(a_list_holds_one_system_in_code_order),
        TEST(consistent_tables_pass_the_check),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
