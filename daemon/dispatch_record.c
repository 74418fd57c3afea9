/* See dispatch_record.h. */
#include <errno.h>

#include "base/log.h"
#include "base/memory.h"
#include "dispatch_record.h"

/* A warning of level 4 or 5 takes its other channel after so many failed tries of the first. */
#define FALLBACK_LEVEL 4
#define FALLBACK_TRIES 3

static int tell_receivers(const struct recorder *recorder, const struct ended *ended, usec_t now)
{
    const char *off;
    enum transfer_kind kind = ended->row.channel == DELIVERY_EMAIL ? TRANSFER_MAIL : TRANSFER_POST;
    if (ended->other)
        return receivers_tried(recorder->receivers, ended->address, kind, &ended->result,
                               ended->verdict, now);
    int r = receivers_result(recorder->receivers, ended->row.subscriber, ended->address, kind,
                             &ended->result, ended->verdict, now, &off);
    if (r >= 0 && off != NULL) {
        log_warning("a subscriber gets nothing more", "subscriber", ended->row.subscriber_id,
                    "reason", off);
        char *text = memory_printf(NULL, "subscriber %s was switched off: %s",
                                   ended->row.subscriber_id, off);
        recorder->hooks.notice(recorder->hooks.userdata, text);
        talloc_free(text);
    }
    return r;
}

/* The first channel has failed, or a grave warning cannot wait for it any longer. */
static bool takes_other_channel(const struct ended *ended)
{
    const struct store_delivery *row = &ended->row;
    if (!ended->fallback || ended->kind == ENDED_HELD)
        return false;
    return row->state == DELIVERY_REFUSED ||
           (row->state == DELIVERY_DEFERRED && row->level >= FALLBACK_LEVEL &&
            row->attempts >= FALLBACK_TRIES);
}

static int take_other_channel(const struct recorder *recorder, const struct ended *ended,
                              usec_t now)
{
    const struct store_delivery *row = &ended->row;
    enum delivery_channel other =
        row->channel == DELIVERY_EMAIL ? DELIVERY_WEBHOOK : DELIVERY_EMAIL;
    int64_t message;
    int r = recorder->hooks.other_form(recorder->hooks.userdata, row, other, &message);
    if (r >= 0)
        r = store_reroute_delivery(recorder->store, row, (int)other, message, now, row->last_error);
    if (r >= 0)
        log_notice("a delivery takes its other channel", "delivery", row->id, "subscriber",
                   row->subscriber_id, "channel", delivery_channel_name(other), "error",
                   row->last_error);
    return r;
}

int ended_record(const struct recorder *recorder, const struct ended *ended, usec_t now)
{
    int r = ended->kind == ENDED_TRIED ? tell_receivers(recorder, ended, now) : 0;
    if (r < 0)
        return r;
    if (ended->kind == ENDED_HELD)
        return store_hold_delivery(recorder->store, &ended->row, ended->row.next_at);
    if (takes_other_channel(ended)) {
        r = take_other_channel(recorder, ended, now);
        if (r != -ENOENT)
            return r;
    }
    return store_record_delivery(recorder->store, &ended->row);
}
