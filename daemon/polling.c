/* The feeds as the desk sees them.
 *
 * A feed's answer becomes entries in the store; an entry becomes a telegram when its body is there.
 * Every attempt is counted in the store before it is made, with a lease (LEASE), so that a crash
 * neither loses an entry nor asks in a tight loop. Telegrams of before the start, or of a gap, are
 * "backlog": they are ingested together once each was tried, see backlog.c. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"
#include "jma/registry.h"
#include "jma/telegram.h"
#include "polling.h"
#include "polling_state.h"

#define FEED_BYTES_MAX        ((size_t)16 * 1024 * 1024)
#define FETCH_CONNECT_TIMEOUT (5 * USEC_PER_SEC)
#define FETCH_TOTAL_TIMEOUT   (20 * USEC_PER_SEC)
#define LEASE                 (60 * USEC_PER_SEC)
/* Telegrams at once after a gap, and then one a second (test 34). */
#define TOKENS_MAX 60.0
#define DUE_BATCH  64
/* A watched feed is made anew each minute; one that is not for this long is frozen, although it
 * answers (test 27). Others are made more slowly and get the silence of their row. */
#define FROZEN_AFTER (3 * USEC_PER_MINUTE)

void poll_configure(struct poll *poll, const struct config *config)
{
    poll->config = config;
}

void poll_at_once(struct poll *poll, usec_t now)
{
    for (size_t i = 0; i < poll->feed_count; i++) {
        if (poll->feeds[i].next_at > now)
            poll->feeds[i].next_at = now;
    }
}

double poll_random(void)
{
    return (double)random() / (double)RAND_MAX;
}

struct poll_feed *poll_find_feed(struct poll *poll, const char *name)
{
    for (size_t i = 0; i < poll->feed_count; i++) {
        if (strcmp(poll->feeds[i].name, name) == 0)
            return &poll->feeds[i];
    }
    return NULL;
}

static bool is_configured(const struct config *config, const char *name)
{
    for (size_t i = 0; i < config->feed_count; i++) {
        if (strcmp(config->feeds[i], name) == 0)
            return true;
    }
    return false;
}

static void add_feeds(struct poll *poll, usec_t now)
{
    size_t rows;
    const struct feed_row *table = feed_rows(&rows);
    poll->feeds = memory_array(poll, struct poll_feed, rows * 2);
    for (size_t i = 0; i < rows; i++) {
        bool configured = is_configured(poll->config, table[i].name);
        poll->feeds[poll->feed_count++] = (struct poll_feed){.row = &table[i],
                                                             .name = table[i].name,
                                                             .file = table[i].file,
                                                             .configured = configured,
                                                             .next_at = configured ? now : 0};
        if (table[i].long_name == NULL)
            continue;
        /* The long feed of a watched one is read at the start as well: after the short one. */
        bool at_start = configured && table[i].watched;
        poll->feeds[poll->feed_count++] =
            (struct poll_feed){.row = &table[i],
                               .name = table[i].long_name,
                               .file = memory_printf(poll, "%s.xml", table[i].long_name),
                               .is_long = true,
                               .configured = configured,
                               .next_at = at_start ? now + 5 * USEC_PER_SEC : 0};
    }
}

static void turn_day(struct poll *poll, usec_t now)
{
    char text[CLOCK_TEXT_BYTES];
    clock_format_jst(now, text);
    if (strncmp(poll->day, text, 10) == 0)
        return;
    memcpy(poll->day, text, 10);
    poll->day[10] = '\0';
    poll->bytes_today = 0;
    poll->budget_logged = BUDGET_FULL;
}

int poll_count_traffic(struct poll *poll, const struct transfer_result *result, usec_t now)
{
    turn_day(poll, now);
    int r =
        store_add_traffic(poll->store, poll->day, (int64_t)result->bytes_moved, &poll->bytes_today);
    enum feed_budget budget = feed_budget(poll->bytes_today);
    if (r >= 0 && budget > poll->budget_logged) {
        log_warning("the day's traffic with the feed server is high; polling less", "day",
                    poll->day);
        poll->budget_logged = budget;
    }
    return r;
}

/* Backlog entries of an earlier run that were never tried count as untried again. */
static int count_untried(struct poll *poll)
{
    TALLOC_CTX *scratch = talloc_new(poll);
    struct store_entry *entries;
    size_t count;
    int r = store_due_entries(poll->store, scratch, INT64_MAX, FEED_ENTRIES_MAX, &entries, &count);
    for (size_t i = 0; r >= 0 && i < count; i++) {
        struct poll_feed *feed = poll_find_feed(poll, entries[i].feed);
        if (feed != NULL && entries[i].backlog && entries[i].attempts == 0)
            feed->untried++;
    }
    talloc_free(scratch);
    return r;
}

