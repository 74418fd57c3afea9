/* See effect.h. A reader with each wish stands for all who have it: who else there is decides
 * nothing about what he gets. */
#include "effect.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/text.h"
#include "rehearsal.h"
#include "subscribers.h"

/* One wish, and what a reader with it would have got. */
struct wish {
    struct profile profile;
    int64_t messages;
};
struct finding {
    TALLOC_CTX *context;
    const struct config *config;
    struct store *archive; /* NULL: none yet */
    struct wish *wishes;
    size_t wish_count;
    struct effect *effect;
    size_t *before, *after; /* of each group: its wishes; SIZE_MAX none */
    struct ingest ingest;
};

static size_t wish_of(struct finding *finding, const struct profile *profile)
{
    for (size_t i = 0; i < finding->wish_count; i++) {
        if (profile_equal(&finding->wishes[i].profile, profile))
            return i;
    }
    finding->wishes = memory_grow(finding->context, finding->wishes, finding->wish_count,
                                  sizeof(*finding->wishes));
    finding->wishes[finding->wish_count] = (struct wish){.profile = *profile};
    return finding->wish_count++;
}

static void add_reader(struct finding *finding, size_t before, size_t after)
{
    struct effect *effect = finding->effect;
    size_t i = 0;
    while (i < effect->count && (finding->before[i] != before || finding->after[i] != after))
        i++;
    if (i == effect->count) {
        TALLOC_CTX *context = finding->context;
        effect->groups = memory_grow(context, effect->groups, i, sizeof(*effect->groups));
        finding->before = memory_grow(context, finding->before, i, sizeof(size_t));
        finding->after = memory_grow(context, finding->after, i, sizeof(size_t));
        effect->groups[i] = (struct effect_group){0};
        finding->before[i] = before;
        finding->after[i] = after;
        effect->count++;
    }
    effect->groups[i].readers++;
}

static const struct subscriber *find_configured(const struct config *config, const char *id)
{
    for (size_t i = 0; i < config->subscriber_count; i++) {
        if (strcmp(config->subscribers[i]->id, id) == 0)
            return config->subscribers[i];
    }
    return NULL;
}

/* As the store has him; SIZE_MAX when his wishes mean nothing any more (an area that is gone). */
static int wish_in_store(struct finding *finding, const char *id, size_t *ret_wish)
{
    struct store_subscriber row;
    struct profile profile;
    int r = store_get_subscriber(finding->archive, finding->context, id, &row);
    if (r < 0)
        return r;
    const struct subscriber_fields fields = {
        .channel = row.profile.channel,
        .languages = row.profile.languages,
        .areas = row.profile.areas,
        .hazards = row.profile.hazards,
        .min_level = memory_printf(finding->context, "%d", row.profile.min_level),
        .drills = row.profile.drills ? "yes" : "no"};
    bool sound = profile_read(finding->context, finding->config->areas,
                              catalogue_languages(finding->config->catalogue), &fields,
                              problems_new(finding->context), &profile);
    *ret_wish = sound ? wish_of(finding, &profile) : SIZE_MAX;
    return 0;
}

static int compare_readers(struct finding *finding)
{
    const struct config *config = finding->config;
    char **ids = NULL;
    size_t count = 0;
    json_t *known = memory_must(json_object());
    int r = finding->archive != NULL
                ? store_ids_from_config(finding->archive, finding->context, &ids, &count)
                : 0;
    for (size_t i = 0; r >= 0 && i < count; i++) {
        const struct subscriber *now = find_configured(config, ids[i]);
        size_t before = SIZE_MAX, after = SIZE_MAX;
        if (now != NULL) {
            const struct profile profile = subscriber_profile(now);
            after = wish_of(finding, &profile);
        }
        r = wish_in_store(finding, ids[i], &before);
        if (r >= 0)
            add_reader(finding, before, after);
        json_object_set_new(known, ids[i], json_true());
    }
    for (size_t i = 0; r >= 0 && i < config->subscriber_count; i++) {
        const struct profile profile = subscriber_profile(config->subscribers[i]);
        if (json_object_get(known, config->subscribers[i]->id) == NULL)
            add_reader(finding, SIZE_MAX, wish_of(finding, &profile));
    }
    json_decref(known);
    return r;
}

/* ---- the rehearsal ---- */

static int count_made(void *userdata, TALLOC_CTX *scratch, const struct store_delivery *delivery)
{
    struct finding *finding = userdata;
    (void)scratch;
    size_t wish = (size_t)strtoul(delivery->subscriber_id + 1, NULL, 10);
    if (wish < finding->wish_count)
        finding->wishes[wish].messages++;
    return 0;
}

