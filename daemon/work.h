/* What crosses between the loop and the desk: jobs (loop → desk) and orders (desk → loop).
 *
 * Each is one talloc chunk with everything it needs below it; pushing it hands it over. Deliveries
 * cross in batches: an order carries parcels, a job the outcomes of those that are done. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include "base/bytes.h"
#include "base/clock.h"
#include "transfer/transfer.h"

/* One delivery to be attempted. A talloc chunk below its order, let go when its attempt is done;
 * the body is shared with others (bytes_keep). */
struct parcel {
    int64_t alert, subscriber; /* key of the delivery */
    struct transfer_request request;
};
/* How an attempt ended. */
struct outcome {
    int64_t alert, subscriber;
    struct transfer_result result; /* texts below the job; no body */
};

enum job_kind {
    JOB_FEED,     /* answer of a feed; name: feed */
    JOB_TELEGRAM, /* answer of a telegram; name: entry id */
    JOB_ATTEMPTS, /* results of tries: outcomes */
    JOB_CONTROL,  /* a request of the command line; text: JSON, client: whom to answer */
    JOB_RELOAD,   /* take the configuration anew */
    JOB_STAFF,    /* a request of the staff listener; text: JSON, client: its ticket */
    JOB_STOP,     /* finish and end */
};
struct job {
    enum job_kind kind;
    const char *name;
    struct transfer_result result; /* deep copy */
    const char *text;
    uint64_t client;
    struct outcome *outcomes;
    size_t outcome_count;
};

enum order_kind {
    ORDER_FETCH_FEED,
    ORDER_FETCH_TELEGRAM,
    ORDER_DELIVER, /* parcels */
    ORDER_REPLY,   /* text to a client of the control socket */
    ORDER_STOPPED, /* the desk has ended */
};
struct order {
    enum order_kind kind;
    const char *name;
    struct transfer_request request; /* what it points to lives below the order */
    const char *text;
    uint64_t client;
    struct parcel **parcels; /* below the order */
    size_t parcel_count;
    usec_t now, monotonic; /* of parcels: what time it was by the desk when they were made */
};

/* A job with a deep copy of `result` (may be NULL). */
struct job *job_new(enum job_kind kind, const char *name, const struct transfer_result *result);
/* Adds one outcome to a job of attempts; what a receiver answered beyond the status is left out. */
void job_add_outcome(struct job *job, int64_t alert, int64_t subscriber,
                     const struct transfer_result *result);
struct order *order_new(enum order_kind kind, const char *name);
/* For parcels that expire by the desk's time, which is `now`. */
struct order *order_new_deliver(usec_t now);
/* An empty parcel below the order, with one reference to `body` (may be NULL). */
struct parcel *order_add_parcel(struct order *order, int64_t alert, int64_t subscriber,
                                struct bytes *body);
