/* Transfers from start to end: see transfer.h.
 *
 *   transfer_start ─▶ name (resolver.c) ─▶ waiting (destination.c) ─▶ attempts ─▶ done
 *                 └─▶ mails: mailer.c                     http_client.c, curl_engine.c
 *
 * Callers are called back only from the pump: a deferred source, and the end of each round of
 * sockets and timers. So nothing here is entered twice, and a callback may start more transfers.
 *
 * A name with several addresses: all but the last get a head start of 250 ms for their TCP
 * connection, then the next is tried; one that was only slow is tried again at the end.
 *
 * Receivers that hang: destination.c sets them aside. When even that room is full, those that have
 * hung longest give way after two seconds; their next try comes later. */
#include <errno.h>
#include <openssl/x509_vfy.h>
#include <string.h>
#include "base/memory.h"
#include "transfer/curl_engine.h"
#include "transfer/http_client.h"
#include "transfer/mailer.h"
#include "transfer/trust.h"

#define HEAD_START       (250 * USEC_PER_MSEC) /* RFC 8305 8 */
#define TICK             (50 * USEC_PER_MSEC)  /* how late a deadline of an item may be */
#define FRESH_FOR        (10 * USEC_PER_MSEC)  /* then it waits for the other side */
#define PATIENCE         (2 * USEC_PER_SEC)    /* with one that others wait for */
#define LIMIT            64
#define LIMIT_PER_HOST   2
#define MAIL_CONNECTIONS 4

struct transfer {
    struct transfer_options options;
    X509_STORE *trust;
    struct sockets *sockets;
    struct resolver *resolver;
    struct http_client *http; /* posts to receivers */
    struct engine *curl;      /* the rest */
    struct destinations *destinations;
    struct mailer *mailer;
    sd_event_source *pump;
    sd_event_source *tick;  /* one for the deadlines of all items; off when there are none */
    sd_event_source *aside; /* only when nothing else is to be done */
    struct item_list all, timed, ended;
    size_t count;
    bool aside_set;
    bool curl_ready, pumping, again;
};

bool item_expired(const struct transfer_item *item)
{
    return item->request.expires_at != 0 && clock_monotonic() >= item->request.expires_at;
}

static void wake(struct transfer *transfer)
{
    transfer->again = true;
    if (transfer->pumping)
        return;
    (void)sd_event_source_set_enabled(transfer->pump, SD_EVENT_ONESHOT);
}

static int on_tick(sd_event_source *source, uint64_t usec, void *userdata);

/* 0: no deadline any more. */
static void set_deadline(struct transfer_item *item, usec_t delay)
{
    struct transfer *transfer = item->transfer;
    if (item->deadline != 0)
        TAILQ_REMOVE(&transfer->timed, item, timed_link);
    item->deadline = 0;
    if (delay <= 0)
        return;
    if (TAILQ_EMPTY(&transfer->timed))
        alarm_set(transfer->options.event, &transfer->tick, TICK, on_tick, transfer);
    item->deadline = clock_monotonic() + delay;
    TAILQ_INSERT_TAIL(&transfer->timed, item, timed_link);
}

static void item_end(struct transfer_item *item, const char *error)
{
    struct transfer *transfer = item->transfer;
    set_deadline(item, 0);
    if (item->destination != NULL)
        destinations_release(transfer->destinations, item);
    item->error = error;
    TAILQ_INSERT_TAIL(&transfer->ended, item, link);
    wake(transfer);
}

static void item_fail(struct transfer_item *item, enum transfer_failure failure)
{
    item->failure = failure;
    item_end(item, failure_text(failure));
}

static void stop(struct transfer_item *item)
{
    http_attempt_stop(item);
    curl_attempt_stop(item);
}

/* An attempt of it is under way. */
static bool is_running(const struct transfer_item *item)
{
    return item->seat != NULL || item->connection != NULL;
}

static bool is_connected(const struct transfer_item *item)
{
    return item->connected || item->requested ||
           (item->seat != NULL && curl_attempt_connected(item));
}

static int item_destroy(struct transfer_item *item)
{
    struct transfer *transfer = item->transfer;
    stop(item);
    talloc_free(item->wait);
    set_deadline(item, 0);
    TAILQ_REMOVE(&transfer->all, item, all_link);
    transfer->count--;
    return 0;
}

static void tell(struct transfer_item *item)
{
    const struct answer *answer = &item->answer;
    const struct transfer_result result = {
        .failure = item->failure,
        .status = item->status,
        .error = item->error,
        .etag = answer->etag,
        .last_modified = answer->last_modified,
        .date = answer->date,
        .age = answer->age,
        .retry_after = answer->retry_after,
        .body = answer->body != NULL ? answer->body->bytes : "",
        .body_length = answer->body != NULL ? answer->body->length : 0,
        .bytes_moved = item->bytes_moved,
        .sent_at = item->sent_at,
        .ended_at = clock_monotonic(),
    };
    item->done(item->userdata, &result);
}

