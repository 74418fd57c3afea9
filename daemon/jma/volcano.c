/* Volcanic telegrams: which volcano, and what each code is about. Commentaries and notices are read
 * here, since only their text tells something; the rest in volcano_level.c and volcano_eruption.c.
 *
 * The levels (VFVO50), ash (VFVO54), the sea (VFSVii) and commentaries (VFVO51) replace what was
 * known of the volcano. Eruptions (VFVO52, VFVO56) have an identity of their own, so that a
 * withdrawal ends the right one and a second eruption is not taken for the first. */
#include "jma/volcano.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"

#define COMMENTARY_USEFUL  USEC_PER_DAY
#define UNKNOWN_CITY_LEVEL 3 /* from here on a municipality that no table knows widens */

const struct volcano_kind *volcano_kind(const struct volcano_kind *kinds, const char *code)
{
    for (; kinds->code != NULL; kinds++) {
        if (text_equal(kinds->code, code))
            return kinds;
    }
    return NULL;
}

static bool about(const char *block, const char *code_type, enum volcano_about *ret_about)
{
    if (text_contains(code_type, "火山名"))
        *ret_about = ABOUT_VOLCANO;
    else if (text_contains(code_type, "海上予報区"))
        *ret_about = ABOUT_SEA;
    else if (text_contains(code_type, "市町村"))
        *ret_about = text_contains(block, "防災対応") ? ABOUT_RESPONSE : ABOUT_CITY;
    else
        return false;
    return true;
}

static bool lists(const struct volcano_items *items, const struct volcano_item *item)
{
    for (size_t i = 0; i < items->count; i++) {
        if (items->all[i].about == item->about && text_equal(items->all[i].code, item->code))
            return true;
    }
    return false;
}

static void read_areas(struct parsing *parsing, const struct element *areas,
                       struct volcano_item item, struct volcano_items *items)
{
    for (const struct element *a = element_child(areas, "Area"); a != NULL; a = element_again(a)) {
        item.code = element_text(a, "Code");
        item.name = element_text(a, "Name");
        if (item.code == NULL) {
            part_degraded(parsing, "a place has no code");
            continue;
        }
        if (item.about == ABOUT_VOLCANO && !lists(items, &item))
            items->volcano_count++;
        struct volcano_item *all =
            memory_grow(parsing->context, (void *)items->all, items->count, sizeof(*all));
        all[items->count++] = item;
        items->all = all;
    }
}

static struct volcano_items read_items(struct parsing *parsing)
{
    struct volcano_items items = {0};
    const struct element *info = element_child(parsing->telegram->body, "VolcanoInfo");
    for (; info != NULL; info = element_again(info)) {
        const char *block = element_attribute(info, "type");
        for (const struct element *i = element_child(info, "Item"); i != NULL;
             i = element_again(i)) {
            const struct element *areas = element_child(i, "Areas");
            struct volcano_item item = {.item = i,
                                        .kind_code = element_text(i, "Kind/Code"),
                                        .kind_name = element_text(i, "Kind/Name")};
            if (about(block, element_attribute(areas, "codeType"), &item.about))
                read_areas(parsing, areas, item, &items);
            else
                part_degraded(parsing, "places of an unknown kind");
        }
    }
    return items;
}

static const struct area *find_city(const struct area_graph *graph, const char *code)
{
    const struct area *area = area_find(graph, AREA_WEATHER_CITY, code);
    if (area == NULL && strlen(code) == 7 && text_equal(code + 5, "00")) {
        char municipality[6] = {0};
        memcpy(municipality, code, 5);
        area = area_find(graph, AREA_MUNICIPALITY, municipality);
    }
    return area != NULL ? area : area_find(graph, AREA_QUAKE_CITY, code);
}

static const struct area *find_prefecture(const struct area_graph *graph, const char *code)
{
    char prefecture[3] = {0};
    memcpy(prefecture, code, strnlen(code, 2));
    return area_find(graph, AREA_PREFECTURE, prefecture);
}

