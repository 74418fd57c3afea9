/* One run of a history through the daemon's own steps: states, who was told what, and what each
 * rule has to say about it. The first broken rule ends the run and stands in `fault`. */
#pragma once

#include "history.h"

struct course {
    TALLOC_CTX *context;
    const struct listeners *listeners;
    const struct history *history;
    const struct report *const *reports;
    bool restarts; /* those of the history are made */
    usec_t now;
    json_t *states;   /* event key → state, as the store keeps it */
    json_t *told;     /* event id → subscriber id → what he was told last */
    json_t *keys;     /* event id → event key */
    json_t *alerts;   /* ids of all alerts */
    json_t *withheld; /* event key → true: something of it came too late to be told */
    json_t *sent;     /* "event id|subscriber id" → when its messages were issued */
    json_t *messages; /* every message as a text */
    bool arrived[TELEGRAMS_MAX];
    char *fault;
};

struct course course_begin(TALLOC_CTX *context, const struct listeners *listeners,
                           const struct history *history, const struct report *const *reports);
void course_end(struct course *course);

/* As it stands in the history, one after the other, and at the end what is due to end. */
void course_run(struct course *course);
/* What arrived at all, once each and in the order of telegrams. */
void course_run_in_order(struct course *course);

/* States without what depends on the way they were reached: instances and their alerts. */
json_t *course_truth(const struct course *course);

void course_fail(struct course *course, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static inline const struct subscriber *course_subscriber(const struct course *course, unsigned i)
{
    return &course->listeners->subscribers[course->history->audience][i];
}
static inline unsigned course_places(const struct course *course, unsigned i)
{
    return course->listeners->places[course->history->audience][i];
}
static inline int told_integer(const json_t *told, const char *key)
{
    return (int)json_integer_value(json_object_get(told, key));
}

/* rules.c: what holds for each alert and for each message, whatever the history. */
void rule_alert(struct course *course, const char *key, const struct alert *alert);
void rule_message(struct course *course, unsigned subscriber, const struct alert *alert,
                  const struct match *match, const json_t *told);

/* truth.c: what was told against what holds, by a model of its own. After a telegram only what it
 * speaks of is looked at; NULL: everything. */
void truth_check(struct course *course, const struct scripted_telegram *telegram);
