/* Latitude and longitude to municipalities, with the real tables and places that anyone can look
 * up. */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "area/area.h"
#include "base/memory.h"

static struct area_graph *graph;

static int load(void **state)
{
    const char *root = getenv("NOROSHI_ROOT");
    struct problems *problems = problems_new(NULL);
    char *directory = memory_printf(problems, "%s/config/areas", root != NULL ? root : ".");
    int r = area_graph_load(NULL, directory, problems, &graph);
    (void)state;
    talloc_free(problems);
    return r;
}

static int unload(void **state)
{
    (void)state;
    talloc_free(graph);
    return 0;
}

/* How many places before it, or -1 when it is not among them. */
static int rank(double latitude, double longitude, const char *code, size_t *ret_count)
{
    struct area_location found[AREA_LOCATIONS];
    *ret_count = 0;
    assert_int_equal(area_locate(graph, latitude, longitude, found, ret_count), 0);
    for (size_t i = 0; i < *ret_count; i++) {
        assert_int_equal(found[i].municipality->system, AREA_MUNICIPALITY);
        assert_true(i == 0 || found[i].km >= found[i - 1].km);
        if (strcmp(found[i].municipality->code, code) == 0)
            return (int)i;
    }
    return -1;
}

static const struct known_place {
    const char *name;
    double latitude, longitude;
    const char *code;
} places[] = {
    {"Sapporo station", 43.0687, 141.3508, "01100"},
    {"Hakodate station", 41.7737, 140.7264, "01202"},
    {"New Chitose airport", 42.7752, 141.6923, "01224"},
    {"Hirafu, Kutchan", 42.8620, 140.6980, "01400"},
    {"Sendai station", 38.2601, 140.8824, "04100"},
    {"Narita airport", 35.7720, 140.3929, "12211"},
    {"Tokyo station", 35.6812, 139.7671, "13101"},
    {"Haneda airport", 35.5494, 139.7798, "13111"},
    {"Futami, Ogasawara", 27.0944, 142.1918, "13421"},
    {"Wajima", 37.3906, 136.8992, "17204"},
    {"Nagoya station", 35.1709, 136.8815, "23100"},
    {"Kyoto station", 34.9858, 135.7588, "26100"},
    {"Osaka castle", 34.6873, 135.5262, "27100"},
    {"Hiroshima peace park", 34.3955, 132.4536, "34100"},
    {"Hakata station", 33.5897, 130.4207, "40130"},
    {"Naha airport", 26.1958, 127.6458, "47201"},
    {"Ishigaki", 24.3448, 124.1572, "47207"},
    {"Yonaguni", 24.4670, 122.9980, "47382"},
};

static void known_places_are_found(void **state)
{
    size_t first = 0, places_count = sizeof(places) / sizeof(places[0]);
    (void)state;
    for (size_t i = 0; i < places_count; i++) {
        const struct known_place *place = &places[i];
        size_t count;
        int at = rank(place->latitude, place->longitude, place->code, &count);
        if (at < 0)
            fail_msg("%s is not in %s", place->name, place->code);
        print_message("# %s: number %d of %zu\n", place->name, at + 1, count);
        first += at == 0 ? 1 : 0;
        assert_true(count <= 10);
    }
    /* Airports lie on the border of two or three. */
    assert_true(first + 3 >= places_count);
}

static void a_place_outside_japan_is_refused(void **state)
{
    static const double outside[][2] = {
        {37.5665, 126.9780}, {35.1796, 129.0756}, {46.9591, 142.7380},
        {31.2304, 121.4737}, {25.0330, 121.5654}, {0, 0},
        {30, 150},           {90, 135},           {NAN, NAN}};
    (void)state;
    for (size_t i = 0; i < sizeof(outside) / sizeof(outside[0]); i++) {
        struct area_location found[AREA_LOCATIONS];
        size_t count = 0;
        assert_int_equal(area_locate(graph, outside[i][0], outside[i][1], found, &count), -ERANGE);
    }
}

static void what_is_written_is_read(void **state)
{
    static const char *const fine[] = {"@43.06,141.35", "43.06,141.35", "+43.06,+141.35",
                                       "@43,141"};
    static const char *const wrong[] = {
        "@43.06",   "@141.35,43.06", "@43.06,181", "@,", "@43.06;141.35",
        "@nan,nan", "@0x2b,0x8d",    "01100",      "",   "@43.06,141.35,3"};
    double latitude = 0, longitude = 0;
    (void)state;
    for (size_t i = 0; i < sizeof(fine) / sizeof(fine[0]); i++) {
        assert_true(area_is_location(fine[i], &latitude, &longitude));
        assert_true(latitude >= 43 && latitude < 44 && longitude >= 141 && longitude < 142);
    }
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        if (area_is_location(wrong[i], &latitude, &longitude))
            fail_msg("%s", wrong[i]);
    }
}

static void a_location_is_a_place_like_any_other(void **state)
{
    const struct area *area = NULL;
    const char *advice = NULL;
    (void)state;
    assert_int_equal(area_read(graph, graph, "@43.06,141.35", &area, &advice), 0);
    assert_string_equal(area->code, "01100");
    assert_int_equal(area_read(graph, graph, "@35.18,129.07", &area, &advice), -ENOENT);
    assert_non_null(strstr(advice, "a place in Japan"));
    assert_int_equal(area_read(graph, graph, "@141.35,43.06", &area, &advice), -ENOENT);
    assert_non_null(strstr(advice, "latitude,longitude"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_places_are_found),
        cmocka_unit_test(a_place_outside_japan_is_refused),
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(a_location_is_a_place_like_any_other),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
