/* One alert → who hears it → rendered messages → delivery rows, chunk by chunk.
 *
 *   profiles that the alert concerns, or that an earlier one of its event reached
 *     → their subscribers by number → what each was told → match → message → delivery
 *
 * Matching is done once for each (profile, what was told), rendering once for each message; a
 * subscriber costs a look at his number and a row. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <uthash.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"
#include "broadcast/silence.h"
#include "fanout.h"
#include "store/broadcast.h"
#include "fanout_render.h"
#include "settled.h"

/* A chunk is about so many rows, and ends early when it took so long: the desk looks at its queue
 * in between. */
#define CHUNK_ROWS 4096
/* Of the first, in the telegram's own transaction: so that the first are sent while the rest is
 * written. */
#define FIRST_ROWS  256
#define CHUNK_TIME  (15 * USEC_PER_MSEC)
#define CHUNK_PAGES 16
/* A bound for what is remembered between chunks, in decisions. */
#define DECISIONS_MAX 100000

struct decided {
    struct {
        int64_t profile, told, heard;
    } key;
    int64_t message; /* 0: nothing is said */
    int level;
    bool held;
    bool unheard; /* an end of what he has not heard yet: what waits for him is dropped */
    UT_hash_handle hh;
};
struct shared_message {
    const char *key;
    int64_t number;
    UT_hash_handle hh;
};
struct fanout_work {
    TALLOC_CTX *memory; /* everything below; thrown away with the alert */
    int64_t alert;      /* 0 none */
    const struct audience *audience;
    size_t carried_count; /* entries of `carried` that hold for the part at hand */
    struct rendering rendering;
    bool *asked;       /* by index of the audience */
    int64_t *profiles; /* those that are asked, when they are few; else NULL */
    size_t profile_count;
    TALLOC_CTX *cache; /* of what follows; emptied when it grows too large */
    struct decided *decided;
    struct shared_message *messages;
    json_t *told;
    int64_t told_message;
};

static void empty_cache(struct fanout_work *work)
{
    HASH_CLEAR(hh, work->decided);
    HASH_CLEAR(hh, work->messages);
    talloc_free(work->cache);
    work->cache = talloc_new(work->memory);
}

static void forget(struct fanout_work *work)
{
    HASH_CLEAR(hh, work->decided);
    HASH_CLEAR(hh, work->messages);
    json_decref(work->told);
    talloc_free(work->memory);
    *work = (struct fanout_work){0};
}

static int work_destroy(struct fanout_work *work)
{
    forget(work);
    return 0;
}

struct fanout_work *fanout_work_new(TALLOC_CTX *context)
{
    struct fanout_work *work = memory_new(context, struct fanout_work);
    talloc_set_destructor(work, work_destroy);
    return work;
}

/* ---- what was taken over from unfinished fan-outs ----
 * `carried`: [{"after": number, "changed": {…}}, …], oldest first: who has a number above `after`
 * was not reached by that alert and hears of its changes now. */

static int64_t carried_after(const json_t *entry)
{
    return json_integer_value(json_object_get(entry, "after"));
}

static void carry(json_t *carried, int64_t after, json_t *changed)
{
    json_array_append_new(carried,
                          json_pack("{sIso}", "after", (json_int_t)after, "changed", changed));
}

/* Ends the unfinished fan-outs of the event and collects what they leave. *ret_carried NULL: there
 * were none. */
static int take_over(TALLOC_CTX *context, const struct ingest *ingest, const struct alert *alert,
                     json_t **ret_carried)
{
    struct store_fanout *open;
    size_t count, i;
    json_t *entry;
    int r =
        store_open_fanouts(ingest->store, context, alert->event_id, SIZE_MAX / 2, &open, &count);
    json_t *carried = r >= 0 && count > 0 ? json_array() : NULL;
    for (size_t n = 0; r >= 0 && n < count; n++) {
        if (strcmp(open[n].alert_id, alert->id) == 0)
            continue;
        json_array_foreach(open[n].carried, i, entry)
        {
            int64_t after = carried_after(entry);
            carry(carried, after > open[n].cursor ? after : open[n].cursor,
                  json_incref(json_object_get(entry, "changed")));
        }
        const struct alert *older = alert_from_json(context, open[n].alert_json);
        json_t *changed = json_object();
        if (older != NULL)
            settled_add(changed, older);
        carry(carried, open[n].cursor, changed);
        r = store_end_fanout(ingest->store, open[n].alert);
    }
    *ret_carried = carried;
    return r;
}

