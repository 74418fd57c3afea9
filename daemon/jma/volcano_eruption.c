/* VFVO56 噴火速報, VFVO52 噴火に関する火山観測報 and VFVO54 降灰予報（速報）: an eruption, and the
 * ash that falls within the hour. */
#include "jma/volcano.h"

#include "base/text.h"

#define ERUPTION_USEFUL USEC_PER_DAY
#define OBSERVED_USEFUL (6 * USEC_PER_HOUR)

/* 55 and 65: a long eruption has stopped. 91 and 99 tell no more than that something happened. */
static const struct volcano_kind phenomena[] = {
    {"51", 2, "observed"},   {"52", 2, "observed"},   {"53", 2, "observed"}, {"54", 1, "observed"},
    {"55", 0, "calm"},       {"56", 2, "observed"},   {"61", 2, "observed"}, {"62", 2, "observed"},
    {"63", 2, "observed"},   {"64", 1, "observed"},   {"65", 0, "calm"},     {"66", 2, "observed"},
    {"91", 1, "commentary"}, {"99", 1, "commentary"}, {NULL, 0, NULL},
};

/* 70: ash of an amount that is not told. 75: small stones that the wind carries. */
static const struct volcano_kind falls[] = {
    {"70", 1, "ash-light"}, {"71", 1, "ash-light"}, {"72", 2, "ash-moderate"},
    {"73", 3, "ash-heavy"}, {"75", 2, "observed"},  {NULL, 0, NULL},
};

/* They erupt several times a week; each time is no news to those who live there. 桜島, 諏訪之瀬島
 */
static const char *const routine[] = {"506", "511", NULL};

static bool is_routine(const char *volcano)
{
    for (size_t i = 0; routine[i] != NULL; i++) {
        if (text_equal(routine[i], volcano))
            return true;
    }
    return false;
}

static const struct volcano_item *itself(const struct volcano_items *items)
{
    size_t i = 0;
    while (items->all[i].about != ABOUT_VOLCANO)
        i++;
    return &items->all[i];
}

bool volcano_eruption_parse(struct parsing *parsing, const struct volcano_items *items,
                            const char **ret_why)
{
    struct hazard_report *hazard = &parsing->report->hazard;
    const struct volcano_item *volcano = itself(items);
    (void)ret_why;
    hazard->level = 3;
    hazard->grade = "eruption";
    for (size_t i = 0; i < items->count; i++) {
        if (items->all[i].about != ABOUT_VOLCANO)
            volcano_add_city(parsing, &items->all[i], hazard->level, hazard->grade);
    }
    volcano_add_itself(parsing, volcano, hazard->level, hazard->grade);
    if (hazard->area_count == 0)
        part_degraded(parsing, "an eruption without a place");
    volcano_add_observation(parsing, volcano->item);
    hazard->ends_at = parsing->telegram->control_time + ERUPTION_USEFUL;
    return true;
}

bool volcano_observed_parse(struct parsing *parsing, const struct volcano_items *items,
                            const char **ret_why)
{
    struct hazard_report *hazard = &parsing->report->hazard;
    const struct volcano_item *volcano = itself(items);
    const struct volcano_kind *seen = volcano_kind(phenomena, volcano->kind_code);
    if (seen == NULL) {
        *ret_why = "what was observed is unknown";
        return false;
    }
    hazard->level = is_routine(volcano->code) && seen->level > 1 ? 1 : seen->level;
    hazard->grade = seen->grade;
    volcano_add_itself(parsing, volcano, hazard->level, hazard->grade);
    volcano_add_observation(parsing, volcano->item);
    hazard->ends_at = parsing->telegram->control_time + OBSERVED_USEFUL;
    return true;
}

/* The end of the last hour that the forecast is for. */
static usec_t forecast_end(struct parsing *parsing)
{
    usec_t end = parsing->telegram->valid_until;
    const struct element *info = element_path(parsing->telegram->body, "AshInfos/AshInfo");
    for (; info != NULL; info = element_again(info)) {
        usec_t time = part_time(parsing, info, "EndTime");
        end = time > end ? time : end;
    }
    return end;
}

/* The volcano is no place of it: its ash falls where the wind blows. */
bool volcano_ash_parse(struct parsing *parsing, const struct volcano_items *items,
                       const char **ret_why)
{
    struct hazard_report *hazard = &parsing->report->hazard;
    for (size_t i = 0; i < items->count; i++) {
        const struct volcano_item *item = &items->all[i];
        const struct volcano_kind *fall = volcano_kind(falls, item->kind_code);
        if (item->about != ABOUT_CITY)
            continue;
        if (fall == NULL) {
            *ret_why = "what falls is unknown";
            return false;
        }
        volcano_add_city(parsing, item, fall->level, fall->grade);
    }
    volcano_add_observation(parsing, element_child(parsing->telegram->body, "VolcanoObservation"));
    hazard->ends_at = forecast_end(parsing);
    return true;
}
