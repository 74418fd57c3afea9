/* See coverage.h. */
#include "coverage.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"
#include "event/value.h"
#include "match/canary.h"

#define FACT        "coverage"
#define WEEK        (7 * USEC_PER_DAY)
#define NAMES_SHOWN 8

struct finding {
    TALLOC_CTX *context;
    const struct config *config;
    struct area_set *readers, *facilities, *served;
    json_t *languages;
    int64_t count;
};

/* A place that the tables do not hold any more covers nobody. */
static void area_add_known(struct area_set *set, const struct area_graph *graph,
                           enum area_system system, const char *code)
{
    if (area_set_add(set, graph, system, code) < 0)
        log_info("a place of a reader covers no municipality", "code", code);
}

/* "municipality:01100" as the store keeps it. */
static void add_place(const struct finding *finding, struct area_set *set, const char *text)
{
    const char *colon = strchr(text, ':');
    if (colon == NULL)
        return;
    const char *system = memory_printf(finding->context, "%.*s", (int)(colon - text), text);
    area_add_known(set, finding->config->areas, area_system_from_name(system), colon + 1);
}

static void add_profile(struct finding *finding, const struct store_profile *profile, bool facility)
{
    size_t count;
    char **places = text_split(finding->context, profile->areas, ';', &count);
    if (count == 1 && strcmp(places[0], CANARY_PLACE) == 0)
        return;
    for (size_t i = 0; i < count; i++) {
        add_place(finding, finding->readers, places[i]);
        if (facility)
            add_place(finding, finding->facilities, places[i]);
    }
    char **languages = text_split(finding->context, profile->languages, ';', &count);
    int64_t before = count > 0 ? value_integer(finding->languages, languages[0]) : 0;
    if (count > 0)
        value_set_integer(finding->languages, languages[0], before + profile->subscribers);
    finding->count += profile->subscribers;
}

static bool holds(const int64_t *numbers, size_t count, int64_t number)
{
    for (size_t i = 0; i < count; i++) {
        if (numbers[i] == number)
            return true;
    }
    return false;
}

static int read_profiles(struct finding *finding, struct store *store)
{
    struct store_profile *profiles;
    int64_t *facilities;
    size_t count = 0, facility_count = 0;
    int r = store_list_profiles(store, finding->context, &profiles, &count);
    if (r >= 0)
        r = store_facility_profiles(store, finding->context, &facilities, &facility_count);
    for (size_t i = 0; r >= 0 && i < count; i++)
        add_profile(finding, &profiles[i],
                    strcmp(profiles[i].channel, "webhook") == 0 ||
                        holds(facilities, facility_count, profiles[i].number));
    return r;
}

static void find_served(struct finding *finding)
{
    const struct config *config = finding->config;
    size_t count;
    for (size_t i = 0; i < config->served_count; i++)
        area_add_known(finding->served, config->areas, config->served[i]->system,
                       config->served[i]->code);
    if (config->served_count > 0)
        return;
    const struct area *const *prefectures = area_list(config->areas, AREA_PREFECTURE, &count);
    for (size_t i = 0; i < count; i++) {
        const struct area_set *covers =
            area_coverage(config->areas, AREA_PREFECTURE, prefectures[i]->code);
        if (covers != NULL && area_set_meets(covers, finding->readers))
            area_add_known(finding->served, config->areas, AREA_PREFECTURE, prefectures[i]->code);
    }
}

static json_t *area_json(const struct finding *finding, const struct area *area)
{
    return json_pack("{ssssss}", "code", area->code, "name_ja", area->name_ja, "name",
                     area_name(finding->config->areas, area, "en", NULL));
}

/* Every municipality of the served areas, by whether anybody there would hear. */
static void list_gaps(const struct finding *finding, json_t *coverage)
{
    json_t *readers = json_array(), *facilities = json_array();
    size_t count, served = 0;
    const struct area *const *all = area_list(finding->config->areas, AREA_MUNICIPALITY, &count);
    for (size_t i = 0; i < count; i++) {
        const struct area_set *own =
            area_coverage(finding->config->areas, AREA_MUNICIPALITY, all[i]->code);
        if (own == NULL || !area_set_meets(own, finding->served))
            continue;
        served++;
        if (!area_set_meets(own, finding->readers))
            json_array_append_new(readers, area_json(finding, all[i]));
        if (!area_set_meets(own, finding->facilities))
            json_array_append_new(facilities, area_json(finding, all[i]));
    }
    value_set_integer(coverage, "municipalities", (int64_t)served);
    json_object_set_new(coverage, "without_reader", readers);
    json_object_set_new(coverage, "without_facility", facilities);
}

