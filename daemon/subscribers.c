/* Subscribers as they are kept. A row that cannot be read any more (an area that is gone after an
 * update of the tables) is kept and reported, never dropped. */
#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"
#include "subscribers.h"

struct subscribers {
    const struct config *config;
    struct store *store;
    struct audience *audience;
    TALLOC_CTX *audience_context;
};

static char *join(TALLOC_CTX *context, const char *const *items, size_t count)
{
    char *text = memory_text(context, "");
    for (size_t i = 0; i < count; i++)
        text = memory_must(talloc_asprintf_append(text, "%s%s", i > 0 ? ";" : "", items[i]));
    return text;
}

static char *hazards_text(TALLOC_CTX *context, uint64_t hazards)
{
    char *text = memory_text(context, "");
    for (int hazard = 0; hazard < HAZARD_COUNT; hazard++) {
        if (hazards & (UINT64_C(1) << hazard))
            text = memory_must(talloc_asprintf_append(text, "%s%s", text[0] != '\0' ? ";" : "",
                                                      hazard_name((enum hazard)hazard)));
    }
    return text;
}

int subscribers_put(struct subscribers *subscribers, const struct subscriber *subscriber,
                    usec_t now)
{
    TALLOC_CTX *scratch = talloc_new(subscribers);
    const struct store_subscriber row = {
        .id = subscriber->id,
        .channel = channel_name(subscriber->channel),
        .address = subscriber->address,
        .languages = join(scratch, subscriber->languages, subscriber->language_count),
        .areas = join(scratch, subscriber->areas, subscriber->area_count),
        .hazards = hazards_text(scratch, subscriber->hazards),
        .name = subscriber->name,
        .secret = subscriber->secret,
        .min_level = subscriber->min_level,
        .drills = subscriber->drills,
        .from_config = subscriber->from_config,
        .created_at = now};
    int r = store_put_subscriber(subscribers->store, &row);
    talloc_free(scratch);
    return r;
}

static bool in_config(const struct config *config, const char *id)
{
    for (size_t i = 0; i < config->subscriber_count; i++) {
        if (strcmp(config->subscribers[i]->id, id) == 0)
            return true;
    }
    return false;
}

int subscribers_remove(struct subscribers *subscribers, const char *id_or_address, usec_t now)
{
    TALLOC_CTX *scratch = talloc_new(subscribers);
    struct store_subscriber *rows;
    size_t count;
    int r = store_list_subscribers(subscribers->store, scratch, &rows, &count);
    if (r >= 0)
        r = -ENOENT;
    for (size_t i = 0; r == -ENOENT && i < count; i++) {
        if (strcmp(rows[i].id, id_or_address) != 0 && strcmp(rows[i].address, id_or_address) != 0)
            continue;
        if (rows[i].from_config) {
            r = -EPERM;
            break;
        }
        r = store_remove_subscriber(subscribers->store, rows[i].id, now);
        break;
    }
    talloc_free(scratch);
    return r;
}

/* Those that were taken out of the configuration leave the store too. */
static int drop_stale(struct subscribers *subscribers, usec_t now)
{
    TALLOC_CTX *scratch = talloc_new(subscribers);
    struct store_subscriber *rows;
    size_t count;
    int r = store_list_subscribers(subscribers->store, scratch, &rows, &count);
    for (size_t i = 0; r >= 0 && i < count; i++) {
        if (rows[i].from_config && !in_config(subscribers->config, rows[i].id))
            r = store_remove_subscriber(subscribers->store, rows[i].id, now);
    }
    talloc_free(scratch);
    return r;
}

static struct subscriber *read_row(TALLOC_CTX *context, const struct config *config,
                                   const struct store_subscriber *row)
{
    struct problems *problems = problems_new(context);
    const struct subscriber_fields fields = {.channel = row->channel,
                                             .address = row->address,
                                             .languages = row->languages,
                                             .areas = row->areas,
                                             .hazards = row->hazards,
                                             .min_level =
                                                 memory_printf(context, "%d", row->min_level),
                                             .drills = row->drills ? "yes" : "no",
                                             .name = row->name,
                                             .secret = row->secret};
    struct subscriber *subscriber =
        subscriber_read(context, config->areas, catalogue_languages(config->catalogue),
                        config->http_receivers, &fields, problems);
    if (subscriber == NULL)
        log_error("a stored subscriber cannot be read and gets nothing; remove and add it again",
                  "subscriber", row->id, "problem",
                  problems->count > 0 ? problems->items[0].what : NULL);
    else
        subscriber->from_config = row->from_config;
    return subscriber;
}

int subscribers_refresh(struct subscribers *subscribers)
{
    TALLOC_CTX *fresh = talloc_new(subscribers);
    struct store_subscriber *rows;
    size_t count, good = 0;
    int r = store_list_subscribers(subscribers->store, fresh, &rows, &count);
    if (r < 0) {
        talloc_free(fresh);
        return r;
    }
    struct subscriber **list = memory_array(fresh, struct subscriber *, count + 1);
    for (size_t i = 0; i < count; i++) {
        struct subscriber *subscriber = read_row(fresh, subscribers->config, &rows[i]);
        if (subscriber != NULL)
            list[good++] = subscriber;
    }
    subscribers->audience = audience_new(fresh, subscribers->config->areas, list, good);
    talloc_free(subscribers->audience_context);
    subscribers->audience_context = fresh;
    return 0;
}

int subscribers_configure(struct subscribers *subscribers, const struct config *config)
{
    usec_t now = clock_now();
    subscribers->config = config;
    int r = store_begin(subscribers->store);
    if (r < 0)
        return r;
    for (size_t i = 0; r >= 0 && i < config->subscriber_count; i++)
        r = subscribers_put(subscribers, config->subscribers[i], now);
    if (r >= 0)
        r = drop_stale(subscribers, now);
    if (r >= 0)
        r = store_commit(subscribers->store);
    else
        store_rollback(subscribers->store);
    return r < 0 ? r : subscribers_refresh(subscribers);
}

int subscribers_new(TALLOC_CTX *context, const struct config *config, struct store *store,
                    struct subscribers **ret_subscribers)
{
    struct subscribers *subscribers = memory_new(context, struct subscribers);
    subscribers->store = store;
    int r = subscribers_configure(subscribers, config);
    if (r < 0) {
        talloc_free(subscribers);
        return r;
    }
    *ret_subscribers = subscribers;
    return 0;
}

const struct audience *subscribers_audience(const struct subscribers *subscribers)
{
    return subscribers->audience;
}

const struct config *subscribers_config(const struct subscribers *subscribers)
{
    return subscribers->config;
}

struct store *subscribers_store(const struct subscribers *subscribers)
{
    return subscribers->store;
}
