/* Due deliveries → network; results → store.
 *
 * In rounds: one transaction records what came back and claims what is due, marked "sending" with
 * the attempt counted; after its commit each becomes a parcel and goes to the loop in orders of
 * many. What is in flight is remembered only to give its result a meaning; after a crash the store
 * still knows it.
 *
 * Each channel has a window of so many in flight. Of it a part is kept free for urgent deliveries,
 * and a small part for the others, so that neither waits for the other. */
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "base/log.h"
#include "base/memory.h"
#include "deliver/delivery.h"
#include "dispatch.h"
#include "dispatch_compose.h"
#include "dispatch_record.h"
#include "latency.h"

static_assert((int)CHANNEL_EMAIL == (int)DELIVERY_EMAIL &&
                  (int)CHANNEL_WEBHOOK == (int)DELIVERY_WEBHOOK &&
                  (int)CHANNEL_COUNT == (int)DELIVERY_CHANNELS,
              "the store counts channels as match/ does");

/* Results wait so long for others to be recorded with; not at all when nothing more is under way.
 */
#define GROUP_TIME (25 * USEC_PER_MSEC)
/* Longer for a webhook that was delivered: of it nothing more is to be done, and after a crash its
 * receiver knows it by its id. Those that are still to be sent go first. */
#define RECEIPT_TIME (100 * USEC_PER_MSEC)
#define GROUP_MAX    1024
#define CLAIM_MAX    256 /* in one round, channel and class */
#define CLAIM_FIRST  64  /* out of quiet; each round twice as many: the first go out at once */
#define PARCELS_MAX  64  /* in one order */
/* The texts of those that a round claims, mostly. */
#define CLAIMS_BYTES ((size_t)256 * 1024)
/* The relay takes few connections at once; more mails only wait in the loop. */
#define MAIL_WINDOW 128
#define LATER_TIME  (10 * USEC_PER_SEC) /* what could not be composed now */
#define SWEEP_ROWS  1000
#define SWEEP_TIME  (5 * USEC_PER_MSEC)

struct flight_key {
    int64_t alert, subscriber;
};
struct in_flight {
    struct flight_key key;
    struct store_delivery row;
    const char *address;
    bool fallback, other; /* there is another channel; this is it */
    UT_hash_handle hh;
    char texts[]; /* what `row` and `address` point to */
};
/* How many of a channel may be in flight. */
struct window {
    size_t all, urgent_only, ordinary_only; /* the last two are parts of `all` */
    size_t urgent, ordinary;                /* in flight now */
};
struct dispatch {
    const struct config *config;
    struct store *store;
    struct queue *orders;
    struct compose *compose;
    struct recorder recorder;
    struct latency *latency;
    struct in_flight *in_flight;
    struct window windows[DELIVERY_CHANNELS];
    struct ended *ended;
    size_t ended_count;
    TALLOC_CTX *texts;
    usec_t record_at, claimed_at; /* monotonic; the first when there is something to record */
    size_t claim_most;            /* in the next round, channel and class */
    bool hungry; /* the last round claimed, and more is due for which there is room */
    struct store_sweep sweep;
};

static void size_window(struct window *window, size_t all)
{
    window->all = all;
    window->urgent_only = all / 4;
    window->ordinary_only = all / 16;
    if (window->ordinary_only == 0 && all > 1)
        window->ordinary_only = 1;
}

static int dispatch_destroy(struct dispatch *dispatch)
{
    HASH_CLEAR(hh, dispatch->in_flight);
    return 0;
}

int dispatch_new(TALLOC_CTX *context, const struct config *config, struct store *store,
                 struct queue *orders, usec_t now, struct dispatch **ret_dispatch)
{
    struct dispatch *dispatch = memory_new(context, struct dispatch);
    size_t limit = config->transfers_limit, again = 0;
    talloc_set_destructor(dispatch, dispatch_destroy);
    dispatch->config = config;
    dispatch->store = dispatch->recorder.store = store;
    dispatch->orders = orders;
    dispatch->compose = compose_new(dispatch, config, store);
    dispatch->latency = latency_new(dispatch);
    dispatch->texts = talloc_new(dispatch);
    size_window(&dispatch->windows[DELIVERY_WEBHOOK], limit);
    size_window(&dispatch->windows[DELIVERY_EMAIL], limit < MAIL_WINDOW ? limit : MAIL_WINDOW);
    int r = receivers_new(dispatch, store, now, &dispatch->recorder.receivers);
    if (r >= 0)
        r = store_requeue_deliveries(store, &again);
    if (r >= 0)
        r = compose_load_key(dispatch->compose);
    if (r < 0) {
        talloc_free(dispatch);
        return r;
    }
    if (again > 0) {
        char text[24];
        snprintf(text, sizeof(text), "%zu", again);
        log_notice("deliveries that were in flight are tried again", "count", text);
    }
    *ret_dispatch = dispatch;
    return 0;
}

