/* Decisions for what staff broadcast: an issue goes to whoever is in its areas and audience; what
 * follows it (update, correction, withdrawal, all-clear) to exactly those who were told (H-7). */
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "event/value.h"
#include "match/decision.h"

static bool listed(const char *const *texts, size_t count, const char *text)
{
    for (size_t i = 0; i < count; i++) {
        if (text_equal(texts[i], text))
            return true;
    }
    return count == 0;
}

static bool in_audience(const struct decision *decision)
{
    const struct alert_broadcast *broadcast = decision->alert->broadcast;
    const struct profile *profile = decision->profile;
    return listed(broadcast->channels, broadcast->channel_count, channel_name(profile->channel)) &&
           listed(broadcast->first_languages, broadcast->first_language_count,
                  profile->language_count > 0 ? profile->languages[0] : NULL);
}

/* One who has moved since still hears the end of what he was told. */
static void take_all_areas(struct decision *decision)
{
    if (decision->area_count > 0)
        return;
    decision->areas = memory_array(decision->match, unsigned, decision->alert->area_count + 1);
    for (size_t i = 0; i < decision->alert->area_count; i++)
        decision->areas[decision->area_count++] = (unsigned)i;
}

static void tell(struct decision *decision)
{
    const struct alert *alert = decision->alert;
    bool over = alert->phase == PHASE_CANCEL || alert->phase == PHASE_ALL_CLEAR;
    take_all_areas(decision);
    decision_send(decision, alert->phase, alert->level);
    json_t *told = decision_told(decision, over ? 0 : alert->level);
    value_set_text(told, "alert", alert->id);
    decision->match->told = told;
}

void decide_broadcast(struct decision *decision)
{
    const struct alert *alert = decision->alert;
    if (alert->broadcast == NULL)
        return;
    if (alert->phase != PHASE_ISSUE) {
        if (decision->told == NULL)
            decision->match->reason = MATCH_NEVER_TOLD;
        else if (text_equal(value_borrow(decision->told, "alert"), alert->id))
            decision->match->reason = MATCH_ALREADY_TOLD;
        else
            tell(decision);
        return;
    }
    if (decision->told != NULL)
        decision->match->reason = MATCH_ALREADY_TOLD;
    else if (decision->area_count > 0 && in_audience(decision)) {
        decision->match->reason = MATCH_BELOW_LEVEL;
        if (alert->level >= decision->profile->min_level)
            tell(decision);
    }
}
