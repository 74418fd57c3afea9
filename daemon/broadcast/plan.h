/* Drills that come again every year: announced some days before, begun and ended in so many words.
 *
 * Does: makes the records of a plan out of its drill: the notice, the start, the end, and the drill
 * of the next year. Pure: no clock, no store. Takes: the drill's record. Gives: records that are
 * scheduled, or (the start) ready to be raised. Never: makes one that goes without a person: notice
 * and drill ask shortly before (H-14), the start goes when a person confirms the drill, and the end
 * belongs to what he confirmed (H-17). */
#pragma once

#include "broadcast/broadcast.h"

#define PLAN_NOTICE_DAYS_MOST 30
/* What announces and ends a drill. */
#define PLAN_TEMPLATE "M-DRILL"

/* The same day and time of the year, in Japan time, in the first year that is after `now`; what
 * falls on 29 February is on the 28th in other years. */
usec_t plan_next_year(usec_t at, usec_t now);

/* The drill of the next year: a copy that nobody has approved or confirmed. */
struct broadcast *plan_drill(TALLOC_CTX *context, const struct broadcast *last, const char *id,
                             usec_t now);

/* The notice or the start of `drill`. Its level is the drill's, so that whoever would get the drill
 * gets this too. `title_ja` and `title_en` are the drill's template in words. The notice is
 * scheduled; the start is a draft. */
struct broadcast *plan_announcement(TALLOC_CTX *context, const struct broadcast *drill,
                                    enum broadcast_part part, const char *id, const char *title_ja,
                                    const char *title_en, usec_t now);
/* Whether a notice can still be given: its time is to come. */
bool plan_has_notice(const struct broadcast *drill, usec_t now);

/* The end of `drill`, which was sent: scheduled, and to those who heard of its start. NULL: its
 * start was never announced. */
struct broadcast *plan_end(TALLOC_CTX *context, const struct broadcast *drill,
                           const struct broadcast *start, const char *id, usec_t now);
