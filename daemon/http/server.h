/* The http server's inside: what the answers need of it. */
#pragma once

#include <microhttpd.h>
#include <pthread.h>
#include <stdbool.h>
#include "http/connections.h"
#include "http/page_set.h"

struct http_server {
    struct MHD_Daemon *daemon;
    struct connections *connections;
    usec_t stale_after;
    const char *policy; /* Content-Security-Policy */
    unsigned port;
    pthread_mutex_t lock; /* of what follows; held for an instant */
    struct page_set *current;
    usec_t published_at; /* monotonic; 0: nothing was published yet */
    usec_t log_minute;
    unsigned log_lines;
};

/* The current set with a reference of its own for the caller, whether it is too old to be the
 * present, and its age (-1: nothing was published yet). */
struct page_set *http_current(struct http_server *server, bool *ret_old, usec_t *ret_age);

/* libmicrohttpd's handler of requests. */
enum MHD_Result http_answer(void *context, struct MHD_Connection *connection, const char *url,
                            const char *method, const char *version, const char *upload,
                            size_t *upload_size, void **request);
