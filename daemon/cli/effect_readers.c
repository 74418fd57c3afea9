/* See effect_readers.h. */
#include "effect_readers.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "match/canary.h"

#define PAGE_ROWS       1000
#define NAME_CHARACTERS 30

struct gathering {
    TALLOC_CTX *context;
    const struct effect_reading *reading;
    struct effect *effect;
    struct effect_wishes *wishes;
    /* How many with each profile of the store stand in the configuration, by its number. */
    struct own {
        int64_t profile, readers;
    } * own;
    size_t own_count;
};

/* Whether both hear of the same: in which language decides nothing about that. */
static bool same_wish(const struct profile *a, const struct profile *b)
{
    struct profile one = *a, other = *b;
    one.language_count = other.language_count = 0;
    return profile_equal(&one, &other);
}

static void add_languages(TALLOC_CTX *context, struct profile *wish, const struct profile *more)
{
    size_t room = wish->language_count + more->language_count, count = 0;
    const char **languages = memory_array(context, const char *, room);
    for (size_t i = 0; i < wish->language_count; i++)
        languages[count++] = wish->languages[i];
    for (size_t i = 0; i < more->language_count; i++) {
        size_t known = 0;
        while (known < count && strcmp(languages[known], more->languages[i]) != 0)
            known++;
        if (known == count)
            languages[count++] = more->languages[i];
    }
    wish->languages = languages;
    wish->language_count = count;
}

static size_t wish_of(struct gathering *gathering, const struct profile *profile)
{
    struct effect_wishes *wishes = gathering->wishes;
    size_t i = 0;
    while (i < wishes->count && !same_wish(&wishes->items[i].profile, profile))
        i++;
    if (i == wishes->count) {
        wishes->items = memory_grow(wishes, wishes->items, i, sizeof(*wishes->items));
        wishes->items[i] = (struct effect_wish){.profile = *profile};
        wishes->items[i].profile.language_count = 0;
        wishes->count++;
    }
    add_languages(wishes, &wishes->items[i].profile, profile);
    return i;
}

static const struct profile *keep(struct gathering *gathering, const struct profile *profile)
{
    struct profile *copy = memory_new(gathering->context, struct profile);
    *copy = *profile;
    return copy;
}

/* Wishes may mean nothing: an area or a language that is not there. *ret_fault says why. */
static const struct profile *read_wish(struct gathering *gathering, const struct store_profile *row,
                                       bool before, const char **ret_fault)
{
    const struct effect_reading *reading = gathering->reading;
    TALLOC_CTX *context = gathering->context;
    struct problems *problems = problems_new(context);
    struct profile profile;
    const struct subscriber_fields fields = {.channel = row->channel,
                                             .languages = row->languages,
                                             .areas = row->areas,
                                             .hazards = row->hazards,
                                             .min_level =
                                                 memory_printf(context, "%d", row->min_level),
                                             .drills = row->drills ? "yes" : "no"};
    if (profile_read(context, before ? reading->areas_before : reading->config->areas,
                     before ? reading->languages_before
                            : catalogue_languages(reading->config->catalogue),
                     &fields, problems, &profile))
        return keep(gathering, &profile);
    *ret_fault = problems->count > 0 ? problems->items[0].what : "it cannot be read";
    return NULL;
}

static bool same_profile(const struct profile *a, const struct profile *b)
{
    return a == NULL || b == NULL ? a == b : profile_equal(a, b);
}

static bool same_group(const struct effect_group *a, const struct effect_group *b)
{
    return a->before_wish == b->before_wish && a->after_wish == b->after_wish &&
           a->stays == b->stays && text_equal(a->fault, b->fault) &&
           same_profile(a->before, b->before) && same_profile(a->after, b->after);
}

