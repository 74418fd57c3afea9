/* See send_test.h. */
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "event/own_test.h"
#include "fanout_render.h"
#include "keep_alert.h"
#include "send_test.h"

/* A test that arrives after an hour proves nothing. */
#define TEST_LIFETIME USEC_PER_HOUR
#define TEST_LEVEL    1

static int send_one(TALLOC_CTX *scratch, const struct rendering *rendering,
                    const struct store_subscriber *subscriber)
{
    struct profile profile = {
        .channel = (enum channel)delivery_channel_number(subscriber->profile.channel)};
    profile.languages = (const char *const *)text_split(scratch, subscriber->profile.languages, ';',
                                                        &profile.language_count);
    const struct match match = {
        .send = true, .phase = rendering->alert->phase, .level = TEST_LEVEL};
    struct store_delivery row = {.alert = rendering->number,
                                 .subscriber = subscriber->number,
                                 .channel = (enum delivery_channel)profile.channel,
                                 .level = TEST_LEVEL,
                                 .drill = true,
                                 .next_at = rendering->now};
    size_t added;
    int r = fanout_render(scratch, rendering, &profile, &match,
                          fanout_message_key(scratch, rendering, &profile, &match), &row.message);
    return r < 0 ? r
                 : store_add_deliveries(rendering->ingest->store, &row, 1, rendering->now, &added);
}

int send_test_alert(TALLOC_CTX *context, struct store *store, const struct config *config,
                    const struct alert *alert, const struct store_subscriber *subscribers,
                    size_t count, usec_t now)
{
    TALLOC_CTX *scratch = talloc_new(context);
    const struct ingest ingest = {.store = store,
                                  .areas = config->areas,
                                  .catalogue = config->catalogue,
                                  .operator_name = config->operator_name,
                                  .page_url = config->page_url};
    struct rendering rendering = {.ingest = &ingest, .alert = alert, .variant = "", .now = now};
    int r = keep_own_alert(store, alert, now, &rendering.number);
    for (size_t i = 0; r >= 0 && i < count; i++)
        r = send_one(scratch, &rendering, &subscribers[i]);
    talloc_free(scratch);
    return r;
}

int send_test(TALLOC_CTX *context, struct store *store, const struct config *config,
              const struct store_subscriber *subscribers, size_t count, usec_t now,
              const char **ret_alert)
{
    const struct alert *alert = own_test_alert(context, now, TEST_LIFETIME);
    *ret_alert = alert->id;
    int r = store_begin(store);
    if (r < 0)
        return r;
    r = send_test_alert(context, store, config, alert, subscribers, count, now);
    if (r >= 0)
        r = store_commit(store);
    if (r < 0)
        store_rollback(store);
    return r;
}
