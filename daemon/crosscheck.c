/* The older telegrams of an office against its R06 states (event/crosscheck.h), at each telegram of
 * either kind and when a difference has stood long enough. */
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "event/crosscheck.h"
#include "ingest_step.h"

/* Appends to the notices of a result. */
void ingest_add_notice(TALLOC_CTX *context, struct ingest_result *result, const char *notice)
{
    if (notice == NULL)
        return;
    result->notice = result->notice != NULL
                         ? memory_printf(context, "%s · %s", result->notice, notice)
                         : memory_text(context, notice);
}

/* What is known of every hazard in the office of a key. */
static int load_known(TALLOC_CTX *context, const struct ingest *ingest, const char *office,
                      struct crosscheck_known *known)
{
    int r = 0;
    for (int hazard = 0; r >= 0 && hazard < HAZARD_COUNT; hazard++) {
        json_t *state = NULL;
        known[hazard].hazard = (enum hazard)hazard;
        r = store_get_event(ingest->store,
                            memory_printf(context, "weather/actual/%s/%s",
                                          hazard_name((enum hazard)hazard), office),
                            &state);
        known[hazard].state = state;
    }
    return r;
}

/* What the older telegrams say goes the way of any weather telegram. */
static int take_over(TALLOC_CTX *context, const struct ingest *ingest, const struct report *report,
                     const struct ingest_moment *moment, struct ingest_result *result)
{
    size_t count;
    const char **keys = event_keys(context, ingest->areas, report, &count);
    for (size_t i = 0; i < count; i++) {
        const struct event_change *change;
        int r = ingest_apply_key(context, ingest, report, keys[i], moment->now, &change);
        if (r >= 0 && change->alert != NULL)
            r = ingest_raise_alert(context, ingest, change->alert, moment->backlog, moment->now,
                                   result);
        if (r < 0)
            return r;
    }
    return 0;
}

static int judge(TALLOC_CTX *context, const struct ingest *ingest, const char *key,
                 const json_t *state, const struct report *report,
                 const struct ingest_moment *moment, struct ingest_result *result)
{
    struct crosscheck_known known[HAZARD_COUNT] = {0};
    int r = load_known(context, ingest, strrchr(key, '/') + 1, known);
    if (r >= 0) {
        struct crosscheck_verdict verdict =
            crosscheck_judge(context, state, known, HAZARD_COUNT, report, moment->now);
        ingest_add_notice(context, result, verdict.notice);
        r = store_put_event(ingest->store, key, verdict.state, event_expires_at(verdict.state),
                            moment->now);
        if (r >= 0 && verdict.takeover != NULL)
            r = take_over(context, ingest, verdict.takeover, moment, result);
    }
    for (size_t i = 0; i < HAZARD_COUNT; i++)
        json_decref((json_t *)known[i].state);
    return r;
}

bool ingest_is_crosscheck(const char *key)
{
    return text_starts(key, "crosscheck/actual/");
}

int ingest_crosscheck_due(TALLOC_CTX *context, const struct ingest *ingest, const char *key,
                          usec_t now, struct ingest_result *result)
{
    const struct ingest_moment moment = {.now = now};
    json_t *state = NULL;
    int r = store_get_event(ingest->store, key, &state);
    if (r >= 0)
        r = judge(context, ingest, key, state, NULL, &moment, result);
    json_decref(state);
    return r;
}

int ingest_crosscheck(TALLOC_CTX *context, const struct ingest *ingest, const struct report *report,
                      const struct ingest_moment *moment, struct ingest_result *result)
{
    size_t count;
    const char **keys = crosscheck_keys(context, ingest->areas, report, &count);
    bool bulletin = report->kind != REPORT_WEATHER && !crosscheck_compares(report);
    int r = 0;
    for (size_t i = 0; r >= 0 && i < count; i++) {
        json_t *state = NULL;
        if (!ingest_is_crosscheck(keys[i]))
            continue;
        r = store_get_event(ingest->store, keys[i], &state);
        /* Without an older telegram there is nothing to compare; a bulletin may come before it. */
        if (r >= 0 && (state != NULL || bulletin))
            r = judge(context, ingest, keys[i], state, bulletin ? report : NULL, moment, result);
        json_decref(state);
    }
    return r;
}
