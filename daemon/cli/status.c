/* noroshi status: what the running daemon sees. */
#include <stdio.h>
#include <stdlib.h>

#include "cli/cli.h"
#include "cli/options.h"

static void print_plain(const json_t *status)
{
    size_t i;
    json_t *item;
    printf("sight: %s\nalerts in force: %lld\n",
           json_string_value(json_object_get(status, "sight")),
           (long long)json_integer_value(json_object_get(status, "alerts_in_force")));
    json_array_foreach(json_object_get(status, "feeds"), i, item)
        printf("feed %s: %s\n", json_string_value(json_object_get(item, "name")),
               json_string_value(json_object_get(item, "state")));
    json_array_foreach(json_object_get(status, "notices"), i, item)
        printf("notice: %s\n", json_string_value(item));
}

int cli_status(int argc, char **argv)
{
    const char *file = NULL;
    bool as_json = false;
    const struct option_row rows[] = {{"config", "FILE", "the configuration", &file, NULL},
                                      {"json", NULL, "for programs", NULL, &as_json}};
    int first = options_read(argc, argv, "noroshi status [--config FILE] [--json]", rows, 2);
    if (first < 0)
        return options_exit(first);
    TALLOC_CTX *context = talloc_new(NULL);
    const struct config *config = cli_load_config(context, file);
    json_t *request = json_pack("{ss}", "command", "status");
    json_t *answer = config != NULL ? cli_request(context, config, request) : NULL;
    const json_t *status = json_object_get(answer, "status");
    int result = EXIT_FAILED;
    if (answer != NULL && !json_is_object(status)) {
        fprintf(stderr, "noroshi: no daemon is running with this configuration\n");
    } else if (answer != NULL && as_json) {
        char *text = json_dumps(status, JSON_COMPACT);
        puts(text);
        free(text);
        result = EXIT_FINE;
    } else if (answer != NULL) {
        print_plain(status);
        result = EXIT_FINE;
    }
    json_decref(answer);
    json_decref(request);
    talloc_free(context);
    return result;
}
