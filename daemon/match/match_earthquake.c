/* Decisions for earthquakes: what was felt at each of his places, and what it means for the sea. */
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "event/value.h"
#include "match/decision.h"

/* A distant earthquake is worth a message only when Japan may be affected. */
#define DISTANT_LEVEL 2

struct felt {
    int rank;
    const char *intensity; /* "5-?": no data from a place that must have felt 5 lower or more */
};

static struct felt felt_in(const struct alert_area *area)
{
    struct felt felt = {0};
    if (area->level > 0 && area->intensity != NULL) {
        felt.rank = intensity_rank(area->intensity);
        felt.intensity = area->intensity;
    }
    if (area->level > 0 && area->intensity_missing && felt.rank < intensity_rank("5-?")) {
        felt.rank = intensity_rank("5-?");
        felt.intensity = "5-?";
    }
    return felt;
}

static const struct alert_area *his_area(const struct decision *decision, size_t number)
{
    return &decision->alert->areas[decision->areas[number]];
}

static bool concerns(const struct decision *decision, const struct audience_place *place,
                     size_t number)
{
    const struct alert_area *area = his_area(decision, number);
    return place_meets(place, area_pack(area->system, area->code));
}

static bool tells_of_city(const struct decision *decision, const struct audience_place *place,
                          size_t number)
{
    const struct alert_area *area = his_area(decision, number);
    return area->system == AREA_QUAKE_CITY &&
           (area->intensity != NULL || area->intensity_missing) &&
           concerns(decision, place, number);
}

/* Cities tell more than their region. Only than theirs: a place as large as a prefecture may have
 * details of one region and no more than a flash of the next. */
static void mark_detailed(const struct decision *decision, const struct audience_place *place,
                          bool detailed[])
{
    for (size_t i = 0; i < decision->area_count; i++) {
        if (!tells_of_city(decision, place, i))
            continue;
        const struct area *city =
            area_find(decision->graph, AREA_QUAKE_CITY, his_area(decision, i)->code);
        const char *region = city != NULL ? city->parent : NULL;
        for (size_t j = 0; region != NULL && j < decision->area_count; j++) {
            const struct alert_area *area = his_area(decision, j);
            if (area->system == AREA_QUAKE_REGION && strcmp(area->code, region) == 0) {
                detailed[j] = true;
                break;
            }
        }
    }
}

static struct felt felt_at(const struct decision *decision, const struct audience_place *place,
                           bool used[])
{
    struct felt most = {0};
    bool *detailed = memory_array(decision->match, bool, decision->area_count + 1);
    mark_detailed(decision, place, detailed);
    for (size_t i = 0; i < decision->area_count; i++) {
        if (detailed[i] || !concerns(decision, place, i))
            continue;
        struct felt felt = felt_in(his_area(decision, i));
        used[i] = true;
        if (felt.rank > most.rank)
            most = felt;
    }
    return most;
}

/* What holds for him now. */
struct situation {
    struct felt *felt; /* by place */
    struct felt most;
    int level;
    bool changed; /* some area of his changed in this alert */
};

/* Leaves the areas that a message to him would show: those in force or told of; without any of
 * them (his city felt less than his region was told) all that were looked at. */
static void keep_shown(struct decision *decision, const bool used[], struct situation *situation)
{
    bool ended = decision->alert->phase == PHASE_CANCEL;
    bool any = false;
    for (int pass = 0; pass < 2; pass++) {
        size_t kept = 0;
        for (size_t i = 0; i < decision->area_count; i++) {
            const struct alert_area *area = his_area(decision, i);
            if (!used[i])
                continue;
            bool shown = area->level > 0 || ended || told_area_level(decision->told, area) > 0;
            situation->changed = situation->changed || area->changed;
            any = any || shown;
            if (pass == 1 && (shown || !any))
                decision->areas[kept++] = decision->areas[i];
        }
        if (pass == 1)
            decision->area_count = kept;
    }
}

static struct situation look(struct decision *decision)
{
    struct situation situation = {0};
    bool *used = memory_array(decision->match, bool, decision->area_count + 1);
    size_t places = decision_place_count(decision);
    situation.felt = memory_array(decision->match, struct felt, places + 1);
    for (size_t i = 0; i < places; i++) {
        situation.felt[i] = felt_at(decision, decision_place(decision, i), used);
        if (situation.felt[i].rank > situation.most.rank)
            situation.most = situation.felt[i];
    }
    if (situation.most.intensity != NULL)
        situation.level = intensity_level(situation.most.intensity);
    keep_shown(decision, used, &situation);
    return situation;
}

static const char *judgement(const struct decision *decision)
{
    return decision->alert->quake != NULL ? decision->alert->quake->tsunami_judgement : NULL;
}

static void tell(struct decision *decision, const struct situation *situation,
                 enum alert_phase phase, int level, int now)
{
    decision_send(decision, phase, level);
    json_t *told = decision_told(decision, now);
    value_set_text(told, "intensity", situation->most.intensity);
    value_set_text(told, "tsunami", judgement(decision));
    json_t *places = memory_must(json_object());
    for (size_t i = 0; i < decision_place_count(decision); i++) {
        if (situation->felt[i].intensity != NULL)
            value_set_text(places, decision_place(decision, i)->text, situation->felt[i].intensity);
    }
    json_object_set_new(told, "places", places);
    const struct alert_quake *quake = decision->alert->quake;
    json_t *shown = memory_must(json_object());
    if (quake != NULL) {
        value_set_text(shown, "epicenter",
                       quake->epicenter_code != NULL ? quake->epicenter_code : quake->epicenter_ja);
        value_set_text(shown, "magnitude", quake->magnitude_text);
    }
    json_object_set_new(told, "shown", shown);
    decision->match->told = told;
}