void dispatch_configure(struct dispatch *dispatch, const struct config *config)
{
    dispatch->config = config;
    compose_configure(dispatch->compose, config);
}

void dispatch_hooks(struct dispatch *dispatch, const struct dispatch_hooks *hooks)
{
    dispatch->recorder.hooks = *hooks;
}

struct receivers *dispatch_receivers(const struct dispatch *dispatch)
{
    return dispatch->recorder.receivers;
}

/* ---- what came back ---- */

static size_t *flying(struct dispatch *dispatch, const struct store_delivery *row)
{
    struct window *window = &dispatch->windows[row->channel];
    return delivery_urgent(row) ? &window->urgent : &window->ordinary;
}

static void record_within(struct dispatch *dispatch, usec_t wait)
{
    usec_t at = clock_monotonic() + wait;
    if (dispatch->ended_count == 0 || at < dispatch->record_at)
        dispatch->record_at = at;
}

static bool is_received(const struct store_delivery *row)
{
    return row->state == DELIVERY_DELIVERED && row->channel == DELIVERY_WEBHOOK;
}

/* Waits to be recorded. The row's texts live until then (forget_ended). */
static struct ended *keep_ended(struct dispatch *dispatch, const struct store_delivery *row,
                                enum ended_kind kind, bool fallback)
{
    dispatch->ended =
        memory_grow(dispatch, dispatch->ended, dispatch->ended_count, sizeof(*dispatch->ended));
    record_within(dispatch, is_received(row) ? RECEIPT_TIME : GROUP_TIME);
    struct ended *ended = &dispatch->ended[dispatch->ended_count++];
    *ended = (struct ended){.kind = kind, .row = *row, .fallback = fallback};
    ended->row.alert_id = ended->row.event_id = NULL;
    return ended;
}

/* The same for a row whose texts end before. */
static void copy_ended(struct dispatch *dispatch, const struct store_delivery *row,
                       enum ended_kind kind, bool fallback)
{
    struct store_delivery copy = *row;
    copy.last_error = memory_text_or_null(dispatch->texts, row->last_error);
    copy.id = memory_text_or_null(dispatch->texts, row->id);
    copy.subscriber_id = memory_text_or_null(dispatch->texts, row->subscriber_id);
    keep_ended(dispatch, &copy, kind, fallback);
}

static void end_here(struct dispatch *dispatch, const struct store_claim *claim,
                     enum delivery_state state, const char *why, usec_t now)
{
    struct store_delivery row = claim->delivery;
    row.state = state;
    row.ended_at = now;
    row.last_error = why;
    copy_ended(dispatch, &row, ENDED_HERE, claim->receiver.fallback);
}

/* What the verdict makes of the row. */
static void apply_verdict(enum verdict verdict, const struct transfer_result *result,
                          enum transfer_kind kind, usec_t now, struct store_delivery *row)
{
    row->last_error = result->error;
    row->ended_at = now;
    switch (verdict) {
    case VERDICT_DELIVERED:
        row->state = DELIVERY_DELIVERED;
        row->last_error = NULL;
        break;
    case VERDICT_LATER:
        row->state = DELIVERY_DEFERRED;
        row->ended_at = 0;
        row->next_at = now + retry_wait(kind, row->attempts, row->level, result, now,
                                        row->expires_at, (double)random() / (double)RAND_MAX);
        if (row->next_at >= row->expires_at) {
            row->state = DELIVERY_EXPIRED;
            row->ended_at = now;
        }
        break;
    case VERDICT_REFUSED:
    case VERDICT_DISABLE:
        row->state = DELIVERY_REFUSED;
        break;
    case VERDICT_EXPIRED:
        row->state = DELIVERY_EXPIRED;
        break;
    }
}

static void log_failure(const struct store_delivery *row, const struct transfer_result *result)
{
    char tries[16], status[16];
    snprintf(tries, sizeof(tries), "%d", row->attempts);
    snprintf(status, sizeof(status), "%d", result->status);
    log_warning("not delivered", "delivery", row->id, "alert", row->alert_id, "channel",
                delivery_channel_name(row->channel), "state", delivery_state_name(row->state),
                "attempt", tries, "status", status, "error", result->error);
}

