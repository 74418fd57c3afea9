/* Municipalities of a warning that the area graph does not hold: divided or merged since its tables
 * were made, or garbled on the way. Nobody has chosen such a code, so nobody would hear of it.
 *
 * What is in force there is said where it may be: in the areas of the municipality that the first
 * five digits name; otherwise, since JMA lists every municipality of an office, in those of the
 * office that the telegram does not list; when it lists them all, in the whole office. Never
 * beyond the office, and never as an end. */
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "jma/weather_scan.h"

#define CITY_DIGITS 5

struct widening {
    struct weather_scan *scan;
    const struct area *const *cities; /* of Japan */
    size_t city_count;
    const struct area **suspects; /* of the office */
    size_t suspect_count;
};

static void say_of(struct widening *widening, const struct area *city,
                   const struct weather_item *item)
{
    struct weather_item same = *item;
    same.area_code = city->code;
    same.area_name = city->name_ja;
    if (weather_scan_area(widening->scan, city->code))
        weather_scan_item(widening->scan, &same);
}

static bool say_by_number(struct widening *widening, const struct weather_item *item)
{
    char city[CITY_DIGITS + 1] = {0};
    size_t count;
    if (strlen(item->area_code) < CITY_DIGITS)
        return false;
    memcpy(city, item->area_code, CITY_DIGITS);
    const struct area *const *parts =
        area_list_from(widening->scan->parsing->graph, AREA_WEATHER_CITY, city, &count);
    for (size_t i = 0; i < count; i++)
        say_of(widening, parts[i], item);
    return count > 0;
}

static bool is_listed(const struct weather_scan *scan, const char *code)
{
    struct noted_area *noted;
    HASH_FIND_STR(scan->noted, code, noted);
    return noted != NULL;
}

static void find_suspects(struct widening *widening, const char *office, bool listed_too)
{
    struct parsing *parsing = widening->scan->parsing;
    widening->suspects =
        memory_array(parsing->context, const struct area *, widening->city_count + 1);
    for (size_t i = 0; i < widening->city_count; i++) {
        const struct area *city = widening->cities[i];
        const char *own = area_weather_office(parsing->graph, AREA_WEATHER_CITY, city->code);
        if (text_equal(own, office) && (listed_too || !is_listed(widening->scan, city->code)))
            widening->suspects[widening->suspect_count++] = city;
    }
}

static void say_in_office(struct widening *widening, const struct weather_item gravest[],
                          const char *office)
{
    find_suspects(widening, office, false);
    if (widening->suspect_count == 0)
        find_suspects(widening, office, true);
    for (size_t hazard = 0; hazard < HAZARD_COUNT; hazard++) {
        for (size_t i = 0; gravest[hazard].level > 0 && i < widening->suspect_count; i++)
            say_of(widening, widening->suspects[i], &gravest[hazard]);
    }
}

void weather_widen(struct weather_scan *scan, const char *office)
{
    const struct area_graph *graph = scan->parsing->graph;
    const struct weather_report *report = scan->report;
    struct widening widening = {.scan = scan};
    struct weather_item gravest[HAZARD_COUNT] = {0};
    bool unplaced = false;
    widening.cities = area_list(graph, AREA_WEATHER_CITY, &widening.city_count);
    for (size_t i = 0, count = report->item_count; i < count; i++) {
        const struct weather_item item = report->items[i]; /* a copy: the list grows and moves */
        if (item.level == 0 || area_find(graph, AREA_WEATHER_CITY, item.area_code) != NULL ||
            say_by_number(&widening, &item))
            continue;
        struct weather_item *most = &gravest[item.hazard];
        if (item.level > most->level)
            *most = item;
        unplaced = true;
    }
    if (unplaced && office != NULL)
        say_in_office(&widening, gravest, office);
}
