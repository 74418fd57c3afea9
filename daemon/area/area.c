/* The area graph in memory: see area.h and graph.h. Looking up is a binary search; whether two
 * places meet is an AND over some thirty words. */
#include "area/area.h"

#include <stdlib.h>
#include <string.h>
#include "area/graph.h"
#include "base/memory.h"
#include "base/text.h"

struct area_system_row {
    const char *name;
    enum area_system parent;
    unsigned digits;
};

static const struct area_system_row systems[AREA_SYSTEM_COUNT] = {
    [AREA_UNKNOWN] = {"unknown", AREA_UNKNOWN, 0},
    [AREA_COUNTRY] = {"country", AREA_UNKNOWN, 0},
    [AREA_PREFECTURE] = {"prefecture", AREA_UNKNOWN, 2},
    [AREA_MUNICIPALITY] = {"municipality", AREA_PREFECTURE, 5},
    [AREA_WEATHER_OFFICE] = {"weather-office", AREA_UNKNOWN, 6},
    [AREA_WEATHER_REGION] = {"weather-region", AREA_WEATHER_OFFICE, 6},
    [AREA_WEATHER_GROUP] = {"weather-group", AREA_WEATHER_REGION, 6},
    [AREA_WEATHER_CITY] = {"weather-city", AREA_WEATHER_GROUP, 7},
    [AREA_QUAKE_REGION] = {"quake-region", AREA_PREFECTURE, 3},
    [AREA_QUAKE_CITY] = {"quake-city", AREA_QUAKE_REGION, 7},
    [AREA_TSUNAMI_COAST] = {"tsunami-coast", AREA_UNKNOWN, 3},
    [AREA_EPICENTER] = {"epicenter", AREA_UNKNOWN, 3},
    [AREA_VOLCANO] = {"volcano", AREA_UNKNOWN, 3},
    [AREA_FLOOD_ZONE] = {"flood-zone", AREA_UNKNOWN, 12},
};

const char *area_system_name(enum area_system system)
{
    return (unsigned)system < AREA_SYSTEM_COUNT ? systems[system].name : systems[0].name;
}

enum area_system area_system_from_name(const char *name)
{
    for (unsigned system = 1; name != NULL && system < AREA_SYSTEM_COUNT; system++) {
        if (strcmp(systems[system].name, name) == 0)
            return (enum area_system)system;
    }
    return AREA_UNKNOWN;
}

enum area_system area_system_parent(enum area_system system)
{
    return systems[system].parent;
}

unsigned area_system_digits(enum area_system system)
{
    return systems[system].digits;
}

int area_graph_load(TALLOC_CTX *context, const char *directory, struct problems *problems,
                    struct area_graph **ret_graph)
{
    struct area_graph *graph = memory_new(context, struct area_graph);
    int error = area_tables_load(graph, directory, problems);
    if (error < 0)
        talloc_free(graph);
    else
        *ret_graph = graph;
    return error;
}

size_t place_number(const struct area_graph *graph, enum area_system system, const char *code)
{
    if ((unsigned)system >= AREA_SYSTEM_COUNT || code == NULL)
        return graph->place_count;
    size_t low = graph->first[system], high = graph->first[system + 1];
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(code, graph->places[middle].area.code);
        if (order == 0)
            return middle;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return graph->place_count;
}

const struct area *area_find(const struct area_graph *graph, enum area_system system,
                             const char *code)
{
    size_t number = place_number(graph, system, code);
    return number < graph->place_count ? &graph->places[number].area : NULL;
}

const struct area *const *area_list(const struct area_graph *graph, enum area_system system,
                                    size_t *ret_count)
{
    unsigned known = (unsigned)system < AREA_SYSTEM_COUNT ? system : AREA_UNKNOWN;
    *ret_count = graph->first[known + 1] - graph->first[known];
    return graph->list + graph->first[known];
}

const struct area *const *area_list_from(const struct area_graph *graph, enum area_system system,
                                         const char *start, size_t *ret_count)
{
    size_t all, length = strlen(start), low = 0;
    const struct area *const *list = area_list(graph, system, &all);
    for (size_t high = all; low < high;) {
        size_t middle = low + (high - low) / 2;
        if (strncmp(list[middle]->code, start, length) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    size_t count = 0;
    while (low + count < all && strncmp(list[low + count]->code, start, length) == 0)
        count++;
    *ret_count = count;
    return list + low;
}

const struct area *area_of_name(const struct area_graph *graph, enum area_system system,
                                const char *name_ja)
{
    if ((unsigned)system >= AREA_SYSTEM_COUNT || name_ja == NULL)
        return NULL;
    const struct area *const *list = graph->by_name;
    size_t low = graph->first[system], end = graph->first[system + 1];
    for (size_t high = end; low < high;) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(list[middle]->name_ja, name_ja) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == end || strcmp(list[low]->name_ja, name_ja) != 0 ||
        (low + 1 < end && strcmp(list[low + 1]->name_ja, name_ja) == 0))
        return NULL;
    return list[low];
}

/* Column of the first `length` bytes of a language tag, or language_count. */
static size_t language_column(const struct area_graph *graph, const char *language, size_t length)
{
    size_t column = 0;
    while (column < graph->language_count &&
           (strncmp(graph->languages[column], language, length) != 0 ||
            graph->languages[column][length] != '\0'))
        column++;
    return column;
}

/* The column of the language with a name for this place; subtags are dropped from the right, so
 * that ja-simple finds ja. */
static size_t name_column(const struct area_graph *graph, const struct place *place,
                          const char *language)
{
    size_t length = language == NULL ? 0 : strlen(language);
    while (length > 0) {
        size_t column = language_column(graph, language, length);
        if (column < graph->language_count && place->names[column] != NULL)
            return column;
        const char *mark = memrchr(language, '-', length);
        length = mark == NULL ? 0 : (size_t)(mark - language);
    }
    bool english = graph->english < graph->language_count && place->names[graph->english] != NULL;
    return english ? graph->english : graph->japanese;
}

const char *area_name(const struct area_graph *graph, const struct area *area, const char *language,
                      const char **ret_language)
{
    const struct place *place = (const struct place *)area;
    size_t column = name_column(graph, place, language);
    if (ret_language != NULL)
        *ret_language = graph->languages[column];
    return place->names[column];
}

const struct area_set *place_coverage(const struct area_graph *graph, size_t number)
{
    return graph->coverage[number];
}

const struct area_set *area_coverage(const struct area_graph *graph, enum area_system system,
                                     const char *code)
{
    size_t number = place_number(graph, system, code);
    return number < graph->place_count ? place_coverage(graph, number) : NULL;
}

bool area_meets(const struct area_graph *graph, const struct area *a, const struct area *b)
{
    if (a == NULL || b == NULL)
        return false;
    if (a->system == AREA_QUAKE_CITY && b->system == AREA_QUAKE_CITY)
        return strcmp(a->code, b->code) == 0;
    const struct area_set *one = area_coverage(graph, a->system, a->code);
    const struct area_set *other = area_coverage(graph, b->system, b->code);
    return area_set_meets(one, other);
}

const char *area_weather_office(const struct area_graph *graph, enum area_system system,
                                const char *code)
{
    const struct area *area = NULL;
    if (system == AREA_WEATHER_OFFICE || system == AREA_WEATHER_REGION ||
        system == AREA_WEATHER_GROUP || system == AREA_WEATHER_CITY)
        area = area_find(graph, system, code);
    while (area != NULL && area->system != AREA_WEATHER_OFFICE)
        area = area_find(graph, area_system_parent(area->system), area->parent);
    return area != NULL ? area->code : NULL;
}
