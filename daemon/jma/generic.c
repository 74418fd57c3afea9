/* Any telegram by its title and headline, and by the codes of the areas in Headline and Body.
 *
 * Three steps: kinds (what is in force, how grave), areas (where), text (what a person can read).
 * The level comes from JMA's own words and codes, else from the row of the registry. */
#include <string.h>

#include "base/text.h"
#include "jma/generic.h"

static void count_item(void *userdata, const struct element *item)
{
    struct generic_scan *scan = userdata;
    for (const struct element *k = generic_first_kind(item); k != NULL; k = element_again(k)) {
        int level = 0;
        enum kind_state state = generic_kind(scan, item, k, &level);
        scan->kinds += state != KIND_SILENT ? 1 : 0;
        scan->in_force += state == KIND_IN_FORCE ? 1 : 0;
        if (level > scan->level)
            scan->level = level;
    }
}

/* A kind anywhere, whatever became of the item around it. */
static void count_kind(void *userdata, const struct element *kind)
{
    struct generic_scan *scan = userdata;
    int level = 0;
    if (generic_kind(scan, kind->parent, kind, &level) == KIND_IN_FORCE && level > scan->level)
        scan->level = level;
}

static void find_text(void *userdata, const struct element *element)
{
    const char **best = userdata;
    if (element->text[0] == '\0')
        return;
    /* Of several 主文 the gravest: the first may tell of a harmless gauge of the same river. */
    if (*best == NULL || generic_level_of_words(element->text) > generic_level_of_words(*best))
        *best = element->text;
}

static const char *readable_text(const struct telegram *telegram, enum hazard hazard)
{
    static const char *const names[] = {"Text", "VolcanoHeadline", "VolcanoActivity"};
    const char *text = NULL;
    if (hazard == HAZARD_FLOOD) {
        part_each(element_child(telegram->body, "Warning"), "Text", find_text, &text);
        return text;
    }
    for (size_t i = 0; text == NULL && i < sizeof(names) / sizeof(names[0]); i++)
        text = part_first_text(telegram->body, names[i]);
    return text;
}

/* The registry knows one hazard for a code; a flash bulletin may tell of snow. */
static enum hazard hazard_of(const struct report *report, const struct telegram *telegram)
{
    if (report->row == NULL)
        return HAZARD_INFORMATION;
    if (strcmp(report->row->code, "VPBS50") == 0 && text_contains(telegram->head_title, "大雪"))
        return HAZARD_HEAVY_SNOW;
    return report->row->hazard;
}

/* A code that we do not know may concern life safety when its words or its family say so. */
static bool unknown_alerts(const struct telegram *telegram, int level)
{
    static const char *const families[] = {"VXSE", "VTSE", "VFVO", "VYSE", "VPWW", "VXKO"};
    for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
        if (text_starts(telegram->code, families[i]))
            return true;
    }
    return level >= 3 || text_contains(telegram->control_title, "警報") ||
           text_contains(telegram->control_title, "避難");
}

static bool alerts(const struct report *report, const struct telegram *telegram, int level)
{
    const struct registry_row *row = report->row;
    if (row == NULL)
        return unknown_alerts(telegram, level);
    /* The advisories of VPWW61 (fog, frost, dry air) are not about life safety. */
    return row->role == ROLE_GENERIC ||
           (row->role == ROLE_PARSED && row->hazard != HAZARD_OTHER_ADVISORY);
}

static int level_of(const struct generic_scan *scan, const struct report *report)
{
    const struct telegram *telegram = report->telegram;
    int named = generic_level_of_words(telegram->head_title);
    /* A sighting is in the title only; the kinds stay those of the first bulletin. */
    bool sighted =
        text_contains(telegram->head_title, "目撃") || text_contains(telegram->headline, "目撃");
    if (scan->generic->hazard == HAZARD_TORNADO && sighted)
        return 3;
    if (scan->level > 0)
        return scan->level;
    if (scan->kinds > 0 && scan->in_force == 0)
        return 1;
    return named > 0 ? named : report->row != NULL ? report->row->level : 2;
}

void generic_parse(struct parsing *parsing)
{
    const struct telegram *telegram = parsing->telegram;
    struct generic_report *generic = &parsing->report->generic;
    struct generic_scan scan = {.parsing = parsing, .generic = generic};
    const struct element *headline = element_child(telegram->head, "Headline");
    int stage = 0;
    *generic = (struct generic_report){.hazard = hazard_of(parsing->report, telegram)};
    part_each(headline, "Item", count_item, &scan);
    if (scan.kinds == 0)
        part_each(telegram->body, "Item", count_item, &scan);
    /* A weather telegram whose municipalities could not be read: the headline names the kinds of
     * the whole office only, and of the two the graver holds. */
    if (parsing->report->row != NULL && parsing->report->row->kind == REPORT_WEATHER &&
        telegram->head != NULL && scan.in_force > 0)
        part_each(telegram->head->parent, "Kind", count_kind, &scan);
    generic->released =
        scan.kinds > 0 ? scan.in_force == 0 : generic_says_lifted(telegram->head_title);
    generic->level = level_of(&scan, parsing->report);
    if (generic_nankai_level(telegram->body, &stage)) {
        generic->level = stage > 0 ? stage : 1;
        generic->released = stage == 0;
    }
    generic_areas(&scan);
    generic->text = readable_text(telegram, generic->hazard);
    generic->alerts = alerts(parsing->report, telegram, generic->level);
}
