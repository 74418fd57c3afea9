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
struct receivers;

/* Deliveries that a dead daemon had in flight become pending again. */
__attribute__((warn_unused_result)) int dispatch_new(TALLOC_CTX *context,
                                                     const struct config *config,
                                                     struct store *store, struct queue *orders,
                                                     usec_t now, struct dispatch **ret_dispatch);

/* From now on with this configuration (reload.h); what is in flight goes on as it was. */
void dispatch_configure(struct dispatch *dispatch, const struct config *config);

/* What a delivery needs beyond itself. All on the desk. */
struct dispatch_hooks {
    /* The message of a delivery in the form of another channel: its number. Inside a transaction.
     * -ENOENT: there is none. */
    int (*other_form)(void *userdata, const struct store_delivery *delivery,
                      enum delivery_channel channel, int64_t *ret_message);
    /* Something that an operator must know. */
    void (*notice)(void *userdata, const char *text);
    void *userdata;
};
void dispatch_hooks(struct dispatch *dispatch, const struct dispatch_hooks *hooks);

/* Mails `text` to the contact of the configuration, once, if there is one. */
void dispatch_mail_contact(struct dispatch *dispatch, const char *text, usec_t now);

/* Keeps the results of attempts; they are recorded in groups. The job stays the caller's. */
void dispatch_take(struct dispatch *dispatch, const struct job *job, usec_t now);

/* One round, in one transaction: records what came back and claims what is due, as far as there is
 * room; then orders it. *ret_next: when to come again (wall time). */
__attribute__((warn_unused_result)) int dispatch_round(struct dispatch *dispatch, usec_t now,
                                                       usec_t *ret_next);
/* Records what came back and claims nothing: when the desk stops. */
__attribute__((warn_unused_result)) int dispatch_record(struct dispatch *dispatch, usec_t now);

/* Ends what outlived its alert; finds what broke the bound (store.h: DELIVERY_BOUND). *ret_late:
 * how many since the last call. */
__attribute__((warn_unused_result)) int dispatch_sweep(struct dispatch *dispatch, usec_t now,
                                                       size_t *ret_late);

struct receivers *dispatch_receivers(const struct dispatch *dispatch);
/* Another round comes before more is written: the loop would have nothing to send meanwhile. */
bool dispatch_is_hungry(const struct dispatch *dispatch);
size_t dispatch_in_flight(const struct dispatch *dispatch);
/* {"webhook": {"buckets": [[0.05, 3], …], "sum": seconds, "count": n}, …}; new reference. */
json_t *dispatch_latency(const struct dispatch *dispatch);
