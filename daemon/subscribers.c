/* Subscribers as they are kept. A profile that cannot be read any more (an area that is gone after
 * an update of the tables) is kept and reported, never dropped. */
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
    bool stale; /* a profile came that the audience does not know */
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
        .address = subscriber->address,
        .name = subscriber->name,
        .secret = subscriber->secret,
        .secret_made = subscriber->secret_made,
        .fallback = subscriber->fallback,
        .staff = subscriber->staff,
        .facility = subscriber->facility,
        .profile = {.channel = channel_name(subscriber->channel),
                    .languages = join(scratch, subscriber->languages, subscriber->language_count),
                    .areas = join(scratch, subscriber->areas, subscriber->area_count),
                    .hazards = hazards_text(scratch, subscriber->hazards),
                    .min_level = subscriber->min_level,
                    .drills = subscriber->drills},
        .from_config = subscriber->from_config,
        .created_at = now};
    bool new_profile = false;
    int r = store_put_subscriber(subscribers->store, &row, &new_profile);
    subscribers->stale = subscribers->stale || new_profile;
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

static int remove_by_id(struct subscribers *subscribers, const char *id, usec_t now)
{
    TALLOC_CTX *scratch = talloc_new(subscribers);
    struct store_subscriber row;
    int r = store_get_subscriber(subscribers->store, scratch, id, &row);
    if (r >= 0 && row.from_config)
        r = -EPERM;
    if (r >= 0)
        r = store_remove_subscriber(subscribers->store, id, now);
    talloc_free(scratch);
    return r;
}

int subscribers_remove(struct subscribers *subscribers, const char *id_or_address, usec_t now)
{
    TALLOC_CTX *scratch = talloc_new(subscribers);
    int r = remove_by_id(subscribers, id_or_address, now);
    for (int channel = 0; r == -ENOENT && channel < CHANNEL_COUNT; channel++)
        r = remove_by_id(subscribers, subscriber_id(scratch, (enum channel)channel, id_or_address),
                         now);
    talloc_free(scratch);
    return r;
}

/* Those that were taken out of the configuration leave the store too. */
static int drop_stale(struct subscribers *subscribers, usec_t now)
{
    TALLOC_CTX *scratch = talloc_new(subscribers);
    char **ids;
    size_t count;
    int r = store_ids_from_config(subscribers->store, scratch, &ids, &count);
    for (size_t i = 0; r >= 0 && i < count; i++) {
        if (!in_config(subscribers->config, ids[i]))
            r = store_remove_subscriber(subscribers->store, ids[i], now);
    }
    talloc_free(scratch);
    return r;
}

static bool read_profile(TALLOC_CTX *context, const struct config *config,
                         const struct store_profile *row, struct profile *ret)
{
    TALLOC_CTX *scratch = talloc_new(context);
    struct problems *problems = problems_new(scratch);
    const struct subscriber_fields fields = {.channel = row->channel,
                                             .languages = row->languages,
                                             .areas = row->areas,
                                             .hazards = row->hazards,
                                             .min_level =
                                                 memory_printf(scratch, "%d", row->min_level),
                                             .drills = row->drills ? "yes" : "no"};
    bool good = profile_read(context, config->areas, catalogue_languages(config->catalogue),
                             &fields, problems, ret);
    if (!good)
        log_error("stored subscribers cannot be read and get nothing; remove and add them again",
                  "areas", row->areas, "problem",
                  problems->count > 0 ? problems->items[0].what : NULL);
    ret->number = row->number;
    ret->subscribers = row->subscribers;
    talloc_free(scratch);
    return good;
}

static int read_audience(struct subscribers *subscribers)
{
    TALLOC_CTX *fresh = talloc_new(subscribers), *scratch = talloc_new(fresh);
    struct store_profile *rows;
    size_t count, good = 0;
    int r = store_list_profiles(subscribers->store, scratch, &rows, &count);
    if (r < 0) {
        talloc_free(fresh);
        return r;
    }
    struct profile *list = memory_array(scratch, struct profile, count + 1);
    for (size_t i = 0; i < count; i++)
        good += read_profile(scratch, subscribers->config, &rows[i], &list[good]) ? 1 : 0;
    subscribers->audience = audience_new(fresh, subscribers->config->areas, list, good);
    talloc_free(scratch);
    talloc_free(subscribers->audience_context);
    subscribers->audience_context = fresh;
    subscribers->stale = false;
    return 0;
}

int subscribers_refresh(struct subscribers *subscribers)
{
    return subscribers->stale ? read_audience(subscribers) : 0;
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
    return r < 0 ? r : read_audience(subscribers);
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
