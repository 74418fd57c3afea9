/* See rehearsal.h. */
#include "rehearsal.h"

#include "base/memory.h"
#include "fanout.h"

#define CLAIM_ROWS 1000

struct making {
    const struct ingest *ingest;
    usec_t now;
    rehearsal_made *made;
    void *userdata;
};

static int make_some(const struct making *making, enum delivery_channel channel,
                     enum delivery_class class, size_t *ret_count)
{
    TALLOC_CTX *scratch = talloc_new(NULL);
    struct store_claim *claims;
    int r = store_claim_deliveries(making->ingest->store, scratch, channel, class, making->now,
                                   CLAIM_ROWS, &claims, ret_count);
    for (size_t i = 0; r >= 0 && i < *ret_count; i++) {
        struct store_delivery *delivery = &claims[i].delivery;
        r = making->made(making->userdata, scratch, delivery);
        delivery->state = DELIVERY_DELIVERED;
        delivery->ended_at = making->now;
        if (r >= 0)
            r = store_record_delivery(making->ingest->store, delivery);
    }
    talloc_free(scratch);
    return r;
}

int rehearsal_deliver(const struct ingest *ingest, usec_t now, rehearsal_made *made, void *userdata)
{
    const struct making making = {ingest, now, made, userdata};
    struct fanout_count count;
    size_t claimed;
    int r = fanout_finish(ingest, now, &count);
    for (int queue = 0; r >= 0 && queue < DELIVERY_CHANNELS * 2; queue++) {
        enum delivery_class class = queue < DELIVERY_CHANNELS ? CLASS_URGENT : CLASS_ORDINARY;
        do
            r = make_some(&making, (enum delivery_channel)(queue % DELIVERY_CHANNELS), class,
                          &claimed);
        while (r >= 0 && claimed > 0);
    }
    return r;
}
