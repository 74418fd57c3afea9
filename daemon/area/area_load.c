/* Reading the tables of config/areas into the graph.
 *
 * Every fault is noted with its file, line and column, and reading goes on. Coverage of the larger
 * areas is not in a table: it is the union of the coverage of their parts, so that it cannot
 * disagree with them. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "area/table.h"
#include "base/arena.h"
#include "base/memory.h"
#include "base/text.h"

#define FIRST_NAME   3 /* system, code, parent, then names */
#define COVERAGE_END 4

static int languages_read(struct area_graph *graph, const struct table *table)
{
    if (table->cell_count == TABLE_CELLS) {
        table_fault(table, TABLE_CELLS - 1, NULL, "there are too many languages from",
                    table->cells[TABLE_CELLS - 1]);
        return -EINVAL;
    }
    graph->language_count = table->cell_count - FIRST_NAME;
    graph->japanese = graph->english = graph->language_count;
    for (size_t i = 0; i < graph->language_count; i++) {
        graph->languages[i] = table->cells[FIRST_NAME + i];
        if (strcmp(graph->languages[i], "ja") == 0)
            graph->japanese = i;
        if (strcmp(graph->languages[i], "en") == 0)
            graph->english = i;
    }
    return 0;
}

static bool code_fits(enum area_system system, const char *code)
{
    unsigned digits = area_system_digits(system);
    if (digits == 0)
        return strcmp(code, "jp") == 0;
    return strlen(code) == digits && strspn(code, "0123456789") == digits;
}

/* Checks one row of places; true when a place can be made of it. */
static bool place_row_check(const struct area_graph *graph, const struct table *table,
                            enum area_system system)
{
    size_t errors = table->problems->errors;
    if (system == AREA_UNKNOWN) {
        table_fault(table, 0, "a system such as municipality", "there is no code system",
                    table->cells[0]);
        return false;
    }
    if (table->cell_count <= FIRST_NAME + graph->japanese ||
        !text_given(table->cells[FIRST_NAME + graph->japanese])) {
        table_fault(table, FIRST_NAME, "its name", "no Japanese name for", table->cells[0]);
        return false;
    }
    if (table->cell_count > FIRST_NAME + graph->language_count)
        table_fault(table, FIRST_NAME + graph->language_count, NULL, "a cell without a header",
                    table->cells[FIRST_NAME + graph->language_count]);
    if (!code_fits(system, table->cells[1]))
        table_fault(table, 1, "a code of that system", "this is not a code:", table->cells[1]);
    bool parented = area_system_parent(system) != AREA_UNKNOWN;
    if (parented != text_given(table->cells[2]))
        table_fault(table, 2, parented ? "the code of the parent" : "nothing here",
                    parented ? "no parent:" : "this system has no parents:", table->cells[2]);
    return table->problems->errors == errors;
}

static void place_add(struct area_graph *graph, const struct table *table, enum area_system system)
{
    graph->places = memory_grow(graph, graph->places, graph->place_count, sizeof(struct place));
    struct place *place = &graph->places[graph->place_count++];
    *place = (struct place){
        .area = {.system = system,
                 .code = table->cells[1],
                 .parent = text_given(table->cells[2]) ? table->cells[2] : NULL,
                 .name_ja = table->cells[FIRST_NAME + graph->japanese]},
        .line = table->line,
        .names = arena_take(graph->parts, graph->language_count * sizeof(const char *)),
    };
    for (size_t i = 0; i < graph->language_count && FIRST_NAME + i < table->cell_count; i++) {
        const char *name = table->cells[FIRST_NAME + i];
        place->names[i] = text_given(name) ? name : NULL;
    }
}

static int place_compare(const void *a, const void *b)
{
    const struct place *one = a, *other = b;
    if (one->area.system != other->area.system)
        return one->area.system < other->area.system ? -1 : 1;
    int order = strcmp(one->area.code, other->area.code);
    return order != 0 ? order : one->line < other->line ? -1 : 1;
}

static int name_compare(const void *a, const void *b)
{
    const struct area *one = *(const struct area *const *)a;
    const struct area *other = *(const struct area *const *)b;
    if (one->system != other->system)
        return one->system < other->system ? -1 : 1;
    return strcmp(one->name_ja, other->name_ja);
}

