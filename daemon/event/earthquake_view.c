/* What the units of an earthquake amount to: source, intensities, tsunami judgement, areas. */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "event/earthquake.h"
#include "event/value.h"
#include "jma/judgement.h"

json_t *source_to_json(const struct quake_source *source)
{
    json_t *json = memory_must(json_object());
    value_set_instant(json, "origin", source->origin_time);
    value_set_text(json, "name", source->hypocenter.name);
    value_set_text(json, "code", source->hypocenter.code);
    value_set_number(json, "latitude", source->hypocenter.latitude);
    value_set_number(json, "longitude", source->hypocenter.longitude);
    value_set_number(json, "depth", source->hypocenter.depth_km);
    value_set_number(json, "magnitude", source->magnitude);
    value_set_text(json, "magnitude_text", source->magnitude_text);
    return json;
}

void quake_of_source(const json_t *source, struct alert_quake *quake)
{
    quake->origin_time = value_instant(source, "origin");
    quake->epicenter_code = value_borrow(source, "code");
    quake->epicenter_ja = value_borrow(source, "name");
    quake->latitude = value_number(source, "latitude");
    quake->longitude = value_number(source, "longitude");
    quake->depth_km = value_number(source, "depth");
    quake->magnitude = value_number(source, "magnitude");
    quake->magnitude_text = value_borrow(source, "magnitude_text");
}

/* [code, name, intensity, missing]: short, since a great earthquake has 1,700 of them. */
static json_t *places_to_json(const struct quake_area *areas, size_t count)
{
    json_t *list = memory_must(json_array());
    for (size_t i = 0; i < count; i++) {
        json_t *item = memory_must(json_array());
        const char *name = areas[i].name, *intensity = areas[i].intensity;
        json_array_append_new(item, json_string(areas[i].code));
        json_array_append_new(item, name != NULL ? json_string(name) : json_null());
        json_array_append_new(item, intensity != NULL ? json_string(intensity) : json_null());
        json_array_append_new(item, json_boolean(areas[i].missing));
        json_array_append_new(list, item);
    }
    return list;
}

json_t *earthquake_unit(const struct earthquake_report *report)
{
    json_t *unit = memory_must(json_object());
    json_object_set_new(unit, "source",
                        report->has_source ? source_to_json(&report->source) : json_null());
    value_set_flag(unit, "distant", report->distant);
    value_set_flag(unit, "eruption", report->eruption);
    value_set_text(unit, "max", report->max_intensity);
    if (report->has_intensity) {
        json_object_set_new(unit, "regions", places_to_json(report->regions, report->region_count));
        json_object_set_new(unit, "cities", places_to_json(report->cities, report->city_count));
    }
    value_set_text(unit, "judgement",
                   judgement_of_codes(report->comment_codes, report->comment_code_count));
    return unit;
}

static json_t *place_in(const json_t *list, const char *code)
{
    for (size_t i = 0; code != NULL && i < json_array_size(list); i++) {
        json_t *item = json_array_get(list, i);
        if (text_equal(json_string_value(json_array_get(item, 0)), code))
            return item;
    }
    return NULL;
}

static int rank_of_item(const json_t *item)
{
    return intensity_rank(json_string_value(json_array_get(item, 2)));
}

/* A station that did not report is 5 lower at least. */
static void keep_graver_intensity(json_t *item, const json_t *old)
{
    if (rank_of_item(old) > rank_of_item(item))
        json_array_set(item, 2, json_array_get(old, 2));
    if (json_is_true(json_array_get(old, 3)) && rank_of_item(item) < intensity_rank("5-?"))
        json_array_set_new(item, 3, json_true());
}

/* Places that only the older list has, and intensities that only it knows or knows higher: the
 * headline stands in for a lost body, and it may be behind. */
static void take_over_places(json_t *unit, const json_t *old, const char *key)
{
    const json_t *before = json_object_get(old, key);
    if (json_array_size(before) == 0)
        return;
    json_t *list = json_object_get(unit, key);
    if (list == NULL) {
        list = memory_must(json_array());
        json_object_set_new(unit, key, list);
    }
    for (size_t i = 0; i < json_array_size(before); i++) {
        json_t *item = json_array_get(before, i);
        json_t *known = place_in(list, json_string_value(json_array_get(item, 0)));
        if (known == NULL)
            json_array_append_new(list, json_deep_copy(item));
        else
            keep_graver_intensity(known, item);
    }
}

/* What was said of a tsunami never becomes less because a sentence could not be read. */
static void keep_graver_judgement(json_t *unit, const json_t *old)
{
    const char *before = value_borrow(old, "judgement");
    if (judgement_gravity(before) > judgement_gravity(value_borrow(unit, "judgement")))
        value_set_text(unit, "judgement", before);
}