/* ---- attempts ---- */

static usec_t time_left(const struct transfer_item *item)
{
    return item->request.total_timeout - (clock_monotonic() - item->started_at);
}

static usec_t smaller(usec_t a, usec_t b)
{
    return a < b ? a : b;
}

/* HTTP/2 is libcurl's; it pays where a receiver gets several deliveries over one connection. */
static bool is_ours(const struct transfer_item *item)
{
    return item->request.lane == LANE_RECEIVER && item->request.kind == TRANSFER_POST &&
           !(item->shared && strcmp(item->endpoint.scheme, "https") == 0);
}

static void try_address(struct transfer_item *item)
{
    struct transfer *transfer = item->transfer;
    usec_t left = time_left(item);
    bool others = item->addresses.count > 1 && !item->slow[0] && !item->slow[1];
    if (left <= 0) {
        item_fail(item, TRANSFER_TIMEOUT);
    } else if (is_ours(item)) {
        usec_t most = smaller(item->request.connect_timeout, left);
        set_deadline(item, others ? smaller(HEAD_START, most) : most);
        http_attempt_start(transfer->http, item, item->shared);
    } else if (curl_attempt_start(item, transfer->curl) < 0) {
        item_fail(item, TRANSFER_BAD_REQUEST);
    } else {
        set_deadline(item, others ? HEAD_START : 0);
    }
}

/* The first address goes: away, or to the end when it was only slow. */
static void next_address(struct transfer_item *item, bool was_slow)
{
    struct address_list *list = &item->addresses;
    const struct sockaddr_storage first = list->items[0];
    resolver_demote(item->transfer->resolver, item->endpoint.host, &first);
    list->count--;
    memmove(&list->items[0], &list->items[1], list->count * sizeof(list->items[0]));
    memmove(&item->slow[0], &item->slow[1], list->count * sizeof(item->slow[0]));
    if (was_slow) {
        item->slow[list->count] = true;
        list->items[list->count++] = first;
    }
    try_address(item);
}

static void give_up(struct transfer_item *item)
{
    const char *error = answer_judge(item, TRANSFER_TIMEOUT);
    stop(item);
    item_end(item, error);
}

/* What our own attempt may still take: until the request goes out, with TLS, it is a connection. */
static usec_t attempt_left(const struct transfer_item *item)
{
    usec_t left = time_left(item);
    usec_t connect = item->request.connect_timeout - (clock_monotonic() - item->tried_at);
    return item->requested ? left : smaller(connect, left);
}

/* Its address has not answered, or its time is over. libcurl keeps its own time once TCP stands. */
static void attempt_late(struct transfer_item *item)
{
    if (!is_connected(item) && item->addresses.count > 1 && time_left(item) > 0) {
        stop(item);
        next_address(item, !item->slow[0]);
    } else if (item->seat == NULL && is_connected(item) && attempt_left(item) > 0 &&
               !item->answer.complete_header) {
        set_deadline(item, attempt_left(item));
    } else if (item->seat == NULL) {
        give_up(item);
    }
}

/* The name of an item did not come, or its attempt is late. */
static void item_late(struct transfer_item *item)
{
    set_deadline(item, 0);
    if (item->wait != NULL) {
        talloc_free(item->wait);
        item->wait = NULL;
        item_fail(item, TRANSFER_NAME);
    } else if (is_running(item)) {
        attempt_late(item);
    }
}

void item_hurry(struct transfer_item *item, usec_t time)
{
    if (item->deadline == 0 || item->deadline > clock_monotonic() + time)
        set_deadline(item, time);
}

static int on_tick(sd_event_source *source, uint64_t usec, void *userdata)
{
    (void)source;
    (void)usec;
    struct transfer *transfer = userdata;
    usec_t now = clock_monotonic();
    struct transfer_item *item = TAILQ_FIRST(&transfer->timed), *next;
    for (; item != NULL; item = next) {
        next = TAILQ_NEXT(item, timed_link);
        if (item->deadline <= now)
            item_late(item);
    }
    if (!TAILQ_EMPTY(&transfer->timed))
        alarm_set(transfer->options.event, &transfer->tick, TICK, on_tick, transfer);
    wake(transfer);
    return 0;
}

static void on_attempt_ended(struct transfer_item *item, enum transfer_failure failure)
{
    const char *error = answer_judge(item, failure);
    bool unreached = !is_connected(item) &&
                     (item->failure == TRANSFER_CONNECT || item->failure == TRANSFER_TIMEOUT);
    stop(item);
    if (unreached && item->addresses.count > 1) {
        item->failure = TRANSFER_OK;
        next_address(item, false);
        return;
    }
    item_end(item, error);
}