/* The group of those who had and have the profiles of `wanted`. */
static size_t group_of(struct gathering *gathering, struct effect_group *wanted)
{
    struct effect *effect = gathering->effect;
    size_t i = 0;
    wanted->before_wish = wanted->before != NULL ? wish_of(gathering, wanted->before) : EFFECT_NONE;
    wanted->after_wish = wanted->after != NULL ? wish_of(gathering, wanted->after) : EFFECT_NONE;
    while (i < effect->count && !same_group(&effect->groups[i], wanted))
        i++;
    if (i == effect->count) {
        effect->groups =
            memory_grow(gathering->context, effect->groups, i, sizeof(*effect->groups));
        effect->groups[i] = *wanted;
        effect->count++;
    }
    if (wanted->before_wish != EFFECT_NONE)
        gathering->wishes->items[wanted->before_wish].before = true;
    if (wanted->after_wish != EFFECT_NONE)
        gathering->wishes->items[wanted->after_wish].after = true;
    return i;
}

static void add_name(TALLOC_CTX *context, struct effect_group *group, const char *name,
                     const char *id)
{
    TALLOC_CTX *scratch = talloc_new(NULL);
    if (group->name_count < EFFECT_NAMES)
        group->names[group->name_count++] = text_cut(
            context, text_clean(scratch, text_given(name) ? name : id, false), NAME_CHARACTERS);
    talloc_free(scratch);
}

/* ---- those of the configuration ---- */

static const struct subscriber *find_configured(const struct config *config, const char *id)
{
    for (size_t i = 0; i < config->subscriber_count; i++) {
        if (strcmp(config->subscribers[i]->id, id) == 0)
            return config->subscribers[i];
    }
    return NULL;
}

static void count_own(struct gathering *gathering, int64_t profile)
{
    size_t i = 0;
    while (i < gathering->own_count && gathering->own[i].profile != profile)
        i++;
    if (i == gathering->own_count) {
        gathering->own =
            memory_grow(gathering->context, gathering->own, i, sizeof(*gathering->own));
        gathering->own[i] = (struct own){.profile = profile};
        gathering->own_count++;
    }
    gathering->own[i].readers++;
}

static int add_known(struct gathering *gathering, const char *id)
{
    const struct subscriber *now = find_configured(gathering->reading->config, id);
    struct store_subscriber row;
    const char *fault = NULL;
    int r = store_get_subscriber(gathering->reading->archive, gathering->context, id, &row);
    if (r < 0)
        return r;
    count_own(gathering, row.profile.number);
    struct effect_group group = {.stays = now != NULL,
                                 .before = read_wish(gathering, &row.profile, true, &fault)};
    if (now != NULL) {
        const struct profile profile = subscriber_profile(now);
        group.after = keep(gathering, &profile);
    }
    size_t number = group_of(gathering, &group);
    gathering->effect->groups[number].readers++;
    add_name(gathering->context, &gathering->effect->groups[number], row.name, id);
    return 0;
}

static int add_configured(struct gathering *gathering)
{
    const struct config *config = gathering->reading->config;
    char **ids = NULL;
    size_t count = 0;
    json_t *known = memory_must(json_object());
    int r =
        gathering->reading->archive != NULL
            ? store_ids_from_config(gathering->reading->archive, gathering->context, &ids, &count)
            : 0;
    for (size_t i = 0; r >= 0 && i < count; i++) {
        r = add_known(gathering, ids[i]);
        json_object_set_new(known, ids[i], json_true());
    }
    for (size_t i = 0; r >= 0 && i < config->subscriber_count; i++) {
        const struct profile profile = subscriber_profile(config->subscribers[i]);
        if (json_object_get(known, config->subscribers[i]->id) != NULL)
            continue;
        struct effect_group group = {.after = keep(gathering, &profile)};
        size_t number = group_of(gathering, &group);
        gathering->effect->groups[number].readers++;
    }
    json_decref(known);
    return r;
}

/* ---- those who were added ---- */

static int64_t readers_of(const struct gathering *gathering, const struct store_profile *row)
{
    for (size_t i = 0; i < gathering->own_count; i++) {
        if (gathering->own[i].profile == row->number)
            return row->subscribers - gathering->own[i].readers;
    }
    return row->subscribers;
}