void earthquake_take_over(json_t *unit, const json_t *old, bool judgement_unsure)
{
    static const char *const keys[] = {"source", "max", "judgement"};
    if (judgement_unsure)
        keep_graver_judgement(unit, old);
    /* An earthquake abroad with its title lost looks like one here that nobody felt. */
    if (value_flag(old, "distant") && json_array_size(json_object_get(unit, "regions")) == 0) {
        value_set_flag(unit, "distant", true);
        value_set_flag(unit, "eruption",
                       value_flag(unit, "eruption") || value_flag(old, "eruption"));
    }
    take_over_places(unit, old, "regions");
    take_over_places(unit, old, "cities");
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        json_t *before = json_object_get(old, keys[i]);
        if (before != NULL && json_is_null(json_object_get(unit, keys[i])))
            json_object_set(unit, keys[i], before);
    }
}

static const json_t *unit_find(const json_t *state, const char *code)
{
    const json_t *unit = json_object_get(json_object_get(state, "units"), code);
    return unit != NULL && !value_flag(unit, "cancelled") ? unit : NULL;
}

/* The newest unit of `codes` that holds something under `key`. */
static const json_t *newest_with(const json_t *state, const char *const *codes, const char *key)
{
    const json_t *newest = NULL;
    for (; *codes != NULL; codes++) {
        const json_t *unit = unit_find(state, *codes);
        const json_t *value = json_object_get(unit, key);
        if (value != NULL && !json_is_null(value) &&
            (newest == NULL || strcmp(order_of(unit), order_of(newest)) > 0))
            newest = unit;
    }
    return newest;
}

static struct alert_area place_area(enum area_system system, const json_t *item)
{
    struct alert_area area = {.system = system,
                              .code = json_string_value(json_array_get(item, 0)),
                              .name_ja = json_string_value(json_array_get(item, 1)),
                              .intensity = json_string_value(json_array_get(item, 2)),
                              .intensity_missing = json_is_true(json_array_get(item, 3)),
                              .height_m = NAN};
    if (area.intensity != NULL)
        area.level = intensity_level(area.intensity);
    /* No data from a station that must have felt 5 lower or more: never less than that. */
    if (area.intensity_missing && area.level < intensity_level("5-?"))
        area.level = intensity_level("5-?");
    return area;
}

static const char *region_of(const struct area_graph *graph, const char *city)
{
    const struct area *area = area_find(graph, AREA_QUAKE_CITY, city);
    return area != NULL ? area->parent : NULL;
}

static const struct alert_area *region_in(const struct area_list *list, const char *code)
{
    for (size_t i = 0; code != NULL && i < list->count; i++) {
        if (strcmp(list->items[i].code, code) == 0)
            return &list->items[i];
    }
    return NULL;
}

static struct area_list regions_of(TALLOC_CTX *context, const json_t *unit)
{
    struct area_list list = {0};
    const json_t *regions = json_object_get(unit, "regions");
    for (size_t i = 0; i < json_array_size(regions); i++) {
        struct alert_area area = place_area(AREA_QUAKE_REGION, json_array_get(regions, i));
        if (area.code != NULL && area.level > 0)
            area_list_add(context, &list, &area);
    }
    return list;
}

/* Between two intensities of one level the higher is still more than was known. */
static int rank_of(const struct alert_area *area)
{
    int rank = area->intensity != NULL ? intensity_rank(area->intensity) : 0;
    int least = area->intensity_missing ? intensity_rank("5-?") : 0;
    return rank > least ? rank : least;
}

/* Regions that a flash newer than the details puts higher than the details do. */
static struct area_list outdone_by(TALLOC_CTX *context, const json_t *flash,
                                   const struct area_list *details)
{
    struct area_list higher = {0};
    struct area_list newer = regions_of(context, flash);
    for (size_t i = 0; i < newer.count; i++) {
        const struct alert_area *known = region_in(details, newer.items[i].code);
        if (known == NULL || rank_of(&newer.items[i]) > rank_of(known))
            area_list_add(context, &higher, &newer.items[i]);
    }
    return higher;
}

/* Regions felt at 3 or more, and every city in them: a reader whose city felt less than its region
 * is then not told of the region. Cities of regions that felt less concern nobody. */
static void add_areas(TALLOC_CTX *context, const struct area_graph *graph, const json_t *flash,
                      const json_t *details, struct area_list *areas)
{
    if (details == NULL) {
        *areas = regions_of(context, flash);
        return;
    }
    struct area_list regions = regions_of(context, details);
    struct area_list higher = {0};
    if (flash != NULL && strcmp(order_of(flash), order_of(details)) > 0)
        higher = outdone_by(context, flash, &regions);
    for (size_t i = 0; i < regions.count; i++) {
        if (region_in(&higher, regions.items[i].code) == NULL)
            area_list_add(context, areas, &regions.items[i]);
    }
    for (size_t i = 0; i < higher.count; i++)
        area_list_add(context, areas, &higher.items[i]);
    const json_t *cities = json_object_get(details, "cities");
    for (size_t i = 0; i < json_array_size(cities); i++) {
        struct alert_area city = place_area(AREA_QUAKE_CITY, json_array_get(cities, i));
        if (city.code == NULL)
            continue;
        const char *region = region_of(graph, city.code);
        bool felt = city.level > 0 || region == NULL || region_in(&regions, region) != NULL;
        if (felt && region_in(&higher, region) == NULL)
            area_list_add(context, areas, &city);
    }
}

