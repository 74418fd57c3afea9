/* c-ares in the loop: see channel.h.
 *
 * Questions are collected and asked from a deferred source, because c-ares answers some at once
 * from inside the question (the hosts file, literal names), and callers must not be called back
 * then. They are asked in small batches: the next goes out when the last is answered, or a moment
 * later when somebody stays silent. Hundreds of answers at once would not fit into a socket's
 * buffer, and each lost one costs a second and a half. */
#include "transfer/channel.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <sys/time.h>
#include "base/memory.h"

#define TRY_MILLISECONDS 1500 /* the second try waits twice as long */
#define TRIES            2
#define RECEIVE_BYTES    (1024 * 1024) /* answers of a burst of questions (performance.md 2) */
#define BATCH            64
#define BATCH_WAIT       (20 * USEC_PER_MSEC)

struct question {
    struct channel *channel;
    unsigned batch;
    const char *host;
    ares_addrinfo_callback done;
    void *userdata;
    STAILQ_ENTRY(question) link;
};

struct channel {
    ares_channel ares;
    bool open;
    bool renewal_due;
    sd_event *event;
    struct sockets *sockets;
    const char *name_servers;
    sd_event_source *timer, *asking, *next_batch;
    unsigned batch, unanswered; /* the last one, and how many of it are open */
    STAILQ_HEAD(, question) questions;
};

static void set_timer(struct channel *channel);

static int on_time(sd_event_source *source, uint64_t usec, void *userdata)
{
    (void)source;
    (void)usec;
    struct channel *channel = userdata;
    ares_process_fd(channel->ares, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
    set_timer(channel);
    return 0;
}

static void set_timer(struct channel *channel)
{
    struct timeval wait;
    if (ares_timeout(channel->ares, NULL, &wait) == NULL) {
        alarm_stop(channel->timer);
        return;
    }
    usec_t delay = (usec_t)wait.tv_sec * USEC_PER_SEC + wait.tv_usec;
    alarm_set(channel->event, &channel->timer, delay, on_time, channel);
}

static void on_ready(void *userdata, int fd, uint32_t events)
{
    struct channel *channel = userdata;
    bool broken = (events & (EPOLLERR | EPOLLHUP)) != 0;
    bool readable = broken || (events & EPOLLIN) != 0;
    bool writable = (events & EPOLLOUT) != 0;
    ares_process_fd(channel->ares, readable ? fd : ARES_SOCKET_BAD,
                    writable ? fd : ARES_SOCKET_BAD);
    set_timer(channel);
}

static void on_socket_state(void *userdata, ares_socket_t fd, int readable, int writable)
{
    struct channel *channel = userdata;
    uint32_t events = (readable ? (uint32_t)EPOLLIN : 0) | (writable ? (uint32_t)EPOLLOUT : 0);
    sockets_watch(channel->sockets, fd, events, on_ready, channel);
}

static int on_socket_new(ares_socket_t fd, int type, void *userdata)
{
    (void)userdata;
    int bytes = RECEIVE_BYTES;
    if (type == SOCK_DGRAM)
        (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
    return 0;
}

static int open_ares(struct channel *channel)
{
    struct ares_options options = {
        .timeout = TRY_MILLISECONDS,
        .tries = TRIES,
        .sock_state_cb = on_socket_state,
        .sock_state_cb_data = channel,
    };
    int status = ares_init_options(&channel->ares, &options,
                                   ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_SOCK_STATE_CB);
    if (status != ARES_SUCCESS)
        return status == ARES_ENOMEM ? -ENOMEM : -EIO;
    channel->open = true;
    ares_set_socket_configure_callback(channel->ares, on_socket_new, NULL);
    if (channel->name_servers != NULL &&
        ares_set_servers_ports_csv(channel->ares, channel->name_servers) != ARES_SUCCESS)
        return -EINVAL;
    return 0;
}

static void close_ares(struct channel *channel)
{
    if (channel->open)
        ares_destroy(channel->ares);
    channel->open = false;
}

static void ask_soon(struct channel *channel)
{
    (void)sd_event_source_set_enabled(channel->asking, SD_EVENT_ONESHOT);
}

static int on_next_batch(sd_event_source *source, uint64_t usec, void *userdata)
{
    (void)source;
    (void)usec;
    struct channel *channel = userdata;
    channel->unanswered = 0;
    ask_soon(channel);
    return 0;
}

static void on_answer(void *userdata, int status, int timeouts, struct ares_addrinfo *info)
{
    struct question *question = userdata;
    struct channel *channel = question->channel;
    if (question->batch == channel->batch && channel->unanswered > 0 && --channel->unanswered == 0)
        ask_soon(channel);
    question->done(question->userdata, status, timeouts, info);
    talloc_free(question);
}

static void ask(struct channel *channel, struct question *question)
{
    const struct ares_addrinfo_hints hints = {
        .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = ARES_AI_NOSORT};
    question->batch = channel->batch;
    channel->unanswered++;
    if (channel->open)
        ares_getaddrinfo(channel->ares, question->host, NULL, &hints, on_answer, question);
    else
        on_answer(question, ARES_ESERVFAIL, 0, NULL);
}

static int on_asking(sd_event_source *source, void *userdata)
{
    (void)source;
    struct channel *channel = userdata;
    if (channel->renewal_due) {
        channel->renewal_due = false;
        close_ares(channel);
        (void)open_ares(channel);
    }
    if (channel->unanswered > 0)
        return 0;
    channel->batch++;
    struct question *question;
    for (size_t i = 0; i < BATCH && (question = STAILQ_FIRST(&channel->questions)) != NULL; i++) {
        STAILQ_REMOVE_HEAD(&channel->questions, link);
        ask(channel, question);
    }
    if (!STAILQ_EMPTY(&channel->questions))
        alarm_set(channel->event, &channel->next_batch, BATCH_WAIT, on_next_batch, channel);
    if (channel->open)
        set_timer(channel);
    return 0;
}

static int channel_destroy(struct channel *channel)
{
    close_ares(channel);
    sd_event_source_disable_unref(channel->timer);
    sd_event_source_disable_unref(channel->asking);
    sd_event_source_disable_unref(channel->next_batch);
    ares_library_cleanup();
    return 0;
}

int channel_new(TALLOC_CTX *context, sd_event *event, struct sockets *sockets,
                const char *name_servers, struct channel **ret_channel)
{
    if (ares_library_init(ARES_LIB_INIT_ALL) != ARES_SUCCESS)
        return -ENOMEM;
    struct channel *channel = memory_new(context, struct channel);
    channel->event = event;
    channel->sockets = sockets;
    channel->name_servers = memory_text_or_null(channel, name_servers);
    STAILQ_INIT(&channel->questions);
    talloc_set_destructor(channel, channel_destroy);
    int r = sd_event_add_defer(event, &channel->asking, on_asking, channel);
    if (r >= 0)
        r = sd_event_source_set_enabled(channel->asking, SD_EVENT_OFF);
    if (r >= 0)
        r = open_ares(channel);
    if (r < 0) {
        talloc_free(channel);
        return r;
    }
    *ret_channel = channel;
    return 0;
}

void channel_ask(struct channel *channel, const char *host, ares_addrinfo_callback done,
                 void *userdata)
{
    struct question *question = memory_new(channel, struct question);
    question->channel = channel;
    question->host = host;
    question->done = done;
    question->userdata = userdata;
    STAILQ_INSERT_TAIL(&channel->questions, question, link);
    ask_soon(channel);
}

void channel_renew(struct channel *channel)
{
    channel->renewal_due = true;
    ask_soon(channel);
}
