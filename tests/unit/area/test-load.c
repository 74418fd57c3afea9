/* Tables with faults: each is named with its file, line and column, all in one pass; and the real
 * tables of config/areas. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>
#include "area/tables.h"
#include "base/text.h"

#define PLACES_HEADER   "system\tcode\tparent\tja\ten\n"
#define COVERAGE_HEADER "system\tcode\tmunicipalities\tmark\n"
#define PLACES                                                                                     \
    PLACES_HEADER "country\tjp\t\t日本全国\tAll of Japan\n"                                    \
                  "prefecture\t01\t\t北灯県\tKitahi\n"                                          \
                  "municipality\t01100\t01\t狼煙市\n"                                           \
                  "weather-office\t010000\t\t北灯県\n"                                          \
                  "weather-region\t010010\t010000\t西\n"                                          \
                  "weather-group\t010011\t010010\t西\n"                                           \
                  "weather-city\t0110000\t010011\t狼煙市\n"                                     \
                  "quake-region\t100\t01\t北灯\n"                                                \
                  "quake-city\t0110000\t100\t狼煙市\n"                                          \
                  "tsunami-coast\t100\t\t北灯\n"
#define COVERAGE                                                                                   \
    COVERAGE_HEADER "weather-city\t0110000\t01100\t\n"                                             \
                    "quake-city\t0110000\t01100\n"                                                 \
                    "tsunami-coast\t100\t01100\t\n"                                                \
                    "municipality\t01100\t\tcoast\n"

struct folder {
    char path[64];
};

static int folder_make(void **state)
{
    struct folder *folder = talloc_zero(NULL, struct folder);
    strcpy(folder->path, "/tmp/noroshi-area-XXXXXX");
    *state = folder;
    return mkdtemp(folder->path) != NULL ? 0 : -1;
}

static int folder_remove(void **state)
{
    struct folder *folder = *state;
    unlink(memory_printf(folder, "%s/places.tsv", folder->path));
    unlink(memory_printf(folder, "%s/coverage.tsv", folder->path));
    rmdir(folder->path);
    return talloc_free(folder);
}

static void file_write(struct folder *folder, const char *name, const char *text)
{
    FILE *file = fopen(memory_printf(folder, "%s/%s", folder->path, name), "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static int load(struct folder *folder, const char *places, const char *coverage,
                struct problems **ret_problems, struct area_graph **ret_graph)
{
    file_write(folder, "places.tsv", places);
    file_write(folder, "coverage.tsv", coverage);
    *ret_problems = problems_new(folder);
    return area_graph_load(folder, folder->path, *ret_problems, ret_graph);
}

/* The tables are refused and the only problem begins as given, after the folder. */
static void assert_fault(struct folder *folder, const char *places, const char *coverage,
                         const char *start)
{
    struct problems *problems;
    struct area_graph *graph = NULL;
    assert_int_equal(load(folder, places, coverage, &problems, &graph), -EINVAL);
    assert_null(graph);
    char *text = problem_text(folder, &problems->items[0]);
    if (problems->count != 1 || !text_starts(text + strlen(folder->path) + 1, start))
        fail_msg("%zu problems, first \"%s\", expected \"%s\"", problems->count, text, start);
}

static void small_tables_with_comments_and_windows_lines_load(void **state)
{
    struct problems *problems;
    struct area_graph *graph = NULL;
    char *places = memory_printf(*state, "# source\r\n\r\n%s", PLACES);
    assert_int_equal(load(*state, places, "# x\n\n" COVERAGE, &problems, &graph), 0);
    area_graph_check(graph, problems);
    assert_int_equal(problems->count, 0);
    assert_int_equal(load(*state,
                          "system\tcode\tparent\tja\r\nmunicipality\t01100\t01\t狼煙市\r\n"
                          "prefecture\t01\t\t北灯県",
                          COVERAGE_HEADER "municipality\t01100\t\tinland\r\n", &problems, &graph),
                     0);
    assert_string_equal(area_find(graph, AREA_MUNICIPALITY, "01100")->name_ja, "狼煙市");
}