static void places_sort(struct area_graph *graph)
{
    if (graph->place_count > 1)
        qsort(graph->places, graph->place_count, sizeof(struct place), place_compare);
    graph->list = memory_array(graph, const struct area *, graph->place_count);
    graph->by_name = memory_array(graph, const struct area *, graph->place_count);
    for (size_t i = 0; i < graph->place_count; i++)
        graph->list[i] = graph->by_name[i] = &graph->places[i].area;
    if (graph->place_count > 1)
        qsort(graph->by_name, graph->place_count, sizeof(*graph->by_name), name_compare);
    size_t next = 0;
    for (unsigned system = 0; system <= AREA_SYSTEM_COUNT; system++) {
        while (next < graph->place_count && graph->places[next].area.system < system)
            next++;
        graph->first[system] = next;
    }
}

static void places_check(const struct area_graph *graph, struct problems *problems)
{
    for (size_t i = 0; i < graph->place_count; i++) {
        const struct place *place = &graph->places[i];
        const struct area *area = &place->area;
        if (i > 0 && area->system == place[-1].area.system &&
            strcmp(area->code, place[-1].area.code) == 0)
            problems_add(problems, graph->places_file, place->line, 1, "each place once",
                         "%s %s already stands in line %u", area_system_name(area->system),
                         area->code, place[-1].line);
        enum area_system up = area_system_parent(area->system);
        if (area->parent != NULL && area_find(graph, up, area->parent) == NULL)
            problems_add(problems, graph->places_file, place->line, 0, "a code of that system",
                         "%s %s has the parent %s, but no %s has this code",
                         area_system_name(area->system), area->code, area->parent,
                         area_system_name(up));
    }
}

static int places_load(struct area_graph *graph, struct problems *problems)
{
    static const char *const header[] = {"system", "code", "parent", "ja", NULL};
    struct table table = {.file = graph->places_file, .problems = problems};
    int error = table_open(graph, &table, header);
    if (error == 0)
        error = languages_read(graph, &table);
    while (error == 0 && table_next(&table)) {
        enum area_system system = area_system_from_name(table.cells[0]);
        if (place_row_check(graph, &table, system))
            place_add(graph, &table, system);
    }
    if (error == 0) {
        places_sort(graph);
        places_check(graph, problems);
    }
    return error;
}

/* While their parts are put together, the sets of all places stand in `sets`, each with room for
 * all. */
static struct area_set *set_of(const struct area_graph *graph, char *sets, size_t number)
{
    return (struct area_set *)(void *)(sets + number * area_set_bytes(graph->set_words));
}

static char *coverage_begin(TALLOC_CTX *context, struct area_graph *graph)
{
    size_t first = graph->first[AREA_MUNICIPALITY], end = graph->first[AREA_MUNICIPALITY + 1];
    graph->set_words = (end - first + 63) / 64;
    size_t bytes = graph->place_count * area_set_bytes(graph->set_words);
    char *sets = memory_array(context, char, bytes);
    for (size_t i = 0; i < graph->place_count; i++)
        set_of(graph, sets, i)->words = graph->set_words;
    for (size_t i = first; i < end; i++)
        area_set_put(set_of(graph, sets, i), i - first);
    return sets;
}

static void coverage_end(struct area_graph *graph, char *sets)
{
    graph->coverage = memory_array(graph, const struct area_set *, graph->place_count);
    for (size_t i = 0; i < graph->place_count; i++)
        graph->coverage[i] = area_set_pack(graph->parts, set_of(graph, sets, i));
}

static void mark_read(const struct table *table, struct place *place)
{
    const char *mark = table->cell_count == COVERAGE_END ? table->cells[3] : "";
    if (strcmp(mark, "coast") == 0)
        place->mark = PLACE_COAST;
    else if (strcmp(mark, "inland") == 0)
        place->mark = PLACE_INLAND;
    else
        table_fault(table, 3, "coast or inland", "a municipality cannot be", mark);
    if (text_given(table->cells[2]))
        table_fault(table, 2, "nothing here", "a municipality covers itself, not", table->cells[2]);
}