/* One line for many: a million lines would take longer than the deliveries. Each receipt stands in
 * the store. */
static void log_delivered(size_t count)
{
    char text[24];
    if (count == 0)
        return;
    snprintf(text, sizeof(text), "%zu", count);
    log_info("delivered", "count", text);
}

/* Returns 1 when it was delivered, 0 otherwise. */
static size_t take_outcome(struct dispatch *dispatch, const struct outcome *outcome, usec_t now)
{
    const struct flight_key key = {outcome->alert, outcome->subscriber};
    struct in_flight *flight;
    /* The analyzer does not see that the bytes of two numbers are set. */
    // NOLINTNEXTLINE(clang-analyzer-core.UndefinedBinaryOperatorResult)
    HASH_FIND(hh, dispatch->in_flight, &key, sizeof(key), flight);
    if (flight == NULL)
        return 0;
    struct store_delivery *row = &flight->row;
    enum transfer_kind kind = row->channel == DELIVERY_EMAIL ? TRANSFER_MAIL : TRANSFER_POST;
    enum verdict verdict = retry_verdict(kind, &outcome->result);
    HASH_DEL(dispatch->in_flight, flight);
    --*flying(dispatch, row);
    apply_verdict(verdict, &outcome->result, kind, now, row);
    bool delivered = row->state == DELIVERY_DELIVERED;
    if (delivered)
        latency_add(dispatch->latency, (enum channel)row->channel, now - row->issued_at);
    else
        log_failure(row, &outcome->result);
    row->last_error = memory_text_or_null(flight, row->last_error);
    struct ended *ended = keep_ended(dispatch, row, ENDED_TRIED, flight->fallback);
    ended->address = flight->address;
    ended->result = (struct transfer_result){.failure = outcome->result.failure,
                                             .status = outcome->result.status,
                                             .sent_at = outcome->result.sent_at,
                                             .ended_at = outcome->result.ended_at};
    ended->verdict = verdict;
    ended->other = flight->other;
    talloc_steal(dispatch->texts, flight);
    return delivered;
}

void dispatch_take(struct dispatch *dispatch, const struct job *job, usec_t now)
{
    size_t delivered = 0;
    for (size_t i = 0; i < job->outcome_count; i++)
        delivered += take_outcome(dispatch, &job->outcomes[i], now);
    log_delivered(delivered);
}

static int record_ended(struct dispatch *dispatch, usec_t now)
{
    int r = 0;
    for (size_t i = 0; r >= 0 && i < dispatch->ended_count; i++) {
        r = ended_record(&dispatch->recorder, &dispatch->ended[i], now);
        /* A newer alert may have superseded it while it was in flight: then the row has its end. */
        if (r == -EINVAL || r == -ENOENT)
            r = 0;
    }
    return r;
}

static void forget_ended(struct dispatch *dispatch)
{
    dispatch->ended_count = 0;
    talloc_free_children(dispatch->texts);
}

/* ---- what is due ---- */

struct batch {
    TALLOC_CTX *context;
    struct store_claim *claims[DELIVERY_CHANNELS * 3];
    size_t counts[DELIVERY_CHANNELS * 3];
    size_t groups, total;
};