/* How far the same entries hold as at the cursor, and how many these are. */
static int64_t uniform_part(const struct store_fanout *fanout, size_t *ret_count)
{
    int64_t upto = fanout->upto;
    size_t i;
    const json_t *entry;
    *ret_count = 0;
    json_array_foreach(fanout->carried, i, entry)
    {
        int64_t after = carried_after(entry);
        if (after <= fanout->cursor)
            ++*ret_count;
        else if (after < upto)
            upto = after;
    }
    return upto;
}

static void mark_carried(struct alert *alert, const struct store_fanout *fanout)
{
    json_t *changed = json_object();
    size_t i;
    const json_t *entry;
    json_array_foreach(fanout->carried, i, entry)
    {
        if (carried_after(entry) <= fanout->cursor)
            settled_merge(changed, json_object_get(entry, "changed"));
    }
    settled_mark(alert, changed);
    json_decref(changed);
}

/* ---- who is asked ---- */

static int ask_reached(struct fanout_work *work, const struct ingest *ingest, const char *event_id)
{
    int64_t *reached;
    size_t count;
    int r = store_reached_profiles(ingest->store, work->memory, event_id, &reached, &count);
    for (size_t i = 0; r >= 0 && i < count; i++) {
        size_t index = audience_find(work->audience, reached[i]);
        if (index < audience_count(work->audience))
            work->asked[index] = true;
    }
    return r;
}

/* Few readers are looked up by their profiles; for many all numbers are walked through. */
static void list_profiles(struct fanout_work *work)
{
    size_t count = audience_count(work->audience);
    int64_t readers = 0;
    work->profiles = memory_array(work->memory, int64_t, count + 1);
    for (size_t i = 0; i < count; i++) {
        if (!work->asked[i])
            continue;
        const struct profile *profile = audience_profile(work->audience, i);
        work->profiles[work->profile_count++] = profile->number;
        readers += profile->subscribers;
    }
    if (readers > CHUNK_ROWS)
        work->profiles = NULL;
}

/* Makes everything ready for the part of the fan-out at the cursor, unless it is already. */
static int prepare(struct fanout_work *work, const struct ingest *ingest,
                   const struct store_fanout *fanout, size_t carried_count)
{
    if (work->alert == fanout->alert && work->audience == ingest->audience &&
        work->carried_count == carried_count)
        return 0;
    forget(work);
    work->memory = talloc_new(work);
    work->cache = talloc_new(work->memory);
    struct alert *alert = alert_from_json(work->memory, fanout->alert_json);
    if (alert == NULL)
        return -EBADMSG;
    if (carried_count > 0)
        mark_carried(alert, fanout);
    work->alert = fanout->alert;
    work->audience = ingest->audience;
    work->carried_count = carried_count;
    work->rendering = (struct rendering){
        .ingest = ingest,
        .alert = alert,
        .number = fanout->alert,
        .variant = carried_count > 0 ? memory_printf(work->memory, "|+%zu", carried_count) : "",
        .now = fanout->created_at};
    work->asked = memory_array(work->memory, bool, audience_count(work->audience) + 1);
    audience_select(work->memory, work->audience, alert, work->asked);
    int r = ask_reached(work, ingest, alert->event_id);
    list_profiles(work);
    return r;
}

/* ---- one decision ---- */