static int put_readers(struct finding *finding, struct store *store, usec_t now)
{
    struct config *bare = memory_new(finding->context, struct config);
    struct subscribers *subscribers;
    *bare = *finding->config;
    bare->subscriber_count = 0;
    int r = subscribers_new(finding->context, bare, store, &subscribers);
    for (size_t i = 0; r >= 0 && i < finding->wish_count; i++) {
        const struct profile *profile = &finding->wishes[i].profile;
        const struct subscriber reader = {.id = memory_printf(finding->context, "r%zu", i),
                                          .name = "",
                                          .channel = profile->channel,
                                          .address =
                                              memory_printf(finding->context, "reader-%zu", i),
                                          .languages = profile->languages,
                                          .language_count = profile->language_count,
                                          .areas = profile->areas,
                                          .area_count = profile->area_count,
                                          .hazards = profile->hazards,
                                          .min_level = profile->min_level,
                                          .drills = profile->drills};
        r = subscribers_put(subscribers, &reader, now);
    }
    if (r >= 0)
        r = subscribers_refresh(subscribers);
    finding->ingest = (struct ingest){.store = store,
                                      .areas = finding->config->areas,
                                      .catalogue = finding->config->catalogue,
                                      .audience = subscribers_audience(subscribers),
                                      .operator_name = finding->config->operator_name,
                                      .page_url = finding->config->page_url,
                                      .quake_age_max = finding->config->quake_age_max};
    return r;
}

static int play(struct finding *finding, const char *id)
{
    TALLOC_CTX *scratch = talloc_new(finding->context);
    struct store_telegram telegram;
    struct ingest_result result;
    bool fresh;
    int r = store_get_telegram(finding->archive, scratch, id, &telegram);
    if (r < 0) { /* it left the archive meanwhile */
        talloc_free(scratch);
        return r == -ENOENT ? 0 : r;
    }
    usec_t now = telegram.control_time;
    telegram.received_at = now;
    telegram.backlog = false;
    r = ingest_expired(scratch, &finding->ingest, now, &result);
    if (r >= 0)
        r = store_put_telegram(finding->ingest.store, &telegram, &fresh);
    if (r >= 0)
        r = ingest_telegram(scratch, &finding->ingest, &telegram, now, problems_new(scratch),
                            &result);
    if (r >= 0)
        r = rehearsal_deliver(&finding->ingest, now, count_made, finding);
    talloc_free(scratch);
    return r;
}

static int rehearse(struct finding *finding, int days, usec_t now)
{
    struct store *store;
    char **ids;
    size_t count = 0;
    int owner, r = 0;
    if (finding->archive == NULL || finding->wish_count == 0)
        return 0;
    r = store_open(finding->context, ":memory:", problems_new(finding->context), &owner, &store);
    if (r < 0)
        return r;
    r = put_readers(finding, store, now);
    if (r >= 0)
        r = store_archived_telegrams(finding->archive, finding->context, now - days * USEC_PER_DAY,
                                     &ids, &count);
    for (size_t i = 0; r >= 0 && i < count; i++)
        r = play(finding, ids[i]);
    finding->effect->telegrams = count;
    store_close(store);
    return r;
}

static void fill_groups(struct finding *finding)
{
    for (size_t i = 0; i < finding->effect->count; i++) {
        struct effect_group *group = &finding->effect->groups[i];
        if (finding->before[i] != SIZE_MAX) {
            group->before = &finding->wishes[finding->before[i]].profile;
            group->messages_before = finding->wishes[finding->before[i]].messages;
        }
        if (finding->after[i] != SIZE_MAX) {
            group->after = &finding->wishes[finding->after[i]].profile;
            group->messages_after = finding->wishes[finding->after[i]].messages;
        }
    }
}

int effect_find(TALLOC_CTX *context, const struct config *config, int days, usec_t now,
                struct effect *ret_effect)
{
    struct effect effect = {.days = days};
    struct finding finding = {.context = context, .config = config, .effect = &effect};
    const char *file = memory_printf(context, "%s/noroshi.db", config->state_directory);
    int r = access(file, F_OK) == 0 ? store_open_reader(context, config->state_directory,
                                                        problems_new(context), &finding.archive)
                                    : 0;
    if (r >= 0)
        r = compare_readers(&finding);
    if (r >= 0)
        r = rehearse(&finding, days, now);
    if (r < 0)
        return r;
    fill_groups(&finding);
    *ret_effect = effect;
    return 0;
}

bool effect_matters(const struct effect *effect)
{
    for (size_t i = 0; i < effect->count; i++) {
        const struct effect_group *group = &effect->groups[i];
        if (group->before != NULL && group->after != NULL &&
            group->messages_before != group->messages_after)
            return true;
    }
    return false;
}

