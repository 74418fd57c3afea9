/* VPWW55 to 61: warnings and advisories of the 2026 system, by municipality and hazard; and VPWS50,
 * the sum of them all for Japan, in which each element has the time of its own issue.
 *
 * The block of the municipalities is the truth. An item keeps the name and code of what was lifted,
 * with the status 解除: only the status tells what is in force. 発表警報・注意報はなし speaks of
 * every hazard of the telegram. When the block of the municipalities is missing the finest one that
 * is there stands for all municipalities below its areas. */
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "jma/weather_scan.h"

/* What each telegram speaks for: an area without an item of one of these has nothing of it in
 * force. */
static const struct {
    const char *code;
    enum hazard hazards[17];
    size_t count;
} scopes[] = {
    {"VPWS50",
     {HAZARD_RAIN, HAZARD_LANDSLIDE, HAZARD_STORM_SURGE, HAZARD_STORM, HAZARD_BLIZZARD,
      HAZARD_WAVES, HAZARD_HEAVY_SNOW, HAZARD_THUNDER, HAZARD_SNOWMELT, HAZARD_FOG, HAZARD_DRY_AIR,
      HAZARD_AVALANCHE, HAZARD_LOW_TEMPERATURE, HAZARD_FROST, HAZARD_ICING, HAZARD_SNOW_ACCRETION,
      HAZARD_OTHER_ADVISORY},
     17},
    {"VPWW55", {HAZARD_RAIN}, 1},
    {"VPWW56", {HAZARD_LANDSLIDE}, 1},
    {"VPWW57", {HAZARD_STORM_SURGE}, 1},
    {"VPWW58", {HAZARD_STORM, HAZARD_BLIZZARD}, 2},
    {"VPWW59", {HAZARD_WAVES}, 1},
    {"VPWW60", {HAZARD_HEAVY_SNOW}, 1},
    {"VPWW61",
     {HAZARD_THUNDER, HAZARD_SNOWMELT, HAZARD_FOG, HAZARD_DRY_AIR, HAZARD_AVALANCHE,
      HAZARD_LOW_TEMPERATURE, HAZARD_FROST, HAZARD_ICING, HAZARD_SNOW_ACCRETION,
      HAZARD_OTHER_ADVISORY},
     10},
};

static const struct {
    const char *type; /* the end of Warning/@type */
    enum area_system system;
} blocks[] = {
    {"（市町村等）", AREA_WEATHER_CITY},
    {"（市町村等をまとめた地域等）", AREA_WEATHER_GROUP},
    {"（一次細分区域等）", AREA_WEATHER_REGION},
    {"（府県予報区等）", AREA_WEATHER_OFFICE},
};

static bool ends_with(const char *text, const char *end)
{
    if (text == NULL)
        return false;
    size_t length = strlen(text), tail = strlen(end);
    return length >= tail && strcmp(text + length - tail, end) == 0;
}

static const struct element *find_block(const struct element *body, const char *type)
{
    for (const struct element *w = element_child(body, "Warning"); w != NULL;
         w = element_again(w)) {
        if (ends_with(element_attribute(w, "type"), type) && element_child(w, "Item") != NULL)
            return w;
    }
    return NULL;
}

/* A kind that the table does not hold, by the words of its name; never less than an advisory. */
static int level_of_name(const char *name)
{
    if (text_contains(name, "特別警報"))
        return 5;
    if (text_contains(name, "危険警報"))
        return 4;
    return text_contains(name, "警報") ? 3 : 2;
}

/* The hazard of an unknown kind: by its name, or the first of this telegram. */
static enum hazard hazard_of_name(const struct weather_report *report, const char *name)
{
    static const struct {
        const char *word;
        enum hazard hazard;
    } words[] = {
        {"暴風雪", HAZARD_BLIZZARD}, {"風雪", HAZARD_BLIZZARD},    {"大雨", HAZARD_RAIN},
        {"土砂", HAZARD_LANDSLIDE},  {"高潮", HAZARD_STORM_SURGE}, {"風", HAZARD_STORM},
        {"波浪", HAZARD_WAVES},      {"大雪", HAZARD_HEAVY_SNOW},
    };
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (text_contains(name, words[i].word))
            return words[i].hazard;
    }
    return report->hazards[report->hazard_count - 1];
}

/* A kind of another family than the telegram's: that hazard is then spoken of too, and `degraded`
 * keeps the silence about it elsewhere from being read as an end. */
static void speak_for(struct parsing *parsing, struct weather_report *report, enum hazard hazard)
{
    for (size_t i = 0; i < report->hazard_count; i++) {
        if (report->hazards[i] == hazard)
            return;
    }
    part_degraded(parsing, "a weather kind of another telegram's family");
    enum hazard *hazards = memory_array(parsing->context, enum hazard, report->hazard_count + 1);
    memcpy(hazards, report->hazards, report->hazard_count * sizeof(*hazards));
    hazards[report->hazard_count++] = hazard;
    report->hazards = hazards;
}

/* 発表警報・注意報はなし: no code, mostly no name. In the sum of all Japan it is the rule, and that
 * the area is listed says it. */
static void read_none(struct weather_scan *scan, const struct area *area, const char *status)
{
    const struct weather_report *report = scan->report;
    for (size_t i = 0; i < report->hazard_count && !report->national; i++) {
        struct weather_item item = {.area_code = area->code,
                                    .area_name = area->name_ja,
                                    .hazard = report->hazards[i],
                                    .status = status};
        weather_scan_item(scan, &item);
    }
}

