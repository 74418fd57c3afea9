/* Events: what happens, identified across telegrams; state first, message second.
 *
 * Does: event_apply(state, report, now) → state', alert. Pure: no clock, no I/O, no global.
 * The newest Control/DateTime wins whatever the order of arrival (JMA; R-11): an older telegram
 * changes nothing that a newer one has said, per area where telegrams speak per area.
 *
 * Keys (each with the status, so that a drill never touches an actual event):
 *   earthquake/actual/20240101161010     one per EventID over VXSE51/52/53/61
 *   tsunami/actual                       one national state: each VTSE41 is the whole state
 *   weather/actual/rain/016000           hazard × 府県予報区 of the area
 *   hazard/actual/volcano/level/306      family and subject of volcanoes, floods, bulletins,
 *                                        outlooks
 *   generic/actual/VFVO56/306            code × EventID, or office and title when it has none
 *   crosscheck/actual/320000             what older telegrams say beyond the weather events of an
 *                                        office (crosscheck.h) */
#pragma once

#include <jansson.h>
#include "event/alert.h"
#include "jma/report.h"

struct event_state {
    const char *key;
    json_t *json; /* the state, as the store keeps it; NULL when there is none yet. Borrowed. */
};

struct event_change {
    const char *key;
    json_t *state;       /* new state to store (a new reference, owned: talloc destructor frees it);
                            NULL: unchanged */
    struct alert *alert; /* NULL: nothing that people must hear or see */
    const char *note;    /* for log and replay: "older than state", "no change", … */
    const char *notice;  /* something an operator must look at; NULL none */
};

/* The keys whose state a report may change, in `context`, ended by NULL. At least one. */
const char **event_keys(TALLOC_CTX *context, const struct area_graph *graph,
                        const struct report *report, size_t *ret_count);

/* `state` is that of `key`, one of event_keys. `now` decides expiry only. Never fails; a state JSON
 * that cannot be read counts as none and says so in the note. */
struct event_change *event_apply(TALLOC_CTX *context, const struct area_graph *graph,
                                 const struct event_state *state, const struct report *report,
                                 usec_t now);

/* Ends what JMA ends only by time (tsunami forecast, stale states): same shape as event_apply, with
 * an all-clear alert only where people were told of a level that needs one. NULL when nothing ends.
 */
struct event_change *event_expire(TALLOC_CTX *context, const struct area_graph *graph,
                                  const struct event_state *state, usec_t now);

/* The instant at which event_expire will have work for this state; 0 never. */
usec_t event_expires_at(const json_t *state);
