/* Who must hear an alert: the gates that are the same for all hazards, and the making of a match.
 */
#include "match/match.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "event/value.h"
#include "match/canary.h"
#include "match/decision.h"

const char *match_reason_text(enum match_reason reason)
{
    switch (reason) {
    case MATCH_SENT:
        return "told";
    case MATCH_DRILL_NOT_WANTED:
        return "a drill, and the subscriber did not ask for drills";
    case MATCH_OTHER_HAZARD:
        return "a hazard that the subscriber did not choose";
    case MATCH_OTHER_AREA:
        return "none of the subscriber's places";
    case MATCH_BELOW_LEVEL:
        return "below the subscriber's level";
    case MATCH_ALREADY_TOLD:
        return "nothing new for the subscriber";
    case MATCH_NEVER_TOLD:
        return "the end of something that the subscriber was never told";
    case MATCH_HELD:
        return "held: more than four messages of one event in an hour, and no graver";
    }
    return "unknown";
}

char *told_key(const struct alert_area *area, char text[static TOLD_KEY_BYTES])
{
    snprintf(text, TOLD_KEY_BYTES, "%s:%s", area_system_name(area->system), area->code);
    return text;
}

int told_level(const json_t *told)
{
    return value_integer(told, "level");
}

int told_area_level(const json_t *told, const struct alert_area *area)
{
    char key[TOLD_KEY_BYTES];
    if (told == NULL)
        return 0;
    return value_integer(json_object_get(json_object_get(told, "areas"), told_key(area, key)),
                         "level");
}

static bool meets_any(const struct decision *decision, const struct alert_area *area)
{
    uint64_t packed = area_pack(area->system, area->code);
    for (size_t i = 0; i < decision_place_count(decision); i++) {
        if (place_meets(decision_place(decision, i), packed))
            return true;
    }
    return false;
}

void decision_find_areas(struct decision *decision)
{
    const struct alert *alert = decision->alert;
    for (size_t i = 0; i < alert->area_count; i++) {
        if (alert->areas[i].code == NULL || !meets_any(decision, &alert->areas[i]))
            continue;
        if (decision->areas == NULL)
            decision->areas = memory_array(decision->match, unsigned, alert->area_count);
        decision->areas[decision->area_count++] = (unsigned)i;
    }
}

#define LEVEL_MAX 5

/* Highest level first; as in the alert among equals. */
static unsigned *sort_by_level(TALLOC_CTX *context, const struct alert *alert,
                               const unsigned *areas, size_t count)
{
    unsigned *sorted = memory_array(context, unsigned, count + 1);
    size_t at = 0;
    for (int level = LEVEL_MAX; level >= 0; level--) {
        for (size_t i = 0; i < count; i++) {
            if (alert->areas[areas[i]].level == level)
                sorted[at++] = areas[i];
        }
    }
    return sorted;
}

void decision_send(struct decision *decision, enum alert_phase phase, int level)
{
    struct match *match = decision->match;
    match->reason = MATCH_SENT;
    match->send = true;
    match->phase = phase;
    match->level = level;
    match->previous_level = told_level(decision->told);
    match->areas = sort_by_level(match, decision->alert, decision->areas, decision->area_count);
    match->area_count = decision->area_count;
}

json_t *decision_told(struct decision *decision, int level)
{
    json_t *told = memory_must(json_object());
    value_set_integer(told, "level", level);
    value_set_text(told, "phase", alert_phase_name(decision->match->phase));
    json_t *areas = memory_must(json_object());
    for (size_t i = 0; i < decision->area_count; i++) {
        const struct alert_area *area = &decision->alert->areas[decision->areas[i]];
        if (area->level == 0)
            continue;
        char key[TOLD_KEY_BYTES];
        json_t *item = memory_must(json_object());
        value_set_integer(item, "level", area->level);
        value_set_text(item, "kind", area->kind_code);
        json_object_set_new(areas, told_key(area, key), item);
    }
    json_object_set_new(told, "areas", areas);
    value_set_instant(told, "until", decision->alert->expires);
    return value_own(decision->match, told);
}

