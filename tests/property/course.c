/* The daemon's steps from a report to what is told (ingest.c and fanout.c) without its store. */
#include "course.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

#define QUAKE_AGE_MAX (60 * USEC_PER_MINUTE)

void course_fail(struct course *course, const char *format, ...)
{
    if (course->fault != NULL)
        return;
    va_list arguments;
    va_start(arguments, format);
    course->fault = memory_must(talloc_vasprintf(course->context, format, arguments));
    va_end(arguments);
}

struct course course_begin(TALLOC_CTX *context, const struct listeners *listeners,
                           const struct history *history, const struct report *const *reports)
{
    return (struct course){.context = talloc_new(context),
                           .listeners = listeners,
                           .history = history,
                           .reports = reports,
                           .states = json_object(),
                           .told = json_object(),
                           .keys = json_object(),
                           .alerts = json_object(),
                           .withheld = json_object(),
                           .sent = json_object(),
                           .messages = json_array()};
}

void course_end(struct course *course)
{
    json_decref(course->states);
    json_decref(course->told);
    json_decref(course->keys);
    json_decref(course->alerts);
    json_decref(course->withheld);
    json_decref(course->sent);
    json_decref(course->messages);
    talloc_free(course->context);
}

/* Only what the store keeps as text outlives a restart. */
static json_t *stored(json_t *json)
{
    char *text = json_dumps(json, JSON_COMPACT);
    json_decref(json);
    json_t *again = json_loads(text, 0, NULL);
    free(text);
    return again;
}

static void restart(struct course *course)
{
    course->states = stored(course->states);
    course->told = stored(course->told);
}

static json_t *child(json_t *parent, const char *key)
{
    json_t *object = json_object_get(parent, key);
    if (object == NULL) {
        object = json_object();
        json_object_set_new(parent, key, object);
    }
    return object;
}

static void remember_message(struct course *course, const struct alert *alert,
                             const struct subscriber *subscriber, const struct match *match)
{
    char *told = json_dumps(match->told, JSON_COMPACT | JSON_SORT_KEYS);
    json_array_append_new(course->messages,
                          json_sprintf("%s %s %s %d→%d %s", subscriber->id, alert->id,
                                       alert_phase_name(match->phase), match->previous_level,
                                       match->level, told));
    free(told);
}

static void tell(struct course *course, TALLOC_CTX *scratch, const struct alert *alert)
{
    const struct audience *audience = course->listeners->audiences[course->history->audience];
    json_t *told = child(course->told, alert->event_id);
    for (unsigned i = 0; i < SUBSCRIBERS; i++) {
        const struct subscriber *subscriber = course_subscriber(course, i);
        json_t *before = json_object_get(told, subscriber->id);
        struct match *match =
            match_subscriber(scratch, course->listeners->graph, alert, audience, i, before);
        if (!match->send)
            continue;
        rule_message(course, i, alert, match, before);
        remember_message(course, alert, subscriber, match);
        json_object_set(told, subscriber->id, match->told);
    }
}

static bool too_late(const struct course *course, const struct alert *alert)
{
    return alert->expires <= course->now ||
           (alert->hazard == HAZARD_EARTHQUAKE && course->now - alert->reported_at > QUAKE_AGE_MAX);
}

static void raise_alert(struct course *course, TALLOC_CTX *scratch, const char *key,
                        const struct alert *alert)
{
    rule_alert(course, key, alert);
    json_object_set_new(course->alerts, alert->id, json_true());
    json_object_set_new(course->keys, alert->event_id, json_string(key));
    if (alert->status == STATUS_UNKNOWN)
        return;
    if (too_late(course, alert))
        json_object_set_new(course->withheld, key, json_true());
    else
        tell(course, scratch, alert);
}

static void take_change(struct course *course, TALLOC_CTX *scratch, const char *key,
                        const struct event_change *change)
{
    if (change->state != NULL)
        json_object_set(course->states, key, change->state);
    if (change->alert != NULL)
        raise_alert(course, scratch, key, change->alert);
}

