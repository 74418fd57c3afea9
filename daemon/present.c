/* The present as a page. A change is published at once when nothing else waits, otherwise within
 * CHANGE_DELAY; without change every IDLE_INTERVAL, so that ages and freshness stay true. */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "present.h"

#define CHANGE_DELAY  (500 * USEC_PER_MSEC)
#define IDLE_INTERVAL (15 * USEC_PER_SEC)
#define NOTICES_MAX   50
#define RECENT_MAX    60
#define DRILL_AGE     USEC_PER_DAY

struct present {
    const struct config *config;
    struct store *store;
    struct http_server *http;
    usec_t started_at, next_at;
    bool changed;
    bool canary_missing;
    bool store_writable, store_detached;
    usec_t maintenance_since;
    const char *clock_fault; /* NULL: it is trusted */
    size_t late_ends;
    const char *notices[NOTICES_MAX]; /* newest last */
    size_t notice_count;
    const char *status;
};

struct present *present_new(TALLOC_CTX *context, const struct config *config, struct store *store,
                            struct http_server *http, usec_t started_at)
{
    struct present *present = memory_new(context, struct present);
    present->config = config;
    present->store = store;
    present->http = http;
    present->started_at = started_at;
    present->status = memory_text(present, "{}");
    return present;
}

void present_configure(struct present *present, const struct config *config)
{
    present->config = config;
    present->changed = true;
}

void present_changed(struct present *present)
{
    present->changed = true;
}

void present_canary(struct present *present, bool missing)
{
    present->changed = present->changed || missing != present->canary_missing;
    present->canary_missing = missing;
}

void present_clock(struct present *present, const char *fault)
{
    present->changed = present->changed || fault != present->clock_fault;
    present->clock_fault = fault;
}

void present_maintenance(struct present *present, usec_t since)
{
    present->changed = present->changed || since != present->maintenance_since;
    present->maintenance_since = since;
}

void present_store(struct present *present, bool writable, bool detached)
{
    present->changed = present->changed || writable != present->store_writable ||
                       detached != present->store_detached;
    present->store_writable = writable;
    present->store_detached = detached;
}

void present_late_ends(struct present *present, size_t count)
{
    present->late_ends += count;
    present->changed = true;
}

void present_notice(struct present *present, const char *text, usec_t now)
{
    char time[CLOCK_TEXT_BYTES];
    if (present->notice_count == NOTICES_MAX) {
        talloc_free((void *)present->notices[0]);
        memmove(present->notices, present->notices + 1, (NOTICES_MAX - 1) * sizeof(char *));
        present->notice_count--;
    }
    present->notices[present->notice_count++] =
        memory_printf(present, "%s %s", clock_format_jst(now, time), text);
    present->changed = true;
}

usec_t present_next(const struct present *present)
{
    return present->next_at;
}

const char *present_status(const struct present *present)
{
    return present->status;
}

static int compare_level(const void *left, const void *right)
{
    const struct alert *a = *(const struct alert *const *)left;
    const struct alert *b = *(const struct alert *const *)right;
    if (a->level != b->level)
        return b->level - a->level;
    return a->issued_at > b->issued_at ? -1 : a->issued_at < b->issued_at;
}

/* Sorts stored alerts into those in force, those that are past, and drills. */
static void sort_alerts(TALLOC_CTX *context, const json_t *stored, usec_t now,
                        struct page_input *input, bool from_force)
{
    const struct alert **force = (const struct alert **)input->in_force;
    const struct alert **recent = (const struct alert **)input->recent;
    const struct alert **drills = (const struct alert **)input->drills;
    size_t i;
    json_t *json;
    json_array_foreach(stored, i, json)
    {
        const struct alert *alert = alert_from_json(context, json);
        if (alert == NULL || alert_is_own_test(alert) || alert_is_letter(alert) ||
            alert_is_canary(alert) || (from_force && alert->status != STATUS_ACTUAL))
            continue;
        if (alert->status != STATUS_ACTUAL) {
            if (now - alert->issued_at < DRILL_AGE || alert_in_force(alert, now))
                drills[input->drill_count++] = alert;
        } else if (from_force && alert_in_force(alert, now)) {
            force[input->in_force_count++] = alert;
        } else if (!from_force) {
            recent[input->recent_count++] = alert;
        }
    }
}

/* Past alerts without those that stand above as in force. */
static void drop_current(struct page_input *input)
{
    const struct alert **recent = (const struct alert **)input->recent;
    size_t kept = 0;
    for (size_t i = 0; i < input->recent_count; i++) {
        bool current = false;
        for (size_t j = 0; j < input->in_force_count; j++)
            current = current || strcmp(recent[i]->id, input->in_force[j]->id) == 0;
        if (!current)
            recent[kept++] = recent[i];
    }
    input->recent_count = kept;
}

