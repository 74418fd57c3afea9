/* VPWW50, 53, 54, VXWW40, 50 and VPNO50: JMA's older kinds of weather telegram, which go on beside
 * those of 2026 until the end of fiscal year 2028. Read for comparison only.
 *
 * Their kinds know no level 4: 大雨警報 stands for levels 3 and 4, and 土砂災害 is a condition of
 * 大雨. Floods are left out: they are told by river. Municipalities are those of before 2026-05-28.
 */
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "jma/transitional.h"

/* The kinds of today that say what an old kind and its condition say. */
static const struct {
    enum hazard hazard;
    int level;
    const char *code;
} kinds_of_today[] = {
    {HAZARD_RAIN, 2, "10"},        {HAZARD_RAIN, 3, "03"},      {HAZARD_RAIN, 4, "43"},
    {HAZARD_RAIN, 5, "33"},        {HAZARD_LANDSLIDE, 2, "29"}, {HAZARD_LANDSLIDE, 3, "09"},
    {HAZARD_LANDSLIDE, 4, "49"},   {HAZARD_LANDSLIDE, 5, "39"}, {HAZARD_STORM_SURGE, 4, "48"},
    {HAZARD_STORM_SURGE, 5, "38"},
};

/* The first `landslide` alone is what VXWW50 speaks for, the first seven are those of VPNO50. */
static const enum hazard hazards_of_old[] = {
    HAZARD_LANDSLIDE,  HAZARD_RAIN,           HAZARD_STORM_SURGE,
    HAZARD_STORM,      HAZARD_BLIZZARD,       HAZARD_WAVES,
    HAZARD_HEAVY_SNOW, HAZARD_THUNDER,        HAZARD_FOG,
    HAZARD_DRY_AIR,    HAZARD_AVALANCHE,      HAZARD_LOW_TEMPERATURE,
    HAZARD_FROST,      HAZARD_ICING,          HAZARD_SNOW_ACCRETION,
    HAZARD_SNOWMELT,   HAZARD_OTHER_ADVISORY,
};
#define LANDSLIDE_HAZARDS 1
#define EMERGENCY_HAZARDS 7
#define WARNING_HAZARDS   (sizeof(hazards_of_old) / sizeof(hazards_of_old[0]))

static bool ends_with(const char *text, const char *end)
{
    size_t length = text != NULL ? strlen(text) : 0, tail = strlen(end);
    return length >= tail && strcmp(text + length - tail, end) == 0;
}

static bool is_landslide(const struct telegram *telegram)
{
    return text_starts(telegram->code, "VXWW");
}

static bool is_emergency(const struct telegram *telegram)
{
    return strcmp(telegram->code, "VPNO50") == 0;
}

const struct element *transitional_block(const struct telegram *telegram)
{
    bool emergency = is_emergency(telegram);
    const char *end = is_landslide(telegram) ? "土砂災害警戒情報" : "（市町村等）";
    const struct element *parent =
        emergency ? element_child(telegram->head, "Headline") : telegram->body;
    const struct element *block = element_child(parent, emergency ? "Information" : "Warning");
    while (block != NULL && !ends_with(element_attribute(block, "type"), end))
        block = element_again(block);
    return block;
}

static void add_to_area(struct weather_scan *scan, const struct transitional_claim *claim,
                        const struct area *area)
{
    struct weather_item item = {.area_name = area != NULL ? area->name_ja : claim->name,
                                .area_code = area != NULL ? area->code : NULL,
                                .hazard = claim->hazard,
                                .kind_code = claim->kind_code,
                                .status = claim->status,
                                .level = claim->level,
                                .rain_or_landslide = claim->rain_or_landslide};
    for (size_t i = 0; i < sizeof(kinds_of_today) / sizeof(kinds_of_today[0]); i++) {
        if (kinds_of_today[i].hazard == claim->hazard && kinds_of_today[i].level == claim->level)
            item.kind_code = kinds_of_today[i].code;
    }
    const struct weather_kind *kind =
        item.kind_code != NULL ? weather_kind_find(item.kind_code) : NULL;
    item.kind_name = kind != NULL ? kind->name : NULL;
    if (area != NULL && strcmp(area->code, claim->code) != 0)
        item.undivided = claim->code;
    weather_scan_item(scan, &item);
}

/* The areas of today that an area of the telegram stands for: itself, or those of the municipality
 * of which it was the whole or a part. */
static const struct area **areas_of_code(struct weather_scan *scan, const char *code,
                                         size_t *ret_count)
{
    const struct area_graph *graph = scan->parsing->graph;
    const struct area *same = area_find(graph, AREA_WEATHER_CITY, code);
    const struct area **areas = memory_array(scan->parsing->context, const struct area *, 1);
    *ret_count = same != NULL ? 1 : 0;
    areas[0] = same;
    const char *city = memory_must(talloc_strndup(areas, code, 5));
    const struct area_set *whole = area_coverage(graph, AREA_MUNICIPALITY, city);
    if (same != NULL || whole == NULL)
        return areas;
    size_t all_count, count = 0;
    const struct area *const *all = area_list(graph, AREA_WEATHER_CITY, &all_count);
    for (size_t i = 0; i < all_count; i++) {
        if (!area_set_meets(area_coverage(graph, AREA_WEATHER_CITY, all[i]->code), whole))
            continue;
        areas = memory_grow(scan->parsing->context, (void *)areas, count, sizeof(*areas));
        areas[count++] = all[i];
    }
    *ret_count = count;
    return areas;
}