static void expire(struct course *course)
{
    TALLOC_CTX *scratch = talloc_new(course->context);
    const char *key;
    json_t *state;
    void *next;
    json_object_foreach_safe(course->states, next, key, state)
    {
        usec_t at = event_expires_at(state);
        if (at == 0 || at > course->now)
            continue;
        const struct event_state event = {.key = key, .json = state};
        struct event_change *change =
            event_expire(scratch, course->listeners->graph, &event, course->now);
        if (change == NULL)
            course_fail(course, "%s is due to end, and does not", key);
        else
            take_change(course, scratch, key, change);
    }
    talloc_free(scratch);
}

static bool end_is_due(const struct course *course)
{
    const char *key;
    json_t *state;
    json_object_foreach(course->states, key, state)
    {
        usec_t at = event_expires_at(state);
        if (at != 0 && at <= course->now)
            return true;
    }
    return false;
}

static void arrive(struct course *course, unsigned telegram)
{
    TALLOC_CTX *scratch = talloc_new(course->context);
    const struct report *report = course->reports[telegram];
    const struct area_graph *graph = course->listeners->graph;
    size_t count;
    const char **keys = event_keys(scratch, graph, report, &count);
    for (size_t i = 0; i < count && course->fault == NULL; i++) {
        const struct event_state state = {.key = keys[i],
                                          .json = json_object_get(course->states, keys[i])};
        struct event_change *change = event_apply(scratch, graph, &state, report, course->now);
        if (course->arrived[telegram] && change->alert != NULL)
            course_fail(course, "telegram-%u once more makes an alert of %s", telegram, keys[i]);
        take_change(course, scratch, keys[i], change);
    }
    course->arrived[telegram] = true;
    talloc_free(scratch);
    if (!end_is_due(course))
        truth_check(course, &course->history->telegrams[telegram]);
}

static void finish(struct course *course)
{
    course->now = course->history->ends;
    expire(course);
    truth_check(course, NULL);
}

void course_run(struct course *course)
{
    const struct history *history = course->history;
    for (size_t i = 0; i < history->arrival_count && course->fault == NULL; i++) {
        const struct arrival *arrival = &history->arrivals[i];
        course->now = arrival->now;
        if (course->restarts && arrival->restart)
            restart(course);
        if (arrival->expire)
            expire(course);
        arrive(course, arrival->telegram);
    }
    if (course->fault == NULL)
        finish(course);
}

static bool arrives(const struct history *history, unsigned telegram)
{
    for (size_t i = 0; i < history->arrival_count; i++) {
        if (history->arrivals[i].telegram == telegram)
            return true;
    }
    return false;
}

void course_run_in_order(struct course *course)
{
    const struct history *history = course->history;
    bool done[TELEGRAMS_MAX] = {false};
    for (;;) {
        const struct scripted_telegram *telegrams = history->telegrams;
        unsigned next = TELEGRAMS_MAX;
        for (unsigned i = 0; i < history->telegram_count; i++) {
            if (!done[i] && arrives(history, i) &&
                (next == TELEGRAMS_MAX || telegram_compare(&telegrams[i], &telegrams[next]) < 0))
                next = i;
        }
        if (next == TELEGRAMS_MAX || course->fault != NULL)
            break;
        done[next] = true;
        course->now = telegrams[next].control_time + 10 * USEC_PER_SEC;
        expire(course);
        arrive(course, next);
    }
    if (course->fault == NULL)
        finish(course);
}

/* An area that a withdrawal ended and one that it forestalled are the same: nothing in force. */
static void forget_withdrawn(json_t *state)
{
    const char *code;
    json_t *area;
    void *next;
    const char *withdrawn = json_string_value(json_object_get(state, "cancelled"));
    json_object_foreach_safe(json_object_get(state, "areas"), next, code, area)
    {
        const char *order = json_string_value(json_object_get(area, "order"));
        if (withdrawn != NULL && order != NULL && strcmp(order, withdrawn) == 0)
            json_object_del(json_object_get(state, "areas"), code);
    }
}

json_t *course_truth(const struct course *course)
{
    json_t *truth = json_deep_copy(course->states);
    const char *key, *code;
    json_t *state, *area;
    json_object_foreach(truth, key, state)
    {
        json_object_del(state, "life");
        json_object_del(state, "held");
        json_object_del(state, "words");
        json_object_del(state, "expired");
        json_object_foreach(json_object_get(state, "areas"), code, area)
        {
            if (json_is_object(area))
                json_object_del(area, "held");
        }
        forget_withdrawn(state);
    }
    return truth;
}
