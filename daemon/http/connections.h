/* The open connections of the http server, so that none can hold a place for ever.
 *
 * libmicrohttpd's own timeout counts inactivity only, so a client that drips bytes stays
 * (reliability 0.2). Here each request has an absolute deadline, each answer another, and above
 * three quarters of the limit the oldest connection that is still asking makes room for a new one.
 * A connection is ended by shutdown(): the server's thread then closes it. That is free of races
 * because the server tells us under the lock before it closes the descriptor. */
#pragma once

#include <stddef.h>
#include "base/clock.h"

#define CONNECTION_REQUEST_DEADLINE (10 * USEC_PER_SEC)
#define CONNECTION_ANSWER_DEADLINE  (60 * USEC_PER_SEC)

struct connections;
struct connection;

/* No talloc parent: it is used by two threads of the server and by nobody else. */
struct connections *connections_new(size_t limit);
void connections_free(struct connections *connections);

/* A connection begins to ask. NULL when there is no place left (it is shut down). `now` is
 * monotonic here and below. */
struct connection *connection_open(struct connections *connections, int fd, usec_t now);
/* Its request is whole and is being answered. */
void connection_answer(struct connections *connections, struct connection *connection, usec_t now);
/* The answer is out; the next request may come. */
void connection_again(struct connections *connections, struct connection *connection, usec_t now);
/* Before the descriptor is closed. */
void connection_close(struct connections *connections, struct connection *connection);

/* Ends all that are past their deadline. */
void connections_sweep(struct connections *connections, usec_t now);
/* A thread of its own that sweeps each second, so that deadlines hold on a quiet server too. */
__attribute__((warn_unused_result)) int connections_watch(struct connections *connections);

size_t connections_count(struct connections *connections);
/* How many were ended by a deadline or to make room. */
unsigned long connections_ended(struct connections *connections);