static void read_kind(struct weather_scan *scan, const struct element *kind,
                      const struct area *area)
{
    struct parsing *parsing = scan->parsing;
    struct weather_report *report = scan->report;
    struct weather_item item = {.area_code = area->code,
                                .area_name = area->name_ja,
                                .kind_code = element_text(kind, "Code"),
                                .kind_name = element_text(kind, "Name"),
                                .status = element_text(kind, "Status"),
                                .last_kind_code = element_text(kind, "LastKind/Code")};
    bool none = item.kind_code == NULL && text_contains(item.status, "なし");
    if (none || text_equal(item.kind_code, "00")) {
        read_none(scan, area, item.status);
        return;
    }
    if (item.kind_code == NULL && item.kind_name == NULL) {
        part_degraded(parsing, "a weather kind has neither code nor name");
        return;
    }
    if (report->national)
        item.issued_at = part_time(parsing, kind, "DateTime");
    const struct weather_kind *known = weather_kind_find(item.kind_code);
    bool lifted = text_equal(item.status, "解除");
    if (known == NULL)
        part_degraded(parsing, "a weather kind is unknown");
    item.hazard = known != NULL ? known->hazard : hazard_of_name(report, item.kind_name);
    item.level = lifted ? 0 : known != NULL ? known->level : level_of_name(item.kind_name);
    item.at_least = known == NULL && !lifted && item.kind_name == NULL;
    speak_for(parsing, report, item.hazard);
    weather_scan_item(scan, &item);
}

static void read_area(struct weather_scan *scan, const struct element *item,
                      const struct area *area)
{
    if (!weather_scan_area(scan, area->code))
        return;
    if (element_child(item, "Kind") == NULL && !scan->report->national)
        part_degraded(scan->parsing, "an area has no kind");
    for (const struct element *k = element_child(item, "Kind"); k != NULL; k = element_again(k))
        read_kind(scan, k, area);
}

/* True when `area` lies below the group, region or office `code`. */
static bool lies_below(const struct area_graph *graph, const struct area *area,
                       enum area_system system, const char *code)
{
    const struct area *at = area;
    enum area_system above = AREA_WEATHER_CITY;
    while (at != NULL && above != system && at->parent != NULL) {
        above = above == AREA_WEATHER_CITY    ? AREA_WEATHER_GROUP
                : above == AREA_WEATHER_GROUP ? AREA_WEATHER_REGION
                                              : AREA_WEATHER_OFFICE;
        at = area_find(graph, above, at->parent);
    }
    return at != NULL && above == system && strcmp(at->code, code) == 0;
}

static void read_coarse(struct weather_scan *scan, const struct element *item,
                        enum area_system system, const char *code)
{
    const struct area_graph *graph = scan->parsing->graph;
    size_t count;
    const struct area *const *cities = area_list(graph, AREA_WEATHER_CITY, &count);
    for (size_t i = 0; i < count; i++) {
        if (lies_below(graph, cities[i], system, code))
            read_area(scan, item, cities[i]);
    }
}

static void read_item(struct weather_scan *scan, const struct element *item,
                      enum area_system system)
{
    struct parsing *parsing = scan->parsing;
    const char *name = element_text(item, "Area/Name");
    const char *code = part_place(parsing, system, element_text(item, "Area/Code"), name, "area");
    if (code == NULL)
        return;
    if (system != AREA_WEATHER_CITY) {
        read_coarse(scan, item, system, code);
        return;
    }
    const struct area area = {.system = AREA_WEATHER_CITY, .code = code, .name_ja = name};
    read_area(scan, item, &area);
}

/* The office of the areas that are known, else the one that the body names. */
static const char *office_to_widen(const struct parsing *parsing,
                                   const struct weather_report *report)
{
    if (report->office != NULL || report->national)
        return report->office;
    const struct element *block = find_block(parsing->telegram->body, "（府県予報区等）");
    const char *code = element_text(block, "Item/Area/Code");
    const struct area *office =
        code != NULL ? area_find(parsing->graph, AREA_WEATHER_OFFICE, code) : NULL;
    return office != NULL ? office->code : NULL;
}

bool weather_parse(struct parsing *parsing, const char **ret_why)
{
    struct weather_report *report = &parsing->report->weather;
    struct weather_scan scan = {.parsing = parsing, .report = report};
    report->national = strcmp(parsing->telegram->code, "VPWS50") == 0;
    for (size_t i = 0; i < sizeof(scopes) / sizeof(scopes[0]); i++) {
        if (strcmp(scopes[i].code, parsing->telegram->code) == 0) {
            report->hazards = scopes[i].hazards;
            report->hazard_count = scopes[i].count;
        }
    }
    for (size_t i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++) {
        const struct element *block = find_block(parsing->telegram->body, blocks[i].type);
        if (block == NULL)
            continue;
        if (i > 0)
            part_degraded(parsing, "the block of the municipalities is missing");
        for (const struct element *item = element_child(block, "Item"); item != NULL;
             item = element_again(item))
            read_item(&scan, item, blocks[i].system);
        break;
    }
    weather_widen(&scan, office_to_widen(parsing, report));
    weather_scan_end(&scan);
    if (parsing->telegram->info_type != INFO_CANCEL && report->area_code_count == 0) {
        *ret_why = "no area with a warning in the body";
        return false;
    }
    return true;
}
