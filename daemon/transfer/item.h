/* One transfer and what carries it; shared by the files of this folder.
 *
 *   name ─▶ waiting ─▶ running ─▶ ended        (transfer.c)
 *            destination.c   attempt.c, seat.c, engine.c, answer.c */
#pragma once

#include <curl/curl.h>
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
    bool aside;        /* destination.c: has waited so long that it no longer holds up others */

    struct engine *chosen; /* for all attempts */
    struct seat *seat;     /* NULL: no attempt under way */
    struct curl_slist *headers, *connect_to;
    bool requested; /* the connection stands and the request goes out */
    struct answer answer;

    enum transfer_failure failure; /* what we found ourselves, before libcurl's code */
    const char *error;
    int status;
    usec_t sent_at;
    size_t bytes_moved;
    TAILQ_ENTRY(transfer_item) link;       /* waiting in its destination, running, or ended */
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

/* ---- engine.c: a libcurl multi handle in the loop ---- */
struct engine;
enum engine_kind { ENGINE_ONCE /* a connection each */, ENGINE_KEPT /* connections are kept */ };
typedef void engine_ended(struct transfer_item *item, CURLcode code);
__attribute__((warn_unused_result)) int engine_new(struct transfer *transfer, sd_event *event,
                                                   struct sockets *sockets, enum engine_kind kind,
                                                   engine_ended *ended, sockets_after *after,
                                                   struct engine **ret_engine);
/* Starts what was added and tells of every attempt that has ended. */
void engine_drain(struct engine *engine);
bool engine_add(struct engine *engine, CURL *easy);
void engine_remove(struct engine *engine, CURL *easy);
bool engine_keeps(const struct engine *engine);
/* Where its attempts sit: see seat.c. */
void engine_furnish(struct engine *engine, X509_STORE *trust, const char *user_agent);
struct seats *engine_seats(struct engine *engine);

/* ---- seat.c: libcurl handles, made ready once and used again ---- */
/* A handle has most options for its whole life; its callbacks find the item by the seat. */
struct seat {
    struct engine *engine;
    CURL *easy;
    struct transfer_item *item; /* that sits on it */
    bool posts;                 /* for posts to receivers only: may be used again */
    TAILQ_ENTRY(seat) link;
};
struct seats;
struct seats *seats_new(struct engine *engine, X509_STORE *trust, const char *user_agent);
/* A seat for the item, item->seat. Returns 0, or -EIO when libcurl refuses an option. */
__attribute__((warn_unused_result)) int seat_take(struct transfer_item *item,
                                                  struct engine *engine);
/* Gives it back; NULL is fine. The handle must not be in its engine any more. */
void seat_leave(struct transfer_item *item);

/* ---- attempt.c: one try at one address ---- */
/* Starts it at addresses.items[0]. Returns 0 or -EIO. */
__attribute__((warn_unused_result)) int attempt_start(struct transfer_item *item,
                                                      struct engine *engine);
/* Takes it out of its engine and adds up what it moved. */
void attempt_stop(struct transfer_item *item);
/* True when TCP stands or more has happened. */
bool attempt_connected(const struct transfer_item *item);
/* True when nothing may be written for it any more. */
bool item_expired(const struct transfer_item *item);

/* ---- answer.c ---- */
void answer_start(struct transfer_item *item);
size_t answer_take_header(char *bytes, size_t size, size_t count, void *userdata);
size_t answer_take_body(char *bytes, size_t size, size_t count, void *userdata);
/* What the end of the last attempt means: item->failure and item->status. Returns the text for
 * people, NULL when fine. */
const char *answer_judge(struct transfer_item *item, CURLcode code);

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