int poll_new(TALLOC_CTX *context, const struct config *config, struct store *store,
             struct queue *orders, usec_t now, struct poll **ret_poll)
{
    struct poll *poll = memory_new(context, struct poll);
    poll->config = config;
    poll->store = store;
    poll->orders = orders;
    poll->tokens = TOKENS_MAX;
    poll->tokens_at = now;
    poll->batch_ready = true; /* what an earlier run stored but did not ingest */
    add_feeds(poll, now);
    turn_day(poll, now);
    int r = store_add_traffic(store, poll->day, 0, &poll->bytes_today);
    if (r >= 0)
        r = count_untried(poll);
    if (r < 0) {
        talloc_free(poll);
        return r;
    }
    *ret_poll = poll;
    return 0;
}

static const char **conditional_headers(struct order *order, const struct store_feed *state)
{
    const char **headers = memory_array(order, const char *, 4);
    size_t count = 0;
    if (text_given(state->etag))
        headers[count++] = memory_printf(order, "If-None-Match: %s", state->etag);
    if (text_given(state->last_modified))
        headers[count++] = memory_printf(order, "If-Modified-Since: %s", state->last_modified);
    return headers;
}

static void fill_get(struct order *order, const char *url, size_t bytes_max)
{
    order->request.kind = TRANSFER_GET;
    order->request.lane = LANE_FEED;
    order->request.url = memory_text(order, url);
    order->request.answer_bytes_max = bytes_max;
    order->request.connect_timeout = FETCH_CONNECT_TIMEOUT;
    order->request.total_timeout = FETCH_TOTAL_TIMEOUT;
}

static int push_order(struct poll *poll, struct order *order)
{
    int r = queue_push(poll->orders, order);
    if (r < 0)
        talloc_free(order);
    return r;
}

static int ask_feed(struct poll *poll, struct poll_feed *feed, usec_t now)
{
    struct order *order = order_new(ORDER_FETCH_FEED, feed->name);
    struct store_feed state;
    int r = store_get_feed(poll->store, order, feed->name, &state);
    if (r >= 0) {
        state.last_attempt = now;
        r = store_put_feed(poll->store, &state);
    }
    if (r < 0) {
        talloc_free(order);
        return r;
    }
    fill_get(order, memory_printf(order, "%s%s", poll->config->feed_base_url, feed->file),
             FEED_BYTES_MAX);
    /* A page whose entries were not all taken (a daemon killed in between) has no validator stored.
     */
    order->request.headers = conditional_headers(order, &state);
    feed->in_flight = true;
    return push_order(poll, order);
}

static bool within_budget(const struct poll *poll, const struct poll_feed *feed)
{
    switch (feed_budget(poll->bytes_today)) {
    case BUDGET_FULL:
        return true;
    case BUDGET_TIGHT:
        return feed->row->watched && !feed->is_long;
    case BUDGET_LAST:
        return strcmp(feed->name, "eqvol") == 0 || strcmp(feed->name, "extra") == 0;
    }
    return true;
}

static int ask_feeds(struct poll *poll, usec_t now, usec_t *next)
{
    for (size_t i = 0; i < poll->feed_count; i++) {
        struct poll_feed *feed = &poll->feeds[i];
        if (!feed->configured || feed->in_flight || feed->next_at == 0)
            continue;
        if (feed->next_at <= now) {
            if (!within_budget(poll, feed)) {
                feed->next_at = now + 10 * USEC_PER_MINUTE;
            } else {
                int r = ask_feed(poll, feed, now);
                if (r < 0)
                    return r;
                continue;
            }
        }
        if (feed->next_at < *next)
            *next = feed->next_at;
    }
    return 0;
}

/* Earthquakes and tsunami never wait for a token; they still use one. */
static bool take_token(struct poll *poll, const struct store_entry *entry, usec_t now)
{
    if (now > poll->tokens_at)
        poll->tokens += (double)(now - poll->tokens_at) / (double)USEC_PER_SEC;
    poll->tokens_at = now;
    if (poll->tokens > TOKENS_MAX)
        poll->tokens = TOKENS_MAX;
    if (poll->tokens < 1.0 && !text_starts(entry->feed, "eqvol"))
        return false;
    poll->tokens -= poll->tokens >= 1.0 ? 1.0 : 0.0;
    return true;
}

static int ask_telegram(struct poll *poll, struct store_entry *entry, usec_t now)
{
    entry->attempts++;
    entry->next_at = now + LEASE;
    int r = store_update_entry(poll->store, entry);
    if (r < 0)
        return r;
    struct order *order = order_new(ORDER_FETCH_TELEGRAM, entry->id);
    fill_get(order, entry->url, TELEGRAM_BYTES_MAX);
    return push_order(poll, order);
}

/* Earthquakes and tsunami first, then whatever speaks of danger, then by age. */
static int urgency_of(const struct store_entry *entry)
{
    if (text_starts(entry->feed, "eqvol"))
        return 0;
    if (text_contains(entry->content, "特別警報") || text_contains(entry->content, "危険警報"))
        return 1;
    return text_contains(entry->content, "警報") ? 2 : 3;
}

