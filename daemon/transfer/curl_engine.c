/* A libcurl multi handle in the loop: see curl_engine.h. Its sockets stand in the nested epoll set,
 * its one timer is an sd-event timer. Ended attempts are told only when libcurl has returned, so
 * that whoever is told may start and stop others.
 *
 * libcurl moves its timer with every transfer that starts or ends. "At once" is therefore served by
 * engine_drain without any timer, and a timer that would only go off later is left as it stands and
 * set anew when it goes off: some ten times a second instead of twice for each transfer. */
#include <errno.h>
#include <sys/epoll.h>
#include "base/memory.h"
#include "transfer/curl_engine.h"

/* Connections kept for later: libcurl scans them for each request (performance.md 2). */
#define KEPT_CONNECTIONS 200
#define STREAMS_MAX      32L /* at once on one HTTP/2 connection */

struct engine {
    struct transfer *transfer;
    sd_event *event;
    struct sockets *sockets;
    CURLM *multi;
    struct seats *seats;
    sd_event_source *timer;
    usec_t armed; /* monotonic, when the timer goes off; 0 never */
    usec_t due;   /* when libcurl wants to be called; 0 never */
    attempt_ended *ended;
    sockets_after *after;
    bool closing;
};

static void on_ready(void *userdata, int fd, uint32_t events)
{
    struct engine *engine = userdata;
    int mask =
        (events & EPOLLIN ? CURL_CSELECT_IN : 0) | (events & EPOLLOUT ? CURL_CSELECT_OUT : 0);
    if ((events & (EPOLLERR | EPOLLHUP)) != 0)
        mask |= CURL_CSELECT_ERR;
    int running;
    (void)curl_multi_socket_action(engine->multi, fd, mask, &running);
}

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *userdata, void *socket_data)
{
    (void)easy;
    (void)socket_data;
    struct engine *engine = userdata;
    uint32_t events = 0;
    if (what == CURL_POLL_IN || what == CURL_POLL_INOUT)
        events |= EPOLLIN;
    if (what == CURL_POLL_OUT || what == CURL_POLL_INOUT)
        events |= EPOLLOUT;
    sockets_watch(engine->sockets, fd, events, on_ready, engine);
    return 0;
}

static int on_time(sd_event_source *source, uint64_t usec, void *userdata);

static void arm(struct engine *engine, usec_t now)
{
    if (engine->due == 0 || (engine->armed != 0 && engine->armed <= engine->due))
        return;
    engine->armed = engine->due;
    alarm_set(engine->event, &engine->timer, engine->due - now, on_time, engine);
}

static int on_time(sd_event_source *source, uint64_t usec, void *userdata)
{
    (void)source;
    (void)usec;
    struct engine *engine = userdata;
    engine->armed = 0;
    engine->after(engine->transfer);
    arm(engine, clock_monotonic());
    return 0;
}

static int on_timer(CURLM *multi, long milliseconds, void *userdata)
{
    (void)multi;
    struct engine *engine = userdata;
    if (engine->closing || milliseconds < 0) {
        engine->due = 0;
        return 0;
    }
    usec_t now = clock_monotonic();
    engine->due = now + milliseconds * USEC_PER_MSEC;
    if (milliseconds > 0)
        arm(engine, now);
    return 0;
}

static void run_due(struct engine *engine)
{
    if (engine->due == 0 || engine->due > clock_monotonic())
        return;
    int running;
    engine->due = 0;
    (void)curl_multi_socket_action(engine->multi, CURL_SOCKET_TIMEOUT, 0, &running);
}

void engine_drain(struct engine *engine)
{
    CURLMsg *message;
    int left;
    run_due(engine);
    while ((message = curl_multi_info_read(engine->multi, &left)) != NULL) {
        if (message->msg != CURLMSG_DONE)
            continue;
        /* The message dies with the next call. */
        CURLcode code = message->data.result;
        struct seat *seat = NULL;
        if (curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &seat) == CURLE_OK)
            engine->ended(seat->item, curl_failure(code));
    }
    /* It may want to be called at once again. */
    arm(engine, clock_monotonic());
}

static int engine_destroy(struct engine *engine)
{
    engine->closing = true;
    talloc_free(engine->seats);
    curl_multi_cleanup(engine->multi);
    sd_event_source_disable_unref(engine->timer);
    return 0;
}

int engine_new(struct transfer *transfer, sd_event *event, struct sockets *sockets,
               attempt_ended *ended, sockets_after *after, struct engine **ret_engine)
{
    struct engine *engine = memory_new(transfer, struct engine);
    *engine = (struct engine){.transfer = transfer,
                              .event = event,
                              .sockets = sockets,
                              .ended = ended,
                              .after = after,
                              .multi = curl_multi_init()};
    memory_must(engine->multi);
    talloc_set_destructor(engine, engine_destroy);
    CURLMcode code = curl_multi_setopt(engine->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
    if (code == CURLM_OK)
        code = curl_multi_setopt(engine->multi, CURLMOPT_SOCKETDATA, engine);
    if (code == CURLM_OK)
        code = curl_multi_setopt(engine->multi, CURLMOPT_TIMERFUNCTION, on_timer);
    if (code == CURLM_OK)
        code = curl_multi_setopt(engine->multi, CURLMOPT_TIMERDATA, engine);
    if (code == CURLM_OK)
        code = curl_multi_setopt(engine->multi, CURLMOPT_MAXCONNECTS, (long)KEPT_CONNECTIONS);
    if (code == CURLM_OK)
        code = curl_multi_setopt(engine->multi, CURLMOPT_MAX_CONCURRENT_STREAMS, STREAMS_MAX);
    if (code != CURLM_OK) {
        talloc_free(engine);
        return -EIO;
    }
    *ret_engine = engine;
    return 0;
}

bool engine_add(struct engine *engine, CURL *easy)
{
    return curl_multi_add_handle(engine->multi, easy) == CURLM_OK;
}

void engine_remove(struct engine *engine, CURL *easy)
{
    (void)curl_multi_remove_handle(engine->multi, easy);
}

struct seats *engine_seats(struct engine *engine)
{
    return engine->seats;
}

void engine_furnish(struct engine *engine, X509_STORE *trust, const char *user_agent)
{
    engine->seats = seats_new(engine, trust, user_agent);
}