static void add_profile(struct gathering *gathering, const struct store_profile *row,
                        int64_t readers)
{
    struct effect_wishes *wishes = gathering->wishes;
    const char *fault = NULL, *before_fault = NULL;
    struct effect_group group = {.stays = true};
    group.before = read_wish(gathering, row, true, &before_fault);
    group.after = read_wish(gathering, row, false, &fault);
    group.fault = fault;
    size_t number = group_of(gathering, &group);
    gathering->effect->groups[number].readers += (size_t)readers;
    wishes->stored =
        memory_grow(wishes, wishes->stored, wishes->stored_count, sizeof(*wishes->stored));
    wishes->stored[wishes->stored_count++] = (struct effect_stored){row->number, number};
}

static int add_stored(struct gathering *gathering)
{
    struct store_profile *rows;
    size_t count = 0;
    int r = store_list_profiles(gathering->reading->archive, gathering->context, &rows, &count);
    for (size_t i = 0; r >= 0 && i < count; i++) {
        int64_t readers = readers_of(gathering, &rows[i]);
        if (readers > 0 && !text_equal(rows[i].areas, CANARY_PLACE))
            add_profile(gathering, &rows[i], readers);
    }
    return r;
}

int effect_read_readers(TALLOC_CTX *context, const struct effect_reading *reading,
                        struct effect *effect, struct effect_wishes **ret_wishes)
{
    struct gathering gathering = {.context = context,
                                  .reading = reading,
                                  .effect = effect,
                                  .wishes = memory_new(context, struct effect_wishes)};
    int r = add_configured(&gathering);
    if (r >= 0 && reading->archive != NULL)
        r = add_stored(&gathering);
    *ret_wishes = gathering.wishes;
    return r;
}

/* ---- their names ---- */

static void mark(const struct effect_readers *readers, bool *wanted)
{
    for (size_t i = 0; i < readers->group_count; i++)
        wanted[readers->groups[i]] = true;
}

/* How many names are still to be found in all. */
static size_t names_wanted(const struct effect *effect, bool *wanted)
{
    size_t count = 0;
    for (size_t i = 0; i < effect->alert_count; i++) {
        mark(&effect->alerts[i].lost, wanted);
        mark(&effect->alerts[i].added, wanted);
    }
    for (size_t i = 0; i < effect->count; i++) {
        const struct effect_group *group = &effect->groups[i];
        size_t most = group->readers < EFFECT_NAMES ? group->readers : EFFECT_NAMES;
        wanted[i] = (wanted[i] || group->fault != NULL) && group->name_count < most;
        count += wanted[i] ? most - group->name_count : 0;
    }
    return count;
}

static int by_profile(const void *one, const void *other)
{
    const struct effect_stored *a = one, *b = other;
    return a->profile < b->profile ? -1 : a->profile > b->profile;
}

int effect_name_readers(TALLOC_CTX *context, struct store *archive,
                        const struct effect_wishes *wishes, struct effect *effect)
{
    TALLOC_CTX *scratch = talloc_new(NULL);
    bool *wanted = memory_array(scratch, bool, effect->count + 1);
    size_t left = names_wanted(effect, wanted), count = PAGE_ROWS;
    int64_t after = 0;
    int r = 0;
    if (wishes->stored_count > 0)
        qsort(wishes->stored, wishes->stored_count, sizeof(*wishes->stored), by_profile);
    while (r >= 0 && left > 0 && count == PAGE_ROWS && wishes->stored_count > 0) {
        struct store_subscriber *rows;
        TALLOC_CTX *page = talloc_new(scratch);
        r = store_page_subscribers(archive, page, after, PAGE_ROWS, &rows, &count);
        for (size_t i = 0; r >= 0 && i < count; i++) {
            const struct effect_stored key = {.profile = rows[i].profile.number}, *found;
            after = rows[i].number;
            found = bsearch(&key, wishes->stored, wishes->stored_count, sizeof(key), by_profile);
            if (rows[i].from_config || found == NULL || !wanted[found->group] || left == 0)
                continue;
            struct effect_group *group = &effect->groups[found->group];
            if (group->name_count < EFFECT_NAMES) {
                add_name(context, group, rows[i].name, rows[i].id);
                left--;
            }
        }
        talloc_free(page);
    }
    talloc_free(scratch);
    return r;
}
