/* One match → one message, see fanout_render.h. */
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "deliver/email.h"
#include "deliver/webhook.h"
#include "fanout_render.h"

static const char *languages_text(TALLOC_CTX *context, const struct profile *profile)
{
    char *text = memory_text(context, "");
    for (size_t i = 0; i < profile->language_count; i++)
        text = talloc_asprintf_append(text, "%s%s", i > 0 ? "," : "", profile->languages[i]);
    return memory_must(text);
}

/* A mail ends with the Japanese original, so that the reader can show it to people nearby. */
static size_t languages_shown(const struct profile *profile, const char *ret_languages[],
                              size_t room)
{
    size_t count = 0;
    bool japanese = false;
    for (size_t i = 0; i < profile->language_count && count + 1 < room; i++) {
        ret_languages[count++] = profile->languages[i];
        japanese = japanese || strcmp(profile->languages[i], "ja") == 0;
    }
    if (!japanese && profile->channel == CHANNEL_EMAIL)
        ret_languages[count++] = "ja";
    return count;
}

static void render_form(TALLOC_CTX *scratch, const struct rendering *rendering,
                        const struct profile *profile, const struct match *match,
                        struct store_message *row)
{
    const struct ingest *ingest = rendering->ingest;
    const char *languages[16];
    size_t count = languages_shown(profile, languages, 16);
    struct message **messages = memory_array(scratch, struct message *, count);
    const struct message_scope scope = {.alert = rendering->alert,
                                        .phase = match->phase,
                                        .level = match->level,
                                        .previous_level = match->previous_level,
                                        .areas = match->areas,
                                        .area_count = match->area_count,
                                        .now = rendering->now};
    for (size_t i = 0; i < count; i++)
        messages[i] = message_render(scratch, ingest->catalogue, ingest->areas, languages[i],
                                     &scope, ingest->operator_name);
    if (profile->channel == CHANNEL_EMAIL)
        email_texts(scratch, rendering->alert, messages, count, &row->subject, &row->body,
                    &row->html);
    else
        row->body = webhook_body(scratch, ingest->areas, rendering->alert, match, messages, count,
                                 ingest->page_url);
}

const char *fanout_message_key(TALLOC_CTX *context, const struct rendering *rendering,
                               const struct profile *profile, const struct match *match)
{
    return memory_printf(context, "%s|%s|%s%s", match_message_key(context, rendering->alert, match),
                         channel_name(profile->channel), languages_text(context, profile),
                         rendering->variant);
}

int fanout_render(TALLOC_CTX *scratch, const struct rendering *rendering,
                  const struct profile *profile, const struct match *match, const char *key,
                  int64_t *ret_message)
{
    struct store_message row = {
        .id = memory_printf(scratch, "m_%s", text_hash(scratch, key, strlen(key), 32)),
        .alert = rendering->number,
        .form = channel_name(profile->channel),
        .languages = languages_text(scratch, profile),
        .told = match->told};
    render_form(scratch, rendering, profile, match, &row);
    return store_put_message(rendering->ingest->store, &row, ret_message);
}