static size_t minus(size_t from, size_t what)
{
    return from > what ? from - what : 0;
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

static int claim(struct dispatch *dispatch, struct batch *batch, enum delivery_channel channel,
                 enum delivery_class class, size_t limit, usec_t now)
{
    struct window *window = &dispatch->windows[channel];
    size_t *count = &batch->counts[batch->groups];
    int r = store_claim_deliveries(dispatch->store, batch->context, channel, class, now,
                                   smaller(limit, dispatch->claim_most),
                                   &batch->claims[batch->groups], count);
    if (r < 0)
        return r;
    *(class == CLASS_URGENT ? &window->urgent : &window->ordinary) += *count;
    batch->groups++;
    batch->total += *count;
    return 0;
}

static size_t room(const struct window *window)
{
    return minus(window->all, window->urgent + window->ordinary);
}

/* First the share that is nobody else's, then what is urgent, then the rest. */
static int claim_channel(struct dispatch *dispatch, struct batch *batch,
                         enum delivery_channel channel, usec_t now)
{
    const struct window *window = &dispatch->windows[channel];
    int r = claim(dispatch, batch, channel, CLASS_ORDINARY,
                  smaller(room(window), minus(window->ordinary_only, window->ordinary)), now);
    if (r >= 0)
        r = claim(dispatch, batch, channel, CLASS_URGENT, room(window), now);
    /* A full batch: more of it waits, and the room that is left is for the next one. */
    if (r >= 0 && batch->counts[batch->groups - 1] < CLAIM_MAX)
        r = claim(
            dispatch, batch, channel, CLASS_ORDINARY,
            smaller(room(window), minus(minus(window->all, window->urgent_only), window->ordinary)),
            now);
    return r;
}

static const char *put_text(char **at, const char *text)
{
    const char *start = *at;
    *at = stpcpy(*at, text) + 1;
    return start;
}

static void remember(struct dispatch *dispatch, const struct store_claim *claim)
{
    const struct store_delivery *delivery = &claim->delivery;
    size_t bytes = strlen(delivery->id) + strlen(delivery->alert_id) +
                   strlen(delivery->subscriber_id) + strlen(claim->receiver.address) + 4;
    struct in_flight *flight =
        memory_must(talloc_zero_size(dispatch, sizeof(struct in_flight) + bytes));
    char *at = flight->texts;
    flight->key = (struct flight_key){delivery->alert, delivery->subscriber};
    flight->row = *delivery;
    flight->row.id = put_text(&at, delivery->id);
    flight->row.alert_id = put_text(&at, delivery->alert_id);
    flight->row.subscriber_id = put_text(&at, delivery->subscriber_id);
    flight->row.event_id = flight->row.last_error = NULL;
    flight->address = put_text(&at, claim->receiver.address);
    flight->fallback = claim->receiver.fallback;
    flight->other = claim->receiver.other;
    HASH_ADD(hh, dispatch->in_flight, key, sizeof(flight->key), flight);
}

/* 0: a parcel of the order. Otherwise it has an end, or waits, already. */
static int pack(struct dispatch *dispatch, struct order *order, const struct store_claim *claim,
                usec_t now)
{
    const struct store_delivery *delivery = &claim->delivery;
    struct store_delivery later = *delivery;
    if (claim->receiver.refused != NULL) {
        end_here(dispatch, claim, DELIVERY_REFUSED, claim->receiver.refused, now);
        return 1;
    }
    if (!receivers_may_go(dispatch->recorder.receivers, claim->receiver.address, now,
                          &later.next_at)) {
        copy_ended(dispatch, &later, ENDED_HELD, false);
        return 1;
    }
    int r = compose_parcel(dispatch->compose, order, claim, now);
    if (r == 0)
        return 0;
    if (r == 1) {
        latency_add(dispatch->latency, (enum channel)delivery->channel, now - delivery->issued_at);
        end_here(dispatch, claim, DELIVERY_DELIVERED, NULL, now);
        return 1;
    }
    log_error("a delivery cannot be composed", "delivery", delivery->id, "error", strerror(-r));
    if (r == -EINVAL || r == -ENOENT) {
        end_here(dispatch, claim, DELIVERY_REFUSED, "cannot be composed", now);
        return 1;
    }
    later.state = DELIVERY_DEFERRED;
    later.next_at = now + LATER_TIME;
    later.last_error = strerror(-r);
    copy_ended(dispatch, &later, ENDED_HERE, false);
    return 1;
}

/* Hands an order over unless it is empty. */
static int push(struct dispatch *dispatch, struct order *order)
{
    int r = order->parcel_count > 0 ? queue_push(dispatch->orders, order) : -ENODATA;
    if (r < 0)
        talloc_free(order);
    return r == -ENODATA ? 0 : r;
}

static int send_group(struct dispatch *dispatch, const struct store_claim *claims, size_t count,
                      usec_t now)
{
    struct order *order = order_new_deliver(now);
    int r = 0;
    for (size_t i = 0; r >= 0 && i < count; i++) {
        if (pack(dispatch, order, &claims[i], now) == 0)
            remember(dispatch, &claims[i]);
        else
            --*flying(dispatch, &claims[i].delivery);
        if (order->parcel_count == PARCELS_MAX) {
            r = push(dispatch, order);
            order = order_new_deliver(now);
        }
    }
    if (r >= 0)
        return push(dispatch, order);
    talloc_free(order);
    return r;
}

void dispatch_mail_contact(struct dispatch *dispatch, const char *text, usec_t now)
{
    struct order *order = order_new_deliver(now);
    int r = compose_notice(dispatch->compose, order, text, now);
    if (push(dispatch, order) < 0 || (r < 0 && r != -ENOENT))
        log_warning("the contact could not be mailed", "notice", text);
}

/* ---- a round ---- */

static bool time_to_record(const struct dispatch *dispatch)
{
    return dispatch->ended_count > 0 &&
           (HASH_COUNT(dispatch->in_flight) == 0 || dispatch->ended_count >= GROUP_MAX ||
            clock_monotonic() >= dispatch->record_at);
}

/* Some room is worth a transaction, all of it when time has passed. */
static bool worth_claiming(const struct dispatch *dispatch, const struct window *window)
{
    size_t free = room(window);
    return free > window->urgent_only ||
           (free > 0 && clock_monotonic() >= dispatch->claimed_at + GROUP_TIME);
}

/* *ret_claims: something is due for which there is room. *ret_next: when to look again. */
static int look_ahead(struct dispatch *dispatch, usec_t now, bool *ret_claims, usec_t *ret_next)
{
    *ret_claims = false;
    *ret_next = now + USEC_PER_MINUTE;
    for (int channel = 0; channel < DELIVERY_CHANNELS; channel++) {
        usec_t due = 0;
        int r = store_next_delivery_at(dispatch->store, (enum delivery_channel)channel, &due);
        if (r < 0)
            return r;
        if (due == 0)
            continue;
        if (due <= now && worth_claiming(dispatch, &dispatch->windows[channel]))
            *ret_claims = true;
        else if (due <= now)
            due = now + GROUP_TIME; /* it waits for room, which results bring, or for its moment */
        *ret_next = due < *ret_next ? due : *ret_next;
    }
    return 0;
}

static int do_round(struct dispatch *dispatch, bool claims, bool records, usec_t now,
                    struct batch *batch)
{
    int r = store_begin(dispatch->store);
    if (r < 0)
        return r;
    if (records)
        r = record_ended(dispatch, now);
    if (HASH_COUNT(dispatch->in_flight) == 0)
        dispatch->claim_most = CLAIM_FIRST;
    for (int channel = 0; r >= 0 && claims && channel < DELIVERY_CHANNELS; channel++)
        r = claim_channel(dispatch, batch, (enum delivery_channel)channel, now);
    if (r >= 0)
        r = store_commit(dispatch->store);
    if (r < 0) {
        store_rollback(dispatch->store);
        return r;
    }
    if (records)
        forget_ended(dispatch);
    if (claims) {
        dispatch->claimed_at = clock_monotonic();
        dispatch->claim_most = smaller(dispatch->claim_most * 2, CLAIM_MAX);
    }
    for (size_t i = 0; r >= 0 && i < batch->groups; i++)
        r = send_group(dispatch, batch->claims[i], batch->counts[i], now);
    return r;
}

int dispatch_round(struct dispatch *dispatch, usec_t now, usec_t *ret_next)
{
    bool claims;
    int r = look_ahead(dispatch, now, &claims, ret_next);
    dispatch->hungry = false;
    if (r < 0)
        return r;
    bool records = time_to_record(dispatch);
    if (claims || records) {
        struct batch batch = {.context =
                                  memory_must(talloc_pool(dispatch, claims ? CLAIMS_BYTES : 0))};
        r = do_round(dispatch, claims, records, now, &batch);
        talloc_free(batch.context);
        if (r >= 0)
            r = look_ahead(dispatch, now, &claims, ret_next);
        dispatch->hungry = r >= 0 && claims && batch.total > 0;
    }
    if (dispatch->ended_count > 0 && *ret_next > now + GROUP_TIME)
        *ret_next = now + GROUP_TIME;
    return r;
}

int dispatch_record(struct dispatch *dispatch, usec_t now)
{
    struct batch none = {0};
    return dispatch->ended_count > 0 ? do_round(dispatch, false, true, now, &none) : 0;
}

int dispatch_sweep(struct dispatch *dispatch, usec_t now, size_t *ret_late)
{
    usec_t end = clock_monotonic() + SWEEP_TIME;
    bool more = true;
    int r = 0;
    *ret_late = 0;
    while (r >= 0 && more && clock_monotonic() < end) {
        size_t late = 0;
        r = store_sweep_deliveries(dispatch->store, now, SWEEP_ROWS, &dispatch->sweep, &late,
                                   &more);
        *ret_late += late;
    }
    return r;
}

bool dispatch_is_hungry(const struct dispatch *dispatch)
{
    return dispatch->hungry && HASH_COUNT(dispatch->in_flight) < CLAIM_MAX;
}

size_t dispatch_in_flight(const struct dispatch *dispatch)
{
    return HASH_COUNT(dispatch->in_flight);
}

json_t *dispatch_latency(const struct dispatch *dispatch)
{
    return latency_to_json(dispatch->latency);
}