static int read_alerts(struct present *present, TALLOC_CTX *context, usec_t now,
                       struct page_input *input)
{
    json_t *in_force = NULL, *recent = NULL;
    int r = store_alerts_in_force(present->store, now, &in_force);
    if (r >= 0)
        r = store_recent_alerts(present->store, RECENT_MAX, &recent);
    if (r >= 0) {
        size_t room = json_array_size(in_force) + json_array_size(recent) + 1;
        input->in_force = memory_array(context, const struct alert *, room);
        input->recent = memory_array(context, const struct alert *, room);
        input->drills = memory_array(context, const struct alert *, room);
        sort_alerts(context, in_force, now, input, true);
        sort_alerts(context, recent, now, input, false);
        qsort((void *)input->in_force, input->in_force_count, sizeof(*input->in_force),
              compare_level);
        drop_current(input);
    }
    json_decref(in_force);
    json_decref(recent);
    return r;
}

static void note_status(struct present *present, const struct page_input *input)
{
    json_t *feeds = json_array();
    for (size_t i = 0; i < input->feed_count; i++)
        json_array_append_new(feeds, json_pack("{ssss}", "name", input->feeds[i].name, "state",
                                               freshness_name(input->feeds[i].freshness)));
    json_t *notices = json_array();
    for (size_t i = 0; i < input->notice_count; i++)
        json_array_append_new(notices, json_string(input->notices[i]));
    char time[CLOCK_TEXT_BYTES];
    json_t *status = json_pack(
        "{sssssssososOsIso}", "version", input->version, "at", clock_format_jst(input->now, time),
        "sight", freshness_name(page_sight(input->feeds, input->feed_count)), "feeds", feeds,
        "alerts_in_force", json_integer((json_int_t)input->in_force_count), "counts", input->counts,
        "bytes_today", (json_int_t)input->bytes_today, "notices", notices);
    char *text = json_dumps(status, JSON_COMPACT);
    talloc_free((void *)present->status);
    present->status = memory_text(present, text != NULL ? text : "{}");
    free(text);
    json_decref(status);
}

static int publish(struct present *present, struct poll *poll, const struct dispatch *dispatch,
                   TALLOC_CTX *context, usec_t now)
{
    struct page_input input = {.now = now,
                               .store_writable = present->store_writable,
                               .store_detached = present->store_detached,
                               .started_at = present->started_at,
                               .canary_missing = present->canary_missing,
                               .maintenance_since = present->maintenance_since,
                               .clock_trusted = present->clock_fault == NULL,
                               .late_ends = present->late_ends,
                               .operator_name = present->config->operator_name,
                               .version = NOROSHI_VERSION,
                               .base_url_host = present->config->feed_base_url,
                               .bytes_today = poll_bytes_today(poll)};
    json_t *counts = NULL;
    int r = read_alerts(present, context, now, &input);
    if (r >= 0)
        r = store_counts(present->store, &counts);
    if (r < 0) {
        json_decref(counts);
        return r;
    }
    json_t *latency = dispatch_latency(dispatch);
    input.feeds = poll_sight(poll, context, input.in_force_count > 0, now, &input.feed_count);
    const char **notices = memory_array(context, const char *, NOTICES_MAX + 2);
    memcpy(notices, present->notices, present->notice_count * sizeof(char *));
    input.notice_count = present->notice_count;
    if (poll_notice(poll) != NULL)
        notices[input.notice_count++] = poll_notice(poll);
    if (present->clock_fault != NULL)
        notices[input.notice_count++] = present->clock_fault;
    input.notices = notices;
    input.counts = counts;
    input.latency = latency;
    http_publish(present->http,
                 page_set_new(present->config->catalogue, present->config->areas, &input));
    note_status(present, &input);
    json_decref(counts);
    json_decref(latency);
    return 0;
}

void present_publish(struct present *present, struct poll *poll, const struct dispatch *dispatch,
                     bool idle, usec_t now)
{
    if (present->changed && present->next_at > now + CHANGE_DELAY)
        present->next_at = now + CHANGE_DELAY;
    if (!(present->changed && idle) && now < present->next_at)
        return;
    TALLOC_CTX *scratch = talloc_new(present);
    int r = publish(present, poll, dispatch, scratch, now);
    if (r < 0)
        log_error("the page cannot be made from the store", "error", strerror(-r));
    talloc_free(scratch);
    present->changed = false;
    present->next_at = now + IDLE_INTERVAL;
}