static int message_for(struct fanout_work *work, TALLOC_CTX *scratch, const struct profile *profile,
                       const struct match *match, int64_t *ret_message)
{
    const char *key = fanout_message_key(scratch, &work->rendering, profile, match);
    struct shared_message *shared;
    HASH_FIND_STR(work->messages, key, shared);
    if (shared == NULL) {
        int64_t number;
        int r = fanout_render(scratch, &work->rendering, profile, match, key, &number);
        if (r < 0)
            return r;
        shared = memory_new(work->cache, struct shared_message);
        shared->key = memory_text(shared, key);
        shared->number = number;
        HASH_ADD_KEYPTR(hh, work->messages, shared->key, strlen(shared->key), shared);
    }
    *ret_message = shared->number;
    return 0;
}

static int read_told(struct fanout_work *work, int64_t message)
{
    if (work->told_message == message)
        return 0;
    json_decref(work->told);
    work->told = NULL;
    work->told_message = 0;
    int r = store_get_told(work->rendering.ingest->store, message, &work->told);
    if (r >= 0)
        work->told_message = message;
    return r;
}

/* A silence of staff keeps it from this reader; it is listed as muted. */
static int mute(struct fanout_work *work, const struct match *match, bool *ret_muted)
{
    const struct ingest *ingest = work->rendering.ingest;
    const struct silence *silence =
        silences_mute(ingest->silences, work->rendering.alert, match, work->rendering.now);
    *ret_muted = silence != NULL;
    return silence != NULL ? store_put_muted(ingest->store, work->rendering.alert->id, silence->id,
                                             work->rendering.now)
                           : 0;
}

static int decide(struct fanout_work *work, size_t index, const struct store_listener *listener,
                  struct decided *decided)
{
    const struct ingest *ingest = work->rendering.ingest;
    const struct profile *profile = audience_profile(work->audience, index);
    bool muted = false;
    int r = listener->told != 0 ? read_told(work, listener->told) : 0;
    if (r < 0)
        return r;
    TALLOC_CTX *scratch = talloc_new(work->memory);
    const struct match *match =
        match_subscriber(scratch, ingest->areas, work->rendering.alert, work->audience, index,
                         listener->told != 0 ? work->told : NULL);
    decided->level = match->level;
    decided->held = match->reason == MATCH_HELD;
    decided->unheard = match->send && !listener->heard && listener->told != 0 &&
                       (match->phase == PHASE_CANCEL || match->phase == PHASE_ALL_CLEAR);
    bool send = match->send && !decided->unheard;
    if (send)
        r = mute(work, match, &muted);
    if (r >= 0 && send && !muted) {
        r = message_for(work, scratch, profile, match, &decided->message);
        if (r >= 0)
            r = store_put_reached(ingest->store, work->alert, profile->number);
    }
    talloc_free(scratch);
    return r;
}

static int decision_for(struct fanout_work *work, size_t index,
                        const struct store_listener *listener, const struct decided **ret)
{
    struct decided wanted = {.key = {listener->profile, listener->told, listener->heard}}, *found;
    /* The analyzer does not see that the bytes of two numbers are set. */
    // NOLINTNEXTLINE(clang-analyzer-core.UndefinedBinaryOperatorResult)
    HASH_FIND(hh, work->decided, &wanted.key, sizeof(wanted.key), found);
    if (found == NULL) {
        if (HASH_COUNT(work->decided) >= DECISIONS_MAX)
            empty_cache(work);
        int r = decide(work, index, listener, &wanted);
        if (r < 0)
            return r;
        found = memory_new(work->cache, struct decided);
        *found = wanted;
        HASH_ADD(hh, work->decided, key, sizeof(found->key), found);
    }
    *ret = found;
    return 0;
}

/* ---- a chunk ---- */

struct chunk {
    struct fanout_work *work;
    const struct ingest *ingest;
    const struct store_fanout *fanout;
    usec_t now, end; /* of this call; on the monotonic clock */
    int64_t cursor;
    size_t page_rows;
    struct fanout_count count;
};

