/* What became of an alert, counted for reports; read-only. Part of store.h. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <talloc.h>
#include "base/clock.h"
#include "store/delivery.h"

struct store;

struct store_report_alert {
    int64_t number;
    const char *id, *event_id, *status, *hazard;
    int level;
    usec_t issued_at; /* by JMA */
    usec_t seen_at;   /* its telegram was here; 0 unknown */
    usec_t begun_at;  /* the fan-out was durable */
};
/* Those with this id or event id, oldest first. */
__attribute__((warn_unused_result)) int store_report_alerts(struct store *store,
                                                            TALLOC_CTX *context, const char *id,
                                                            struct store_report_alert **ret,
                                                            size_t *ret_count);

struct store_report_times { /* of what was delivered; 0 nothing was */
    int64_t delivered;
    usec_t first, median, p99, last;
};
__attribute__((warn_unused_result)) int store_report_times(struct store *store, int64_t alert,
                                                           struct store_report_times *ret);

/* How fast a channel delivered lately: deliveries a second, until 95 in a hundred had arrived, of
 * the largest of its latest fan-outs of 20 to 50,000. *ret_rate 0: nothing to measure. */
__attribute__((warn_unused_result)) int
store_delivery_rate(struct store *store, enum delivery_channel channel, double *ret_rate);

struct store_report_group {        /* deliveries that are alike */
    const char *languages, *areas; /* of the profile: "vi;en"; NULL: he has left */
    const char *facility;          /* "hotel"; "" nobody said */
    enum delivery_channel channel;
    bool other; /* it was the second channel */
    enum delivery_state state;
    int64_t count;
};
__attribute__((warn_unused_result)) int store_report_groups(struct store *store,
                                                            TALLOC_CTX *context, int64_t alert,
                                                            struct store_report_group **ret,
                                                            size_t *ret_count);

struct store_report_reason { /* why some were not delivered, or came back; no addresses */
    enum delivery_channel channel;
    enum delivery_state state;
    const char *reason;
    int64_t count;
};
/* The most frequent first, at most `limit`. */
__attribute__((warn_unused_result)) int
store_report_reasons(struct store *store, TALLOC_CTX *context, int64_t alert, size_t limit,
                     struct store_report_reason **ret, size_t *ret_count);
