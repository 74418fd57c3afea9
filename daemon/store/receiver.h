/* What is remembered about receivers beside their subscriptions: which are in trouble or switched
 * off, which mail addresses are never written to again, which old secrets still sign, and what came
 * back. Tables of their own beside those of store.h, under the same rules. */
#pragma once

#include "store/store.h"

/* ---- health: one row for each subscriber whose tries fail ---- */
struct store_health {
    const char *subscriber_id;
    usec_t failing_since; /* first failure since the last success; 0 never failed */
    usec_t off_since;     /* switched off; 0 on */
    const char *reason;   /* why it is off; NULL on */
};
__attribute__((warn_unused_result)) int store_note_failure(struct store *store,
                                                           const char *subscriber_id, usec_t now);
/* Forgets the failures; one that is off stays off. */
__attribute__((warn_unused_result)) int store_note_success(struct store *store,
                                                           const char *subscriber_id);
/* Off until store_switch_on, over restarts. Off already: nothing changes, *ret_new false. */
__attribute__((warn_unused_result)) int store_switch_off(struct store *store,
                                                         const char *subscriber_id,
                                                         const char *reason, usec_t now,
                                                         bool *ret_new);
/* On again, as if it had never failed. -ENOENT when it was not off. */
__attribute__((warn_unused_result)) int store_switch_on(struct store *store,
                                                        const char *subscriber_id);
/* *ret_reason NULL when it is on. */
__attribute__((warn_unused_result)) int store_off_reason(struct store *store, TALLOC_CTX *context,
                                                         const char *subscriber_id,
                                                         const char **ret_reason);
/* Those off, and those that have failed since before `failing_before`; oldest trouble first. */
__attribute__((warn_unused_result)) int store_list_health(struct store *store, TALLOC_CTX *context,
                                                          usec_t failing_before,
                                                          struct store_health **ret,
                                                          size_t *ret_count);

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
    const char *reason;  /* "550 5.1.1" */
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

/* ---- secrets that change: the old one signs too until then ---- */
__attribute__((warn_unused_result)) int store_put_overlap(struct store *store,
                                                          const char *subscriber_id, usec_t until);
/* Ids whose overlap has ended at `now`; their rows are removed. */
__attribute__((warn_unused_result)) int store_take_ended_overlaps(struct store *store,
                                                                  TALLOC_CTX *context, usec_t now,
                                                                  char ***ret_ids,
                                                                  size_t *ret_count);

/* ---- bounces: mail that the relay took and that came back ---- */
/* Once for each delivery; *ret_new false for a repetition. */
__attribute__((warn_unused_result)) int store_put_bounce(struct store *store,
                                                         const char *delivery_id,
                                                         const char *status, bool hard, usec_t now,
                                                         bool *ret_new);
