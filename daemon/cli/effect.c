/* See effect.h. A reader with each wish stands for all who have it: who else there is decides
 * nothing about what he gets. Both sides go through the telegrams together, one by one, so that
 * what they make of each is compared at once and then forgotten. */
#include "effect.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/text.h"
#include "cli/effect_compare.h"
#include "cli/effect_readers.h"
#include "event/value.h"
#include "rehearsal.h"
#include "subscribers.h"
#include "taken.h"

#define REMEMBERED   (2 * USEC_PER_DAY)
#define FORGET_EVERY 100 /* telegrams */
#define FORGET_ROWS  5000

/* A configuration at work, on a store in memory. */
struct side {
    struct finding *finding;
    struct ingest ingest;
    struct store *store;
    TALLOC_CTX *scratch; /* of the telegram that is played */
    struct effect_step step;
    int64_t *messages; /* of each wish */
};
struct finding {
    TALLOC_CTX *context;
    const struct config *config;
    struct store *archive;
    struct effect *effect;
    struct effect_wishes *wishes;
    struct side before, after;
    bool two; /* other areas or texts: otherwise `before` does for both */
};

/* ---- what each of them makes ---- */

/* Messages of one alert mostly come one after another. */
static int alert_of(struct side *side, const struct store_delivery *delivery,
                    const struct alert **ret_alert)
{
    const struct effect_step *step = &side->step;
    json_t *json = NULL;
    if (step->count > 0) {
        *ret_alert = step->items[step->count - 1].alert;
        if (text_equal((*ret_alert)->id, delivery->alert_id))
            return 0;
    }
    int r = store_get_alert(side->store, delivery->alert, &json);
    if (r < 0)
        return r;
    *ret_alert = alert_from_json(side->scratch, json);
    json_decref(json);
    return *ret_alert != NULL ? 0 : -EBADMSG;
}

static int read_words(struct side *side, struct effect_made *made)
{
    TALLOC_CTX *scratch = side->scratch;
    struct store_message row;
    json_t *told = NULL;
    for (size_t i = side->step.count; i > 0; i--) {
        const struct effect_made *other = &side->step.items[i - 1];
        if (other->message != made->message)
            continue;
        made->sections = other->sections;
        made->section_count = other->section_count;
        made->phase = other->phase;
        return 0;
    }
    int r = store_get_message(side->store, scratch, made->message, &row);
    if (r >= 0)
        r = store_get_told(side->store, made->message, &told);
    if (r >= 0) {
        (void)alert_phase_from_name(value_borrow(told, "phase"), &made->phase);
        made->sections =
            effect_sections(scratch, row.languages, row.subject, row.body, &made->section_count);
    }
    json_decref(told);
    return r;
}

static int take_made(void *userdata, TALLOC_CTX *scratch, const struct store_delivery *delivery)
{
    struct side *side = userdata;
    struct effect_made made = {.wish = (size_t)strtoul(delivery->subscriber_id + 1, NULL, 10),
                               .message = delivery->message};
    (void)scratch;
    int r = alert_of(side, delivery, &made.alert);
    if (r < 0 || made.wish >= side->finding->wishes->count)
        return r;
    made.phase = made.alert->phase;
    if (side->finding->two)
        r = read_words(side, &made);
    side->messages[made.wish]++;
    side->step.items = memory_grow(side->scratch, side->step.items, side->step.count, sizeof(made));
    side->step.items[side->step.count++] = made;
    return r;
}

static int play(struct side *side, TALLOC_CTX *scratch, const struct store_telegram *telegram)
{
    struct ingest_result result;
    usec_t now = telegram->control_time;
    bool fresh;
    side->scratch = scratch;
    side->step = (struct effect_step){0};
    int r = ingest_expired(scratch, &side->ingest, now, &result);
    if (r >= 0)
        r = store_put_telegram(side->store, telegram, &fresh);
    if (r >= 0)
        r = ingest_telegram(scratch, &side->ingest, telegram, now, problems_new(scratch), &result);
    return r >= 0 ? rehearsal_deliver(&side->ingest, now, take_made, side) : r;
}

/* ---- the rehearsal ---- */

/* Those of `asked` that this side has. */
static const char **languages_of(TALLOC_CTX *context, const struct config *config,
                                 const struct profile *asked, size_t *ret_count)
{
    const char *const *known = catalogue_languages(config->catalogue);
    const char **languages = memory_array(context, const char *, asked->language_count + 1);
    *ret_count = 0;
    for (size_t i = 0; i < asked->language_count; i++) {
        size_t j = 0;
        while (known[j] != NULL && strcmp(known[j], asked->languages[i]) != 0)
            j++;
        if (known[j] != NULL)
            languages[(*ret_count)++] = asked->languages[i];
    }
    return languages;
}

