/* One alert → who hears it → rendered messages → delivery rows.
 *
 * Subscribers whose matches have the same key (areas, phase, level) and languages share one
 * message; it is rendered the first time it is needed (DESIGN decision 4). */
#include <stdio.h>
#include <string.h>
#include <uthash.h>

#include "base/memory.h"
#include "base/text.h"
#include "deliver/email.h"
#include "deliver/webhook.h"
#include "fanout.h"

struct shared_message {
    const char *key;
    const char *id;
    UT_hash_handle hh;
};

struct fanout {
    TALLOC_CTX *context;
    const struct ingest *ingest;
    const struct alert *alert;
    usec_t now;
    struct shared_message *messages;
};

static const char *languages_text(TALLOC_CTX *context, const struct subscriber *subscriber)
{
    char *text = memory_text(context, "");
    for (size_t i = 0; i < subscriber->language_count; i++)
        text = talloc_asprintf_append(text, "%s%s", i > 0 ? "," : "", subscriber->languages[i]);
    return memory_must(text);
}

/* A mail ends with the Japanese original, so that the reader can show it to people nearby. */
static size_t languages_shown(const struct subscriber *subscriber, const char *ret_languages[],
                              size_t room)
{
    size_t count = 0;
    bool japanese = false;
    for (size_t i = 0; i < subscriber->language_count && count + 1 < room; i++) {
        ret_languages[count++] = subscriber->languages[i];
        japanese = japanese || strcmp(subscriber->languages[i], "ja") == 0;
    }
    if (!japanese && subscriber->channel == CHANNEL_EMAIL)
        ret_languages[count++] = "ja";
    return count;
}

static void render_form(const struct fanout *fanout, const struct subscriber *subscriber,
                        const struct match *match, struct store_message *row)
{
    const char *languages[16];
    size_t count = languages_shown(subscriber, languages, 16);
    struct message **messages = memory_array(fanout->context, struct message *, count);
    const struct message_scope scope = {.alert = fanout->alert,
                                        .phase = match->phase,
                                        .level = match->level,
                                        .previous_level = match->previous_level,
                                        .areas = match->areas,
                                        .area_count = match->area_count,
                                        .now = fanout->now};
    for (size_t i = 0; i < count; i++)
        messages[i] =
            message_render(fanout->context, fanout->ingest->catalogue, fanout->ingest->areas,
                           languages[i], &scope, fanout->ingest->operator_name);
    if (subscriber->channel == CHANNEL_EMAIL)
        email_texts(fanout->context, fanout->alert, messages, count, &row->subject, &row->body,
                    &row->html);
    else
        row->body = webhook_body(fanout->context, fanout->ingest->areas, fanout->alert, match,
                                 messages, count, fanout->ingest->page_url);
}

/* Id of the message for this match and these languages, made and stored when it is new. */
static int message_for(struct fanout *fanout, const struct subscriber *subscriber,
                       const struct match *match, const char **ret_id)
{
    const char *languages = languages_text(fanout->context, subscriber);
    const char *key = memory_printf(fanout->context, "%s|%s|%s",
                                    match_message_key(fanout->context, fanout->alert, match),
                                    channel_name(subscriber->channel), languages);
    struct shared_message *shared;
    HASH_FIND_STR(fanout->messages, key, shared);
    if (shared == NULL) {
        shared = memory_new(fanout->context, struct shared_message);
        shared->key = key;
        shared->id = memory_printf(fanout->context, "m_%s",
                                   text_hash(fanout->context, key, strlen(key), 32));
        struct store_message row = {.id = shared->id,
                                    .alert_id = fanout->alert->id,
                                    .event_id = fanout->alert->event_id,
                                    .form = channel_name(subscriber->channel),
                                    .languages = languages,
                                    .told = match->told};
        render_form(fanout, subscriber, match, &row);
        int r = store_put_message(fanout->ingest->store, &row);
        if (r < 0)
            return r;
        HASH_ADD_KEYPTR(hh, fanout->messages, shared->key, strlen(shared->key), shared);
    }
    *ret_id = shared->id;
    return 0;
}

/* Deterministic: a crash repeats the id, never invents one. */
static const char *delivery_id(TALLOC_CTX *context, const struct alert *alert,
                               const struct subscriber *subscriber)
{
    const char *text = memory_printf(context, "%s|%s|%s", alert->id, subscriber->id,
                                     channel_name(subscriber->channel));
    return memory_printf(context, "msg_%s", text_hash(context, text, strlen(text), 32));
}

static int deliver_to(struct fanout *fanout, const struct subscriber *subscriber,
                      const struct match *match, bool *ret_new, const char **ret_id)
{
    const struct alert *alert = fanout->alert;
    struct store_delivery row = {.id = delivery_id(fanout->context, alert, subscriber),
                                 .alert_id = alert->id,
                                 .event_id = alert->event_id,
                                 .subscriber_id = subscriber->id,
                                 .state = DELIVERY_PENDING,
                                 .level = match->level,
                                 .drill = alert->status != STATUS_ACTUAL,
                                 .created_at = fanout->now,
                                 .next_at = fanout->now,
                                 .expires_at = alert->expires,
                                 .issued_at = alert->issued_at};
    int r = message_for(fanout, subscriber, match, &row.message_id);
    if (r < 0)
        return r;
    *ret_id = row.id;
    return store_add_delivery(fanout->ingest->store, &row, ret_new);
}

int fanout_alert(TALLOC_CTX *context, const struct ingest *ingest, const struct alert *alert,
                 usec_t now, size_t *ret_deliveries, struct ingest_result *result)
{
    struct fanout fanout = {
        .context = talloc_new(context), .ingest = ingest, .alert = alert, .now = now};
    json_t *told_of_event = NULL;
    size_t added = 0, count = audience_count(ingest->audience);
    int r = store_told_of_event(ingest->store, alert->event_id, &told_of_event);
    if (r < 0)
        goto finish;
    for (size_t i = 0; i < count; i++) {
        const struct subscriber *subscriber = audience_subscriber(ingest->audience, i);
        const json_t *told = json_object_get(told_of_event, subscriber->id);
        TALLOC_CTX *scratch = talloc_new(fanout.context);
        struct match *match =
            match_subscriber(scratch, ingest->areas, alert, ingest->audience, i, told);
        if (match->send) {
            bool fresh = false;
            const char *id = NULL;
            r = deliver_to(&fanout, subscriber, match, &fresh, &id);
            if (r < 0)
                goto finish;
            if (fresh) {
                const char **ids = memory_grow(context, (void *)result->delivery_ids,
                                               result->delivery_count, sizeof(char *));
                ids[result->delivery_count++] = memory_text(context, id);
                result->delivery_ids = ids;
                added++;
            }
        }
        talloc_free(scratch);
    }
    *ret_deliveries = added;
    r = 0;
finish:
    HASH_CLEAR(hh, fanout.messages);
    json_decref(told_of_event);
    talloc_free(fanout.context);
    return r;
}
