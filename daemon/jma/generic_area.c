/* Where a generic telegram applies: by the codes in Headline and Body, in the code system that
 * codeType names; never by the office that sent it. Only a warning that names no place at all is
 * told to the prefecture of its title.
 *
 * JMA lists the same fact for several sizes of areas (prefecture, region, group, municipality), and
 * a larger one is named when any part of it is meant. So the finest size that is listed is taken
 * and the larger ones are left out. */
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "jma/generic.h"

/* codeType, or the type of the block → where to look the code up, in this order. */
static const struct {
    const char *words;
    enum area_system systems[3];
} code_types[] = {
    {"をまとめた地域", {AREA_WEATHER_GROUP}},
    {"市町村等", {AREA_WEATHER_CITY, AREA_MUNICIPALITY, AREA_QUAKE_CITY}},
    {"地震情報／細分区域", {AREA_QUAKE_REGION}},
    {"地震情報／都道府県等", {AREA_PREFECTURE}},
    {"津波予報区", {AREA_TSUNAMI_COAST}},
    {"府県予報区", {AREA_WEATHER_REGION, AREA_WEATHER_GROUP, AREA_WEATHER_OFFICE}},
    {"一次細分区域", {AREA_WEATHER_REGION}},
    {"都道府県", {AREA_PREFECTURE}},
};

/* Advisories on a coming great earthquake name no area: their subject is fixed by law. Prefectures
 * of the areas for special measures of the Nankai Trough, and of the Japan and Kuril Trenches. */
static const struct {
    const char *family;
    const char *prefectures;
} subjects[] = {
    {"VYSE50", "08 12 13 14 19 20 21 22 23 24 25 26 27 28 29 30 33 34 35 36 37 38 39 40 43 44 45 "
               "46 47"},
    {"VYSE51", "08 12 13 14 19 20 21 22 23 24 25 26 27 28 29 30 33 34 35 36 37 38 39 40 43 44 45 "
               "46 47"},
    {"VYSE52", "08 12 13 14 19 20 21 22 23 24 25 26 27 28 29 30 33 34 35 36 37 38 39 40 43 44 45 "
               "46 47"},
    {"VYSE60", "01 02 03 04 07 08 12"},
};

static void add_known(struct generic_scan *scan, const struct area *area)
{
    struct generic_report *generic = scan->generic;
    for (size_t i = 0; i < generic->area_count; i++) {
        if (generic->areas[i].system == area->system &&
            strcmp(generic->areas[i].code, area->code) == 0)
            return;
    }
    struct generic_area *list = memory_grow(scan->parsing->context, (void *)generic->areas,
                                            generic->area_count, sizeof(*list));
    list[generic->area_count++] =
        (struct generic_area){.system = area->system, .code = area->code, .name = area->name_ja};
    generic->areas = list;
}

/* A designated city as a whole has 7 digits of which the last two are 00, and is known by five. */
static const struct area *look_up(const struct parsing *parsing, enum area_system system,
                                  const char *code)
{
    if (system != AREA_MUNICIPALITY)
        return area_find(parsing->graph, system, code);
    if (strlen(code) != 7 || strcmp(code + 5, "00") != 0)
        return NULL;
    char municipality[6] = {0};
    memcpy(municipality, code, 5);
    return area_find(parsing->graph, system, municipality);
}

static void add_code(struct generic_scan *scan, const char *words, const char *code)
{
    bool mapped = false;
    for (size_t i = 0; code != NULL && i < sizeof(code_types) / sizeof(code_types[0]); i++) {
        if (!text_contains(words, code_types[i].words))
            continue;
        mapped = true;
        for (size_t j = 0; j < 3 && code_types[i].systems[j] != AREA_UNKNOWN; j++) {
            const struct area *known = look_up(scan->parsing, code_types[i].systems[j], code);
            if (known != NULL) {
                add_known(scan, known);
                return;
            }
        }
    }
    scan->unknown_area = scan->unknown_area || mapped;
}

static void add_areas_of(struct generic_scan *scan, const struct element *parent, const char *words)
{
    for (const struct element *a = element_child(parent, "Area"); a != NULL; a = element_again(a)) {
        const char *own = element_attribute(a, "codeType");
        add_code(scan, own != NULL ? own : words, element_text(a, "Code"));
        /* The districts that a river may flood name their city beside the gauge. */
        add_code(scan, "市町村等", element_text(a, "CityCode"));
    }
}

static void read_item(void *userdata, const struct element *item)
{
    struct generic_scan *scan = userdata;
    enum kind_state state = generic_item(scan, item);
    if (state != KIND_IN_FORCE && !(scan->generic->released && state == KIND_LIFTED))
        return;
    const char *type = element_attribute(item->parent, "type");
    if (type == NULL && scan->generic->hazard == HAZARD_TSUNAMI)
        type = "津波予報区";
    for (const struct element *a = element_child(item, "Areas"); a != NULL; a = element_again(a)) {
        const char *words = element_attribute(a, "codeType");
        add_areas_of(scan, a, words != NULL ? words : type);
    }
    add_areas_of(scan, item, type);
}