static void item_run(struct transfer_item *item, bool shared)
{
    if (item_expired(item)) {
        item_fail(item, TRANSFER_EXPIRED);
        return;
    }
    item->started_at = clock_monotonic();
    item->shared = shared;
    try_address(item);
}

/* ---- names ---- */

static bool may_reach(const struct transfer_item *item, const struct sockaddr_storage *address)
{
    const struct transfer_options *options = item->options;
    const struct sockaddr *generic = (const struct sockaddr *)address;
    if (item->request.lane != LANE_RECEIVER)
        return true;
    if (item->ruled_only)
        return address_in_rules(generic, options->allowed, options->allowed_count);
    return address_allowed(generic, options->allowed, options->allowed_count);
}

static void on_addresses(void *userdata, const struct address_list *addresses)
{
    struct transfer_item *item = userdata;
    item->wait = NULL;
    set_deadline(item, 0);
    for (size_t i = 0; i < addresses->count; i++) {
        if (may_reach(item, &addresses->items[i]))
            address_list_add(&item->addresses, (const struct sockaddr *)&addresses->items[i]);
    }
    if (addresses->count == 0) {
        item_fail(item, TRANSFER_NAME);
    } else if (item->addresses.count == 0) {
        item_fail(item, TRANSFER_ADDRESS_REFUSED);
    } else {
        destinations_add(item->transfer->destinations, item);
        wake(item->transfer);
    }
}

static void find_addresses(struct transfer_item *item)
{
    struct transfer *transfer = item->transfer;
    if (item->endpoint.literal) {
        struct address_list own = {0};
        address_list_add(&own, (const struct sockaddr *)&item->endpoint.address);
        on_addresses(item, &own);
        return;
    }
    const struct address_list *known = resolver_known(transfer->resolver, item->endpoint.host);
    if (known != NULL) {
        on_addresses(item, known);
        return;
    }
    item->wait = resolver_ask(transfer->resolver, item, item->endpoint.host, on_addresses, item);
    set_deadline(item, item->request.connect_timeout);
}

/* ---- the pump ---- */

static void tell_ended(struct transfer *transfer)
{
    struct transfer_item *item;
    while ((item = TAILQ_FIRST(&transfer->ended)) != NULL) {
        TAILQ_REMOVE(&transfer->ended, item, link);
        tell(item);
        talloc_free(item);
    }
}

static int on_aside(sd_event_source *source, uint64_t usec, void *userdata);

/* Others wait: see soon which of those under way only hang. The source comes last of all in the
 * loop, so that a machine that is merely busy sets nobody aside. */
static void look_for_idle(struct transfer *transfer)
{
    if (transfer->aside_set || !destinations_blocked(transfer->destinations))
        return;
    transfer->aside_set = true;
    alarm_set(transfer->options.event, &transfer->aside, FRESH_FOR, on_aside, transfer);
    (void)sd_event_source_set_priority(transfer->aside, SD_EVENT_PRIORITY_IDLE);
}

static void start_waiting(struct transfer *transfer)
{
    struct transfer_item *item;
    bool shared;
    while ((item = destinations_next(transfer->destinations, &shared)) != NULL)
        item_run(item, shared);
}

static void pump_once(struct transfer *transfer)
{
    transfer->again = false;
    http_client_drain(transfer->http);
    engine_drain(transfer->curl);
    start_waiting(transfer);
    /* What was just started wants to run, and may end at once. */
    http_client_drain(transfer->http);
    engine_drain(transfer->curl);
    mailer_pump(transfer->mailer);
    tell_ended(transfer);
    mailer_tell(transfer->mailer);
}

static void pump(void *userdata)
{
    struct transfer *transfer = userdata;
    if (transfer->pumping)
        return;
    transfer->pumping = true;
    /* Whoever is told mostly starts the next: at once, but the loop has other sources too. */
    pump_once(transfer);
    if (transfer->again)
        pump_once(transfer);
    transfer->pumping = false;
    look_for_idle(transfer);
    if (transfer->again)
        wake(transfer);
}

static int on_aside(sd_event_source *source, uint64_t usec, void *userdata)
{
    (void)source;
    (void)usec;
    struct transfer *transfer = userdata;
    usec_t now = clock_monotonic();
    transfer->aside_set = false;
    destinations_set_aside(transfer->destinations, now - FRESH_FOR);
    struct transfer_item *oldest;
    while ((oldest = destinations_oldest(transfer->destinations)) != NULL && is_running(oldest) &&
           now - oldest->started_at > PATIENCE) {
        give_up(oldest);
        start_waiting(transfer);
    }
    pump(transfer);
    return 0;
}

static int on_pump(sd_event_source *source, void *userdata)
{
    (void)source;
    pump(userdata);
    return 0;
}

/* ---- the service ---- */

