/* noroshi reload: the running daemon takes its configuration, messages and areas anew. */
#include <stdio.h>

#include "cli/cli.h"
#include "cli/options.h"

int cli_reload(int argc, char **argv)
{
    const char *file = NULL;
    const struct option_row rows[] = {{"config", "FILE", "the configuration", &file, NULL}};
    int first = options_read(argc, argv, "noroshi reload [--config FILE]", rows, 1);
    if (first < 0)
        return options_exit(first);
    TALLOC_CTX *context = talloc_new(NULL);
    int status = EXIT_FAILED;
    /* Which daemon is meant stands in the configuration, which is loaded and shown here if it is
     * faulty; the daemon then never sees it. */
    const struct config *config = cli_load_config(context, file);
    json_t *request = json_pack("{ss}", "command", "reload");
    json_t *answer = config != NULL ? cli_request(context, config, request) : NULL;
    if (answer != NULL && cli_answer_ok(answer)) {
        size_t i;
        json_t *note;
        json_array_foreach(json_object_get(answer, "notes"), i, note)
            printf("%s\n", json_string_value(note));
        status = EXIT_FINE;
    }
    json_decref(answer);
    json_decref(request);
    talloc_free(context);
    return status;
}