/* ---- shown ---- */

static char *wish_text(TALLOC_CTX *context, const struct profile *profile)
{
    size_t hazards = 0;
    const char *only = "";
    for (int hazard = 0; hazard < HAZARD_COUNT; hazard++) {
        if (profile->hazards & (UINT64_C(1) << hazard)) {
            hazards++;
            only = hazard_name((enum hazard)hazard);
        }
    }
    char *text = memory_printf(context, "%s, level %d and up, ", channel_name(profile->channel),
                               profile->min_level);
    text = hazards == 1 ? memory_must(talloc_asprintf_append(text, "%s only, ", only))
                        : memory_must(talloc_asprintf_append(text, "%zu hazards, ", hazards));
    for (size_t i = 0; i < profile->language_count; i++)
        text = memory_must(
            talloc_asprintf_append(text, "%s%s", i > 0 ? ";" : "", profile->languages[i]));
    for (size_t i = 0; i < profile->area_count && i < 3; i++)
        text = memory_must(
            talloc_asprintf_append(text, "%s%s", i > 0 ? ";" : ", ", profile->areas[i]));
    if (profile->area_count > 3)
        text = memory_must(talloc_asprintf_append(text, " and %zu more", profile->area_count - 3));
    return profile->drills ? memory_must(talloc_strdup_append(text, ", drills")) : text;
}

static const char *group_text(TALLOC_CTX *context, const struct effect_group *group)
{
    if (group->before == NULL)
        return memory_printf(context, "new: %s", wish_text(context, group->after));
    if (group->after == NULL)
        return memory_printf(context, "leave: %s", wish_text(context, group->before));
    if (group->before == group->after)
        return memory_printf(context, "as before: %s", wish_text(context, group->after));
    return memory_printf(context, "%s\n      now: %s", wish_text(context, group->before),
                         wish_text(context, group->after));
}

static bool in_colour(void)
{
    const char *wish = getenv("NOROSHI_COLOUR");
    return (wish != NULL && strcmp(wish, "always") == 0) ||
           (isatty(STDOUT_FILENO) != 0 && getenv("NO_COLOR") == NULL);
}

char *effect_text(TALLOC_CTX *context, const struct effect *effect, bool colours)
{
    TALLOC_CTX *scratch = talloc_new(NULL);
    const char *red = colours ? "\033[31m" : "", *plain = colours ? "\033[0m" : "";
    char *text = memory_printf(
        context,
        "the last %d days, %zu telegrams; subscribers of the configuration, messages for each:\n",
        effect->days, effect->telegrams);
    for (size_t i = 0; i < effect->count; i++) {
        const struct effect_group *group = &effect->groups[i];
        long long more = (long long)(group->messages_after - group->messages_before);
        text = memory_must(talloc_asprintf_append(
            text, "%5zu × %s\n      messages before %lld, now %lld: %s%+lld%s\n", group->readers,
            group_text(scratch, group), (long long)group->messages_before,
            (long long)group->messages_after, more > 0 ? red : "", more, more > 0 ? plain : ""));
    }
    text = memory_must(talloc_asprintf_append(
        text, "%s\n",
        effect_matters(effect)
            ? "readers who stay would have got other messages: reload needs --accept"
            : "nobody who stays would have got anything else"));
    talloc_free(scratch);
    return text;
}

void effect_print(const struct effect *effect)
{
    char *text = effect_text(NULL, effect, in_colour());
    fputs(text, stdout);
    talloc_free(text);
}

void effect_print_json(const struct effect *effect)
{
    TALLOC_CTX *scratch = talloc_new(NULL);
    json_t *groups = json_array();
    for (size_t i = 0; i < effect->count; i++) {
        const struct effect_group *group = &effect->groups[i];
        json_array_append_new(
            groups, json_pack("{sIsssssIsI}", "readers", (json_int_t)group->readers, "before",
                              group->before != NULL ? wish_text(scratch, group->before) : "",
                              "after", group->after != NULL ? wish_text(scratch, group->after) : "",
                              "messages_before", (json_int_t)group->messages_before,
                              "messages_after", (json_int_t)group->messages_after));
    }
    json_t *json =
        json_pack("{sisIsbso}", "days", effect->days, "telegrams", (json_int_t)effect->telegrams,
                  "needs_accept", effect_matters(effect), "groups", groups);
    char *text = json_dumps(json, JSON_COMPACT | JSON_PRESERVE_ORDER);
    puts(text);
    free(text);
    json_decref(json);
    talloc_free(scratch);
}
