/* Floods of rivers with forecasts of their own (VXKO50 to 89, VXSU): one event for each forecast
 * zone.
 *
 * The level is that of the zone in the Headline; the texts of the body speak of single gauges, and
 * the first may be harmless while the river overflows elsewhere. Places: the zone, and the
 * municipalities that the body names as in danger of flooding. A telegram of an overflow names only
 * the municipality where it happens, so the places of before stay until the end. */
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "jma/generic.h"

#define LEVEL_UNKNOWN (-1)

static const char *const grades[] = {NULL, NULL, "advisory", "warning", "urgent", "emergency"};

/* JMA code table of 指定河川洪水予報: the first digit is the level, 10 is the end. The names of
 * before 2026 had the same numbers. */
static int level_of_kind(const struct element *kind)
{
    const char *code = element_text(kind, "Code"), *name = element_text(kind, "Name");
    if (text_equal(code, "10") || generic_says_lifted(name))
        return 0;
    if (code != NULL && strlen(code) == 2 && code[0] >= '2' && code[0] <= '5')
        return code[0] - '0';
    int level = generic_level_of_words(name);
    return level >= 2 ? level : LEVEL_UNKNOWN;
}

static bool is_zone_block(const struct element *information)
{
    const char *type = element_attribute(information, "type");
    return text_contains(type, "予報区域") || text_contains(type, "発表区間");
}

struct flood_scan {
    struct parsing *parsing;
    size_t zones;
    bool unknown;
};

static void add_zone(struct flood_scan *scan, const struct element *area,
                     const struct element *kind, int level)
{
    struct parsing *parsing = scan->parsing;
    struct hazard_report *flood = &parsing->report->hazard;
    const char *code = element_text(area, "Code"), *name = element_text(area, "Name");
    scan->zones++;
    if (flood->subject_name == NULL && text_given(name)) {
        flood->subject_name = name;
        part_add_fact(parsing, "river", name, 0);
    }
    if (flood->subject == NULL && text_given(code))
        flood->subject = code;
    if (level > flood->level) {
        flood->level = level;
        flood->grade = grades[level];
    }
    const struct area *zone =
        code != NULL ? area_find(parsing->graph, AREA_FLOOD_ZONE, code) : NULL;
    if (zone == NULL)
        return;
    const struct hazard_area place = {.system = AREA_FLOOD_ZONE,
                                      .code = zone->code,
                                      .name = name,
                                      .kind_code = element_text(kind, "Code"),
                                      .kind_name = element_text(kind, "Name"),
                                      .grade = grades[level],
                                      .level = level};
    part_add_area(parsing, &place);
}

static void read_zone_item(void *userdata, const struct element *item)
{
    struct flood_scan *scan = userdata;
    const struct element *kind = element_child(item, "Kind");
    if (!is_zone_block(item->parent) || kind == NULL)
        return;
    int level = level_of_kind(kind);
    if (level == LEVEL_UNKNOWN) {
        scan->unknown = true;
        return;
    }
    for (const struct element *a = element_path(item, "Areas/Area"); a != NULL;
         a = element_again(a))
        add_zone(scan, a, kind, level);
}

static void read_city(void *userdata, const struct element *city)
{
    struct flood_scan *scan = userdata;
    struct parsing *parsing = scan->parsing;
    const struct hazard_report *flood = &parsing->report->hazard;
    const struct area *known = part_city(parsing, city->text);
    if (known == NULL) {
        problems_warn(parsing->problems, parsing->telegram->id, city->line, city->column, NULL,
                      "CityCode %s is no place that we know", city->text);
        part_degraded(parsing, "a municipality is unknown");
        return;
    }
    const struct hazard_area place = {.system = known->system,
                                      .code = known->code,
                                      .name = known->name_ja,
                                      .grade = flood->grade,
                                      .level = flood->level};
    part_add_area(parsing, &place);
}

/* Without any place: rather the whole of the prefectures that the Headline names than nobody. */
static void read_office(void *userdata, const struct element *item)
{
    static const enum area_system systems[] = {AREA_WEATHER_OFFICE, AREA_WEATHER_REGION};
    struct flood_scan *scan = userdata;
    struct parsing *parsing = scan->parsing;
    const struct hazard_report *flood = &parsing->report->hazard;
    if (!text_contains(element_attribute(item->parent, "type"), "府県予報区"))
        return;
    for (const struct element *a = element_path(item, "Areas/Area"); a != NULL;
         a = element_again(a)) {
        const char *code = element_text(a, "Code");
        const struct area *known = NULL;
        for (size_t i = 0; code != NULL && known == NULL && i < 2; i++)
            known = area_find(parsing->graph, systems[i], code);
        if (known == NULL)
            continue;
        const struct hazard_area place = {.system = known->system,
                                          .code = known->code,
                                          .name = known->name_ja,
                                          .grade = flood->grade,
                                          .level = flood->level};
        part_add_area(parsing, &place);
    }
}

/* VXKO names the municipalities in its one Warning, VXSU in a second one. */
static void read_places(struct flood_scan *scan)
{
    struct parsing *parsing = scan->parsing;
    part_each(parsing->telegram->body, "CityCode", read_city, scan);
    if (parsing->report->hazard.area_count > 0)
        return;
    part_degraded(parsing, "no place finer than a prefecture");
    part_each(element_child(parsing->telegram->head, "Headline"), "Item", read_office, scan);
}

/* Of the texts of single gauges the gravest. */
static void find_text(void *userdata, const struct element *text)
{
    const char **best = userdata;
    if (text->text[0] != '\0' &&
        (*best == NULL || generic_level_of_words(text->text) > generic_level_of_words(*best)))
        *best = text->text;
}

bool flood_parse(struct parsing *parsing, const char **ret_why)
{
    const struct telegram *telegram = parsing->telegram;
    struct hazard_report *flood = &parsing->report->hazard;
    struct flood_scan scan = {.parsing = parsing};
    *flood = (struct hazard_report){.hazard = HAZARD_FLOOD,
                                    .family = "zone",
                                    .subject =
                                        text_given(telegram->event_id) ? telegram->event_id : NULL,
                                    .subject_system = AREA_FLOOD_ZONE,
                                    .keeps_places = true};
    part_each(element_child(telegram->head, "Headline"), "Item", read_zone_item, &scan);
    flood->subject_code = flood->subject;
    if (flood->subject == NULL) {
        *ret_why = "neither EventID nor a forecast zone";
        return false;
    }
    if (telegram->info_type == INFO_CANCEL)
        return true;
    if (scan.unknown || scan.zones == 0) {
        *ret_why = scan.unknown ? "a kind of flood forecast that we do not know"
                                : "the headline names no forecast zone";
        return false;
    }
    if (flood->level > 0)
        read_places(&scan);
    part_each(element_child(telegram->body, "Warning"), "Text", find_text, &flood->text);
    return true;
}
