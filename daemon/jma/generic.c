/* Any telegram by its title and headline, and by the codes of the areas in Headline and Body.
 *
 * The level comes from JMA's own words in the titles of kinds and in the head title, else from the
 * row of the registry. Areas come from codes only, with the code system that codeType names. */
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "jma/part.h"

/* @codeType → where to look the code up, in this order. */
static const struct {
    const char *words;
    enum area_system systems[4];
} code_types[] = {
    {"市町村等", {AREA_WEATHER_CITY, AREA_QUAKE_CITY}},
    {"地震情報／細分区域", {AREA_QUAKE_REGION}},
    {"地震情報／都道府県等", {AREA_PREFECTURE}},
    {"津波予報区", {AREA_TSUNAMI_COAST}},
    {"府県予報区", {AREA_WEATHER_REGION, AREA_WEATHER_GROUP, AREA_WEATHER_OFFICE}},
    {"都道府県", {AREA_PREFECTURE}},
};

struct scan {
    struct parsing *parsing;
    struct generic_report *generic;
    size_t kinds, lifted;
    int level;
};

static int level_of_words(const char *text)
{
    static const struct {
        const char *word;
        int level;
    } words[] = {
        {"レベル５", 5},     {"特別警報", 5},     {"大津波警報", 5},   {"噴火速報", 5},
        {"レベル４", 4},     {"危険警報", 4},     {"津波警報", 4},     {"氾濫危険", 4},
        {"居住地域", 4},     {"線状降水帯", 4},   {"記録的短時間", 4}, {"記録雨", 4},
        {"巨大地震警戒", 4}, {"特別警戒", 5},     {"レベル３", 3},     {"津波注意報", 3},
        {"竜巻目撃", 3},     {"短時間大雪", 3},   {"巨大地震注意", 3}, {"入山危険", 3},
        {"警報", 3},         {"警戒アラート", 3}, {"レベル２", 2},     {"注意報", 2},
        {"火口周辺", 2},     {"竜巻注意", 2},
    };
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (text_contains(text, words[i].word))
            return words[i].level;
    }
    return 0;
}

static bool says_lifted(const char *text)
{
    return text_contains(text, "解除") || text_contains(text, "調査終了");
}

static void add_area(struct scan *scan, const char *code_type, const struct element *area)
{
    const char *code = element_text(area, "Code");
    struct generic_report *generic = scan->generic;
    for (size_t i = 0; code != NULL && i < sizeof(code_types) / sizeof(code_types[0]); i++) {
        if (!text_contains(code_type, code_types[i].words))
            continue;
        for (size_t j = 0; j < 4 && code_types[i].systems[j] != AREA_UNKNOWN; j++) {
            enum area_system system = code_types[i].systems[j];
            const struct area *known = area_find(scan->parsing->graph, system, code);
            if (known == NULL)
                continue;
            for (size_t k = 0; k < generic->area_count; k++) {
                if (generic->areas[k].system == system && strcmp(generic->areas[k].code, code) == 0)
                    return;
            }
            struct generic_area *list = memory_grow(scan->parsing->context, (void *)generic->areas,
                                                    generic->area_count, sizeof(*list));
            list[generic->area_count++] = (struct generic_area){
                .system = system, .code = known->code, .name = known->name_ja};
            generic->areas = list;
            return;
        }
    }
}

static void read_areas(void *userdata, const struct element *areas)
{
    struct scan *scan = userdata;
    const char *code_type = element_attribute(areas, "codeType");
    for (const struct element *a = element_child(areas, "Area"); a != NULL; a = element_again(a))
        add_area(scan, code_type, a);
}

static void read_kind(void *userdata, const struct element *kind)
{
    struct scan *scan = userdata;
    const char *name = element_text(kind, "Name"), *status = element_text(kind, "Status");
    const char *condition = element_text(kind, "Condition");
    if (name == NULL || text_contains(name, "なし"))
        return;
    bool lifted = says_lifted(name) || says_lifted(status) || text_equal(condition, "解除");
    int level = level_of_words(name);
    if (level == 0)
        level = level_of_words(condition);
    scan->kinds++;
    scan->lifted += lifted ? 1 : 0;
    if (!lifted && level > scan->level)
        scan->level = level;
}

static void find_text(void *userdata, const struct element *element)
{
    struct scan *scan = userdata;
    if (scan->generic->text == NULL && element->text[0] != '\0')
        scan->generic->text = element->text;
}

/* A code that we do not know may concern life safety when its words or its feed say so. */
static bool unknown_alerts(const struct telegram *telegram, int level)
{
    return level >= 3 || text_starts(telegram->code, "VXSE") ||
           text_starts(telegram->code, "VTSE") || text_starts(telegram->code, "VFVO") ||
           text_starts(telegram->code, "VYSE") || text_contains(telegram->control_title, "警報") ||
           text_contains(telegram->control_title, "避難");
}

void generic_parse(struct parsing *parsing)
{
    const struct telegram *telegram = parsing->telegram;
    const struct registry_row *row = parsing->report->row;
    struct generic_report *generic = &parsing->report->generic;
    struct scan scan = {.parsing = parsing, .generic = generic};
    *generic = (struct generic_report){0};
    part_each(element_child(telegram->head, "Headline"), "Areas", read_areas, &scan);
    part_each(telegram->body, "Areas", read_areas, &scan);
    part_each(element_child(telegram->head, "Headline"), "Kind", read_kind, &scan);
    if (scan.kinds == 0)
        part_each(telegram->body, "Kind", read_kind, &scan);
    part_each(telegram->body, "Text", find_text, &scan);
    int named = level_of_words(telegram->head_title);
    generic->hazard = row != NULL ? row->hazard : HAZARD_INFORMATION;
    int told = scan.level > named ? scan.level : named;
    generic->level = told > 0 ? told : row != NULL ? row->level : 2;
    generic->released = (scan.kinds > 0 && scan.lifted == scan.kinds) ||
                        (scan.kinds == 0 && says_lifted(telegram->head_title));
    generic->alerts = row == NULL ? unknown_alerts(telegram, named)
                                  : row->role == ROLE_GENERIC || row->role == ROLE_PARSED;
}