void volcano_add_city(struct parsing *parsing, const struct volcano_item *item, int level,
                      const char *grade)
{
    const struct area *known = find_city(parsing->graph, item->code);
    const char *name = item->name;
    if (known == NULL) {
        part_degraded(parsing, "a municipality is unknown");
        if (level >= UNKNOWN_CITY_LEVEL)
            known = find_prefecture(parsing->graph, item->code);
        if (known == NULL)
            return;
        name = known->name_ja;
    }
    part_add_area(parsing, &(struct hazard_area){.system = known->system,
                                                 .code = known->code,
                                                 .name = name,
                                                 .kind_code = item->kind_code,
                                                 .kind_name = item->kind_name,
                                                 .grade = grade,
                                                 .level = level});
}

/* The volcano covers its municipalities, and of two places that meet a reader the graver wins. */
static bool would_raise(const struct parsing *parsing, const char *code, int level)
{
    const struct hazard_report *hazard = &parsing->report->hazard;
    const struct area_set *slopes = area_coverage(parsing->graph, AREA_VOLCANO, code);
    for (size_t i = 0; slopes != NULL && i < hazard->area_count; i++) {
        const struct hazard_area *area = &hazard->areas[i];
        const struct area_set *city = area_coverage(parsing->graph, area->system, area->code);
        if (area->level < level && city != NULL && area_set_meets(slopes, city))
            return true;
    }
    return false;
}

void volcano_add_itself(struct parsing *parsing, const struct volcano_item *item, int level,
                        const char *grade)
{
    if (area_find(parsing->graph, AREA_VOLCANO, item->code) == NULL ||
        would_raise(parsing, item->code, level))
        return;
    part_add_area(parsing, &(struct hazard_area){.system = AREA_VOLCANO,
                                                 .code = item->code,
                                                 .name = item->name,
                                                 .kind_code = item->kind_code,
                                                 .kind_name = item->kind_name,
                                                 .grade = grade,
                                                 .level = level});
}

/* A time of which JMA knows the day only is not told as midnight. */
static usec_t eruption_time(struct parsing *parsing, const struct element *event)
{
    const struct element *time = element_path(event, "EventTime/EventDateTime");
    const char *significant = time != NULL ? element_attribute(time, "significant") : NULL;
    if (significant != NULL && !text_contains(significant, "hh"))
        return 0;
    return part_time(parsing, event, "EventTime/EventDateTime");
}

void volcano_add_observation(struct parsing *parsing, const struct element *event)
{
    usec_t time = eruption_time(parsing, event);
    if (time != 0)
        part_add_fact(parsing, "eruption-time", NULL, time);
    const struct element *plume = element_path(
        parsing->telegram->body, "VolcanoObservation/ColorPlume/PlumeHeightAboveCrater");
    double height = plume != NULL ? part_number(plume->text) : NAN;
    if (isnan(height))
        return;
    bool more = text_contains(part_attribute(parsing, plume, "description"), "以上");
    part_add_fact(parsing, "plume",
                  memory_printf(parsing->context, "%.0f%s", height, more ? "+" : ""), 0);
}

/* The monthly summary of all volcanoes repeats what is known and is no event. */
static bool parse_commentary(struct parsing *parsing, const struct volcano_items *items,
                             const char **ret_why)
{
    struct hazard_report *hazard = &parsing->report->hazard;
    (void)ret_why;
    if (items->volcano_count > 1)
        return true;
    hazard->level = text_contains(parsing->telegram->head_title, "臨時") ? 2 : 1;
    hazard->grade = "commentary";
    hazard->prose = true;
    hazard->text = part_first_text(parsing->telegram->body, "VolcanoActivity");
    hazard->ends_at = parsing->telegram->control_time + COMMENTARY_USEFUL;
    volcano_add_itself(parsing, &items->all[0], hazard->level, hazard->grade);
    return true;
}

/* Names no volcano and no place. */
static bool parse_notice(struct parsing *parsing, const struct volcano_items *items,
                         const char **ret_why)
{
    struct hazard_report *hazard = &parsing->report->hazard;
    (void)items;
    hazard->text = part_first_text(parsing->telegram->body, "Text");
    if (hazard->text == NULL) {
        *ret_why = "a notice without a text";
        return false;
    }
    hazard->level = 1;
    hazard->grade = "commentary";
    hazard->prose = true;
    hazard->ends_at = parsing->telegram->control_time + COMMENTARY_USEFUL;
    return true;
}

