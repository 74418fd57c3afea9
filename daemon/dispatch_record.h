/* What the end of a try means for its delivery, its receiver, and those that follow. */
#pragma once

#include "deliver/receivers.h"
#include "dispatch.h"

/* What became of a delivery, until it is recorded. */
enum ended_kind {
    ENDED_HERE,  /* without a try */
    ENDED_TRIED, /* by the result of a try */
    ENDED_HELD   /* not at all: its receiver is being probed */
};
struct ended {
    enum ended_kind kind;
    struct store_delivery row;     /* texts below `texts` */
    bool fallback, other;          /* there is another channel; this was it */
    const char *address;           /* below `texts`; of a try */
    struct transfer_result result; /* failure, status and times of a try */
    enum verdict verdict;
};
struct recorder {
    struct store *store;
    struct receivers *receivers;
    struct dispatch_hooks hooks;
};

/* Records it, inside the caller's transaction: the row, the receiver's health, or another channel.
 * -EINVAL or -ENOENT: the row has had its end already. Other negative errno: the store failed. */
__attribute__((warn_unused_result)) int ended_record(const struct recorder *recorder,
                                                     const struct ended *ended, usec_t now);
