/* Consistency of the graph as a whole: what must hold for every municipality, so that no telegram
 * can pass it by. */
#include "area/graph.h"

/* Municipalities covered by the places of one system. */
static struct area_set *system_union(TALLOC_CTX *context, const struct area_graph *graph,
                                     enum area_system system)
{
    struct area_set *set = area_set_new(context, graph);
    for (size_t i = graph->first[system]; i < graph->first[system + 1]; i++)
        area_set_join(set, place_coverage(graph, i));
    return set;
}

static void missing_add(const struct area_graph *graph, const struct place *place,
                        const char *missing, const char *instead, struct problems *problems)
{
    const char *file = place->coverage_line != 0 ? graph->coverage_file : graph->places_file;
    unsigned line = place->coverage_line != 0 ? place->coverage_line : place->line;
    problems_add(problems, file, line, 0, instead, "%s %s %s %s",
                 area_system_name(place->area.system), place->area.code, place->area.name_ja,
                 missing);
}

static void mark_check(const struct area_graph *graph, const struct place *place, bool on_coast,
                       struct problems *problems)
{
    if (place->mark == PLACE_UNMARKED)
        missing_add(graph, place, "is marked neither coast nor inland", "its mark in coverage.tsv",
                    problems);
    else if (place->mark == PLACE_COAST && !on_coast)
        missing_add(graph, place, "is marked coast, but lies on no tsunami coast",
                    "it on its coast", problems);
    else if (place->mark == PLACE_INLAND && on_coast)
        missing_add(graph, place, "is marked inland, but lies on a tsunami coast", "coast",
                    problems);
}

static void parts_check(const struct area_graph *graph, struct problems *problems)
{
    for (size_t i = 0; i < graph->place_count; i++) {
        const struct place *place = &graph->places[i];
        if (place->area.system != AREA_EPICENTER && area_set_count(place_coverage(graph, i)) == 0)
            missing_add(graph, place, "covers no municipality", "its row in coverage.tsv",
                        problems);
    }
}

void area_graph_check(const struct area_graph *graph, struct problems *problems)
{
    TALLOC_CTX *context = talloc_new(NULL);
    struct area_set *weather = system_union(context, graph, AREA_WEATHER_OFFICE);
    struct area_set *prefecture = system_union(context, graph, AREA_PREFECTURE);
    struct area_set *quake = system_union(context, graph, AREA_QUAKE_REGION);
    struct area_set *coast = system_union(context, graph, AREA_TSUNAMI_COAST);
    size_t first = graph->first[AREA_MUNICIPALITY];
    for (size_t i = first; i < graph->first[AREA_MUNICIPALITY + 1]; i++) {
        const struct place *place = &graph->places[i];
        if (!area_set_has(prefecture, i - first))
            missing_add(graph, place, "lies in no prefecture", "its prefecture as parent",
                        problems);
        if (!area_set_has(weather, i - first))
            missing_add(graph, place, "is covered by no weather-city", "a weather-city with it",
                        problems);
        if (!area_set_has(quake, i - first))
            missing_add(graph, place, "is covered by no quake-city", "a quake-city with it",
                        problems);
        mark_check(graph, place, area_set_has(coast, i - first), problems);
    }
    parts_check(graph, problems);
    talloc_free(context);
}