static void list_languages(const struct finding *finding, json_t *coverage)
{
    json_t *without = json_array();
    const char *const *tags = catalogue_languages(finding->config->catalogue);
    for (size_t i = 0; tags[i] != NULL; i++) {
        if (json_object_get(finding->languages, tags[i]) == NULL)
            json_array_append_new(without, json_string(tags[i]));
    }
    json_object_set(coverage, "languages", finding->languages);
    json_object_set_new(coverage, "languages_without", without);
}

int coverage_find(TALLOC_CTX *context, const struct config *config, struct store *store, usec_t now,
                  json_t **ret_coverage)
{
    TALLOC_CTX *scratch = talloc_new(context);
    struct finding finding = {.context = scratch,
                              .config = config,
                              .readers = area_set_new(scratch, config->areas),
                              .facilities = area_set_new(scratch, config->areas),
                              .served = area_set_new(scratch, config->areas),
                              .languages = value_own(scratch, json_object())};
    int r = read_profiles(&finding, store);
    if (r >= 0) {
        json_t *coverage = json_object();
        find_served(&finding);
        value_set_time(coverage, "at", now);
        value_set_integer(coverage, "readers", finding.count);
        list_gaps(&finding, coverage);
        list_languages(&finding, coverage);
        *ret_coverage = coverage;
    }
    talloc_free(scratch);
    return r;
}

static const char *names_of(TALLOC_CTX *context, const json_t *list)
{
    size_t i;
    json_t *item;
    char *text = memory_text(context, "");
    json_array_foreach(list, i, item)
    {
        const char *name =
            json_is_string(item) ? json_string_value(item) : value_borrow(item, "name_ja");
        if (i < NAMES_SHOWN)
            text = memory_must(talloc_asprintf_append(text, "%s%s", i > 0 ? ", " : "", name));
    }
    return json_array_size(list) > NAMES_SHOWN ? memory_must(talloc_strdup_append(text, " …"))
                                               : text;
}

const char *coverage_notice(TALLOC_CTX *context, const json_t *coverage)
{
    const json_t *readers = json_object_get(coverage, "without_reader"),
                 *facilities = json_object_get(coverage, "without_facility"),
                 *languages = json_object_get(coverage, "languages_without");
    if (json_array_size(readers) + json_array_size(facilities) + json_array_size(languages) == 0)
        return NULL;
    return memory_printf(context,
                         "coverage of %d municipalities: %zu without a reader (%s), %zu without a "
                         "facility (%s), languages without a reader: %s; noroshi check --coverage",
                         value_integer(coverage, "municipalities"), json_array_size(readers),
                         names_of(context, readers), json_array_size(facilities),
                         names_of(context, facilities),
                         json_array_size(languages) > 0 ? names_of(context, languages) : "none");
}

/* A day after the first start, when readers are there, and then once a week. */
int coverage_due(TALLOC_CTX *context, const struct config *config, struct store *store, usec_t now,
                 const char **ret_notice, usec_t *ret_next)
{
    const char *text = NULL;
    json_t *coverage = NULL;
    int r = store_get_fact(store, context, FACT, &text);
    json_t *last = text != NULL ? json_loads(text, 0, NULL) : NULL;
    usec_t at = value_time(last, "at");
    bool due = last != NULL && (now >= at + WEEK || now < at);
    *ret_notice = NULL;
    *ret_next = due ? now + WEEK : at + WEEK;
    if (r >= 0 && last == NULL) {
        coverage = json_object();
        value_set_time(coverage, "at", now + USEC_PER_DAY - WEEK);
        *ret_next = now + USEC_PER_DAY;
    } else if (r >= 0 && due) {
        r = coverage_find(context, config, store, now, &coverage);
        *ret_notice = r >= 0 ? coverage_notice(context, coverage) : NULL;
    }
    if (r >= 0 && coverage != NULL) {
        char *dumped = json_dumps(coverage, JSON_COMPACT);
        r = store_put_fact(store, FACT, dumped != NULL ? dumped : "{}");
        free(dumped);
    }
    json_decref(coverage);
    json_decref(last);
    return r;
}
