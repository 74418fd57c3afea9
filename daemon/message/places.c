/* Places as a reader knows them, with the Japanese name that stands on signs.
 *
 * The headline names only places where it is true: a coast with an advisory never stands behind the
 * words "Major Tsunami Warning". */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "message/compose.h"

#define LISTED_PLACES 12

static const struct alert_area *scope_area(const struct message_scope *scope, size_t i)
{
    return &scope->alert->areas[scope->area_count > 0 ? scope->areas[i] : i];
}

static bool any_changed(const struct message_scope *scope, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (scope_area(scope, i)->changed)
            return true;
    }
    return false;
}

static void add_level(struct composing *composing, int level, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct alert_area *area = scope_area(composing->scope, i);
        if (area->level == level)
            composing->areas[composing->area_count++] = area;
    }
}

/* An end for everyone tells of the places that ended now, not of those that ended long before. */
static void sort_over(struct composing *composing, size_t count)
{
    const struct message_scope *scope = composing->scope;
    bool only_changed = scope->area_count == 0 && any_changed(scope, count);
    for (size_t i = 0; i < count; i++) {
        const struct alert_area *area = scope_area(scope, i);
        if (!only_changed || area->changed)
            composing->areas[composing->area_count++] = area;
    }
}

void places_sort(struct composing *composing)
{
    const struct message_scope *scope = composing->scope;
    size_t count = scope->area_count > 0 ? scope->area_count : scope->alert->area_count;
    composing->areas = memory_array(composing->context, const struct alert_area *, count + 1);
    composing->ended = memory_array(composing->context, const struct alert_area *, count + 1);
    composing->area_count = composing->ended_count = 0;
    if (composing->over) {
        sort_over(composing, count);
        return;
    }
    for (int level = 5; level >= 1; level--)
        add_level(composing, level, count);
    for (size_t i = 0; i < count; i++) {
        const struct alert_area *area = scope_area(scope, i);
        /* Places where a little was felt have no level either, and nothing ended there. */
        if (area->level == 0 && area->changed && scope->alert->hazard != HAZARD_EARTHQUAKE)
            composing->ended[composing->ended_count++] = area;
    }
}

/* Of a weather area whose name others have too ("北部" is in 17 prefectures) the 府県予報区, which
 * JMA says with it; NULL for any other place. */
static const struct area *whole_of(const struct composing *composing, const struct area *area)
{
    bool divides = area->system == AREA_WEATHER_REGION || area->system == AREA_WEATHER_GROUP;
    if (!divides || area_of_name(composing->graph, area->system, area->name_ja) != NULL)
        return NULL;
    const char *office = area_weather_office(composing->graph, area->system, area->code);
    return office != NULL ? area_find(composing->graph, AREA_WEATHER_OFFICE, office) : NULL;
}

/* In the reader's language; "" for none. */
static const char *known_name(const struct composing *composing, const struct area *area)
{
    const char *tag = composing->language->tag;
    if (area == NULL)
        return "";
    const char *name = area_name(composing->graph, area, tag, NULL);
    const struct area *whole = whole_of(composing, area);
    if (whole == NULL)
        return name;
    return fill(composing, "label.part", "name", name, "whole",
                area_name(composing->graph, whole, tag, NULL), NULL);
}

static const char *japanese_name(const struct composing *composing, const struct area *area,
                                 const char *name_ja)
{
    const struct area *whole = area != NULL ? whole_of(composing, area) : NULL;
    if (!text_given(name_ja))
        return "";
    return whole != NULL ? memory_printf(composing->context, "%s%s", whole->name_ja, name_ja)
                         : name_ja;
}

/* What a table says of how it is read; NULL when none does. */
static const char *table_reading(const struct composing *composing, const struct area *area)
{
    const char *wanted = composing->language->reading, *found = NULL;
    const char *reading = area_name(composing->graph, area, wanted, &found);
    return text_equal(found, wanted) && strcmp(reading, area->name_ja) != 0 ? reading : NULL;
}

/* How japanese_name() is read, for readers who cannot read it; NULL when no table tells. */
static const char *reading_of(const struct composing *composing, const struct area *area,
                              const char *name_ja)
{
    if (composing->language->reading == NULL || area == NULL || !text_equal(area->name_ja, name_ja))
        return NULL;
    const struct area *whole = whole_of(composing, area);
    const char *own = table_reading(composing, area);
    if (own == NULL || whole == NULL)
        return own;
    const char *first = table_reading(composing, whole);
    return first != NULL ? memory_printf(composing->context, "%s%s", first, own) : NULL;
}

const char *say_place(const struct composing *composing, enum area_system system, const char *code,
                      const char *name_ja)
{
    const char *tag = composing->language->tag;
    const struct area *area = code != NULL ? area_find(composing->graph, system, code) : NULL;
    const char *japanese = japanese_name(composing, area, name_ja);
    const char *name = known_name(composing, area);
    bool reads_japanese = text_starts(tag, "ja");
    if (japanese[0] == '\0')
        return name;
    const char *reading = reading_of(composing, area, name_ja);
    if (reading != NULL && composing->aloud)
        return reading;
    if (reading != NULL) /* 札幌市（さっぽろし） */
        return fill(composing, "label.name", "name", japanese, "japanese", reading, NULL);
    const char *original = say_original(composing, japanese, NAME_CHARACTERS);
    if (reads_japanese || name[0] == '\0' || strcmp(name, japanese) == 0)
        return original;
    return composing->aloud
               ? name
               : fill(composing, "label.name", "name", name, "japanese", original, NULL);
}

