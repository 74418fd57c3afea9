/* Receivers as the desk treats them: may a delivery go, and what does its result mean for those
 * that follow.
 *
 * Does: joins the breaker of each host or mail domain (breaker.h) with what the store remembers
 * (store/receiver.h), so that a restart does not begin with hammering. Never: sends; ends a
 * delivery; logs an address. On the desk thread, inside its transactions. */
#pragma once

#include "deliver/delivery.h"
#include "store/store.h"

/* A webhook that takes so long to answer what was written to it is in trouble like one that fails:
 * its next delivery takes the second place of its level (store/delivery.h). */
#define RECEIVER_LATE (2 * USEC_PER_SEC)

struct receivers;
__attribute__((warn_unused_result)) int receivers_new(TALLOC_CTX *context, struct store *store,
                                                      usec_t now, struct receivers **ret_receivers);

/* May a delivery to this address go now? When not, others are being probed first: that costs no
 * try, and *ret_again is when to ask again. */
bool receivers_may_go(struct receivers *receivers, const char *address, usec_t now,
                      usec_t *ret_again);

/* The result of a try by his second channel: it says nothing about the subscriber. */
__attribute__((warn_unused_result)) int
receivers_tried(struct receivers *receivers, const char *address, enum transfer_kind kind,
                const struct transfer_result *result, enum verdict verdict, usec_t now);
/* The result of a try by the first, with its verdict. 410, and a mail address that does not exist,
 * disable the subscriber. *ret_off: why he was disabled by this (static text); NULL otherwise. */
__attribute__((warn_unused_result)) int
receivers_result(struct receivers *receivers, int64_t subscriber, const char *address,
                 enum transfer_kind kind, const struct transfer_result *result,
                 enum verdict verdict, usec_t now, const char **ret_off);

/* Mail that came back for good (bounce.h): the address is never written to again. */
__attribute__((warn_unused_result)) int receivers_bounced(struct receivers *receivers,
                                                          int64_t subscriber, const char *address,
                                                          const char *status, usec_t now);

/* Disables who has failed for `limit` (0: never), unless life safety is in force: then a receiver
 * may come back at any moment, and it is the wrong one to silence. *ret_ids: those disabled
 * now. */
__attribute__((warn_unused_result)) int
receivers_sweep(struct receivers *receivers, TALLOC_CTX *context, usec_t limit, bool life_safety,
                usec_t now, const char *const **ret_ids, size_t *ret_count);

void receivers_clock_back(struct receivers *receivers, usec_t now); /* breaker.h */
size_t receivers_held(const struct receivers *receivers); /* hosts and domains, for the metrics */