static const char *max_of(const json_t *unit, const struct area_list *areas)
{
    const char *max = value_borrow(unit, "max");
    for (size_t i = 0; i < areas->count; i++) {
        const char *intensity = areas->items[i].intensity;
        if (intensity != NULL && (max == NULL || intensity_rank(intensity) > intensity_rank(max)))
            max = intensity;
    }
    return max;
}

/* A distant earthquake ranks by what it may mean for Japan's coasts (match.c uses the same rank).
 */
static int distant_level(const char *judgement)
{
    return text_equal(judgement, "in-force") || text_equal(judgement, "wait") ||
                   text_equal(judgement, "possible-pacific")
               ? 2
               : 1;
}

struct earthquake_view earthquake_view(TALLOC_CTX *context, const struct area_graph *graph,
                                       const json_t *state)
{
    static const char *const sources[] = {"VXSE52", "VXSE53", "VXSE61", NULL};
    static const char *const judges[] = {"VXSE51", "VXSE52", "VXSE53", NULL};
    struct earthquake_view view = {
        .quake = {.latitude = NAN, .longitude = NAN, .depth_km = NAN, .magnitude = NAN}};
    const json_t *flash = unit_find(state, "VXSE51");
    const json_t *details = unit_find(state, "VXSE53");
    const json_t *source = newest_with(state, sources, "source");
    const json_t *judge = newest_with(state, judges, "judgement");
    view.any = flash != NULL || details != NULL || source != NULL || judge != NULL ||
               unit_find(state, "VXSE52") != NULL;
    if (source != NULL)
        quake_of_source(json_object_get(source, "source"), &view.quake);
    view.quake.distant = value_flag(details, "distant");
    view.quake.eruption = value_flag(details, "eruption");
    view.quake.tsunami_judgement = value_borrow(judge, "judgement");
    const json_t *felt =
        details != NULL && json_object_get(details, "regions") != NULL ? details : NULL;
    add_areas(context, graph, flash, felt, &view.areas);
    view.quake.max_intensity = max_of(felt != NULL ? felt : flash, &view.areas);
    view.level = area_list_level(&view.areas);
    if (view.any && view.level == 0)
        view.level = view.quake.distant ? distant_level(view.quake.tsunami_judgement) : 1;
    return view;
}

static bool lists_city_of(const struct area_graph *graph, const struct area_list *list,
                          const char *region)
{
    for (size_t i = 0; i < list->count; i++) {
        const struct alert_area *area = &list->items[i];
        if (area->system == AREA_QUAKE_CITY && text_equal(region_of(graph, area->code), region))
            return true;
    }
    return false;
}

void earthquake_mark_bare(const struct area_graph *graph, const struct area_list *before,
                          struct area_list *after, struct area_changes *changes)
{
    for (size_t i = 0; i < after->count; i++) {
        struct alert_area *area = &after->items[i];
        if (area->system != AREA_QUAKE_REGION || area->changed || area->level == 0 ||
            !lists_city_of(graph, before, area->code) || lists_city_of(graph, after, area->code))
            continue;
        area->changed = changes->any = true;
    }
}

static bool same_number(double a, double b)
{
    return (isnan(a) && isnan(b)) || a == b;
}

bool earthquake_same(const struct alert_quake *a, const struct alert_quake *b)
{
    return a->origin_time == b->origin_time && text_equal(a->epicenter_code, b->epicenter_code) &&
           text_equal(a->epicenter_ja, b->epicenter_ja) && same_number(a->latitude, b->latitude) &&
           same_number(a->longitude, b->longitude) && same_number(a->depth_km, b->depth_km) &&
           same_number(a->magnitude, b->magnitude) &&
           text_equal(a->magnitude_text, b->magnitude_text) &&
           text_equal(a->max_intensity, b->max_intensity) && a->distant == b->distant &&
           a->eruption == b->eruption && text_equal(a->tsunami_judgement, b->tsunami_judgement);
}

struct alert_quake *earthquake_copy(TALLOC_CTX *context, const struct alert_quake *quake)
{
    struct alert_quake *copy = memory_new(context, struct alert_quake);
    *copy = *quake;
    copy->epicenter_code = memory_text_or_null(copy, quake->epicenter_code);
    copy->epicenter_ja = memory_text_or_null(copy, quake->epicenter_ja);
    copy->magnitude_text = memory_text_or_null(copy, quake->magnitude_text);
    copy->max_intensity = memory_text_or_null(copy, quake->max_intensity);
    copy->tsunami_judgement = memory_text_or_null(copy, quake->tsunami_judgement);
    return copy;
}
