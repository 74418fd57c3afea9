/* The staff listener from inside. */
#pragma once

#include <microhttpd.h>
#include <pthread.h>
#include <uthash.h>

#include "base/buffer.h"
#include "broadcast/route.h"
#include "http/connections.h"
#include "http/staff.h"

struct staff_waiting { /* on the stack of the thread that waits */
    uint64_t ticket;
    char *answer; /* by malloc; NULL: not yet */
    UT_hash_handle hh;
};
struct staff_rate {
    const char *key; /* address and route */
    unsigned count;
    UT_hash_handle hh;
};
struct staff_server {
    struct MHD_Daemon *daemon;
    struct staff_options options;
    struct connections *connections;
    unsigned port;
    bool secure;          /* cookies only over TLS */
    pthread_mutex_t lock; /* of what follows */
    pthread_cond_t answered;
    uint64_t next_ticket;
    struct staff_waiting *waiting;
    struct staff_rate *rates;
    TALLOC_CTX *rate_memory; /* used under the lock only */
    usec_t rate_minute;
    bool stopping;
    pthread_mutex_t hashing; /* one password at a time: 64 MiB each */
};

/* One request being read and answered. */
struct staff_exchange {
    TALLOC_CTX *context;
    struct staff_server *server;
    struct MHD_Connection *connection;
    const char *method, *path, *from;
    const char *id;
    const struct route *route;
    struct buffer *body;
    unsigned refused; /* status to answer whatever comes; 0: none */
    bool form;        /* the body is one; the answer is a page or a redirect */
    const char *language;
};

const char *staff_header(const struct staff_exchange *exchange, const char *name);
/* False when this address has asked this route too often in this minute. */
bool staff_rate_allows(struct staff_server *server, const struct route *route, const char *from);
/* Asks the desk and waits. New reference; NULL when no answer came in time. */
json_t *staff_ask(struct staff_server *server, const json_t *request);
/* A whole request for the desk, without the body. New reference. */
json_t *staff_request(struct staff_exchange *exchange);
/* The same with what only the listener can add: whether a password is right, new ones hashed. */
json_t *staff_ask_all(struct staff_exchange *exchange, json_t *request);
/* A form's body as JSON: names with dots become objects, repeated ones lists. NULL: not a form. */
json_t *staff_form_read(TALLOC_CTX *context, const char *body, size_t length);
enum MHD_Result staff_answer(struct staff_exchange *exchange);