static void absent_and_unreadable_tables_are_named(void **state)
{
    struct folder *folder = *state;
    struct problems *problems = problems_new(folder);
    struct area_graph *graph = NULL;
    assert_int_equal(area_graph_load(folder, folder->path, problems, &graph), -EINVAL);
    assert_int_equal(problems->errors, 1);
    assert_true(text_contains(problems->items[0].file, "/places.tsv"));
    assert_null(graph);
    assert_fault(folder, "system\tcode\tparent\tja\n\xFF\n", COVERAGE, "places.tsv: cannot be");
}

static void a_wrong_header_is_refused(void **state)
{
    assert_fault(*state, "", COVERAGE, "places.tsv: the header");
    assert_fault(*state, "code\tsystem\tparent\tja\n", COVERAGE, "places.tsv:1:1: the header");
    assert_fault(*state, "# x\nsystem\tcode\tparent\n", COVERAGE, "places.tsv:2:1: the header");
    assert_fault(*state,
                 "system\tcode\tparent\tja\tb\tc\td\te\tf\tg\th\ti\tj\tk\tl\tm\tn\to\tp\tq\tr\n",
                 COVERAGE, "places.tsv:1:53: there are too many languages");
    assert_fault(*state, PLACES, "", "coverage.tsv: the header");
    assert_fault(*state, PLACES, "system,code,municipalities,mark\n", "coverage.tsv:1:1: the");
}

static void faults_of_places_have_line_and_column(void **state)
{
    assert_fault(*state, PLACES "village\t1\t\tx\n", COVERAGE, "places.tsv:12:1: there is no");
    assert_fault(*state, PLACES "prefecture\t1\t\tx\n", COVERAGE, "places.tsv:12:12: this is not");
    assert_fault(*state, PLACES "prefecture\t0x\t\tx\n", COVERAGE, "places.tsv:12:12: this is");
    assert_fault(*state, PLACES "country\tus\t\tx\n", COVERAGE, "places.tsv:12:9: this is not");
    assert_fault(*state, PLACES "prefecture\t02\t\t\tX\n", COVERAGE, "places.tsv:12:16: no Jap");
    assert_fault(*state, PLACES "prefecture\n", COVERAGE, "places.tsv:12: no Japanese");
    assert_fault(*state, PLACES "municipality\t01101\t\tx\n", COVERAGE, "places.tsv:12:20: no par");
    assert_fault(*state, PLACES "prefecture\t02\t01\tx\n", COVERAGE, "places.tsv:12:15: this sys");
    assert_fault(*state, PLACES "municipality\t01101\t09\tx\n", COVERAGE, "places.tsv:12: munici");
    assert_fault(*state, PLACES "prefecture\t01\t\tx\n", COVERAGE, "places.tsv:12:1: prefecture");
    assert_fault(*state, PLACES "prefecture\t02\t\tx\tX\tY\n", COVERAGE, "places.tsv:12:20: a c");
    assert_fault(*state, PLACES "prefecture\t02\t\tx\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\n", COVERAGE,
                 "places.tsv:12:");
}