/* In one language when nobody will read it: who is told does not depend on that. */
static int put_reader(const struct side *side, struct subscribers *subscribers, size_t wish,
                      usec_t now)
{
    const struct profile *profile = &side->finding->wishes->items[wish].profile;
    TALLOC_CTX *scratch = talloc_new(NULL);
    struct subscriber reader = {.id = memory_printf(scratch, "r%zu", wish),
                                .name = "",
                                .channel = profile->channel,
                                .address = memory_printf(scratch, "reader-%zu", wish),
                                .areas = profile->areas,
                                .area_count = profile->area_count,
                                .hazards = profile->hazards,
                                .min_level = profile->min_level,
                                .drills = profile->drills};
    reader.languages =
        languages_of(scratch, subscribers_config(subscribers), profile, &reader.language_count);
    if (!side->finding->two && reader.language_count > 1)
        reader.language_count = 1;
    int r = reader.language_count > 0 ? subscribers_put(subscribers, &reader, now) : 0;
    talloc_free(scratch);
    return r;
}

/* Those whose wishes this side can read. */
static int put_readers(struct side *side, const struct config *config, bool old, bool new,
                       usec_t now)
{
    const struct effect_wishes *wishes = side->finding->wishes;
    struct subscribers *subscribers;
    int r = subscribers_new(side->finding->context, config, side->store, &subscribers);
    if (r < 0)
        return r;
    for (size_t i = 0; r >= 0 && i < wishes->count; i++) {
        const struct effect_wish *wish = &wishes->items[i];
        if ((old && wish->before) || (new && wish->after))
            r = put_reader(side, subscribers, i, now);
    }
    if (r >= 0)
        r = subscribers_refresh(subscribers);
    side->ingest.audience = subscribers_audience(subscribers);
    return r;
}

static int open_side(struct side *side, struct finding *finding, const struct taken *taken,
                     usec_t now)
{
    TALLOC_CTX *context = finding->context;
    struct config *bare = memory_new(context, struct config);
    int owner;
    *bare = *finding->config;
    bare->subscriber_count = 0;
    if (taken != NULL) {
        bare->areas = (struct area_graph *)taken->areas;
        bare->catalogue = (struct catalogue *)taken->catalogue;
    }
    side->finding = finding;
    side->messages = memory_array(context, int64_t, finding->wishes->count);
    int r = store_open(context, ":memory:", problems_new(context), &owner, &side->store);
    if (r < 0)
        return r;
    side->ingest = (struct ingest){.store = side->store,
                                   .areas = bare->areas,
                                   .catalogue = bare->catalogue,
                                   .operator_name = bare->operator_name,
                                   .page_url = bare->page_url,
                                   .quake_age_max = bare->quake_age_max};
    return put_readers(side, bare, side == &finding->before,
                       side == &finding->after || !finding->two, now);
}

/* What is over is forgotten as in a real store, only sooner: memory holds two days, not thirty. */
static int forget_old(struct side *side, usec_t now)
{
    bool more = true;
    int r = 0;
    while (r >= 0 && more)
        r = store_retain(side->store, now - REMEMBERED, FORGET_ROWS, &more);
    return r;
}

static int play_both(struct finding *finding, const char *id, bool forget)
{
    TALLOC_CTX *scratch = talloc_new(finding->context);
    struct store_telegram telegram;
    struct side *after = finding->two ? &finding->after : &finding->before;
    int r = store_get_telegram(finding->archive, scratch, id, &telegram);
    if (r < 0) { /* it left the archive meanwhile */
        talloc_free(scratch);
        return r == -ENOENT ? 0 : r;
    }
    telegram.received_at = telegram.control_time;
    telegram.backlog = false;
    r = play(&finding->before, scratch, &telegram);
    if (r >= 0 && finding->two)
        r = play(after, scratch, &telegram);
    if (r >= 0)
        effect_compare(finding->context, &finding->before.step, &after->step,
                       finding->wishes->count, finding->effect);
    if (r >= 0 && forget)
        r = forget_old(&finding->before, telegram.control_time);
    if (r >= 0 && forget && finding->two)
        r = forget_old(after, telegram.control_time);
    talloc_free(scratch);
    return r;
}

