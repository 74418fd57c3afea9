/* Many sockets as one sd-event source: an epoll set inside the loop's (style.md 2.3). */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>
#include <talloc.h>
#include "base/clock.h"

struct sockets;

/* `events`: EPOLLIN, EPOLLOUT … of this descriptor. */
typedef void sockets_ready(void *userdata, int fd, uint32_t events);
/* After each round of ready sockets. */
typedef void sockets_after(void *userdata);

__attribute__((warn_unused_result)) int sockets_new(TALLOC_CTX *context, sd_event *event,
                                                    sockets_after *after, void *userdata,
                                                    struct sockets **ret_sockets);
/* Watches a descriptor for `events`; 0 stops watching it. */
void sockets_watch(struct sockets *sockets, int fd, uint32_t events, sockets_ready *ready,
                   void *userdata);

/* The same as watching for 0, for a descriptor that its owner closes next: closing takes it out. */
void sockets_forget(struct sockets *sockets, int fd);

/* Sets or moves a one-shot timer, made at the first call; accuracy 1, never sd-event's 250 ms. It
 * fails only without memory, and then ends the process. */
void alarm_set(sd_event *event, sd_event_source **source, usec_t delay,
               sd_event_time_handler_t handler, void *userdata);
/* Stops it; NULL is fine. */
void alarm_stop(sd_event_source *source);
