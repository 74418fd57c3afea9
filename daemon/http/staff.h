/* The staff listener: HTTP on an address of its own, for the pages and the API of disaster staff.
 *
 * Does: finds the route, bounds size and rate, turns the request into a job for the desk, waits for
 * its answer up to a deadline, writes page or JSON. A thread for each connection, at most
 * STAFF_CONNECTIONS_MAX. Never: touches the store; lets a request reach a command without a row in
 * the route table; keeps a password longer than it takes to compare it. */
#pragma once

#include "broadcast/office.h"
#include "http/staff_page.h"

#define STAFF_CONNECTIONS_MAX 64
#define STAFF_ANSWER_DEADLINE (8 * USEC_PER_SEC)

struct staff_server;

struct staff_options {
    const char *address;
    unsigned port;                   /* 0: any free one */
    const char *certificate, *key;   /* PEM text; NULL: no TLS */
    const char *origin;              /* of the pages behind a proxy; NULL: as asked for */
    const struct staff_pages *pages; /* NULL: the API only */
    /* Hands a request (office.h, as JSON text) to the desk; the desk calls staff_reply. Called by
     * many threads. Returns 0 or negative errno when the desk has ended. */
    int (*ask)(void *userdata, uint64_t ticket, const char *request);
    void *userdata;
};
__attribute__((warn_unused_result)) int staff_start(TALLOC_CTX *context,
                                                    const struct staff_options *options,
                                                    struct staff_server **ret_server);
unsigned staff_port(const struct staff_server *server);
/* The desk's answer to a ticket; one that nobody waits for any more is dropped. Any thread. */
void staff_reply(struct staff_server *server, uint64_t ticket, const char *answer);
void staff_stop(struct staff_server *server); /* NULL is fine */
