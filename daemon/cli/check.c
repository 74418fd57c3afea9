/* noroshi check: everything that a person edits, all problems in one pass. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/problem.h"
#include "cli/cli.h"
#include "cli/effect.h"
#include "cli/options.h"
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
    bool as_json = false;
    const struct option_row rows[] = {
        {"config", "FILE", "the configuration", &file, NULL},
        {"replay", "DAYS", "who would have got what else lately, such as 30d", &replayed, NULL},
        {"json", NULL, "of --replay, for programs", NULL, &as_json}};
    int first =
        options_read(argc, argv, "noroshi check [--config FILE] [--replay 30d [--json]]", rows, 3);
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
    talloc_free(context);
    return status;
}
