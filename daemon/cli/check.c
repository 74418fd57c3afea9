/* noroshi check: everything that a person edits, all problems in one pass. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/problem.h"
#include "cli/cli.h"
#include "cli/effect.h"
#include "cli/options.h"
#include "coverage.h"
#include "message/broadcast.h"
#include "rule_list.h"

/* "30d" or "30". */
static int days_of(const char *text)
{
    char *end;
    long days = strtol(text, &end, 10);
    return days >= 1 && days <= EFFECT_DAYS && (*end == '\0' || strcmp(end, "d") == 0) ? (int)days
                                                                                       : -1;
}

/* What the configuration would have changed. */
static int replay(TALLOC_CTX *context, const struct config *config, int days, bool as_json)
{
    struct effect effect;
    int r = effect_find(context, config, days, clock_now(), &effect);
    if (r < 0) {
        fprintf(stderr, "noroshi check: the telegrams that are kept cannot be put through: %s\n",
                strerror(-r));
        return EXIT_FAILED;
    }
    if (as_json)
        effect_print_json(&effect);
    else
        effect_print(&effect);
    return EXIT_FINE;
}

static void print_places(const char *label, const json_t *list)
{
    size_t i;
    json_t *area;
    printf("%s: %zu\n", label, json_array_size(list));
    json_array_foreach(list, i, area)
        printf("  %s %s %s\n", json_string_value(json_object_get(area, "code")),
               json_string_value(json_object_get(area, "name_ja")),
               json_string_value(json_object_get(area, "name")));
}

static void print_coverage(const json_t *coverage)
{
    const char *tag;
    json_t *value;
    size_t i;
    printf("municipalities: %lld, readers: %lld\n",
           (long long)json_integer_value(json_object_get(coverage, "municipalities")),
           (long long)json_integer_value(json_object_get(coverage, "readers")));
    print_places("without a reader", json_object_get(coverage, "without_reader"));
    print_places("without a facility", json_object_get(coverage, "without_facility"));
    json_object_foreach(json_object_get(coverage, "languages"), tag, value)
        printf("language %s: %lld\n", tag, (long long)json_integer_value(value));
    json_array_foreach(json_object_get(coverage, "languages_without"), i, value)
        printf("language %s: nobody\n", json_string_value(value));
}

/* Who would hear nothing (H-19), of the readers in the store. */
static int show_coverage(TALLOC_CTX *context, const struct config *config, bool as_json)
{
    struct store *store;
    struct problems *problems = problems_new(context);
    json_t *coverage = NULL;
    int r = store_open_reader(context, config->state_directory, problems, &store);
    problems_print(problems, stderr);
    if (r >= 0)
        r = coverage_find(context, config, store, clock_now(), &coverage);
    if (r < 0) {
        fprintf(stderr, "noroshi check: the store in %s cannot be read: %s\n",
                config->state_directory, strerror(-r));
        return EXIT_FAILED;
    }
    char *text = as_json ? json_dumps(coverage, JSON_COMPACT) : NULL;
    if (as_json)
        puts(text);
    else
        print_coverage(coverage);
    free(text);
    json_decref(coverage);
    return EXIT_FINE;
}

/* What was loaded; which rules are live and which are drills (H-13). */
static void print_fine(TALLOC_CTX *context, const struct config *config)
{
    size_t languages = 0, templates;
    while (catalogue_languages(config->catalogue)[languages] != NULL)
        languages++;
    broadcast_templates(config->broadcasts, &templates);
    printf("%s is fine: %zu languages with every message, %zu templates of manual broadcasts, "
           "%zu subscribers in the file\nlive: %s\ndrills: %s\n",
           config->file, languages, templates, config->subscriber_count,
           rule_list(context, config, false), rule_list(context, config, true));
}

int cli_check(int argc, char **argv)
{
    const char *file = NULL, *replayed = NULL;
    bool as_json = false, covers = false;
    const struct option_row rows[] = {
        {"config", "FILE", "the configuration", &file, NULL},
        {"replay", "DAYS", "who would have got what else lately, such as 30d", &replayed, NULL},
        {"coverage", NULL, "municipalities and languages without a reader", NULL, &covers},
        {"json", NULL, "of --replay or --coverage, for programs", NULL, &as_json}};
    int first = options_read(
        argc, argv, "noroshi check [--config FILE] [--replay 30d | --coverage] [--json]", rows, 4);
    if (first < 0)
        return options_exit(first);
    if (first < argc) {
        fprintf(stderr, "noroshi check: too many arguments\n");
        return EXIT_USAGE;
    }
    int days = replayed != NULL ? days_of(replayed) : 0;
    if (days < 0) {
        fprintf(stderr, "noroshi check: --replay takes 1d to %dd: no telegram is kept longer\n",
                EFFECT_DAYS);
        return EXIT_USAGE;
    }
    TALLOC_CTX *context = talloc_new(NULL);
    struct problems *problems = problems_new(context);
    struct config *config = NULL;
    int r = config_load(context, cli_config_file(file), problems, &config);
    if (r >= 0)
        area_graph_check(config->areas, problems);
    problems_print(problems, stderr);
    if (r >= 0 && problems->errors == 0) {
        if (!as_json)
            print_fine(context, config);
    } else {
        fprintf(stderr, "noroshi: %zu errors\n", problems->errors);
    }
    int status = r < 0 || problems->errors > 0 ? EXIT_FAILED : EXIT_FINE;
    if (status == EXIT_FINE && days > 0)
        status = replay(context, config, days, as_json);
    else if (status == EXIT_FINE && covers)
        status = show_coverage(context, config, as_json);
    talloc_free(context);
    return status;
}
