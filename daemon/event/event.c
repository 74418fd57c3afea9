/* Which states a report may change, and the way to the kind that changes them (event.h). */
#include "event/event.h"

#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "event/apply.h"
#include "event/crosscheck.h"
#include "event/value.h"

/* The key of an older weather telegram without a place: nothing is kept there. */
#define NO_PLACE "crosscheck/none"

static const char **single(TALLOC_CTX *context, const char *key, size_t *ret_count)
{
    const char **keys = memory_array(context, const char *, 2);
    keys[0] = key;
    *ret_count = 1;
    return keys;
}

const char **event_keys(TALLOC_CTX *context, const struct area_graph *graph,
                        const struct report *report, size_t *ret_count)
{
    size_t count = 0;
    const char **keys;
    if (crosscheck_compares(report)) {
        keys = crosscheck_keys(context, graph, report, &count);
        if (count == 0)
            return single(context, NO_PLACE, ret_count);
        *ret_count = count;
        return keys;
    }
    switch (report->kind) {
    case REPORT_EARTHQUAKE:
        return single(context, earthquake_key(context, report), ret_count);
    case REPORT_TSUNAMI:
        return single(context, tsunami_key(context, report), ret_count);
    case REPORT_WEATHER:
        keys = weather_keys(context, graph, report, &count);
        if (count > 0) {
            *ret_count = count;
            return keys;
        }
        break;
    case REPORT_TRANSITIONAL:
    case REPORT_VOLCANO:
    case REPORT_FLOOD:
    case REPORT_BULLETIN:
    case REPORT_OUTLOOK:
    case REPORT_GENERIC:
        break;
    }
    return single(context, notice_key(context, report), ret_count);
}

static struct event_change *apply(const struct event_step *step)
{
    if (crosscheck_compares(step->report))
        return strcmp(step->key, NO_PLACE) != 0
                   ? crosscheck_apply(step)
                   : change_none(step, "an older telegram that names no place");
    switch (step->report->kind) {
    case REPORT_EARTHQUAKE:
        return earthquake_apply(step);
    case REPORT_TSUNAMI:
        return tsunami_apply(step);
    case REPORT_WEATHER:
        if (text_starts(step->key, "weather/"))
            return weather_apply(step);
        return change_none(step, "a weather telegram that names no place");
    case REPORT_TRANSITIONAL:
    case REPORT_VOLCANO:
    case REPORT_FLOOD:
    case REPORT_BULLETIN:
    case REPORT_OUTLOOK:
    case REPORT_GENERIC:
        break;
    }
    return notice_apply(step);
}

struct event_change *event_apply(TALLOC_CTX *context, const struct area_graph *graph,
                                 const struct event_state *state, const struct report *report,
                                 usec_t now)
{
    struct event_step step = {.context = context,
                              .graph = graph,
                              .key = memory_text(context, state->key),
                              .report = report,
                              .status = step_status(report)};
    bool unreadable = state->json != NULL && !json_is_object(state->json);
    /* Alerts borrow texts of the state before, so it lives as long as they do. */
    if (state->json != NULL && !unreadable)
        step.before = value_own(context, json_incref((json_t *)state->json));
    /* An end that is due comes first, so that what follows is a new instance. Its all-clear is for
     * those who missed the release; they are about to hear of something newer. */
    struct event_change *ended = event_expire(context, graph, state, now);
    if (ended != NULL)
        step.before = ended->state;
    struct event_change *change = apply(&step);
    if (unreadable)
        change->note = "the stored state could not be read and counts as none";
    return change;
}

struct event_change *event_expire(TALLOC_CTX *context, const struct area_graph *graph,
                                  const struct event_state *state, usec_t now)
{
    (void)graph;
    if (!json_is_object(state->json))
        return NULL;
    if (text_starts(state->key, "tsunami/"))
        return tsunami_expire(context, state, now);
    if (text_starts(state->key, "generic/") || text_starts(state->key, "hazard/"))
        return notice_expire(context, state, now);
    return NULL;
}

usec_t event_expires_at(const json_t *state)
{
    return value_instant(state, "expires");
}