static int compare_urgency(const void *left, const void *right)
{
    const struct store_entry *a = left, *b = right;
    if (a->backlog != b->backlog)
        return a->backlog ? 1 : -1;
    if (urgency_of(a) != urgency_of(b))
        return urgency_of(a) - urgency_of(b);
    return a->updated < b->updated ? -1 : a->updated > b->updated;
}

static int ask_telegrams(struct poll *poll, usec_t now, usec_t *next)
{
    TALLOC_CTX *scratch = talloc_new(poll);
    struct store_entry *entries;
    size_t count;
    int r = store_due_entries(poll->store, scratch, now, FEED_ENTRIES_MAX, &entries, &count);
    if (r >= 0 && count > 0)
        qsort(entries, count, sizeof(*entries), compare_urgency);
    for (size_t i = 0, asked = 0; r >= 0 && i < count; i++) {
        if (asked == DUE_BATCH || !take_token(poll, &entries[i], now)) {
            usec_t again = now + USEC_PER_SEC;
            *next = again < *next ? again : *next;
            break;
        }
        r = ask_telegram(poll, &entries[i], now);
        asked++;
    }
    talloc_free(scratch);
    /* Retries are seconds away at most while any entry waits. */
    if (r >= 0 && now + USEC_PER_SEC < *next)
        *next = now + USEC_PER_SEC;
    return r;
}

int poll_due(struct poll *poll, usec_t now, usec_t *ret_next)
{
    usec_t next = now + USEC_PER_MINUTE;
    turn_day(poll, now);
    int r = ask_feeds(poll, now, &next);
    if (r >= 0)
        r = ask_telegrams(poll, now, &next);
    if (r < 0)
        return r;
    *ret_next = next;
    return 0;
}

bool poll_backlog_ready(struct poll *poll)
{
    bool ready = poll->batch_ready;
    poll->batch_ready = false;
    return ready;
}

bool poll_settled(const struct poll *poll)
{
    for (size_t i = 0; i < poll->feed_count; i++) {
        const struct poll_feed *feed = &poll->feeds[i];
        if (feed->configured && feed->row->watched && (!feed->read_once || feed->untried > 0))
            return false;
    }
    return !poll->batch_ready;
}

/* Until its backlog is in, a feed that answers is not yet a feed that we can see. */
static bool catching_up(struct poll *poll, const struct poll_feed *feed)
{
    const struct poll_feed *other =
        feed->row->long_name != NULL ? poll_find_feed(poll, feed->row->long_name) : NULL;
    return feed->untried > 0 || (other != NULL && other->untried > 0);
}

const struct page_feed *poll_sight(struct poll *poll, TALLOC_CTX *context, bool alerts_in_force,
                                   usec_t now, size_t *ret_count)
{
    struct page_feed *list = memory_array(context, struct page_feed, poll->feed_count);
    size_t count = 0;
    for (size_t i = 0; i < poll->feed_count; i++) {
        struct poll_feed *feed = &poll->feeds[i];
        struct store_feed state;
        if (feed->is_long || store_get_feed(poll->store, context, feed->name, &state) < 0)
            continue;
        enum freshness freshness =
            feed_freshness(feed->row, &state, feed->configured, alerts_in_force, now);
        if (freshness <= FRESH_QUIET && feed->row->watched && !feed->read_once)
            freshness = UNAVAILABLE;
        if (freshness <= FRESH_QUIET && feed->row->watched && feed->ticking &&
            now - feed->published > FROZEN_AFTER)
            freshness = STALE;
        if (freshness <= FRESH_QUIET && catching_up(poll, feed))
            freshness = STALE;
        list[count++] = (struct page_feed){.name = feed->name,
                                           .freshness = freshness,
                                           .newest_updated = state.newest_updated,
                                           .last_success = state.last_success,
                                           .failures = state.failures,
                                           .last_error = state.last_error};
    }
    *ret_count = count;
    return list;
}

int64_t poll_bytes_today(const struct poll *poll)
{
    return poll->bytes_today;
}

const char *poll_notice(const struct poll *poll)
{
    switch (feed_budget(poll->bytes_today)) {
    case BUDGET_FULL:
        return NULL;
    case BUDGET_TIGHT:
        return "the day's traffic with the feed server is high: only eqvol and extra are polled";
    case BUDGET_LAST:
        return "the day's traffic is near its limit: polling is slowed down to the least";
    }
    return NULL;
}

int poll_published(const struct poll *poll, usec_t *ret_time)
{
    TALLOC_CTX *scratch = talloc_new(poll);
    usec_t newest = 0;
    int r = 0;
    for (size_t i = 0; r >= 0 && i < poll->feed_count; i++) {
        const struct poll_feed *feed = &poll->feeds[i];
        struct store_feed state;
        newest = feed->published > newest ? feed->published : newest;
        if (feed->read_once)
            continue;
        r = store_get_feed(poll->store, scratch, feed->name, &state);
        if (r >= 0 && state.newest_updated > newest)
            newest = state.newest_updated;
    }
    talloc_free(scratch);
    *ret_time = newest;
    return r;
}
