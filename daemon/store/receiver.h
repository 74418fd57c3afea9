/* Receivers in trouble, addresses that are never written to again, old secrets that still sign,
 * mail that came back. Part of store.h. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <jansson.h>
#include <talloc.h>
#include "base/clock.h"

struct store;
struct store_delivery;

/* ---- trouble: one row for each subscriber whose tries fail, or who answers late ---- */
/* A try failed: his days of failing begin, unless they have. A success ends them; `late`: it took
 * so long (deliver/receivers.h) that he is in trouble all the same. */
__attribute__((warn_unused_result)) int store_note_failure(struct store *store, int64_t subscriber,
                                                           usec_t now);
__attribute__((warn_unused_result)) int store_note_success(struct store *store, int64_t subscriber,
                                                           bool late);
struct store_trouble {
    int64_t subscriber;
    const char *id;
    usec_t failing_since; /* first failure since the last success; 0 none */
    usec_t disabled_at;   /* 0: not */
    const char *reason;   /* why disabled; NULL none */
};
/* Those who are disabled, and those who have failed since before `failing_before`; oldest trouble
 * first. */
__attribute__((warn_unused_result)) int store_list_trouble(struct store *store, TALLOC_CTX *context,
                                                           usec_t failing_before,
                                                           struct store_trouble **ret,
                                                           size_t *ret_count);
/* Sends to him again, as if he had never failed. -ENOENT: unknown, or not disabled. */
__attribute__((warn_unused_result)) int store_enable_subscriber(struct store *store,
                                                                const char *id);

/* ---- breakers: hosts and domains in trouble (deliver/breaker.h) ---- */
struct store_breaker {
    const char *receiver;
    int failures; /* 0: forget the row */
    usec_t failing_since;
};
__attribute__((warn_unused_result)) int store_put_breaker(struct store *store,
                                                          const struct store_breaker *row);
__attribute__((warn_unused_result)) int store_list_breakers(struct store *store,
                                                            TALLOC_CTX *context,
                                                            struct store_breaker **ret,
                                                            size_t *ret_count);

/* ---- suppression: mail addresses that do not exist ---- */
struct store_suppression {
    const char *address; /* lower case; only for the operator's eyes */
    const char *reason;  /* "550", "5.1.1" */
    usec_t at;
};
__attribute__((warn_unused_result)) int store_suppress(struct store *store, const char *address,
                                                       const char *reason, usec_t now);
/* -ENOENT when it is not in the list. */
__attribute__((warn_unused_result)) int store_unsuppress(struct store *store, const char *address);
__attribute__((warn_unused_result)) int store_suppressed(struct store *store, const char *address,
                                                         bool *ret_suppressed);
__attribute__((warn_unused_result)) int store_list_suppressions(struct store *store,
                                                                TALLOC_CTX *context,
                                                                struct store_suppression **ret,
                                                                size_t *ret_count);

/* ---- secrets that change ---- */
/* `secrets`: "new old", both of which sign until `until`; then the first alone does. */
__attribute__((warn_unused_result)) int store_rotate_secret(struct store *store, int64_t subscriber,
                                                            const char *secrets, usec_t until);
/* Drops old secrets whose time is over. Returns how many. */
__attribute__((warn_unused_result)) int store_end_overlaps(struct store *store, usec_t now,
                                                           size_t *ret_count);

/* ---- bounces: mail that the relay took and that came back ---- */
/* Once for each delivery; *ret_new false for a repetition. -ENOENT: there is no such delivery. */
__attribute__((warn_unused_result)) int store_put_bounce(struct store *store, int64_t alert,
                                                         int64_t subscriber, const char *status,
                                                         bool hard, usec_t now, bool *ret_new);

/* ---- deliveries that wait for their receiver, or take another way ---- */
/* A claimed delivery that did not go after all: deferred to next_at, the attempt not counted.
 * -EINVAL when it is not sending. */
__attribute__((warn_unused_result)) int
store_hold_delivery(struct store *store, const struct store_delivery *delivery, usec_t next_at);
/* A delivery whose channel failed begins anew by the other one, with another message: pending, no
 * attempt counted. -EINVAL when it has ended. */
__attribute__((warn_unused_result)) int
store_reroute_delivery(struct store *store, const struct store_delivery *delivery, int channel,
                       int64_t message, usec_t next_at, const char *why);
/* True when something that this telegram led to was delivered, and nothing of it still waits. */
__attribute__((warn_unused_result)) int
store_telegram_arrived(struct store *store, const char *telegram_id, bool *ret_arrived);
/* The clock was set back to `now`: what waits for a time beyond it is due at once. */
__attribute__((warn_unused_result)) int store_clock_back(struct store *store, usec_t now);
/* An alert and a subscriber's profile by number. *ret_json: new reference. -ENOENT. */
__attribute__((warn_unused_result)) int store_get_alert(struct store *store, int64_t alert,
                                                        json_t **ret_json);
__attribute__((warn_unused_result)) int store_profile_of(struct store *store, int64_t subscriber,
                                                         int64_t *ret_profile);