static void faults_of_coverage_have_line_and_column(void **state)
{
    assert_fault(*state, PLACES, COVERAGE "weather-city\t9999999\t01100\t\n",
                 "coverage.tsv:6:14: there is no such place");
    assert_fault(*state, PLACES, COVERAGE "village\t01100\t01100\t\n", "coverage.tsv:6:9: there");
    assert_fault(*state, PLACES, COVERAGE "prefecture\t01\t01100\t\n", "coverage.tsv:6:1: the cov");
    assert_fault(*state, PLACES, COVERAGE "tsunami-coast\t100\t01100\t\n",
                 "coverage.tsv:6:1: tsunami-coast 100 already stands in line 4");
    assert_fault(*state, PLACES, COVERAGE "municipality\t01100\n", "coverage.tsv:6:1: too few");
    assert_fault(*state, PLACES, COVERAGE_HEADER "municipality\t01100\t\tbeach\n",
                 "coverage.tsv:2:21: a municipality cannot be");
    assert_fault(*state, PLACES, COVERAGE_HEADER "municipality\t01100\t01100\tcoast\n",
                 "coverage.tsv:2:20: a municipality covers itself");
    assert_fault(*state, PLACES, COVERAGE_HEADER "tsunami-coast\t100\t\t\n",
                 "coverage.tsv:2:19: nothing is covered");
    assert_fault(*state, PLACES, COVERAGE_HEADER "tsunami-coast\t100\t01100,01999\t\n",
                 "coverage.tsv:2:25: no municipality is \"01999\"");
    assert_fault(*state, PLACES, COVERAGE_HEADER "tsunami-coast\t100\t01100,\t\n",
                 "coverage.tsv:2:25: no municipality is \"\"");
}

static void all_faults_come_in_one_pass(void **state)
{
    struct problems *problems;
    struct area_graph *graph = NULL;
    assert_int_equal(load(*state, PLACES "a\t1\t\tx\nprefecture\t1\t\tx\nprefecture\t02\t\t\n",
                          COVERAGE, &problems, &graph),
                     -EINVAL);
    assert_int_equal(problems->errors, 3);
}

static size_t check_count(struct folder *folder, const char *places, const char *coverage)
{
    struct problems *problems;
    struct area_graph *graph = NULL;
    assert_int_equal(load(folder, places, coverage, &problems, &graph), 0);
    area_graph_check(graph, problems);
    return problems->errors;
}

static void the_check_finds_a_municipality_that_telegrams_would_pass_by(void **state)
{
    struct folder *folder = *state;
    assert_int_equal(check_count(folder, PLACES, COVERAGE), 0);
    /* Its mark against its coasts, both ways. */
    assert_int_equal(check_count(folder, PLACES,
                                 COVERAGE_HEADER "weather-city\t0110000\t01100\t\n"
                                                 "quake-city\t0110000\t01100\n"
                                                 "tsunami-coast\t100\t01100\t\n"
                                                 "municipality\t01100\t\tinland\n"),
                     1);
    /* No coast although marked so, and a coast without a municipality. */
    assert_int_equal(check_count(folder, PLACES,
                                 COVERAGE_HEADER "weather-city\t0110000\t01100\t\n"
                                                 "quake-city\t0110000\t01100\n"
                                                 "municipality\t01100\t\tcoast\n"),
                     2);
    /* A second municipality that no table covers: no weather, no quake, no mark. */
    assert_int_equal(check_count(folder, PLACES "municipality\t01101\t01\tx\n", COVERAGE), 3);
}

static struct area_graph *real_tables(struct folder *folder)
{
    char *directory = memory_printf(folder, "%s/config/areas", tables_root());
    if (access(memory_printf(folder, "%s/places.tsv", directory), R_OK) != 0 ||
        access(memory_printf(folder, "%s/coverage.tsv", directory), R_OK) != 0) {
        print_message("skipped: no tables in config/areas\n");
        skip();
    }
    struct problems *problems = problems_new(folder);
    struct area_graph *graph = NULL;
    int error = area_graph_load(folder, directory, problems, &graph);
    problems_print(problems, stdout);
    assert_int_equal(error, 0);
    return graph;
}

static void real_tables_are_consistent(void **state)
{
    struct area_graph *graph = real_tables(*state);
    struct problems *problems = problems_new(*state);
    size_t count;
    area_graph_check(graph, problems);
    problems_print(problems, stdout);
    assert_int_equal(problems->errors, 0);
    area_list(graph, AREA_PREFECTURE, &count);
    assert_int_equal(count, 47);
    area_list(graph, AREA_TSUNAMI_COAST, &count);
    assert_int_equal(count, 66);
    area_list(graph, AREA_EPICENTER, &count);
    assert_int_equal(count, 343);
    area_list(graph, AREA_MUNICIPALITY, &count);
    assert_int_equal(area_set_count(area_coverage(graph, AREA_COUNTRY, "jp")), count);
    assert_true(count > 1700 && count < 1800);
}

