/* See fallback.h. What the reader is told is decided again, from the same alert and from what he
 * had been told before it, so that both channels say the same. */
#include <errno.h>

#include "base/memory.h"
#include "fallback.h"
#include "fanout_render.h"

/* A mail address that is never written to again is no channel. */
static int check_address(TALLOC_CTX *scratch, const struct ingest *ingest,
                         const struct store_delivery *delivery)
{
    struct store_subscriber *rows;
    size_t count;
    bool suppressed = false;
    int r =
        store_page_subscribers(ingest->store, scratch, delivery->subscriber - 1, 1, &rows, &count);
    if (r >= 0 && (count == 0 || rows[0].fallback == NULL))
        return -ENOENT;
    if (r >= 0)
        r = store_suppressed(ingest->store, rows[0].fallback, &suppressed);
    return r >= 0 && suppressed ? -ENOENT : r;
}

static int told_before(const struct ingest *ingest, const struct store_delivery *delivery,
                       const struct alert *alert, int64_t profile, json_t **ret_told)
{
    struct store_listener listener = {.subscriber = delivery->subscriber, .profile = profile};
    int r = store_find_told(ingest->store, alert->event_id, delivery->alert, &listener, 1);
    *ret_told = NULL;
    return r < 0 || listener.told == 0 ? r : store_get_told(ingest->store, listener.told, ret_told);
}

static int render(TALLOC_CTX *scratch, const struct ingest *ingest, const struct alert *alert,
                  const struct store_delivery *delivery, enum delivery_channel channel,
                  size_t index, const json_t *told, usec_t now, int64_t *ret_message)
{
    struct profile profile = *audience_profile(ingest->audience, index);
    profile.channel = (enum channel)channel;
    const struct rendering rendering = {.ingest = ingest,
                                        .alert = alert,
                                        .number = delivery->alert,
                                        .variant = "|other",
                                        .now = now};
    const struct match *match =
        match_subscriber(scratch, ingest->areas, alert, ingest->audience, index, told);
    if (!match->send) /* what an unfinished older alert had left to say went with the first try */
        match = match_subscriber(scratch, ingest->areas, alert, ingest->audience, index, NULL);
    if (!match->send)
        return -ENOENT;
    const char *key = fanout_message_key(scratch, &rendering, &profile, match);
    return fanout_render(scratch, &rendering, &profile, match, key, ret_message);
}

int fallback_message(const struct ingest *ingest, const struct store_delivery *delivery,
                     enum delivery_channel channel, usec_t now, int64_t *ret_message)
{
    TALLOC_CTX *scratch = talloc_new(NULL);
    json_t *json = NULL, *told = NULL;
    const struct alert *alert = NULL;
    int64_t profile = 0;
    int r = store_get_alert(ingest->store, delivery->alert, &json);
    if (r >= 0)
        alert = alert_from_json(scratch, json);
    if (r >= 0 && alert == NULL)
        r = -ENOENT;
    if (r >= 0)
        r = store_profile_of(ingest->store, delivery->subscriber, &profile);
    if (r >= 0 && channel == DELIVERY_EMAIL)
        r = check_address(scratch, ingest, delivery);
    if (r >= 0)
        r = told_before(ingest, delivery, alert, profile, &told);
    if (r >= 0) {
        size_t index = audience_find(ingest->audience, profile);
        r = index == audience_count(ingest->audience)
                ? -ENOENT
                : render(scratch, ingest, alert, delivery, channel, index, told, now, ret_message);
    }
    json_decref(json);
    json_decref(told);
    talloc_free(scratch);
    return r;
}
