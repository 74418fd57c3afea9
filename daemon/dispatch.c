/* Due deliveries → network; results → store.
 *
 * The store hands out the best due deliveries, marked "sending" with the attempt counted; here each
 * becomes a mail or a webhook request and goes to the loop. What is in flight is remembered only to
 * give its result a meaning; after a crash the store still knows it. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uthash.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"
#include "deliver/delivery.h"
#include "deliver/signature.h"
#include "deliver/webhook.h"
#include "dispatch.h"
#include "latency.h"

#define CLAIM_BATCH 256
/* So many wait in the loop for each that may be under way: it never waits for the store. */
#define CLAIMED_AHEAD   2
#define FIRST_TRIES     4
#define CONNECT_TIMEOUT (5 * USEC_PER_SEC)
#define FIRST_TIMEOUT   (10 * USEC_PER_SEC)
#define LATER_TIMEOUT   (30 * USEC_PER_SEC)
/* A relay that scans what it takes answers the last dot late, and whoever hangs up then gets the
 * mail twice (RFC 5321 4.5.3.2 would even wait ten minutes). */
#define MAIL_TIMEOUT     (60 * USEC_PER_SEC)
#define ANSWER_BYTES_MAX ((size_t)64 * 1024)

struct in_flight {
    const char *id; /* delivery */
    const char *subscriber_id;
    enum channel channel;
    struct store_delivery row;
    UT_hash_handle hh;
};
struct known_subscriber {
    const char *id;
    const struct subscriber *subscriber;
    bool gone; /* answered 410 */
    UT_hash_handle hh;
};
struct dispatch {
    const struct config *config;
    struct store *store;
    struct queue *orders;
    struct in_flight *in_flight;
    struct known_subscriber *subscribers;
    TALLOC_CTX *subscriber_context;
    struct latency *latency;
    const char *unsubscribe_key;
};

static int load_unsubscribe_key(struct dispatch *dispatch)
{
    int r =
        store_get_fact(dispatch->store, dispatch, "unsubscribe_key", &dispatch->unsubscribe_key);
    if (r < 0 || dispatch->unsubscribe_key != NULL)
        return r;
    dispatch->unsubscribe_key = signature_secret_new(dispatch);
    return store_put_fact(dispatch->store, "unsubscribe_key", dispatch->unsubscribe_key);
}

static int dispatch_destroy(struct dispatch *dispatch)
{
    HASH_CLEAR(hh, dispatch->subscribers);
    HASH_CLEAR(hh, dispatch->in_flight);
    return 0;
}