static int transfer_destroy(struct transfer *transfer)
{
    struct transfer_item *item;
    while ((item = TAILQ_FIRST(&transfer->all)) != NULL)
        talloc_free(item);
    talloc_free(transfer->mailer);
    talloc_free(transfer->http);
    talloc_free(transfer->curl);
    talloc_free(transfer->resolver);
    talloc_free(transfer->sockets);
    sd_event_source_disable_unref(transfer->pump);
    sd_event_source_disable_unref(transfer->tick);
    sd_event_source_disable_unref(transfer->aside);
    X509_STORE_free(transfer->trust);
    if (transfer->curl_ready)
        curl_global_cleanup();
    sd_event_unref(transfer->options.event);
    return 0;
}

static void open_mailer(struct transfer *transfer)
{
    const struct transfer_options *options = &transfer->options;
    const struct mailer_parts parts = {
        .event = options->event,
        .sockets = transfer->sockets,
        .resolver = transfer->resolver,
        .trust = transfer->trust,
        .connections = options->mail_connections,
        .own_name = options->mail_host,
        .after = pump,
        .userdata = transfer,
    };
    transfer->mailer = mailer_new(transfer, &parts);
}

static void open_http(struct transfer *transfer)
{
    const struct http_parts parts = {
        .event = transfer->options.event,
        .sockets = transfer->sockets,
        .trust = transfer->trust,
        .user_agent = transfer->options.user_agent,
        .ended = on_attempt_ended,
    };
    transfer->http = http_client_new(transfer, &parts);
}

static int open_parts(struct transfer *transfer)
{
    sd_event *event = transfer->options.event;
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        return -EIO;
    transfer->curl_ready = true;
    int r = trust_new(transfer->options.ca_file, &transfer->trust);
    if (r >= 0)
        r = sockets_new(transfer, event, pump, transfer, &transfer->sockets);
    if (r >= 0)
        r = resolver_new(transfer, event, transfer->sockets, transfer->options.name_servers,
                         &transfer->resolver);
    if (r >= 0)
        r = engine_new(transfer, event, transfer->sockets, on_attempt_ended, pump, &transfer->curl);
    if (r >= 0) {
        engine_furnish(transfer->curl, transfer->trust, transfer->options.user_agent);
        open_http(transfer);
        open_mailer(transfer);
        r = sd_event_add_defer(event, &transfer->pump, on_pump, transfer);
    }
    if (r >= 0)
        r = sd_event_source_set_enabled(transfer->pump, SD_EVENT_OFF);
    return r < 0 ? r : 0;
}

int transfer_new(TALLOC_CTX *context, const struct transfer_options *options,
                 struct transfer **ret_transfer)
{
    struct transfer *transfer = memory_new(context, struct transfer);
    struct transfer_options *copy = &transfer->options;
    *copy = *options;
    copy->event = sd_event_ref(options->event);
    copy->ca_file = memory_text_or_null(transfer, options->ca_file);
    copy->user_agent = memory_text_or_null(transfer, options->user_agent);
    copy->name_servers = memory_text_or_null(transfer, options->name_servers);
    copy->mail_host =
        memory_text(transfer, options->mail_host != NULL ? options->mail_host : "localhost");
    if (copy->mail_connections == 0)
        copy->mail_connections = MAIL_CONNECTIONS;
    if (copy->limit == 0)
        copy->limit = LIMIT;
    if (copy->limit_per_host == 0)
        copy->limit_per_host = LIMIT_PER_HOST;
    TAILQ_INIT(&transfer->all);
    TAILQ_INIT(&transfer->timed);
    TAILQ_INIT(&transfer->ended);
    transfer->destinations = destinations_new(transfer, copy->limit, copy->limit_per_host);
    talloc_set_destructor(transfer, transfer_destroy);
    int r = open_parts(transfer);
    if (r < 0) {
        talloc_free(transfer);
        return r;
    }
    *ret_transfer = transfer;
    return 0;
}

void transfer_free(struct transfer *transfer)
{
    talloc_free(transfer);
}

int transfer_start(struct transfer *transfer, const struct transfer_request *request,
                   transfer_done *done, void *userdata)
{
    struct transfer_item *item;
    if (request->kind == TRANSFER_MAIL) {
        wake(transfer);
        return mailer_start(transfer->mailer, request, done, userdata);
    }
    int r = item_new(transfer, &transfer->options, request, &item);
    if (r < 0)
        return r;
    item->done = done;
    item->userdata = userdata;
    TAILQ_INSERT_TAIL(&transfer->all, item, all_link);
    transfer->count++;
    talloc_set_destructor(item, item_destroy);
    find_addresses(item);
    return 0;
}

size_t transfer_running(const struct transfer *transfer)
{
    return transfer->count + mailer_count(transfer->mailer);
}
