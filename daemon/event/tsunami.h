/* The one national tsunami state, and what it amounts to (tsunami.c, tsunami_view.c).
 *
 * State: "units" holds the newest full state that VTSE41 and VTSE51 each told, "cancels" the newest
 * 取消 by code and EventID, "observations" the newest of each station and "coast-CODE", "expired"
 * the order of the forecast that has ended by its time, "held" the coasts of this instance, and
 * "life". What is in force is the newest unit that is neither cancelled nor expired; where that is
 * VTSE51, with the coasts that VTSE41 warns and it does not list. */
#pragma once

#include "event/step.h"

/* From this level on people were told to do something, so its end is worth telling. */
#define TSUNAMI_TOLD_LEVEL 3

struct tsunami_view {
    const json_t *unit; /* NULL: nothing in force */
    struct area_list areas;
    int level;
};

/* Texts are borrowed from the state. Coasts in "held" that ended are listed at level 0. */
struct tsunami_view tsunami_view(TALLOC_CTX *context, const json_t *state);

/* {"event_ids", "areas", "lifted", "valid_until", "source"}: what the report says. */
json_t *tsunami_unit(const struct report *report);
/* Adds the coasts of `before` that a report with faults does not list, and the kinds that it lost:
 * what could not be read has neither ended nor become less grave. */
void tsunami_take_over(json_t *unit, const struct report *report,
                       const struct tsunami_view *before);

/* JMA lists a coast once more when it lifts its warning. Adds the coasts of `before` that are
 * warned and that a VTSE41 warning others does not list: their names, or NULL when there is none.
 */
const char *tsunami_keep_unlisted(TALLOC_CTX *context, json_t *unit, const struct report *report,
                                  const struct tsunami_view *before);

/* Observations and estimates of the report into `state`, under `order`. True when one is graver
 * than before. */
bool tsunami_observe(TALLOC_CTX *context, json_t *state, const struct report *report,
                     const char *order);

/* Drops observations that are long past, and those of a telegram that was withdrawn. */
void tsunami_prune(json_t *state);

void tsunami_alert_observations(const json_t *state, usec_t since, struct alert *alert);
void tsunami_alert_quake(const struct tsunami_view *view, struct alert *alert);