static void municipalities_read(const struct area_graph *graph, const struct table *table,
                                struct area_set *set)
{
    char *codes = table->cells[2];
    if (!text_given(codes)) {
        table_fault(table, 2, "codes of municipalities", "nothing is covered by", table->cells[1]);
        return;
    }
    while (codes != NULL) {
        const char *code = strsep(&codes, ",");
        size_t covered = place_number(graph, AREA_MUNICIPALITY, code);
        if (covered == graph->place_count)
            problems_add(table->problems, table->file, table->line,
                         table->columns[2] + (unsigned)(code - table->cells[2]),
                         "codes of places.tsv, with \",\" between", "no municipality is \"%s\"",
                         code);
        else
            area_set_put(set, covered - graph->first[AREA_MUNICIPALITY]);
    }
}

static void coverage_row(struct area_graph *graph, const struct table *table, char *sets)
{
    enum area_system system = area_system_from_name(table->cells[0]);
    if (table->cell_count < 3 || table->cell_count > COVERAGE_END) {
        table_fault(table, 0, "four cells", "too few or too many cells:", table->cells[0]);
        return;
    }
    size_t number = place_number(graph, system, table->cells[1]);
    if (number == graph->place_count) {
        table_fault(table, 1, "a code of places.tsv", "there is no such place:", table->cells[1]);
        return;
    }
    struct place *place = &graph->places[number];
    if (place->coverage_line != 0)
        problems_add(table->problems, table->file, table->line, 1, "each place once",
                     "%s %s already stands in line %u", table->cells[0], table->cells[1],
                     place->coverage_line);
    place->coverage_line = table->line;
    if (system == AREA_MUNICIPALITY)
        mark_read(table, place);
    else if (system == AREA_WEATHER_CITY || system == AREA_QUAKE_CITY ||
             system == AREA_TSUNAMI_COAST)
        municipalities_read(graph, table, set_of(graph, sets, number));
    else
        table_fault(table, 0, "a weather-city, quake-city, tsunami-coast or municipality",
                    "the coverage is derived for every", table->cells[0]);
}

/* Adds the coverage of each place of `system` to its parent's. */
static void coverage_climb(const struct area_graph *graph, char *sets, enum area_system system)
{
    for (size_t i = graph->first[system]; i < graph->first[system + 1]; i++) {
        size_t parent =
            place_number(graph, area_system_parent(system), graph->places[i].area.parent);
        if (parent < graph->place_count)
            area_set_join(set_of(graph, sets, parent), set_of(graph, sets, i));
    }
}

static void coverage_derive(const struct area_graph *graph, char *sets)
{
    coverage_climb(graph, sets, AREA_WEATHER_CITY);
    coverage_climb(graph, sets, AREA_WEATHER_GROUP);
    coverage_climb(graph, sets, AREA_WEATHER_REGION);
    coverage_climb(graph, sets, AREA_QUAKE_CITY);
    coverage_climb(graph, sets, AREA_MUNICIPALITY);
    for (size_t i = graph->first[AREA_COUNTRY]; i < graph->first[AREA_COUNTRY + 1]; i++) {
        for (size_t m = graph->first[AREA_MUNICIPALITY]; m < graph->first[AREA_MUNICIPALITY + 1];
             m++)
            area_set_join(set_of(graph, sets, i), set_of(graph, sets, m));
    }
}

static int coverage_load(struct area_graph *graph, struct problems *problems)
{
    static const char *const header[] = {"system", "code", "municipalities", "mark", NULL};
    struct table table = {.file = graph->coverage_file, .problems = problems};
    TALLOC_CTX *reading = talloc_new(NULL);
    char *sets = coverage_begin(reading, graph);
    int error = table_open(reading, &table, header);
    while (error == 0 && table_next(&table))
        coverage_row(graph, &table, sets);
    if (error == 0) {
        coverage_derive(graph, sets);
        coverage_end(graph, sets);
    }
    talloc_free(reading);
    return error;
}

int area_tables_load(struct area_graph *graph, const char *directory, struct problems *problems)
{
    size_t errors = problems->errors;
    graph->parts = arena_new(graph);
    graph->places_file = memory_printf(graph, "%s/places.tsv", directory);
    graph->coverage_file = memory_printf(graph, "%s/coverage.tsv", directory);
    int error = places_load(graph, problems);
    /* With faults among the places, each of them would be named again by the coverage. */
    if (error == 0 && problems->errors == errors)
        error = coverage_load(graph, problems);
    if (error == 0 && problems->errors == errors)
        error = stations_load(graph, directory, problems);
    return error < 0 || problems->errors > errors ? -EINVAL : 0;
}