static int rehearse(struct finding *finding, const struct taken *taken, usec_t now)
{
    char **ids;
    size_t count = 0;
    if (finding->wishes->count == 0)
        return 0;
    int r = open_side(&finding->before, finding, finding->two ? taken : NULL, now);
    if (r >= 0 && finding->two)
        r = open_side(&finding->after, finding, NULL, now);
    if (r >= 0)
        r = store_archived_telegrams(finding->archive, finding->context,
                                     now - finding->effect->days * USEC_PER_DAY, &ids, &count);
    for (size_t i = 0; r >= 0 && i < count; i++)
        r = play_both(finding, ids[i], i % FORGET_EVERY == FORGET_EVERY - 1);
    finding->effect->telegrams = count;
    return r;
}

static void fill_groups(struct finding *finding)
{
    const struct side *after = finding->two ? &finding->after : &finding->before;
    for (size_t i = 0; i < finding->effect->count; i++) {
        struct effect_group *group = &finding->effect->groups[i];
        if (group->before_wish != EFFECT_NONE)
            group->messages_before = finding->before.messages[group->before_wish];
        if (group->after_wish != EFFECT_NONE)
            group->messages_after = after->messages[group->after_wish];
    }
}

/* ---- from files to figures ---- */

/* Which areas and texts are others now. */
static int name_tables(struct finding *finding, const struct taken *taken)
{
    struct fingerprint *print;
    size_t i;
    json_t *name;
    if (taken->files == NULL)
        return 0;
    int r = fingerprint_take(finding->context, finding->config, &print);
    if (r < 0)
        return r;
    struct effect *effect = finding->effect;
    json_t *changes = value_own(finding->context, fingerprint_changes(taken->files, print->files));
    effect->tables = memory_array(finding->context, const char *, json_array_size(changes) + 1);
    json_array_foreach(changes, i, name)
    {
        if (fingerprint_is_table(json_string_value(name)))
            effect->tables[effect->table_count++] = json_string_value(name);
    }
    return 0;
}

static int find_with_archive(struct finding *finding, int days, usec_t now)
{
    struct taken taken;
    struct effect *effect = finding->effect;
    const struct config *config = finding->config;
    int r = taken_load(finding->context, config->state_directory, finding->archive, &taken);
    if (r >= 0)
        r = name_tables(finding, &taken);
    if (r < 0)
        return r;
    effect->days = days;
    effect->compared = effect->table_count == 0 || taken.areas != NULL;
    finding->two = effect->table_count > 0 && taken.areas != NULL;
    const struct effect_reading reading = {
        .archive = finding->archive,
        .config = config,
        .areas_before = finding->two ? taken.areas : config->areas,
        .languages_before =
            catalogue_languages(finding->two ? taken.catalogue : config->catalogue)};
    r = effect_read_readers(finding->context, &reading, effect, &finding->wishes);
    if (r >= 0)
        r = rehearse(finding, &taken, now);
    if (r < 0)
        return r;
    fill_groups(finding);
    effect_sort(effect);
    return effect_name_readers(finding->context, finding->archive, finding->wishes, effect);
}

/* Nothing was ever kept: everybody is new. */
static int find_without(struct finding *finding)
{
    const struct effect_reading reading = {.config = finding->config};
    finding->effect->compared = true;
    return effect_read_readers(finding->context, &reading, finding->effect, &finding->wishes);
}

int effect_find(TALLOC_CTX *context, const struct config *config, int days, usec_t now,
                struct effect *ret_effect)
{
    struct effect effect = {.days = days};
    struct finding finding = {.context = context, .config = config, .effect = &effect};
    const char *file = memory_printf(context, "%s/noroshi.db", config->state_directory);
    int r = 0;
    if (access(file, F_OK) == 0)
        r = store_open_reader(context, config->state_directory, problems_new(context),
                              &finding.archive);
    if (r >= 0 && finding.archive != NULL)
        r = find_with_archive(&finding, days, now);
    else if (r >= 0)
        r = find_without(&finding);
    store_close(finding.before.store);
    store_close(finding.after.store);
    store_close(finding.archive);
    if (r >= 0)
        *ret_effect = effect;
    return r;
}

bool effect_matters(const struct effect *effect)
{
    if (effect->table_count > 0 || effect->alert_count > 0)
        return true;
    for (size_t i = 0; i < effect->count; i++) {
        const struct effect_group *group = &effect->groups[i];
        if (group->stays && group->messages_before != group->messages_after)
            return true;
    }
    return false;
}
