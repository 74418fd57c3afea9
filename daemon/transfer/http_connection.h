/* One connection to a receiver: TCP, TLS, a request, its answer, perhaps another request. Shared by
 * http_connection.c and http_client.c, which owns it. */
#pragma once

#include <openssl/types.h>
#include "transfer/item.h"
#include "transfer/tls.h"

#define HTTP_READ_BYTES ((size_t)16 * 1024)

struct http_connection;
/* Of all connections of a client; outlives them. */
struct http_shared {
    struct sockets *sockets;
    SSL_CTX *tls;
    struct tls_sessions *sessions;
    const char *user_agent;
    struct buffer *request; /* where requests are put together */
    char *read; /* HTTP_READ_BYTES for what comes: on the stack it were zeroed each time */
    /* What it did is over, or, without an item, it is of no more use. It may be freed only later.
     */
    void (*over)(struct http_connection *connection, enum transfer_failure failure);
    void *userdata;
};

enum http_step { HTTP_CONNECT, HTTP_TLS, HTTP_TALK };
struct http_connection {
    const struct http_shared *shared;
    struct transfer_item *item; /* whose request is under way; NULL: idle */
    enum http_step step;
    int fd; /* -1: closed */
    struct tls *tls;
    struct http_answer *answer;
    char *rest; /* of the request, what the socket has not taken yet; NULL: nothing */
    size_t rest_length, rest_sent;
    bool keep;      /* for more than one request */
    bool used;      /* has brought a whole answer before */
    bool answering; /* something of the answer at hand has come */

    /* While it is idle: to whom it leads, and since when (monotonic). */
    const char *scheme, *host;
    unsigned port;
    usec_t idle_since;
    TAILQ_ENTRY(http_connection) link; /* idle, or to be freed */
};
TAILQ_HEAD(http_connection_list, http_connection);

struct http_connection *http_connection_new(TALLOC_CTX *context, const struct http_shared *shared,
                                            bool keep);
/* Begins to connect to item->addresses.items[0] for the item. */
void http_connection_open(struct http_connection *connection, struct transfer_item *item);
/* True when an idle connection has heard nothing: neither its end nor what was never asked for,
 * which would pass for the answer to the next request. */
bool http_connection_is_fresh(const struct http_connection *connection);
/* Another request on an idle connection. */
void http_connection_again(struct http_connection *connection, struct transfer_item *item);
/* Closes its socket; nothing more is heard of it. */
void http_connection_close(struct http_connection *connection);
