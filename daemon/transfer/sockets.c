/* The nested epoll set: see sockets.h.
 *
 * What to call is kept in an array by descriptor. One round may close a descriptor and open another
 * with the same number while later events of the round still wait, so each watch has a generation,
 * and an event of an older generation is dropped (level-triggered: it comes again when it is true).
 */
#include "transfer/sockets.h"

#include <errno.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>
#include "base/memory.h"

#define ROUND_EVENTS 256

struct watch {
    sockets_ready *ready; /* NULL: not watched */
    void *userdata;
    uint32_t generation;
};

struct sockets {
    int epoll_fd;
    sd_event_source *source;
    sockets_after *after;
    void *userdata;
    struct watch *watches; /* by descriptor */
    size_t count;
};

static int on_round(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
    (void)source;
    (void)revents;
    struct sockets *sockets = userdata;
    struct epoll_event events[ROUND_EVENTS];
    int count = epoll_wait(fd, events, ROUND_EVENTS, 0);
    for (int i = 0; i < count; i++) {
        size_t number = (uint32_t)events[i].data.u64;
        struct watch *watch = &sockets->watches[number];
        if (watch->ready == NULL) /* forgotten, and still not closed */
            (void)epoll_ctl(fd, EPOLL_CTL_DEL, (int)number, NULL);
        else if (watch->generation == (uint32_t)(events[i].data.u64 >> 32))
            watch->ready(watch->userdata, (int)number, events[i].events);
    }
    sockets->after(sockets->userdata);
    return 0;
}

static int sockets_destroy(struct sockets *sockets)
{
    sd_event_source_disable_unref(sockets->source);
    if (sockets->epoll_fd >= 0)
        close(sockets->epoll_fd);
    return 0;
}

int sockets_new(TALLOC_CTX *context, sd_event *event, sockets_after *after, void *userdata,
                struct sockets **ret_sockets)
{
    struct sockets *sockets = memory_new(context, struct sockets);
    sockets->after = after;
    sockets->userdata = userdata;
    sockets->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    talloc_set_destructor(sockets, sockets_destroy);
    int r = sockets->epoll_fd < 0 ? -errno
                                  : sd_event_add_io(event, &sockets->source, sockets->epoll_fd,
                                                    EPOLLIN, on_round, sockets);
    if (r < 0) {
        talloc_free(sockets);
        return r;
    }
    *ret_sockets = sockets;
    return 0;
}

static struct watch *watch_of(struct sockets *sockets, int fd)
{
    size_t number = (size_t)fd;
    while (sockets->count <= number) {
        sockets->watches =
            memory_grow(sockets, sockets->watches, sockets->count, sizeof(struct watch));
        sockets->count = talloc_get_size(sockets->watches) / sizeof(struct watch);
    }
    return &sockets->watches[number];
}

void sockets_watch(struct sockets *sockets, int fd, uint32_t events, sockets_ready *ready,
                   void *userdata)
{
    struct watch *watch = watch_of(sockets, fd);
    if (events == 0) {
        watch->ready = NULL;
        /* The owner may have closed it already. */
        (void)epoll_ctl(sockets->epoll_fd, EPOLL_CTL_DEL, fd, NULL);
        return;
    }
    bool known = watch->ready != NULL;
    if (!known)
        watch->generation++;
    watch->ready = ready;
    watch->userdata = userdata;
    struct epoll_event event = {
        .events = events,
        .data.u64 = (uint64_t)watch->generation << 32 | (uint32_t)fd,
    };
    /* A descriptor that was closed and opened again without notice is known here and new there. */
    if (epoll_ctl(sockets->epoll_fd, known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &event) < 0)
        (void)epoll_ctl(sockets->epoll_fd, errno == EEXIST ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd,
                        &event);
}

void sockets_forget(struct sockets *sockets, int fd)
{
    watch_of(sockets, fd)->ready = NULL;
}

void alarm_set(sd_event *event, sd_event_source **source, usec_t delay,
               sd_event_time_handler_t handler, void *userdata)
{
    uint64_t wait = delay > 0 ? (uint64_t)delay : 0;
    int r;
    if (*source == NULL) {
        r = sd_event_add_time_relative(event, source, CLOCK_MONOTONIC, wait, 1, handler, userdata);
    } else {
        r = sd_event_source_set_time_relative(*source, wait);
        if (r >= 0)
            r = sd_event_source_set_enabled(*source, SD_EVENT_ONESHOT);
    }
    memory_must(r < 0 ? NULL : *source);
}

void alarm_stop(sd_event_source *source)
{
    if (source != NULL)
        (void)sd_event_source_set_enabled(source, SD_EVENT_OFF);
}
