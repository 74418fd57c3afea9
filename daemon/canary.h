/* The canary: a telegram of our own that travels the whole path every few minutes to receivers of
 * its own, and an alarm when it does not arrive (H-19, test 49).
 *
 * Does: makes the telegram (an earthquake of status test in a place that no person lives in), and
 * looks in the store whether the one before was delivered. Never: reaches a person
 * (match/canary.h). On the desk. */
#pragma once

#include "store/store.h"

/* So many in a row must be missing before it is an alarm. */
#define CANARY_MISSES 2

struct canary;
struct canary *canary_new(TALLOC_CTX *context, struct store *store);

/* Looks after the one before and fills the next telegram when it is time: then *ret_telegram has an
 * id, and is to be stored and ingested like any other (else id NULL). `period` 0: none are sent.
 * *ret_notice: what an operator must hear now (the alarm, or its end), in `context`; NULL: nothing.
 * *ret_next: when to come again. Returns 0 or the store's negative errno. */
__attribute__((warn_unused_result)) int canary_due(struct canary *canary, TALLOC_CTX *context,
                                                   usec_t period, usec_t now,
                                                   struct store_telegram *ret_telegram,
                                                   const char **ret_notice, usec_t *ret_next);

/* True while CANARY_MISSES or more in a row did not arrive. */
bool canary_missing(const struct canary *canary);
