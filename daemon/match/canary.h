/* The canary's own world: a place that no person lives in, met by no other place.
 *
 * A subscriber whose only area is "canary" hears nothing but canaries, and nobody else ever hears
 * one, whatever stands in the area tables (match.c asks before anything else). */
#pragma once

#include <string.h>
#include "base/text.h"
#include "event/alert.h"
#include "match/subscriber.h"

#define CANARY_WORD   "canary"
#define CANARY_PLACE  "canary:canary"
#define CANARY_REGION "000" /* JMA's codes begin at 100 */
#define CANARY_CITY   "0000000"

static inline bool profile_is_canary(const struct profile *profile)
{
    return profile->area_count == 1 && strcmp(profile->areas[0], CANARY_PLACE) == 0;
}

static inline bool canary_concerns(const struct alert *alert, const struct profile *profile)
{
    return alert_is_canary(alert) == profile_is_canary(profile);
}
