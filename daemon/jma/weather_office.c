/* A weather report of all Japan as one report for each 府県予報区, so that states of one office are
 * not compared with the areas of all the others. */
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "jma/report.h"

struct division {
    TALLOC_CTX *context;
    const struct area_graph *graph;
    const struct report *whole;
    struct report **parts;
    size_t count;
    /* The area that was placed last: its items stand together. */
    const char *last_code;
    struct report *last_part;
};

static struct report *find_part(struct division *division, const char *area_code)
{
    const char *office = area_weather_office(division->graph, AREA_WEATHER_CITY, area_code);
    if (office == NULL)
        return NULL;
    for (size_t i = 0; i < division->count; i++) {
        if (strcmp(division->parts[i]->weather.office, office) == 0)
            return division->parts[i];
    }
    struct report *part = memory_new(division->context, struct report);
    *part = *division->whole;
    part->weather.office = office;
    part->weather.area_codes = NULL;
    part->weather.area_offices = NULL;
    part->weather.items = NULL;
    part->weather.area_code_count = part->weather.item_count = 0;
    division->parts = memory_grow(division->context, (void *)division->parts, division->count,
                                  sizeof(*division->parts));
    division->parts[division->count++] = part;
    return part;
}

static struct report *part_of_area(struct division *division, const char *area_code)
{
    if (!text_equal(division->last_code, area_code)) {
        division->last_code = area_code;
        division->last_part = find_part(division, area_code);
    }
    return division->last_part;
}

static void add_area(struct division *division, const char *code)
{
    struct report *part = part_of_area(division, code);
    if (part == NULL)
        return;
    struct weather_report *weather = &part->weather;
    const char **codes = memory_grow(division->context, (void *)weather->area_codes,
                                     weather->area_code_count, sizeof(*codes));
    const char **offices = memory_grow(division->context, (void *)weather->area_offices,
                                       weather->area_code_count, sizeof(*offices));
    offices[weather->area_code_count] = weather->office;
    codes[weather->area_code_count++] = code;
    weather->area_codes = codes;
    weather->area_offices = offices;
}

static void add_item(struct division *division, const struct weather_item *item)
{
    struct report *part = part_of_area(division, item->area_code);
    if (part == NULL)
        return;
    struct weather_report *weather = &part->weather;
    struct weather_item *items =
        memory_grow(division->context, (void *)weather->items, weather->item_count, sizeof(*items));
    items[weather->item_count++] = *item;
    weather->items = items;
}

const struct report *const *weather_of_offices(TALLOC_CTX *context, const struct area_graph *graph,
                                               const struct report *report, size_t *ret_count)
{
    struct division division = {.context = context, .graph = graph, .whole = report};
    for (size_t i = 0; i < report->weather.area_code_count; i++)
        add_area(&division, report->weather.area_codes[i]);
    for (size_t i = 0; i < report->weather.item_count; i++)
        add_item(&division, &report->weather.items[i]);
    *ret_count = division.count;
    return (const struct report *const *)division.parts;
}
