/* One application of a report to a state, and the life of the instance that the state is about.
 *
 * A key lives for ever; an instance of it begins when something comes into force and ends when
 * nothing is left. Its id, its beginning and the ids of its alerts stand in the state under "life".
 *
 * The order of telegrams is a text that compares with strcmp: Control/DateTime, then issue before
 * correction before cancel, then a digest of what was said, so that any order of arrival chooses
 * the same telegram, even of two in the same second. */
#pragma once

#include "event/event.h"

/* Alerts that a later one refers to. */
#define LIFE_ALERTS_MAX 20

struct event_step {
    TALLOC_CTX *context;
    const struct area_graph *graph;
    const char *key;
    const json_t *before; /* an object; NULL: none */
    const struct report *report;
    enum telegram_status status; /* step_status of the report */
};

struct event_life {
    const char *id; /* NULL before the first instance */
    usec_t begun;
    bool live;
    int peak;     /* highest level of the instance */
    usec_t until; /* `expires` of its newest alert */
    const char **alerts;
    size_t alert_count;
};

/* What a comparison of two lists of areas tells. */
struct area_changes {
    bool any, rise, fall;
    int before_level, after_level;
};

struct area_list {
    struct alert_area *items;
    size_t count;
};

/* Status for keys and alerts: an unknown InfoType is not to be taken as actual. */
enum telegram_status step_status(const struct report *report);

/* Order of the step's telegram; `content` is what it says of this state. */
const char *step_order(const struct event_step *step, const json_t *content);
/* "" is older than anything. */
const char *order_of(const json_t *object);
/* Control/DateTime of that order; 0 when there is none. */
usec_t order_time(const json_t *object);

struct event_change *change_new(TALLOC_CTX *context, const char *key);
struct event_change *change_none(const struct event_step *step, const char *note);
/* Takes over the reference to `state`. */
struct event_change *change_state(const struct event_step *step, json_t *state, struct alert *alert,
                                  const char *note);

void life_read(TALLOC_CTX *context, const json_t *state, struct event_life *ret_life);
void life_write(json_t *state, const struct event_life *life);
/* A new instance with the given id (drills get their prefix here). */
void life_begin(TALLOC_CTX *context, struct event_life *life, enum telegram_status status,
                const char *id, usec_t begun);

/* Letters, digits, "-" and "_" of `text` when it has nothing else, otherwise a hash of it. */
const char *text_token(TALLOC_CTX *context, const char *text);
/* "20240101T072200Z" */
const char *time_token(TALLOC_CTX *context, usec_t time);

void area_list_add(TALLOC_CTX *context, struct area_list *list, const struct alert_area *area);
/* Marks in `after` what differs from `before` and appends what only `before` has, at level 0. */
void area_list_compare(TALLOC_CTX *context, const struct area_list *before, struct area_list *after,
                       struct area_changes *ret_changes);
int area_list_level(const struct area_list *list);

/* Phase over all areas; `cancelled`: JMA withdrew what was said. */
enum alert_phase phase_of(const struct area_changes *changes, const struct event_life *life,
                          enum info_type info_type, bool cancelled);

/* An alert of this instance from the step's telegram, with all but quake, observations and text; it
 * is remembered in `life`. `content`: what the state now says, for the id. */
struct alert *alert_of_step(const struct event_step *step, struct event_life *life,
                            enum hazard hazard, enum alert_phase phase,
                            const struct area_list *areas, const struct area_changes *changes,
                            usec_t expires, const json_t *content);

/* A telegram that changes nothing still renews what people see when the newest alert's end is near
 * or past; past means that what people were told has run out, and counts as a change for them. */
enum renewal { RENEWAL_NONE, RENEWAL_NEAR, RENEWAL_PAST };
enum renewal life_renewal(const struct event_life *life, usec_t at);
void area_list_renew(struct area_list *list, struct area_changes *changes);
