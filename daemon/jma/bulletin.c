/* Bulletins beside the warnings: flash bulletins (VPBS50), tornado (VPHW50, 51), heat (VPFT50),
 * commentaries (VPZJ51, VPCJ51, VPFJ51) and typhoons (VPTW60 to 65).
 *
 * None of them is ever released: each ends at a time, its own or ours. */
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "jma/bulletin.h"

#define TORNADO_LASTS    (70 * USEC_PER_MINUTE) /* as JMA's ValidDateTime has it */
#define COMMENTARY_LASTS USEC_PER_DAY

static const struct area *find_place(const struct parsing *parsing, const enum area_system *systems,
                                     const char *code)
{
    const struct area *known = NULL;
    for (; code != NULL && known == NULL && *systems != AREA_UNKNOWN; systems++)
        known = *systems == AREA_WEATHER_CITY ? part_city(parsing, code)
                                              : area_find(parsing->graph, *systems, code);
    return known;
}

bool bulletin_place(struct parsing *parsing, const enum area_system *systems, const char *code,
                    int level, const char *grade)
{
    const struct area *known = find_place(parsing, systems, code);
    if (known == NULL) {
        part_degraded(parsing, "an area is unknown");
        return false;
    }
    const struct hazard_area place = {.system = known->system,
                                      .code = known->code,
                                      .name = known->name_ja,
                                      .grade = grade,
                                      .level = level};
    part_add_area(parsing, &place);
    return true;
}

/* "千葉県" of "千葉県気象防災速報（竜巻注意）": the same in every telegram about the place, and in
 * its withdrawal, which has no areas. NULL when there is nothing before the name of the bulletin.
 */
static const char *title_place(struct parsing *parsing)
{
    static const char *const names[] = {"竜巻注意情報", "気象防災速報", "熱中症"};
    const char *title = parsing->telegram->head_title;
    for (size_t i = 0; title != NULL && i < sizeof(names) / sizeof(names[0]); i++) {
        const char *name = strstr(title, names[i]);
        if (name != NULL && name > title)
            return memory_must(talloc_strndup(parsing->context, title, (size_t)(name - title)));
    }
    return NULL;
}

const struct area *bulletin_place_of_title(struct parsing *parsing)
{
    static const enum area_system systems[] = {AREA_PREFECTURE, AREA_WEATHER_OFFICE,
                                               AREA_WEATHER_REGION};
    const char *name = title_place(parsing);
    const struct area *found = NULL;
    for (size_t i = 0; found == NULL && i < sizeof(systems) / sizeof(systems[0]); i++)
        found = area_of_name(parsing->graph, systems[i], name);
    return found;
}

/* ---- tornado ---- */

/* The same watch is listed for several sizes of areas; from fine to coarse. */
static const struct size {
    const char *block;
    enum area_system systems[2];
} sizes[] = {
    {"（市町村等）", {AREA_WEATHER_CITY, AREA_UNKNOWN}},
    {"まとめた地域", {AREA_WEATHER_GROUP, AREA_UNKNOWN}},
    {"一次細分区域", {AREA_WEATHER_REGION, AREA_UNKNOWN}},
    {"発表細分", {AREA_WEATHER_OFFICE, AREA_UNKNOWN}},
};

struct tornado_scan {
    struct parsing *parsing;
    const struct size *size;
    bool lost; /* a place of this size is unknown */
    bool sighted;
    size_t kinds, in_force;
};

static void read_watch(void *userdata, const struct element *item)
{
    struct tornado_scan *scan = userdata;
    if (!text_contains(element_attribute(item->parent, "type"), scan->size->block))
        return;
    scan->kinds++;
    const char *condition = element_text(item, "Kind/Condition");
    if (text_contains(element_text(item, "Kind/Name"), "なし") || text_equal(condition, "解除"))
        return;
    scan->in_force++;
    for (const struct element *a = element_path(item, "Areas/Area"); a != NULL;
         a = element_again(a)) {
        if (!bulletin_place(scan->parsing, scan->size->systems, element_text(a, "Code"),
                            scan->sighted ? 3 : 2, scan->sighted ? "sighted" : "watch"))
            scan->lost = true;
    }
}