/* Only those whose profile is asked. Returns how many. */
static size_t keep_asked(const struct fanout_work *work, struct store_listener *listeners,
                         size_t count)
{
    size_t kept = 0, everybody = audience_count(work->audience);
    for (size_t i = 0; i < count; i++) {
        size_t index = listeners[i].profile != 0
                           ? audience_find(work->audience, listeners[i].profile)
                           : everybody;
        if (index < everybody && work->asked[index])
            listeners[kept++] = listeners[i];
    }
    return kept;
}

/* What takes back or corrects a broadcast goes before everything else that is due (H-7). */
#define LEVEL_FIRST 5
#define TIME_FIRST  1

static bool goes_ahead(const struct alert *alert)
{
    return alert->broadcast != NULL && alert->phase != PHASE_ISSUE;
}

static struct store_delivery row_for(const struct chunk *chunk,
                                     const struct store_listener *listener, size_t index,
                                     const struct decided *decided)
{
    const struct fanout_work *work = chunk->work;
    bool ahead = goes_ahead(work->rendering.alert);
    enum delivery_channel channel =
        (enum delivery_channel)audience_profile(work->audience, index)->channel;
    return (struct store_delivery){.alert = work->alert,
                                   .subscriber = listener->subscriber,
                                   .message = decided->message,
                                   .channel = channel,
                                   .level = ahead ? LEVEL_FIRST : decided->level,
                                   .drill = work->rendering.alert->status != STATUS_ACTUAL,
                                   /* A mail costs the relay the same, whoever reads it. */
                                   .in_trouble = listener->in_trouble && !ahead &&
                                                 channel == DELIVERY_WEBHOOK,
                                   .next_at = ahead ? TIME_FIRST : chunk->fanout->created_at};
}

static int make_rows(struct chunk *chunk, const struct store_listener *listeners, size_t count,
                     struct store_delivery *rows, size_t *ret_rows, size_t *ret_done)
{
    struct fanout_work *work = chunk->work;
    size_t made = 0, i;
    int r = 0;
    for (i = 0; r >= 0 && i < count; i++) {
        const struct decided *decided;
        size_t index = audience_find(work->audience, listeners[i].profile), known;
        /* Only what is decided anew takes long; at least one is done each time. */
        known = HASH_COUNT(work->decided);
        r = decision_for(work, index, &listeners[i], &decided);
        if (r >= 0 && decided->held)
            chunk->count.held++;
        if (r >= 0 && (decided->message != 0 || decided->unheard))
            rows[made++] = row_for(chunk, &listeners[i], index, decided);
        if (HASH_COUNT(work->decided) != known && clock_monotonic() >= chunk->end) {
            i++;
            break;
        }
    }
    *ret_rows = made;
    *ret_done = i;
    return r;
}

/* One page of subscribers up to `upto`. Moves chunk->cursor. */
static int do_page(struct chunk *chunk, int64_t upto)
{
    struct fanout_work *work = chunk->work;
    struct store *store = chunk->ingest->store;
    TALLOC_CTX *scratch = talloc_new(work->memory);
    struct store_listener *listeners;
    struct store_delivery *rows;
    int64_t next;
    size_t count, asked, done = 0, row_count = 0, added = 0;
    int r = store_page_listeners(store, scratch, chunk->cursor, upto, work->profiles,
                                 work->profile_count, chunk->page_rows, &listeners, &count);
    if (r < 0)
        goto finish;
    next = count == chunk->page_rows ? listeners[count - 1].subscriber : upto;
    asked = keep_asked(work, listeners, count);
    rows = memory_array(scratch, struct store_delivery, asked + 1);
    r = store_find_told(store, chunk->fanout->event_id, work->alert, listeners, asked);
    if (r >= 0)
        r = make_rows(chunk, listeners, asked, rows, &row_count, &done);
    if (r >= 0)
        r = store_add_deliveries(store, rows, row_count, chunk->now, &added);
    chunk->cursor = done < asked ? listeners[done - 1].subscriber : next;
    chunk->count.deliveries += added;
finish:
    talloc_free(scratch);
    return r;
}