static const struct form {
    const char *code, *family;
    const char *grade; /* of what is withdrawn; NULL when that depends on its level */
    bool each_its_own; /* named by its EventID and not by its volcano */
    size_t volcanoes_max;
    bool (*parse)(struct parsing *parsing, const struct volcano_items *items, const char **ret_why);
} forms[] = {
    {"VFVO50", "level", NULL, false, 1, volcano_level_parse},
    {"VFVO51", "commentary", "commentary", false, 1000, parse_commentary},
    {"VFVO52", "observed", "observed", true, 1, volcano_observed_parse},
    {"VFVO54", "ash", NULL, false, 1, volcano_ash_parse},
    {"VFVO56", "eruption", "eruption", true, 1, volcano_eruption_parse},
    {"VFSVii", "sea", "sea", false, 1, volcano_sea_parse},
    {"VZVO40", "notice", "commentary", true, 0, parse_notice},
};

static const struct form *find_form(const struct registry_row *row)
{
    for (size_t i = 0; row != NULL && i < sizeof(forms) / sizeof(forms[0]); i++) {
        if (text_equal(forms[i].code, row->code))
            return &forms[i];
    }
    return NULL;
}

static const struct volcano_item *first_volcano(const struct volcano_items *items)
{
    for (size_t i = 0; i < items->count; i++) {
        if (items->all[i].about == ABOUT_VOLCANO)
            return &items->all[i];
    }
    return NULL;
}

/* A withdrawal names its volcano in the EventID only: "312", "20140927120000_312". */
static const char *volcano_of_event(const struct telegram *telegram)
{
    const char *line = strrchr(telegram->event_id, '_');
    const char *code = line != NULL ? line + 1 : telegram->event_id;
    return strlen(code) == 3 && strspn(code, "0123456789") == 3 ? code : NULL;
}

static void name_subject(struct parsing *parsing, const struct volcano_items *items,
                         const struct form *form)
{
    struct hazard_report *hazard = &parsing->report->hazard;
    const struct telegram *telegram = parsing->telegram;
    const struct volcano_item *volcano = items->volcano_count <= 1 ? first_volcano(items) : NULL;
    hazard->hazard = HAZARD_VOLCANO;
    hazard->family = form->family;
    hazard->subject_system = AREA_VOLCANO;
    hazard->subject_code = volcano != NULL ? volcano->code : volcano_of_event(telegram);
    const struct area *known = area_find(parsing->graph, AREA_VOLCANO, hazard->subject_code);
    hazard->subject_name = volcano != NULL ? volcano->name : known != NULL ? known->name_ja : NULL;
    bool by_event = form->each_its_own && text_given(telegram->event_id);
    hazard->subject = by_event ? telegram->event_id : hazard->subject_code;
    if (hazard->subject_name != NULL)
        part_add_fact(parsing, "volcano", hazard->subject_name, 0);
}

bool volcano_parse(struct parsing *parsing, const char **ret_why)
{
    const struct form *form = find_form(parsing->report->row);
    struct volcano_items items = read_items(parsing);
    if (form == NULL) {
        *ret_why = "no parser for this code";
        return false;
    }
    name_subject(parsing, &items, form);
    if (parsing->report->hazard.subject == NULL) {
        *ret_why = "it names no volcano";
        return false;
    }
    if (parsing->telegram->info_type == INFO_CANCEL) {
        parsing->report->hazard.grade = form->grade;
        return true;
    }
    if (items.volcano_count > form->volcanoes_max ||
        (items.volcano_count == 0 && form->volcanoes_max > 0)) {
        *ret_why = "its body does not name one volcano";
        return false;
    }
    bool understood = form->parse(parsing, &items, ret_why);
    /* A correction down to nothing is a withdrawal, and not of the normal state. */
    if (parsing->telegram->info_type == INFO_CORRECTION && parsing->report->hazard.level == 0)
        parsing->report->hazard.grade = form->grade;
    return understood;
}
