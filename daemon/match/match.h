/* Who must hear an alert, and what of it: the difference between what a subscriber was last told
 * and what holds now in his areas (DESIGN decision 3).
 *
 * Pure. Never: lets a drill reach a subscriber without drills; takes a missing area as everyone. */
#pragma once

#include <jansson.h>
#include "event/alert.h"
#include "match/subscriber.h"

/* What a subscriber was last told of one event; comes from his newest delivery of it. NULL:
 * nothing. JSON: {"level": 4, "phase": "issue", "until": end of the alert in microseconds,
 * "areas": {"tsunami-coast:110": {"level": 4, "kind": "51"}}} and, by hazard,
 * earthquake: "intensity": "5-", "tsunami": "none", "places": {"municipality:01100": "5-"},
 *   "shown": {"epicenter", "magnitude"} for corrections;
 * tsunami: "observed": wave class, and in each area "height", "height_m", "arrival", "now";
 * generic: "facts": digest of the text; tsunami and generic: "recent": when he was told last. */

enum match_reason {
    MATCH_SENT,
    MATCH_DRILL_NOT_WANTED,
    MATCH_OTHER_HAZARD,
    MATCH_OTHER_AREA,
    MATCH_BELOW_LEVEL,
    MATCH_ALREADY_TOLD,
    MATCH_NEVER_TOLD, /* an end he never heard the beginning of */
};
const char *match_reason_text(enum match_reason reason);

struct match {
    enum match_reason reason;
    bool send;              /* reason == MATCH_SENT */
    enum alert_phase phase; /* for this subscriber */
    int level;              /* for this subscriber: highest in his areas; for ends: what ended */
    int previous_level;
    const unsigned *areas;
    size_t area_count; /* indices into alert->areas that concern him, in
                          order of level (highest first), then as in alert */
    json_t *told;      /* what he is told with this message; new reference; NULL unless send */
};

/* Profiles with their areas expanded, kept while the configuration holds. */
struct audience; /* immutable; safe for several readers */
/* `profiles` by ascending number, or all with number 0. They are copied. */
struct audience *audience_new(TALLOC_CTX *context, const struct area_graph *graph,
                              const struct profile *profiles, size_t count);
/* A profile for each subscriber, at the same index. */
struct audience *audience_of(TALLOC_CTX *context, const struct area_graph *graph,
                             struct subscriber *const *subscribers, size_t count);
size_t audience_count(const struct audience *audience);
const struct profile *audience_profile(const struct audience *audience, size_t index);
/* Index of the profile with this number in the store; audience_count when there is none. */
size_t audience_find(const struct audience *audience, int64_t number);
/* Marks (one mark a profile) those whose readers an alert can concern although they were told
 * nothing of its event: of the others match_subscriber would send to none. Each place is looked at
 * once. */
void audience_select(TALLOC_CTX *scratch, const struct audience *audience,
                     const struct alert *alert, bool ret_concerned[]);

/* Decides for a reader with the profile at `index` who was told `told`, which may be NULL. The
 * result belongs to `context` (the JSON too, by a talloc destructor). Rules: content.md 7 (levels),
 * issue 3 point 4 (noise), safety rules 3 and 4:
 *  - issue: never told, something changed in his areas, level ≥ his minimum
 *  - upgrade/update: his level or intensity rose, an area of his was added, tsunami judgement
 * changed
 *  - downgrade/all-clear/cancel/correction: only, and always, when he was told what it changes,
 *    whatever his minimum level
 *  - alert->status not actual: only subscribers with drills; UNKNOWN status: nobody. */
struct match *match_subscriber(TALLOC_CTX *context, const struct area_graph *graph,
                               const struct alert *alert, const struct audience *audience,
                               size_t index, const json_t *told);

/* Key of the area set, level and phase of a match: equal keys share one message (decision 4). */
const char *match_message_key(TALLOC_CTX *context, const struct alert *alert,
                              const struct match *match);
