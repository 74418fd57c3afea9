/* What was missed while the daemon was down (ingest_backlog, see ingest.h).
 *
 * Every telegram moves its states as usual, but nobody is told in between: of each event only the
 * last alert counts, and what changed on the way is carried into it. So a reader hears once how
 * things stand now, or, when it is over and he was told of it, that it is over. */
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "base/memory.h"
#include "base/text.h"
#include "ingest.h"
#include "ingest_step.h"
#include "settled.h"

struct pending_event {
    const char *event_id;
    json_t *last;    /* the newest alert */
    json_t *changed; /* "system:code" → level before the first change */
    UT_hash_handle hh;
};

static int compare_time(const void *left, const void *right)
{
    const struct store_telegram *a = *(const struct store_telegram *const *)left;
    const struct store_telegram *b = *(const struct store_telegram *const *)right;
    if (a->control_time != b->control_time)
        return a->control_time < b->control_time ? -1 : 1;
    return strcmp(a->id, b->id);
}

/* Remembers an alert as the newest of its event, with all that changed so far. */
static void remember(TALLOC_CTX *context, struct pending_event **events, const struct alert *alert)
{
    struct pending_event *event;
    HASH_FIND_STR(*events, alert->event_id, event);
    if (event == NULL) {
        event = memory_new(context, struct pending_event);
        event->event_id = memory_text(context, alert->event_id);
        event->changed = json_object();
        HASH_ADD_KEYPTR(hh, *events, event->event_id, strlen(event->event_id), event);
    }
    json_decref(event->last);
    event->last = alert_to_json(alert);
    settled_add(event->changed, alert);
}

/* The newest alert of an event, marked with everything that changed since before the gap. */
static struct alert *settled_alert(TALLOC_CTX *context, const struct pending_event *event)
{
    struct alert *alert = alert_from_json(context, event->last);
    settled_mark(alert, event->changed);
    return alert;
}

/* States of one report, without telling anybody. */
static int catch_up_part(TALLOC_CTX *scratch, const struct ingest *ingest,
                         const struct report *report, usec_t now, TALLOC_CTX *keep,
                         struct pending_event **events, struct ingest_result *result)
{
    size_t count;
    const char **keys = event_keys(scratch, ingest->areas, report, &count);
    int r = 0;
    for (size_t i = 0; r >= 0 && i < count; i++) {
        const struct event_change *change;
        r = ingest_apply_key(scratch, ingest, report, keys[i], now, &change);
        if (r < 0)
            break;
        ingest_add_notice(scratch, result, change->notice);
        if (change->alert != NULL) {
            bool fresh;
            remember(keep, events, change->alert);
            r = ingest_keep_alert(ingest, change->alert, false, now, &fresh);
        }
    }
    return r;
}

/* States of one telegram. */
static int catch_up(const struct ingest *ingest, const struct store_telegram *row, usec_t now,
                    TALLOC_CTX *keep, struct pending_event **events, struct problems *problems,
                    struct ingest_result *result)
{
    TALLOC_CTX *scratch = talloc_new(keep);
    struct ingest_result one = {.outcome = OUTCOME_PAST};
    const struct report *report = ingest_read_report(scratch, ingest, row, problems, &one);
    const struct report *const *parts = NULL;
    const struct ingest_moment moment = {.now = now, .backlog = true};
    size_t count = 0;
    int r = 0;
    if (report != NULL)
        parts = ingest_parts(scratch, ingest, report, &count);
    for (size_t i = 0; r >= 0 && i < count; i++) {
        r = catch_up_part(scratch, ingest, parts[i], now, keep, events, &one);
        if (r >= 0)
            r = ingest_crosscheck(keep, ingest, parts[i], &moment, result);
    }
    if (r >= 0)
        r = store_finish_telegram(ingest->store, row->id,
                                  report != NULL ? report->telegram->code : row->code,
                                  row->control_time, one.outcome,
                                  one.notice != NULL ? one.notice : "caught up after a gap");
    ingest_add_notice(keep, result, one.notice);
    talloc_free(scratch);
    return r;
}

static int catch_up_all(TALLOC_CTX *context, const struct ingest *ingest,
                        const struct store_telegram *telegrams, size_t count, usec_t now,
                        struct problems *problems, struct pending_event **events,
                        struct ingest_result *result)
{
    const struct store_telegram **ordered =
        memory_array(context, const struct store_telegram *, count + 1);
    for (size_t i = 0; i < count; i++)
        ordered[i] = &telegrams[i];
    qsort(ordered, count, sizeof(*ordered), compare_time);
    int r = 0;
    for (size_t i = 0; r >= 0 && i < count; i++)
        r = catch_up(ingest, ordered[i], now, context, events, problems, result);
    return r;
}

int ingest_backlog(TALLOC_CTX *context, const struct ingest *ingest,
                   const struct store_telegram *telegrams, size_t count, usec_t now,
                   struct problems *problems, struct ingest_result *ret_result)
{
    struct ingest_result result = {.outcome = OUTCOME_NO_CHANGE};
    struct pending_event *events = NULL;
    int r = store_begin(ingest->store);
    if (r < 0)
        return r;
    r = catch_up_all(context, ingest, telegrams, count, now, problems, &events, &result);
    for (struct pending_event *event = events; r >= 0 && event != NULL; event = event->hh.next)
        r = ingest_raise_alert(context, ingest, settled_alert(context, event), true, now, &result);
    if (r >= 0)
        r = store_commit(ingest->store);
    if (r < 0)
        store_rollback(ingest->store);
    else
        *ret_result = result;
    for (struct pending_event *event = events; event != NULL; event = event->hh.next) {
        json_decref(event->last);
        json_decref(event->changed);
    }
    HASH_CLEAR(hh, events);
    return r;
}