const char *say_bare_place(const struct composing *composing, enum area_system system,
                           const char *code, const char *name_ja)
{
    struct composing bare = *composing;
    bare.aloud = true;
    return say_place(&bare, system, code, name_ja);
}

static const char *list_places(const struct composing *composing,
                               const struct alert_area *const *areas, size_t count, size_t most)
{
    const char *names[LISTED_PLACES];
    most = most < LISTED_PLACES ? most : LISTED_PLACES;
    size_t named = count < most ? count : most;
    for (size_t i = 0; i < named; i++)
        names[i] = say_place(composing, areas[i]->system, areas[i]->code, areas[i]->name_ja);
    const char *list =
        format_list(composing->context, composing->language, names, named, count > named);
    if (count == named)
        return list;
    return fill(composing, "label.more", "places", list, "count",
                say_number(composing, (double)(count - named)), NULL);
}

/* The headline's own: the highest level and, for shaking, the strongest there. */
static bool in_headline(const struct composing *composing, const struct alert_area *area,
                        int highest, const char *strongest)
{
    if (composing->over)
        return true;
    if (strongest != NULL)
        return intensity_rank(area->intensity) == intensity_rank(strongest);
    return area->level == highest;
}

static size_t headline_areas(const struct composing *composing, const struct alert_area **areas)
{
    size_t count = 0;
    int highest = composing->area_count > 0 ? composing->areas[0]->level : 0;
    const char *strongest = scope_intensity(composing);
    for (size_t i = 0; i < composing->area_count; i++) {
        if (in_headline(composing, composing->areas[i], highest, strongest))
            areas[count++] = composing->areas[i];
    }
    return count;
}

const char *say_headline_places(const struct composing *composing, size_t most)
{
    const struct alert_area **areas =
        memory_array(composing->context, const struct alert_area *, composing->area_count + 1);
    return list_places(composing, areas, headline_areas(composing, areas), most);
}

bool headline_tells_where(const struct composing *composing, size_t most)
{
    const struct alert_area **areas =
        memory_array(composing->context, const struct alert_area *, composing->area_count + 1);
    size_t told = headline_areas(composing, areas), first = 0;
    while (first < composing->area_count &&
           (composing->over || composing->areas[first]->level == composing->areas[0]->level))
        first++;
    return told > 0 && told <= most && told == first;
}

const char *say_short_place(const struct composing *composing)
{
    const struct alert_area **areas =
        memory_array(composing->context, const struct alert_area *, composing->area_count + 1);
    size_t count = headline_areas(composing, areas);
    if (count == 0)
        return "";
    const char *place =
        say_bare_place(composing, areas[0]->system, areas[0]->code, areas[0]->name_ja);
    if (count == 1)
        return place;
    return fill(composing, "label.more", "places", place, "count",
                say_number(composing, (double)(count - 1)), NULL);
}

/* "Danger 4 of 5: Tsunami Warning: A, B": the number and, where JMA has one, its grade. */
static const char *level_line(const struct composing *composing, size_t first, size_t count)
{
    int level = composing->areas[first]->level;
    const char *places = list_places(composing, composing->areas + first, count, LISTED_PLACES);
    const char *kind = kind_of_level(composing, composing->language, level);
    if (kind != NULL)
        places = fill(composing, "headline.places", "headline", kind, "places", places, NULL);
    return fill(composing, "label.place-level", "level", say_number(composing, level), "places",
                places, NULL);
}

const char *say_where(const struct composing *composing)
{
    char *text = memory_text(composing->context, "");
    size_t count = composing->area_count;
    if (count > 0 &&
        (composing->over || composing->areas[0]->level == composing->areas[count - 1]->level)) {
        const char *places = list_places(composing, composing->areas, count, LISTED_PLACES);
        line_add(&text, fill(composing, "label.place", "places", places, NULL));
        count = 0;
    }
    for (size_t first = 0, next; first < count; first = next) {
        for (next = first; next < count; next++) {
            if (composing->areas[next]->level != composing->areas[first]->level)
                break;
        }
        line_add(&text, level_line(composing, first, next - first));
    }
    if (composing->ended_count > 0) {
        const char *ended =
            fill(composing, "chip.ended", "colour", say(composing, "colour.green"), NULL);
        const char *places =
            list_places(composing, composing->ended, composing->ended_count, LISTED_PLACES);
        line_add(&text,
                 fill(composing, "headline.places", "headline", ended, "places", places, NULL));
    }
    return text;
}

const char *scope_intensity(const struct composing *composing)
{
    const char *strongest = NULL;
    for (size_t i = 0; i < composing->area_count; i++) {
        const char *here = composing->areas[i]->intensity;
        if (intensity_rank(here) > intensity_rank(strongest))
            strongest = here;
    }
    return strongest;
}
