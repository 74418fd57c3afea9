/* What libcurl carries: feeds, and posts to receivers that may speak HTTP/2. */
#pragma once

#include <curl/curl.h>
#include "transfer/item.h"

/* ---- curl_engine.c: a libcurl multi handle in the loop ---- */
struct engine;
__attribute__((warn_unused_result)) int engine_new(struct transfer *transfer, sd_event *event,
                                                   struct sockets *sockets, attempt_ended *ended,
                                                   sockets_after *after,
                                                   struct engine **ret_engine);
/* Starts what was added and tells of every attempt that has ended. */
void engine_drain(struct engine *engine);
bool engine_add(struct engine *engine, CURL *easy);
void engine_remove(struct engine *engine, CURL *easy);
/* Where its attempts sit: see curl_seat.c. */
void engine_furnish(struct engine *engine, X509_STORE *trust, const char *user_agent);
struct seats *engine_seats(struct engine *engine);

/* ---- curl_seat.c: libcurl handles, made ready once and used again ---- */
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

/* ---- curl_attempt.c: one try at one address ---- */
/* Starts it at addresses.items[0]. Returns 0 or -EIO. */
__attribute__((warn_unused_result)) int curl_attempt_start(struct transfer_item *item,
                                                           struct engine *engine);
/* Takes it out of its engine and adds up what it moved. */
void curl_attempt_stop(struct transfer_item *item);
/* True when TCP stands or more has happened. */
bool curl_attempt_connected(const struct transfer_item *item);

/* ---- curl_answer.c ---- */
size_t curl_take_header(char *bytes, size_t size, size_t count, void *userdata);
size_t curl_take_body(char *bytes, size_t size, size_t count, void *userdata);
enum transfer_failure curl_failure(CURLcode code);