static void assert_real(void *context, const struct area_graph *graph, const char *text,
                        enum area_system system, const char *code)
{
    const struct area *area = NULL;
    const char *advice = NULL;
    if (area_read(context, graph, text, &area, &advice) != 0)
        fail_msg("\"%s\" refused: %s", text, advice);
    assert_int_equal(area->system, system);
    assert_string_equal(area->code, code);
}

static void sapporo_is_right_in_every_code_system(void **state)
{
    struct area_graph *graph = real_tables(*state);
    assert_real(*state, graph, "札幌市", AREA_MUNICIPALITY, "01100");
    assert_real(*state, graph, "Sapporo", AREA_MUNICIPALITY, "01100");
    assert_real(*state, graph, "0110000", AREA_WEATHER_CITY, "0110000");
    assert_real(*state, graph, "札幌市中央区", AREA_QUAKE_CITY, "0110100");
    assert_real(*state, graph, "北海道", AREA_PREFECTURE, "01");
    assert_string_equal(area_weather_office(graph, AREA_WEATHER_CITY, "0110000"), "016000");
    const struct area *city = area_find(graph, AREA_MUNICIPALITY, "01100");
    assert_true(area_meets(graph, city, area_find(graph, AREA_QUAKE_REGION, "101")));
    assert_true(area_meets(graph, city, area_find(graph, AREA_WEATHER_GROUP, "016012")));
    assert_false(area_meets(graph, city, area_find(graph, AREA_TSUNAMI_COAST, "110")));
}

static void ishikari_bay_and_tomakomai_lie_on_their_own_coasts(void **state)
{
    struct area_graph *graph = real_tables(*state);
    const struct area *north = area_find(graph, AREA_TSUNAMI_COAST, "110");
    const struct area *south = area_find(graph, AREA_TSUNAMI_COAST, "111");
    const struct area *west = area_find(graph, AREA_TSUNAMI_COAST, "102");
    const struct area *otaru = area_find(graph, AREA_MUNICIPALITY, "01203");
    const struct area *tomakomai = area_find(graph, AREA_MUNICIPALITY, "01213");
    assert_true(area_meets(graph, otaru, north));
    assert_false(area_meets(graph, otaru, south));
    assert_true(area_meets(graph, tomakomai, west));
    assert_false(area_meets(graph, tomakomai, north));
}

static void a_redivided_city_is_met_by_each_of_its_parts(void **state)
{
    struct area_graph *graph = real_tables(*state);
    const struct area *yokohama = area_find(graph, AREA_MUNICIPALITY, "14100");
    assert_non_null(yokohama);
    assert_true(area_meets(graph, yokohama, area_find(graph, AREA_WEATHER_CITY, "1410011")));
    assert_true(area_meets(graph, yokohama, area_find(graph, AREA_WEATHER_CITY, "1410012")));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, folder_make, folder_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(small_tables_with_comments_and_windows_lines_load),
        TEST(absent_and_unreadable_tables_are_named),
        TEST(a_wrong_header_is_refused),
        TEST(faults_of_places_have_line_and_column),
        TEST(faults_of_coverage_have_line_and_column),
        TEST(all_faults_come_in_one_pass),
        TEST(the_check_finds_a_municipality_that_telegrams_would_pass_by),
        TEST(real_tables_are_consistent),
        TEST(sapporo_is_right_in_every_code_system),
        TEST(ishikari_bay_and_tomakomai_lie_on_their_own_coasts),
        TEST(a_redivided_city_is_met_by_each_of_its_parts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