/* A place of his was felt stronger than he was told, at his level or beyond. */
static bool place_rose(const struct decision *decision, const struct situation *situation)
{
    const json_t *places = json_object_get(decision->told, "places");
    for (size_t i = 0; i < decision_place_count(decision); i++) {
        const struct felt *felt = &situation->felt[i];
        const char *told = value_borrow(places, decision_place(decision, i)->text);
        int before = told != NULL ? intensity_rank(told) : 0;
        if (felt->rank > before && intensity_level(felt->intensity) >= decision->profile->min_level)
            return true;
    }
    return false;
}

static bool shown_differs(const json_t *told, const char *key, const char *now)
{
    const char *before = value_borrow(json_object_get(told, "shown"), key);
    return before != NULL && !text_equal(before, now);
}

/* Facts that he was shown are not what holds now; what he was not shown does not count. */
static bool facts_differ(const struct decision *decision, const struct situation *situation)
{
    const struct alert_quake *quake = decision->alert->quake;
    const char *intensity = value_borrow(decision->told, "intensity");
    if (intensity != NULL && !text_equal(intensity, situation->most.intensity))
        return true;
    if (quake == NULL)
        return false;
    const char *place = quake->epicenter_code != NULL ? quake->epicenter_code : quake->epicenter_ja;
    return shown_differs(decision->told, "epicenter", place) ||
           shown_differs(decision->told, "magnitude", quake->magnitude_text);
}

static bool judgement_changed(const struct decision *decision)
{
    const char *now = judgement(decision);
    return now != NULL && !text_equal(now, value_borrow(decision->told, "tsunami"));
}

/* Details may show that his city felt less than the region he was told of: never level 0, since the
 * earthquake has not ended for him and a withdrawal must still reach him. */
static void tell_judgement(struct decision *decision, const struct situation *situation)
{
    int level = situation->level > 0 ? situation->level : 1;
    tell(decision, situation, PHASE_UPDATE, level, level);
}

static void decide_again(struct decision *decision, const struct situation *situation)
{
    bool correction = decision->alert->phase == PHASE_CORRECTION;
    int before = told_level(decision->told);
    if (place_rose(decision, situation))
        tell(decision, situation, situation->level > before ? PHASE_UPGRADE : PHASE_UPDATE,
             situation->level, situation->level);
    else if (correction && situation->level == 0)
        tell(decision, situation, PHASE_CANCEL, before, 0);
    else if (correction && (facts_differ(decision, situation) || judgement_changed(decision)))
        tell(decision, situation, PHASE_CORRECTION, situation->level, situation->level);
    else if (judgement_changed(decision))
        tell_judgement(decision, situation);
    else
        decision->match->reason = MATCH_ALREADY_TOLD;
}

/* Nothing was told, or what was told was withdrawn. */
static void decide_first(struct decision *decision, const struct situation *situation)
{
    struct match *match = decision->match;
    if (decision->area_count == 0 && !situation->changed)
        match->reason = decision->told != NULL ? MATCH_ALREADY_TOLD : match->reason;
    else if (situation->level < decision->profile->min_level || situation->level == 0)
        match->reason = MATCH_BELOW_LEVEL;
    else if (decision->told == NULL && !situation->changed)
        match->reason = MATCH_ALREADY_TOLD;
    else
        tell(decision, situation, PHASE_ISSUE, situation->level, situation->level);
}

static bool everywhere(const struct decision *decision)
{
    for (size_t i = 0; i < decision_place_count(decision); i++) {
        if (decision_place(decision, i)->everywhere)
            return true;
    }
    return false;
}

/* No place of Japan felt it: it concerns those who look after the whole country. */
static void decide_distant(struct decision *decision, struct situation *situation)
{
    struct match *match = decision->match;
    situation->level = decision->alert->level;
    if (!everywhere(decision))
        return;
    if (told_level(decision->told) > 0) {
        decide_again(decision, situation);
    } else if (situation->level < DISTANT_LEVEL ||
               situation->level < decision->profile->min_level) {
        match->reason = MATCH_BELOW_LEVEL;
    } else {
        tell(decision, situation, PHASE_ISSUE, situation->level, situation->level);
    }
}

void decide_earthquake(struct decision *decision)
{
    const struct alert *alert = decision->alert;
    if (decision->area_count == 0 && decision->told == NULL &&
        (alert->quake == NULL || !alert->quake->distant))
        return;
    struct situation situation = look(decision);
    if (alert->phase == PHASE_CANCEL) {
        int before = told_level(decision->told);
        if (before > 0)
            tell(decision, &situation, PHASE_CANCEL, before, 0);
        else if (decision->area_count > 0 || decision->told != NULL)
            decision->match->reason = MATCH_NEVER_TOLD;
    } else if (alert->quake != NULL && alert->quake->distant && alert->area_count == 0) {
        decide_distant(decision, &situation);
    } else if (told_level(decision->told) > 0) {
        decide_again(decision, &situation);
    } else {
        decide_first(decision, &situation);
    }
}
