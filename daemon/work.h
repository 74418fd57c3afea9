/* What crosses between the loop and the desk: jobs (loop → desk) and orders (desk → loop).
 *
 * Each is one talloc chunk with everything it needs below it; pushing it hands it over. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include "base/clock.h"
#include "transfer/transfer.h"

enum job_kind {
    JOB_FEED,     /* answer of a feed; name: feed */
    JOB_TELEGRAM, /* answer of a telegram; name: entry id */
    JOB_ATTEMPT,  /* result of one try; name: delivery id */
    JOB_CONTROL,  /* a request of the command line; text: JSON, client: whom to answer */
    JOB_RELOAD,   /* take the configuration anew */
    JOB_STOP,     /* finish and end */
};
struct job {
    enum job_kind kind;
    const char *name;
    struct transfer_result result; /* deep copy */
    const char *text;
    uint64_t client;
};

enum order_kind {
    ORDER_FETCH_FEED,
    ORDER_FETCH_TELEGRAM,
    ORDER_DELIVER,
    ORDER_REPLY,   /* text to a client of the control socket */
    ORDER_STOPPED, /* the desk has ended */
};
struct order {
    enum order_kind kind;
    const char *name;
    struct transfer_request request; /* what it points to lives below the order */
    const char *text;
    uint64_t client;
};

/* A job with a deep copy of `result` (may be NULL). */
struct job *job_new(enum job_kind kind, const char *name, const struct transfer_result *result);
struct order *order_new(enum order_kind kind, const char *name);
