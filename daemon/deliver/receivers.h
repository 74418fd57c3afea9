/* Receivers as the desk treats them: may a delivery go, what does its result mean for those that
 * follow, and when is a receiver switched off.
 *
 * Does: joins the breaker of each host or mail domain (breaker.h) with what the store remembers
 * (store/receiver.h), so that a restart does not begin with hammering and a receiver that said 410
 * stays off. Never: sends; ends a delivery; logs an address. On the desk thread. */
#pragma once

#include "deliver/delivery.h"
#include "store/receiver.h"

struct receivers;
__attribute__((warn_unused_result)) int receivers_new(TALLOC_CTX *context, struct store *store,
                                                      usec_t now, struct receivers **ret_receivers);

enum receiver_answer {
    RECEIVER_GO,
    RECEIVER_HOLD, /* others are being probed first: costs no try */
    RECEIVER_OFF   /* switched off: the delivery is refused */
};
/* *ret_again: RECEIVER_HOLD, when to ask again. *ret_reason (in `context`): RECEIVER_OFF, why. */
__attribute__((warn_unused_result)) int
receivers_ask(struct receivers *receivers, TALLOC_CTX *context, const char *subscriber_id,
              const char *address, usec_t now, enum receiver_answer *ret_answer, usec_t *ret_again,
              const char **ret_reason);

/* The result of a try, with its verdict: 410 and a hard refusal of a mail address switch off.
 * *ret_off: it was switched off by this, and why (static text), NULL otherwise. */
__attribute__((warn_unused_result)) int
receivers_result(struct receivers *receivers, const char *subscriber_id, const char *address,
                 enum transfer_kind kind, const struct transfer_result *result,
                 enum verdict verdict, usec_t now, const char **ret_off);

/* A notification about mail that came back (bounce.h): the address is never written to again. */
__attribute__((warn_unused_result)) int receivers_bounced(struct receivers *receivers,
                                                          const char *subscriber_id,
                                                          const char *address, const char *status,
                                                          usec_t now, bool *ret_off);

/* Switches off who has failed for `limit` (0: never), unless life safety is in force: then a
 * receiver may come back at any moment, and it is the wrong one to silence. The ids that
 * were switched off now. */
__attribute__((warn_unused_result)) int
receivers_sweep(struct receivers *receivers, TALLOC_CTX *context, usec_t limit, bool life_safety,
                usec_t now, const char *const **ret_ids, size_t *ret_count);

size_t receivers_held(const struct receivers *receivers); /* hosts and domains, for the metrics */