/* Size of an area among those that JMA lists side by side; 0 for other systems. */
static int fineness(enum area_system system)
{
    static const int sizes[AREA_SYSTEM_COUNT] = {
        [AREA_PREFECTURE] = 1,    [AREA_WEATHER_OFFICE] = 1, [AREA_WEATHER_REGION] = 2,
        [AREA_WEATHER_GROUP] = 3, [AREA_WEATHER_CITY] = 4,   [AREA_MUNICIPALITY] = 4,
    };
    return sizes[system];
}

static void keep_finest(struct generic_report *generic)
{
    struct generic_area *areas = (struct generic_area *)generic->areas;
    int finest = 0;
    size_t kept = 0;
    for (size_t i = 0; i < generic->area_count; i++) {
        if (fineness(areas[i].system) > finest)
            finest = fineness(areas[i].system);
    }
    for (size_t i = 0; i < generic->area_count; i++) {
        int size = fineness(areas[i].system);
        if (size == 0 || size == finest)
            areas[kept++] = areas[i];
    }
    generic->area_count = kept;
}

const char *generic_subject_prefectures(const char *code)
{
    for (size_t i = 0; i < sizeof(subjects) / sizeof(subjects[0]); i++) {
        if (strcmp(subjects[i].family, code) == 0)
            return subjects[i].prefectures;
    }
    return "";
}

static void add_subject(struct generic_scan *scan)
{
    size_t count;
    char **codes = text_split_blank(
        scan->parsing->context, generic_subject_prefectures(scan->parsing->telegram->code), &count);
    for (size_t j = 0; j < count; j++) {
        const struct area *known = area_find(scan->parsing->graph, AREA_PREFECTURE, codes[j]);
        if (known != NULL)
            add_known(scan, known);
    }
}

/* The heat alert holds no code at all; its title is 府県予報区 and name of the alert, whole and
 * exact, which is a key and not a guess. */
static void add_titled(struct generic_scan *scan)
{
    static const char *const alerts[] = {"熱中症警戒アラート", "熱中症特別警戒アラート"};
    const char *title = scan->parsing->telegram->head_title;
    size_t count;
    const struct area *const *offices =
        area_list(scan->parsing->graph, AREA_WEATHER_OFFICE, &count);
    for (size_t i = 0; i < count; i++) {
        if (!text_starts(title, offices[i]->name_ja))
            continue;
        const char *rest = title + strlen(offices[i]->name_ja);
        if (text_equal(rest, alerts[0]) || text_equal(rest, alerts[1]))
            add_known(scan, offices[i]);
    }
}

/* A warning or bulletin that has lost all its codes: the 府県予報区 with which its title begins, so
 * that the prefecture hears of it in general words. "大雨警報" alone is for nobody, and an operator
 * is told. */
static void add_office_of_title(struct generic_scan *scan)
{
    const char *title = scan->parsing->telegram->head_title;
    const struct area *best = NULL;
    size_t count;
    const struct area *const *offices =
        area_list(scan->parsing->graph, AREA_WEATHER_OFFICE, &count);
    for (size_t i = 0; i < count; i++) {
        if (text_starts(title, offices[i]->name_ja) &&
            (best == NULL || strlen(offices[i]->name_ja) > strlen(best->name_ja)))
            best = offices[i];
    }
    if (best != NULL)
        add_known(scan, best);
}

void generic_areas(struct generic_scan *scan)
{
    const struct telegram *telegram = scan->parsing->telegram;
    const struct registry_row *row = scan->parsing->report->row;
    bool degraded = row != NULL && row->role == ROLE_PARSED;
    part_each(element_child(telegram->head, "Headline"), "Item", read_item, scan);
    /* The Headline leaves out the lesser of two (津波注意報 beside 津波警報). The Body may name
     * gauges and places of observation, which are narrower than what is warned of. */
    if (scan->generic->area_count == 0 || degraded || scan->generic->hazard == HAZARD_FLOOD)
        part_each(telegram->body, "Item", read_item, scan);
    /* A place that we do not know: rather warn too many of the larger area than leave it out. */
    if (!scan->unknown_area)
        keep_finest(scan->generic);
    else if (row == NULL || row->role == ROLE_GENERIC || row->role == ROLE_PARSED)
        part_degraded(scan->parsing, "an area is unknown");
    if (telegram->info_type == INFO_CANCEL)
        return;
    add_subject(scan);
    if (scan->generic->hazard == HAZARD_HEAT)
        add_titled(scan);
    bool titled = row != NULL && (row->kind == REPORT_WEATHER || row->kind == REPORT_BULLETIN);
    if (scan->generic->area_count == 0 && titled)
        add_office_of_title(scan);
}