int dispatch_new(TALLOC_CTX *context, const struct config *config, struct store *store,
                 struct queue *orders, struct dispatch **ret_dispatch)
{
    struct dispatch *dispatch = memory_new(context, struct dispatch);
    talloc_set_destructor(dispatch, dispatch_destroy);
    dispatch->config = config;
    dispatch->store = store;
    dispatch->orders = orders;
    dispatch->latency = latency_new(dispatch);
    size_t again = 0;
    int r = store_requeue_deliveries(store, &again);
    if (r >= 0)
        r = load_unsubscribe_key(dispatch);
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

void dispatch_audience(struct dispatch *dispatch, const struct audience *audience)
{
    HASH_CLEAR(hh, dispatch->subscribers);
    talloc_free(dispatch->subscriber_context);
    dispatch->subscriber_context = talloc_new(dispatch);
    size_t count = audience_count(audience);
    for (size_t i = 0; i < count; i++) {
        struct known_subscriber *known =
            memory_new(dispatch->subscriber_context, struct known_subscriber);
        known->subscriber = audience_subscriber(audience, i);
        known->id = known->subscriber->id;
        HASH_ADD_KEYPTR(hh, dispatch->subscribers, known->id, strlen(known->id), known);
    }
}

/* Ends a delivery that needs no network. Between begin and commit of the caller, or on its own. */
static int end_delivery(struct dispatch *dispatch, const struct store_delivery *delivery,
                        enum delivery_state state, const char *why, usec_t now)
{
    struct store_delivery row = *delivery;
    row.state = state;
    row.ended_at = now;
    row.last_error = why;
    return store_record_delivery(dispatch->store, &row);
}

/* Writes `bytes` to a new file of its own and makes it durable: a mail on disk is a mail delivered.
 */
static int write_mail_file(TALLOC_CTX *context, const char *directory, const char *id,
                           const char *bytes, size_t length)
{
    const char *path = memory_printf(context, "%s/%s.eml", directory, id);
    const char *partial = memory_printf(context, "%s.partial", path);
    int fd = open(partial, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        return -errno;
    int r = 0;
    while (r >= 0 && length > 0) {
        ssize_t n = write(fd, bytes, length);
        if (n < 0 && errno != EINTR)
            r = -errno;
        if (n > 0) {
            bytes += n;
            length -= (size_t)n;
        }
    }
    if (r >= 0 && fsync(fd) < 0)
        r = -errno;
    close(fd);
    if (r >= 0 && rename(partial, path) < 0)
        r = -errno;
    return r;
}

static const char *unsubscribe_token(TALLOC_CTX *context, const struct dispatch *dispatch,
                                     const struct subscriber *subscriber)
{
    const char *text = memory_printf(context, "%s|%s", dispatch->unsubscribe_key, subscriber->id);
    return memory_printf(context, "%s-%s", subscriber->id,
                         text_hash(context, text, strlen(text), 32));
}

static int compose_mail(struct dispatch *dispatch, TALLOC_CTX *context,
                        const struct store_delivery *delivery, const struct store_message *message,
                        const struct subscriber *subscriber, usec_t now, char **ret_mail,
                        size_t *ret_length)
{
    const char *root = NULL;
    int r = store_thread_root(dispatch->store, context, delivery->event_id, subscriber->id,
                              delivery->id, &root);
    if (r < 0)
        return r;
    return email_compose(context, &dispatch->config->email, subscriber->address, subscriber->name,
                         subscriber->languages[0], delivery, message, root,
                         unsubscribe_token(context, dispatch, subscriber), now, ret_mail,
                         ret_length);
}

static void set_timeouts(struct transfer_request *request, const struct store_delivery *delivery)
{
    request->connect_timeout = CONNECT_TIMEOUT;
    request->total_timeout = delivery->attempts <= FIRST_TRIES ? FIRST_TIMEOUT : LATER_TIMEOUT;
    request->answer_bytes_max = ANSWER_BYTES_MAX;
    request->expires_at = delivery->expires_at;
}

/* Deliveries of one alert come together and share few messages: each is read once in a batch. */
struct message_cache {
    TALLOC_CTX *context;
    const char *id;
    struct store_message message;
};

static int find_message(struct dispatch *dispatch, struct message_cache *cache, const char *id,
                        const struct store_message **ret_message)
{
    if (cache->id == NULL || strcmp(cache->id, id) != 0) {
        int r = store_get_message(dispatch->store, cache->context, id, &cache->message);
        if (r < 0)
            return r;
        cache->id = id;
    }
    *ret_message = &cache->message;
    return 0;
}

/* Fills the order; 1 when the delivery ended here (a mail written to a file), negative errno for
 * what cannot be composed. */
static int compose(struct dispatch *dispatch, struct message_cache *cache, struct order *order,
                   const struct store_delivery *delivery, const struct subscriber *subscriber,
                   usec_t now)
{
    const struct store_message *message;
    int r = find_message(dispatch, cache, delivery->message_id, &message);
    if (r < 0)
        return r;
    if (subscriber->channel == CHANNEL_WEBHOOK) {
        /* The order lives on when the batch is gone. */
        const char *body = memory_text(order, message->body);
        r = webhook_request(order, subscriber->address, subscriber->secret, delivery, body, now,
                            &order->request);
        set_timeouts(&order->request, delivery);
        return r;
    }
    char *mail;
    size_t length;
    r = compose_mail(dispatch, order, delivery, message, subscriber, now, &mail, &length);
    if (r < 0)
        return r;
    const struct email_settings *settings = &dispatch->config->email;
    if (settings->directory != NULL) {
        r = write_mail_file(order, settings->directory, delivery->id, mail, length);
        return r < 0 ? r : 1;
    }
    email_request(order, settings, subscriber->address, delivery->id, mail, length,
                  delivery->expires_at, &order->request);
    set_timeouts(&order->request, delivery);
    order->request.total_timeout = MAIL_TIMEOUT;
    return 0;
}

static void remember(struct dispatch *dispatch, const struct store_delivery *delivery,
                     const struct subscriber *subscriber)
{
    struct in_flight *flight = memory_new(dispatch, struct in_flight);
    flight->row = *delivery;
    flight->id = flight->row.id = memory_text(flight, delivery->id);
    flight->row.alert_id = memory_text(flight, delivery->alert_id);
    flight->row.event_id = memory_text(flight, delivery->event_id);
    flight->row.message_id = memory_text(flight, delivery->message_id);
    flight->row.subscriber_id = flight->subscriber_id = memory_text(flight, subscriber->id);
    flight->row.last_error = NULL;
    flight->channel = subscriber->channel;
    HASH_ADD_KEYPTR(hh, dispatch->in_flight, flight->id, strlen(flight->id), flight);
}

static int send_one(struct dispatch *dispatch, struct message_cache *cache,
                    const struct store_delivery *delivery, usec_t now)
{
    struct known_subscriber *known;
    HASH_FIND_STR(dispatch->subscribers, delivery->subscriber_id, known);
    if (known == NULL)
        return end_delivery(dispatch, delivery, DELIVERY_REFUSED, "no longer subscribed", now);
    if (known->gone)
        return end_delivery(dispatch, delivery, DELIVERY_REFUSED, "the receiver said 410", now);
    struct order *order = order_new(ORDER_DELIVER, delivery->id);
    int r = compose(dispatch, cache, order, delivery, known->subscriber, now);
    if (r == 0) {
        remember(dispatch, delivery, known->subscriber);
        r = queue_push(dispatch->orders, order);
        if (r < 0)
            talloc_free(order);
        return r;
    }
    talloc_free(order);
    if (r == 1) {
        latency_add(dispatch->latency, known->subscriber->channel, now - delivery->issued_at);
        return end_delivery(dispatch, delivery, DELIVERY_DELIVERED, NULL, now);
    }
    log_error("a delivery cannot be composed", "delivery", delivery->id, "error", strerror(-r));
    if (r == -EINVAL || r == -ENOENT)
        return end_delivery(dispatch, delivery, DELIVERY_REFUSED, "cannot be composed", now);
    struct store_delivery later = *delivery;
    later.state = DELIVERY_DEFERRED;
    later.next_at = now + 10 * USEC_PER_SEC;
    later.last_error = strerror(-r);
    return store_record_delivery(dispatch->store, &later);
}

int dispatch_due(struct dispatch *dispatch, usec_t now, usec_t *ret_next)
{
    size_t limit = dispatch->config->transfers_limit * CLAIMED_AHEAD;
    for (;;) {
        size_t flying = HASH_COUNT(dispatch->in_flight);
        size_t room = limit > flying ? limit - flying : 0;
        if (room == 0)
            break;
        TALLOC_CTX *scratch = talloc_new(dispatch);
        struct store_delivery *rows;
        size_t count = 0;
        int r = store_claim_deliveries(dispatch->store, scratch, now,
                                       room < CLAIM_BATCH ? room : CLAIM_BATCH, &rows, &count);
        struct message_cache cache = {.context = scratch};
        for (size_t i = 0; r >= 0 && i < count; i++)
            r = send_one(dispatch, &cache, &rows[i], now);
        talloc_free(scratch);
        if (r < 0)
            return r;
        if (count == 0)
            break;
    }
    usec_t next = 0;
    int r = store_next_delivery_at(dispatch->store, &next);
    if (r < 0)
        return r;
    *ret_next = next > 0 ? next : now + USEC_PER_MINUTE;
    return 0;
}

/* What the verdict makes of the row. */
static void apply_verdict(enum verdict verdict, const struct job *job, enum transfer_kind kind,
                          usec_t now, struct store_delivery *row)
{
    row->last_error = job->result.error;
    row->ended_at = now;
    switch (verdict) {
    case VERDICT_DELIVERED:
        row->state = DELIVERY_DELIVERED;
        row->last_error = NULL;
        break;
    case VERDICT_LATER:
        row->state = DELIVERY_DEFERRED;
        row->ended_at = 0;
        row->next_at = now + retry_wait(kind, row->attempts, row->level, &job->result, now,
                                        (double)random() / (double)RAND_MAX);
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

static void log_attempt(const struct in_flight *flight, const struct job *job, TALLOC_CTX *context)
{
    const char *tries = memory_printf(context, "%d", flight->row.attempts);
    const char *status = memory_printf(context, "%d", job->result.status);
    if (flight->row.state == DELIVERY_DELIVERED)
        log_info("delivered", "delivery", flight->id, "alert", flight->row.alert_id, "channel",
                 channel_name(flight->channel), "attempt", tries);
    else
        log_warning("not delivered", "delivery", flight->id, "alert", flight->row.alert_id,
                    "channel", channel_name(flight->channel), "state",
                    delivery_state_name(flight->row.state), "attempt", tries, "status", status,
                    "error", job->result.error);
}

int dispatch_record(struct dispatch *dispatch, const struct job *job, usec_t now)
{
    struct in_flight *flight;
    HASH_FIND_STR(dispatch->in_flight, job->name, flight);
    if (flight == NULL)
        return 0;
    HASH_DEL(dispatch->in_flight, flight);
    enum transfer_kind kind = flight->channel == CHANNEL_EMAIL ? TRANSFER_MAIL : TRANSFER_POST;
    enum verdict verdict = retry_verdict(kind, &job->result);
    apply_verdict(verdict, job, kind, now, &flight->row);
    if (flight->row.state == DELIVERY_DELIVERED)
        latency_add(dispatch->latency, flight->channel, now - flight->row.issued_at);
    if (verdict == VERDICT_DISABLE) {
        struct known_subscriber *known;
        HASH_FIND_STR(dispatch->subscribers, flight->subscriber_id, known);
        if (known != NULL)
            known->gone = true;
        log_warning("a receiver said 410 Gone and gets nothing more until the next start",
                    "subscriber", flight->subscriber_id);
    }
    log_attempt(flight, job, flight);
    int r = store_record_delivery(dispatch->store, &flight->row);
    /* A newer alert may have superseded it while it was in flight: then the row has its end. */
    if (r == -EINVAL)
        r = 0;
    talloc_free(flight);
    return r;
}

size_t dispatch_in_flight(const struct dispatch *dispatch)
{
    return HASH_COUNT(dispatch->in_flight);
}

json_t *dispatch_latency(const struct dispatch *dispatch)
{
    return latency_to_json(dispatch->latency);
}
