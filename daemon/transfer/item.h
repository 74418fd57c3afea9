/* One transfer and what carries it; shared by the files of this folder.
 *
 *   name ─▶ waiting ─▶ running ─▶ ended        (transfer.c)
 *            destination.c   http_*.c or curl_*.c, answer.c */
#pragma once

#include <openssl/types.h>
#include <sys/queue.h>
#include <uthash.h>
#include "base/buffer.h"
#include "transfer/address.h"
#include "transfer/failure.h"
#include "transfer/resolver.h"
#include "transfer/sockets.h"

/* The answer as it comes in (answer.c). */
struct answer {
    struct buffer *body;
    size_t header_bytes;
    bool complete_header; /* of a final status */
    bool cut;             /* more came than was wanted */
    const char *etag, *last_modified, *date, *age, *retry_after;
};

struct transfer_item {
    struct transfer *transfer;
    const struct transfer_options *options;
    struct transfer_request request; /* what it points to stays the caller's */
    struct endpoint endpoint;
    bool ruled_only; /* plain http or an unusual port: only inside the operator's rules */
    transfer_done *done;
    void *userdata;

    struct resolver_wait *wait;
    struct address_list addresses; /* allowed ones, not tried or only slow */
    bool slow[RESOLVER_ADDRESSES_MAX];
    struct destination *destination;
    usec_t deadline;   /* monotonic: of the name, then of the head start; 0 none */
    usec_t started_at; /* monotonic, when it left the queue */
    usec_t tried_at;   /* monotonic, when our client began its last connection */
    bool aside;        /* destination.c: has waited so long that it no longer holds up others */

    bool shared;                             /* others of its destination run or wait */
    struct http_client *client;              /* ours; NULL: not used */
    struct http_connection *connection;      /* NULL: no attempt of ours under way */
    bool attempted;                          /* waits to be told that it is over */
    struct seat *seat;                       /* NULL: no attempt of libcurl's under way */
    struct curl_slist *headers, *connect_to; /* libcurl's */
    bool connected;                          /* by our client: TCP stands */
    bool requested;                          /* the connection stands and the request goes out */
    struct answer answer;

    enum transfer_failure failure; /* what was found first */
    const char *error;
    int status;
    usec_t sent_at;
    size_t bytes_moved;
    TAILQ_ENTRY(transfer_item) link; /* waiting in its destination, running, or ended */
    TAILQ_ENTRY(transfer_item) attempted_link;
    TAILQ_ENTRY(transfer_item) timed_link; /* while it has a deadline */
    TAILQ_ENTRY(transfer_item) all_link;   /* of all */
};
TAILQ_HEAD(item_list, transfer_item);

/* ---- transfer_request.c ---- */
/* Checks and copies. Returns 0 or -EINVAL. */
__attribute__((warn_unused_result)) int item_new(struct transfer *transfer,
                                                 const struct transfer_options *options,
                                                 const struct transfer_request *request,
                                                 struct transfer_item **ret_item);

/* ---- transfer.c ---- */
/* True when nothing may be written for it any more. */
bool item_expired(const struct transfer_item *item);
/* It has at most so long from now on. */
void item_hurry(struct transfer_item *item, usec_t time);
/* An attempt is over. */
typedef void attempt_ended(struct transfer_item *item, enum transfer_failure failure);

/* ---- answer.c ---- */
void answer_start(struct transfer_item *item);
/* Each takes a part of the answer; false when it is more than may come. */
bool answer_count_header(struct transfer_item *item, size_t length);
void answer_keep_header(struct transfer_item *item, const char *name, size_t name_length,
                        const char *value, size_t value_length);
bool answer_keep_body(struct transfer_item *item, const char *bytes, size_t length);
/* What the end of the last attempt means: item->failure and item->status. Returns the text for
 * people, NULL when fine. */
const char *answer_judge(struct transfer_item *item, enum transfer_failure failure);

/* ---- destination.c: who may start next ---- */
struct destinations;
struct destinations *destinations_new(TALLOC_CTX *context, size_t limit, size_t limit_per_host);
void destinations_add(struct destinations *destinations, struct transfer_item *item);
/* Next item that may start, now counted as running; NULL when none. *ret_busy: others of its
 * destination run or wait, so that keeping the connection pays. */
struct transfer_item *destinations_next(struct destinations *destinations, bool *ret_busy);
/* A running item has ended. */
void destinations_release(struct destinations *destinations, struct transfer_item *item);
/* True when receivers wait only because too many others are fresh or under way. */
bool destinations_blocked(const struct destinations *destinations);
/* Those that have been under way since before `since` make room for fresh ones. */
void destinations_set_aside(struct destinations *destinations, usec_t since);
/* The one that holds up the most: the longest under way when there is no room at all for others
 * that wait; NULL when there is room. */
struct transfer_item *destinations_oldest(const struct destinations *destinations);
