/* noroshi check: everything that a person edits, all problems in one pass. */
#include <stdio.h>

#include "base/problem.h"
#include "cli/cli.h"
#include "cli/options.h"
#include "message/broadcast.h"

int cli_check(int argc, char **argv)
{
    const char *file = NULL;
    const struct option_row rows[] = {{"config", "FILE", "the configuration", &file, NULL}};
    int first = options_read(argc, argv, "noroshi check [--config FILE]", rows, 1);
    if (first < 0)
        return options_exit(first);
    if (first < argc) {
        fprintf(stderr, "noroshi check: too many arguments\n");
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
        size_t languages = 0;
        while (catalogue_languages(config->catalogue)[languages] != NULL)
            languages++;
        size_t templates;
        broadcast_templates(config->broadcasts, &templates);
        printf("%s is fine: %zu languages with every message, %zu templates of manual broadcasts, "
               "%zu subscribers in the file\n",
               config->file, languages, templates, config->subscriber_count);
    } else {
        fprintf(stderr, "noroshi: %zu errors\n", problems->errors);
    }
    int status = r < 0 || problems->errors > 0 ? EXIT_FAILED : EXIT_FINE;
    talloc_free(context);
    return status;
}