static bool drill_unwanted(const struct alert *alert, const struct profile *profile)
{
    switch (alert->status) {
    case STATUS_ACTUAL:
        return false;
    case STATUS_EXERCISE:
    case STATUS_TEST:
        return !profile->drills;
    case STATUS_UNKNOWN:
        break;
    }
    return true;
}

/* The choice of hazards is about what JMA tells; "leave now" of one's own city is no hazard that
 * one can have chosen not to hear. */
#define BROADCAST_ALWAYS_LEVEL 4

static bool hazard_chosen(const struct alert *alert, const struct profile *profile)
{
    if (alert->hazard == HAZARD_BROADCAST && alert->level >= BROADCAST_ALWAYS_LEVEL)
        return true;
    return (profile->hazards >> alert->hazard & 1) != 0;
}

/* Marks the places that an area of the alert meets. */
static bool *met_places(TALLOC_CTX *scratch, const struct audience *audience,
                        const struct alert *alert)
{
    bool *met = memory_array(scratch, bool, audience->place_count + 1);
    /* A distant earthquake names no place. */
    bool any = alert->quake != NULL && alert->quake->distant;
    for (size_t i = 0; i < audience->place_count; i++)
        met[i] = any;
    for (size_t i = 0; !any && i < alert->area_count; i++) {
        if (alert->areas[i].code == NULL)
            continue;
        uint64_t packed = area_pack(alert->areas[i].system, alert->areas[i].code);
        for (size_t j = 0; j < audience->place_count; j++)
            met[j] = met[j] || place_meets(&audience->places[j], packed);
    }
    return met;
}

void audience_select(TALLOC_CTX *scratch, const struct audience *audience,
                     const struct alert *alert, bool ret_concerned[])
{
    bool *met = met_places(scratch, audience, alert);
    for (size_t i = 0; i < audience->count; i++) {
        const struct profile *profile = &audience->profiles[i];
        bool concerned = false;
        if (canary_concerns(alert, profile) && !drill_unwanted(alert, profile) &&
            hazard_chosen(alert, profile)) {
            for (size_t j = 0; !concerned && j < profile->area_count; j++)
                concerned = met[audience->profile_places[i][j]];
        }
        ret_concerned[i] = concerned;
    }
    talloc_free(met);
}

struct match *match_subscriber(TALLOC_CTX *context, const struct area_graph *graph,
                               const struct alert *alert, const struct audience *audience,
                               size_t index, const json_t *told)
{
    struct match *match = memory_new(context, struct match);
    struct decision decision = {.context = context,
                                .graph = graph,
                                .alert = alert,
                                .audience = audience,
                                .index = index,
                                .profile = &audience->profiles[index],
                                .told = json_is_object(told) ? told : NULL,
                                .match = match};
    if (!canary_concerns(alert, decision.profile)) {
        match->reason = MATCH_OTHER_AREA;
    } else if (drill_unwanted(alert, decision.profile)) {
        match->reason = MATCH_DRILL_NOT_WANTED;
    } else if (!hazard_chosen(alert, decision.profile)) {
        match->reason = MATCH_OTHER_HAZARD;
    } else {
        match->reason = MATCH_OTHER_AREA;
        decision_find_areas(&decision);
        if (alert->hazard == HAZARD_EARTHQUAKE && !alert->generic && alert->grade == NULL)
            decide_earthquake(&decision);
        else if (alert->hazard == HAZARD_BROADCAST)
            decide_broadcast(&decision);
        else
            decide_state(&decision);
    }
    return match;
}

const char *match_message_key(TALLOC_CTX *context, const struct alert *alert,
                              const struct match *match)
{
    char *key = memory_printf(context, "%s|%s|%d|%d", alert->id, alert_phase_name(match->phase),
                              match->level, match->previous_level);
    TALLOC_CTX *scratch = talloc_new(context);
    const char *areas =
        text_hash(scratch, match->areas, match->area_count * sizeof(*match->areas), 16);
    /* What is stored as told stands beside the message, so it is part of the key. */
    const char *told = match->told != NULL ? value_digest(scratch, match->told, 16) : "";
    key = memory_must(talloc_asprintf_append(key, "|%s|%s", areas, told));
    talloc_free(scratch);
    return key;
}
