/* VFVO50 噴火警報・予報 and VFSVii 火山現象に関する海上警報・海上予報: what holds at a volcano
 * until JMA changes it.
 *
 * A municipality has the level of the volcano, unless JMA says that it need do less there
 * (防災対応): where only the paths up are closed, level 5 is no call to leave home. Level 1 and
 * its like are the normal state of an active volcano: nothing is in force. */
#include "base/text.h"
#include "jma/volcano.h"

/* Warnings stay for months and years until they are changed; each telegram renews them. */
#define WARNING_HOLDS (366 * USEC_PER_DAY)

/* 11 to 15 with numbered levels, 21 to 25 without, 31 to 36 the sea, 01 to 05 municipalities. 24 is
 * for the foot of volcanoes where nobody lives. */
static const struct volcano_kind kinds[] = {
    {"11", 0, "level-1"},     {"12", 2, "level-2"},     {"13", 3, "level-3"}, {"14", 4, "level-4"},
    {"15", 5, "level-5"},     {"21", 0, "calm"},        {"22", 2, "crater"},  {"23", 3, "mountain"},
    {"24", 4, "mountain"},    {"25", 4, "residential"}, {"31", 2, "sea"},     {"32", 0, "calm"},
    {"33", 0, "calm"},        {"34", 0, "calm"},        {"35", 0, "calm"},    {"36", 2, "sea"},
    {"01", 4, "residential"}, {"02", 2, "crater"},      {"03", 2, "sea"},     {"04", 0, "calm"},
    {"05", 0, "calm"},        {NULL, 0, NULL},
};

/* The highest level that asks for no more than this response, and what it is called where the
 * volcano's level is higher. 46 to 49 are 41 to 43 of volcanoes without numbered levels. */
static const struct volcano_kind responses[] = {
    {"41", 5, NULL},         {"42", 3, "mountain"}, {"43", 3, "mountain"}, {"44", 2, "sea"},
    {"45", 1, "commentary"}, {"46", 5, NULL},       {"47", 5, NULL},       {"48", 3, "mountain"},
    {"49", 3, "mountain"},   {NULL, 0, NULL},
};

static const struct volcano_item *find_item(const struct volcano_items *items,
                                            enum volcano_about about, const char *code)
{
    for (size_t i = 0; i < items->count; i++) {
        const struct volcano_item *item = &items->all[i];
        if (item->about == about && (code == NULL || text_equal(item->code, code)))
            return item;
    }
    return NULL;
}

/* What holds in a municipality: at most the response that JMA names for it. */
static struct volcano_kind at_most(struct parsing *parsing, const struct volcano_item *response,
                                   struct volcano_kind own)
{
    if (response == NULL || own.level == 0)
        return own;
    const struct volcano_kind *limit = volcano_kind(responses, response->kind_code);
    if (limit == NULL)
        part_degraded(parsing, "an unknown response of a municipality");
    return limit != NULL && limit->level < own.level ? *limit : own;
}

static void add_city(struct parsing *parsing, const struct volcano_items *items,
                     const struct volcano_item *city, const struct volcano_kind *volcano)
{
    const struct volcano_kind *kind = volcano_kind(kinds, city->kind_code);
    struct volcano_kind state = *volcano;
    if (kind == NULL)
        part_degraded(parsing, "an unknown kind of warning of a municipality");
    else if ((kind->level == 0) != (volcano->level == 0))
        state = *kind;
    if (state.level > 0 && volcano->level == 0)
        part_degraded(parsing, "a warning for a municipality at a volcano without one");
    state = at_most(parsing, find_item(items, ABOUT_RESPONSE, city->code), state);
    volcano_add_city(parsing, city, state.level, state.grade);
}

/* Municipalities that no warning names and that do something all the same come last. */
static void add_cities(struct parsing *parsing, const struct volcano_items *items,
                       const struct volcano_kind *volcano)
{
    for (size_t i = 0; i < items->count; i++) {
        if (items->all[i].about == ABOUT_CITY)
            add_city(parsing, items, &items->all[i], volcano);
    }
    for (size_t i = 0; i < items->count; i++) {
        const struct volcano_item *item = &items->all[i];
        if (item->about != ABOUT_RESPONSE || find_item(items, ABOUT_CITY, item->code) != NULL)
            continue;
        struct volcano_kind state = at_most(parsing, item, *volcano);
        volcano_add_city(parsing, item, state.level, state.grade);
    }
}

bool volcano_level_parse(struct parsing *parsing, const struct volcano_items *items,
                         const char **ret_why)
{
    struct hazard_report *hazard = &parsing->report->hazard;
    const struct volcano_item *volcano = find_item(items, ABOUT_VOLCANO, NULL);
    const struct volcano_kind *kind = volcano_kind(kinds, volcano->kind_code);
    if (kind == NULL) {
        *ret_why = "the kind of the volcanic warning is unknown";
        return false;
    }
    add_cities(parsing, items, kind);
    volcano_add_itself(parsing, volcano, kind->level, kind->grade);
    if (kind->level > 0 && hazard->area_count == 0)
        part_degraded(parsing, "a volcanic warning without a place");
    if (kind->level >= hazard->level) {
        hazard->level = kind->level;
        hazard->grade = kind->grade;
    }
    if (hazard->level > 0)
        hazard->ends_at = parsing->telegram->control_time + WARNING_HOLDS;
    return true;
}

/* For ships: sea areas are no places of ours, and people on land hear of the volcano by VFVO50. So
 * nobody is told; the page and the API show it with its volcano and level. */
bool volcano_sea_parse(struct parsing *parsing, const struct volcano_items *items,
                       const char **ret_why)
{
    struct hazard_report *hazard = &parsing->report->hazard;
    const struct volcano_item *sea = find_item(items, ABOUT_SEA, NULL);
    if (sea == NULL)
        sea = find_item(items, ABOUT_VOLCANO, NULL);
    const struct volcano_kind *kind = volcano_kind(kinds, sea->kind_code);
    if (kind == NULL) {
        *ret_why = "the kind of the warning at sea is unknown";
        return false;
    }
    hazard->level = kind->level;
    hazard->grade = kind->grade;
    if (hazard->level > 0)
        hazard->ends_at = parsing->telegram->control_time + WARNING_HOLDS;
    return true;
}