void transitional_add(struct weather_scan *scan, const struct transitional_claim *claim)
{
    if (claim->code == NULL) {
        scan->first = 0;
        add_to_area(scan, claim, NULL);
        return;
    }
    size_t count;
    const struct area **areas = areas_of_code(scan, claim->code, &count);
    for (size_t i = 0; i < count; i++) {
        if (weather_scan_area(scan, areas[i]->code))
            add_to_area(scan, claim, areas[i]);
    }
}

static void list_area(struct weather_scan *scan, const char *code)
{
    size_t count;
    const struct area **areas = areas_of_code(scan, code, &count);
    for (size_t i = 0; i < count; i++)
        weather_scan_area(scan, areas[i]->code);
    if (count == 0)
        part_degraded(scan->parsing,
                      memory_printf(scan->parsing->context, "area %s is unknown", code));
}

/* 大雨 of before: by its condition the rain itself, landslides, or both; without one, either. */
static void add_rain(struct weather_scan *scan, struct transitional_claim *claim,
                     const char *condition)
{
    bool landslide = text_contains(condition, "土砂"), rain = text_contains(condition, "浸水");
    claim->hazard = HAZARD_RAIN;
    claim->rain_or_landslide = !rain && !landslide;
    if (rain || !landslide)
        transitional_add(scan, claim);
    claim->hazard = HAZARD_LANDSLIDE;
    if (landslide)
        transitional_add(scan, claim);
}

static void read_kind(struct weather_scan *scan, const struct element *kind,
                      struct transitional_claim claim)
{
    const char *code = element_text(kind, "Code");
    const char *condition = element_text(kind, "Condition");
    claim.status = element_text(kind, "Status");
    if (code == NULL || strcmp(code, "00") == 0 || text_equal(claim.status, "解除"))
        return;
    if (is_landslide(scan->parsing->telegram)) {
        claim.hazard = HAZARD_LANDSLIDE;
        claim.level = 4;
        if (strcmp(code, "3") == 0)
            transitional_add(scan, &claim);
        else if (strcmp(code, "0") != 0 && strcmp(code, "1") != 0)
            part_degraded(scan->parsing, "a landslide kind is unknown");
        return;
    }
    const struct weather_kind *known = weather_kind_find(code);
    bool flood = strcmp(code, "04") == 0 || strcmp(code, "18") == 0;
    if (known == NULL && !flood)
        part_degraded(scan->parsing,
                      memory_printf(scan->parsing->context, "kind %s is unknown", code));
    if (known == NULL)
        return;
    claim.hazard = known->hazard;
    claim.level = known->level;
    claim.kind_code = code;
    if (known->hazard == HAZARD_RAIN)
        add_rain(scan, &claim, condition);
    else
        transitional_add(scan, &claim);
}

static void read_item(struct weather_scan *scan, const struct element *item)
{
    const struct element *area = element_child(item, "Area");
    if (area == NULL)
        area = element_path(item, "Areas/Area");
    for (; area != NULL; area = element_again(area)) {
        struct transitional_claim claim = {.code = element_text(area, "Code"),
                                           .name = element_text(area, "Name")};
        if (claim.code == NULL) {
            part_degraded(scan->parsing, "an area has no code");
            continue;
        }
        list_area(scan, claim.code);
        for (const struct element *k = element_child(item, "Kind"); k != NULL; k = element_again(k))
            read_kind(scan, k, claim);
    }
}

/* A telegram that lifts or withdraws may name no municipality: then the office of its headline, or
 * the one at the end of its file's name. */
static const char *office_without_areas(struct parsing *parsing)
{
    const char *code =
        element_text(parsing->telegram->head, "Headline/Information/Item/Areas/Area/Code");
    const struct area *office =
        code != NULL ? area_find(parsing->graph, AREA_WEATHER_OFFICE, code) : NULL;
    const char *tail = strrchr(parsing->telegram->id, '_');
    if (office == NULL && tail != NULL && strlen(tail) >= 7)
        office = area_find(parsing->graph, AREA_WEATHER_OFFICE,
                           memory_must(talloc_strndup(parsing->context, tail + 1, 6)));
    return office != NULL ? office->code : NULL;
}

bool transitional_parse(struct parsing *parsing, const char **ret_why)
{
    const struct telegram *telegram = parsing->telegram;
    struct weather_report *report = &parsing->report->weather;
    struct weather_scan scan = {.parsing = parsing, .report = report};
    report->transitional = true;
    report->hazards = hazards_of_old;
    report->hazard_count = is_landslide(telegram)   ? LANDSLIDE_HAZARDS
                           : is_emergency(telegram) ? EMERGENCY_HAZARDS
                                                    : WARNING_HAZARDS;
    const struct element *block = transitional_block(telegram);
    for (const struct element *item = element_child(block, "Item"); item != NULL;
         item = element_again(item))
        read_item(&scan, item);
    if (!is_landslide(telegram) && !is_emergency(telegram))
        transitional_read_text(&scan);
    weather_scan_end(&scan);
    if (report->office == NULL && (is_emergency(telegram) || telegram->info_type == INFO_CANCEL))
        report->office = office_without_areas(parsing);
    if (report->office == NULL) {
        *ret_why = "no area with a warning in the body";
        return false;
    }
    return true;
}
