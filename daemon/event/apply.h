/* The kinds of event, as event.c calls them. */
#pragma once

#include "event/step.h"

const char *earthquake_key(TALLOC_CTX *context, const struct report *report);
struct event_change *earthquake_apply(const struct event_step *step);

const char *tsunami_key(TALLOC_CTX *context, const struct report *report);
struct event_change *tsunami_apply(const struct event_step *step);
struct event_change *tsunami_expire(TALLOC_CTX *context, const struct event_state *state,
                                    usec_t now);

/* One key for each hazard and office; NULL when the report tells no place. */
const char **weather_keys(TALLOC_CTX *context, const struct area_graph *graph,
                          const struct report *report, size_t *ret_count);
struct event_change *weather_apply(const struct event_step *step);

/* All else: reports of one hazard in places, and telegrams told by title and headline. */
const char *notice_key(TALLOC_CTX *context, const struct report *report);
struct event_change *notice_apply(const struct event_step *step);
struct event_change *notice_expire(TALLOC_CTX *context, const struct event_state *state,
                                   usec_t now);