static int do_chunk(struct fanout_work *work, const struct ingest *ingest,
                    const struct store_fanout *fanout, usec_t now, size_t page_rows,
                    struct fanout_count *count)
{
    struct chunk chunk = {.work = work,
                          .ingest = ingest,
                          .fanout = fanout,
                          .now = now,
                          .end = clock_monotonic() + CHUNK_TIME,
                          .cursor = fanout->cursor,
                          .page_rows = page_rows};
    size_t carried_count;
    int64_t upto = uniform_part(fanout, &carried_count);
    if (fanout->expires_at <= now)
        return store_end_fanout(ingest->store, fanout->alert);
    int r = prepare(work, ingest, fanout, carried_count);
    for (int page = 0; r >= 0 && page < CHUNK_PAGES && chunk.cursor < upto; page++) {
        r = do_page(&chunk, upto);
        if (chunk.count.deliveries >= page_rows / 2 || clock_monotonic() >= chunk.end)
            break;
    }
    if (r >= 0)
        r = store_move_fanout(ingest->store, fanout->alert, chunk.cursor);
    count->deliveries += chunk.count.deliveries;
    count->held += chunk.count.held;
    return r;
}

int fanout_begin(TALLOC_CTX *context, const struct ingest *ingest, const struct alert *alert,
                 usec_t now, struct fanout_count *ret_count)
{
    TALLOC_CTX *scratch = talloc_new(context);
    struct fanout_work *work = fanout_work_new(scratch);
    struct store_fanout *fanouts;
    json_t *carried = NULL;
    int64_t number;
    size_t count = 0;
    bool fresh = false;
    *ret_count = (struct fanout_count){0};
    int r = take_over(scratch, ingest, alert, &carried);
    if (r >= 0)
        r = store_begin_fanout(ingest->store, alert->id, now, carried, &fresh, &number);
    json_decref(carried);
    if (r >= 0 && fresh)
        r = store_open_fanouts(ingest->store, scratch, alert->event_id, 1, &fanouts, &count);
    if (r >= 0 && count > 0)
        r = do_chunk(work, ingest, &fanouts[0], now, FIRST_ROWS, ret_count);
    talloc_free(scratch);
    return r;
}

int fanout_continue(struct fanout_work *work, const struct ingest *ingest, usec_t now,
                    struct fanout_count *ret_count, bool *ret_more)
{
    TALLOC_CTX *scratch = talloc_new(work);
    struct store_fanout *fanouts;
    size_t count = 0;
    *ret_count = (struct fanout_count){0};
    *ret_more = false;
    int r = store_open_fanouts(ingest->store, scratch, NULL, 1, &fanouts, &count);
    if (r < 0 || count == 0)
        goto finish;
    *ret_more = true;
    r = store_begin(ingest->store);
    if (r < 0)
        goto finish;
    r = do_chunk(work, ingest, &fanouts[0], now, CHUNK_ROWS, ret_count);
    if (r >= 0)
        r = store_commit(ingest->store);
    if (r < 0) {
        /* What is remembered may name messages that were rolled back. */
        store_rollback(ingest->store);
        forget(work);
    }
finish:
    talloc_free(scratch);
    return r;
}

int fanout_finish(const struct ingest *ingest, usec_t now, struct fanout_count *ret_count)
{
    struct fanout_work *work = fanout_work_new(NULL);
    bool more = true;
    int r = 0;
    *ret_count = (struct fanout_count){0};
    while (r >= 0 && more) {
        struct fanout_count count;
        r = fanout_continue(work, ingest, now, &count, &more);
        ret_count->deliveries += count.deliveries;
        ret_count->held += count.held;
    }
    talloc_free(work);
    return r;
}

const char *fanout_held_notice(TALLOC_CTX *context, const struct fanout_count *count)
{
    if (count->held == 0)
        return NULL;
    return memory_printf(context,
                         "%zu readers had many messages of one event within an hour: updates that "
                         "do not make it graver wait for the next one",
                         count->held);
}
