/* noroshi suppression list|remove: mail addresses that are never written to again. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/options.h"

static const char usage[] = "noroshi suppression [--config FILE] list [--json]\n"
                            "       noroshi suppression [--config FILE] remove ADDRESS";

static json_t *make_request(int count, char **words)
{
    if (count == 1 && strcmp(words[0], "list") == 0)
        return json_pack("{ss}", "command", "suppression-list");
    if (count == 2 && strcmp(words[0], "remove") == 0)
        return json_pack("{ssss}", "command", "suppression-remove", "address", words[1]);
    fprintf(stderr, "Usage: %s\n", usage);
    return NULL;
}

static void print_list(const json_t *answer, bool as_json)
{
    size_t i;
    json_t *item;
    json_array_foreach(json_object_get(answer, "suppressions"), i, item)
    {
        if (as_json) {
            char *text = json_dumps(item, JSON_COMPACT);
            puts(text);
            free(text);
            continue;
        }
        printf("%s  %s  %s\n", json_string_value(json_object_get(item, "at")),
               json_string_value(json_object_get(item, "reason")),
               json_string_value(json_object_get(item, "address")));
    }
}

int cli_suppression(int argc, char **argv)
{
    const char *file = NULL;
    bool as_json = false;
    const struct option_row rows[] = {{"config", "FILE", "the configuration", &file, NULL},
                                      {"json", NULL, "for programs", NULL, &as_json}};
    int first = options_read(argc, argv, usage, rows, 2);
    if (first < 0)
        return options_exit(first);
    json_t *request = make_request(argc - first, argv + first);
    if (request == NULL)
        return EXIT_USAGE;
    TALLOC_CTX *context = talloc_new(NULL);
    const struct config *config = cli_load_paths(context, file);
    json_t *answer = config != NULL ? cli_request(context, config, request) : NULL;
    int status = EXIT_FAILED;
    if (answer != NULL) {
        print_list(answer, as_json);
        status = cli_answer_ok(answer) ? EXIT_FINE : EXIT_FAILED;
    }
    json_decref(answer);
    json_decref(request);
    talloc_free(context);
    return status;
}
