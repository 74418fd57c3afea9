/* Due deliveries → network; results → store. Read this second.
 *
 * Does: steps 11 to 13 of docs/architecture.md: claims (the attempt is counted in the store before
 * it is made), composes, orders; records each result and its end. Never: sends what expired, what a
 * newer alert superseded, or to whom no longer subscribes. */
#pragma once

#include "base/queue.h"
#include "config/config.h"
#include "match/match.h"
#include "store/store.h"
#include "work.h"

struct dispatch;

/* Deliveries that a dead daemon had in flight become pending again. */
__attribute__((warn_unused_result)) int dispatch_new(TALLOC_CTX *context,
                                                     const struct config *config,
                                                     struct store *store, struct queue *orders,
                                                     struct dispatch **ret_dispatch);

/* From now on with this configuration (reload.h); what is in flight goes on as it was. */
void dispatch_configure(struct dispatch *dispatch, const struct config *config);

/* The subscribers as they are now. Keeps a pointer until the next call. */
void dispatch_audience(struct dispatch *dispatch, const struct audience *audience);

/* Orders what is due, as far as there is room. *ret_next: when to come again. */
__attribute__((warn_unused_result)) int dispatch_due(struct dispatch *dispatch, usec_t now,
                                                     usec_t *ret_next);

/* The result of an attempt. Call between store_begin and store_commit for a group of them. */
__attribute__((warn_unused_result)) int dispatch_record(struct dispatch *dispatch,
                                                        const struct job *job, usec_t now);

size_t dispatch_in_flight(const struct dispatch *dispatch);
/* {"webhook": {"buckets": [[0.05, 3], …], "sum": seconds, "count": n}, …}; new reference. */
json_t *dispatch_latency(const struct dispatch *dispatch);