static void find_sighting(void *userdata, const struct element *information)
{
    bool *found = userdata;
    *found = *found || text_contains(element_attribute(information, "type"), "目撃情報あり");
}

/* The title or the headline says it; VPHW51 has a block for its region beside them. A headline of
 * this telegram that says no word of a tornado was lost, and with it perhaps a sighting. */
static bool is_sighted(struct parsing *parsing)
{
    const struct telegram *telegram = parsing->telegram;
    bool block = false;
    if (text_contains(telegram->head_title, "目撃") || text_contains(telegram->headline, "目撃"))
        return true;
    part_each(element_child(telegram->head, "Headline"), "Information", find_sighting, &block);
    if (block)
        part_degraded(parsing, "a sighting has no word in the headline");
    else if (!text_contains(telegram->headline, "竜巻"))
        part_degraded(parsing, "the headline says nothing of a tornado");
    return block;
}

/* VPHW51 repeats VPHW50 and adds the region of a sighting, which both tell in the headline. */
static bool read_tornado(struct parsing *parsing, const char **ret_why)
{
    const struct telegram *telegram = parsing->telegram;
    struct hazard_report *report = &parsing->report->hazard;
    struct tornado_scan scan = {.parsing = parsing};
    report->hazard = HAZARD_TORNADO;
    report->family = "watch";
    report->subject = title_place(parsing);
    report->ends_at = telegram->valid_until > telegram->control_time
                          ? telegram->valid_until
                          : telegram->control_time + TORNADO_LASTS;
    if (report->subject == NULL) {
        *ret_why = "the title names no place";
        return false;
    }
    if (telegram->info_type == INFO_CANCEL)
        return true;
    scan.sighted = is_sighted(parsing);
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        if (report->area_count > 0 && !scan.lost)
            break;
        scan.size = &sizes[i];
        scan.lost = false;
        part_each(element_child(telegram->head, "Headline"), "Item", read_watch, &scan);
    }
    /* That no place could be read does not end it. */
    *ret_why = "a tornado watch without a place";
    return report->area_count > 0 || (scan.kinds > 0 && scan.in_force == 0);
}

/* ---- heat ---- */

/* Issued about 17:00 for the next day and about 5:00 for the same; the text alone says which. */
static usec_t heat_day_ends(const struct telegram *telegram)
{
    usec_t reported = telegram->reported_at != 0 ? telegram->reported_at : telegram->control_time;
    usec_t in_japan = reported + JST_OFFSET_USEC;
    usec_t day = in_japan / USEC_PER_DAY;
    bool afternoon = in_japan % USEC_PER_DAY >= 12 * USEC_PER_HOUR;
    return (day + (afternoon ? 2 : 1)) * USEC_PER_DAY - JST_OFFSET_USEC;
}

static bool read_heat(struct parsing *parsing, const char **ret_why)
{
    const struct telegram *telegram = parsing->telegram;
    struct hazard_report *report = &parsing->report->hazard;
    bool special = text_contains(telegram->head_title, "特別");
    const struct area *area = bulletin_place_of_title(parsing);
    report->hazard = HAZARD_HEAT;
    report->family = "alert";
    report->ends_at = heat_day_ends(telegram);
    if (area == NULL) {
        *ret_why = "the title names no place that we know";
        return false;
    }
    report->subject = area->code;
    if (telegram->info_type == INFO_CANCEL)
        return true;
    const enum area_system systems[] = {area->system, AREA_UNKNOWN};
    bulletin_place(parsing, systems, area->code, special ? 5 : 3, special ? "special" : "alert");
    return true;
}

/* ---- commentaries ---- */

/* 地方予報区 by prefecture. Their codes collide with those of offices: 011000 is also 宗谷地方. */
static const struct {
    const char *code, *prefectures;
} centers[] = {
    {"010100", "01"},
    {"010200", "02 03 04 05 06 07"},
    {"010300", "08 09 10 11 12 13 14 19 20"},
    {"010400", "21 22 23 24"},
    {"010500", "15 16 17 18"},
    {"010600", "25 26 27 28 29 30"},
    {"010700", "31 32 33 34"},
    {"010800", "36 37 38 39"},
    {"010900", "35 40 41 42 43 44"},
    {"011000", "45 46"},
    {"011100", "47"},
};

