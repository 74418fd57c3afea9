/* What JMA's older weather telegrams say beyond those of 2026 (R06), and for how long already.
 *
 * Does: keeps what each older telegram of an office claims (crosscheck_apply), and compares it with
 * the R06 states of the same office (crosscheck_judge). Both pure. Never: makes an alert; what R06
 * does not say within CROSSCHECK_PATIENCE becomes a notice for the operator, and only where R06 is
 * silent for a day a weather report that event_apply takes like any other.
 *
 * State: {"units": {"warnings": VPWW50, 53, 54; "landslide": VXWW40, 50; "emergency": VPNO50;
 * "record-rain": VPOA50}, "differences": {"rain/3220100/4": {"since", "told"}}, "bulletins":
 * {EventID of VPBS50: time}, "taken", "expires"}. A unit is the newest telegram of its kind:
 * {"order", "telegram", "hazards", "areas", "claims"}. */
#pragma once

#include "event/step.h"

#define CROSSCHECK_PATIENCE (10 * USEC_PER_MINUTE)

/* "crosscheck/actual/320000" for each office that the report speaks of: older telegrams, those of
 * R06 that they are compared with, and flash bulletins of record rain. None for other reports. */
const char **crosscheck_keys(TALLOC_CTX *context, const struct area_graph *graph,
                             const struct report *report, size_t *ret_count);
/* True for an older telegram: it changes the state of its crosscheck_keys and of nothing else. */
bool crosscheck_compares(const struct report *report);

/* The claims of an older telegram into the state. */
struct event_change *crosscheck_apply(const struct event_step *step);

struct crosscheck_known { /* what is known of one hazard in the office */
    enum hazard hazard;
    const json_t *state; /* of weather/actual/HAZARD/OFFICE; NULL: none */
};
struct crosscheck_verdict {
    json_t *state;                 /* belongs to the context */
    const char *notice;            /* for the operator; NULL none */
    const struct report *takeover; /* what the older telegrams say, to be applied; NULL none */
};

/* `report` is a flash bulletin of record rain that has just come, or NULL. */
struct crosscheck_verdict crosscheck_judge(TALLOC_CTX *context, const json_t *state,
                                           const struct crosscheck_known *known, size_t known_count,
                                           const struct report *report, usec_t now);

/* Telegrams of R06 come first, the older kinds are sent in batches after them. */
#define TRANSITIONAL_LATE (30 * USEC_PER_MINUTE)