static void add_center(struct parsing *parsing, const char *code)
{
    static const enum area_system prefecture[] = {AREA_PREFECTURE, AREA_UNKNOWN};
    static const enum area_system country[] = {AREA_COUNTRY, AREA_UNKNOWN};
    bool known = text_equal(code, "010000");
    if (known)
        bulletin_place(parsing, country, "jp", 1, "commentary");
    for (size_t i = 0; i < sizeof(centers) / sizeof(centers[0]); i++) {
        size_t count = 0;
        char **codes = text_equal(centers[i].code, code)
                           ? text_split_blank(parsing->context, centers[i].prefectures, &count)
                           : NULL;
        known = known || count > 0;
        for (size_t n = 0; n < count; n++)
            bulletin_place(parsing, prefecture, codes[n], 1, "commentary");
    }
    if (!known)
        part_degraded(parsing, "an area is unknown");
}

static const enum area_system commented[] = {AREA_WEATHER_REGION, AREA_WEATHER_GROUP,
                                             AREA_WEATHER_OFFICE, AREA_UNKNOWN};

static void read_commentary_area(void *userdata, const struct element *area)
{
    struct parsing *parsing = userdata;
    const char *code = element_text(area, "Code");
    if (text_contains(element_attribute(area->parent, "codeType"), "地方予報区"))
        add_center(parsing, code);
    else
        bulletin_place(parsing, commented, code, 1, "commentary");
}

static bool is_listed(const struct parsing *parsing, const struct area *place)
{
    const struct hazard_report *report = &parsing->report->hazard;
    for (size_t i = 0; i < report->area_count; i++) {
        const struct hazard_area *area = &report->areas[i];
        const struct area *listed = area_find(parsing->graph, area->system, area->code);
        if (listed != NULL && area_meets(parsing->graph, listed, place))
            return true;
    }
    return false;
}

/* A region that the body gives amounts for and the headline does not name was lost there. */
static void read_commentary_amount(void *userdata, const struct element *area)
{
    struct parsing *parsing = userdata;
    const struct area *place =
        text_contains(element_attribute(area, "codeType"), "府県予報区・細分区域")
            ? find_place(parsing, commented, element_text(area, "Code"))
            : NULL;
    if (place == NULL || is_listed(parsing, place))
        return;
    part_degraded(parsing, "a region of the body is not in the headline");
    bulletin_place(parsing, commented, place->code, 1, "commentary");
}

static bool read_commentary(struct parsing *parsing, const char **ret_why)
{
    const struct telegram *telegram = parsing->telegram;
    struct hazard_report *report = &parsing->report->hazard;
    report->hazard = HAZARD_INFORMATION;
    report->family = "commentary";
    report->prose = true;
    report->keeps_places = true; /* what it no longer speaks of is not thereby over */
    report->text = part_first_text(telegram->body, "Text");
    report->subject = telegram->event_id;
    report->ends_at = telegram->control_time + COMMENTARY_LASTS;
    *ret_why = "a commentary without an EventID";
    if (!text_given(report->subject))
        return false;
    if (telegram->info_type == INFO_CANCEL)
        return true;
    report->level = 1;
    report->grade = "commentary";
    part_each(element_child(telegram->head, "Headline"), "Area", read_commentary_area, parsing);
    if (report->area_count == 0)
        part_degraded(parsing, "a commentary without an area");
    part_each(telegram->body, "Area", read_commentary_amount, parsing);
    return true;
}

bool bulletin_parse(struct parsing *parsing, const char **ret_why)
{
    static const struct {
        const char *begins;
        bool (*read)(struct parsing *parsing, const char **ret_why);
    } readers[] = {
        {"VPBS", bulletin_flash},   {"VPHW", read_tornado},    {"VPFT", read_heat},
        {"VPTW", bulletin_typhoon}, {"VPZJ", read_commentary}, {"VPCJ", read_commentary},
        {"VPFJ", read_commentary},
    };
    for (size_t i = 0; i < sizeof(readers) / sizeof(readers[0]); i++) {
        if (text_starts(parsing->telegram->code, readers[i].begins))
            return readers[i].read(parsing, ret_why);
    }
    *ret_why = "a bulletin that we do not know";
    return false;
}
