/* noroshi reload: the running daemon takes its configuration, messages and areas anew. What that
 * would have changed lately for readers who stay is shown, and asked about, first (H-13). */
#include <stdio.h>

#include "cli/cli.h"
#include "cli/effect.h"
#include "cli/options.h"

/* Whether it may be taken: nobody would have got anything else, or a person has seen it. */
static bool may_take(TALLOC_CTX *context, const struct config *config, bool accepted)
{
    struct effect effect;
    if (accepted)
        return true;
    int r = effect_find(context, config, EFFECT_DAYS, clock_now(), &effect);
    if (r >= 0 && !effect_matters(&effect))
        return true;
    if (r >= 0)
        effect_print(&effect);
    fprintf(stderr, "noroshi: %s; --accept takes it\n",
            r >= 0 ? "readers would have got other messages"
                   : "what it would have changed cannot be found out");
    return false;
}

int cli_reload(int argc, char **argv)
{
    const char *file = NULL;
    bool accept = false;
    const struct option_row rows[] = {
        {"config", "FILE", "the configuration", &file, NULL},
        {"accept", NULL, "also when readers get other messages than before", NULL, &accept}};
    int first = options_read(argc, argv, "noroshi reload [--config FILE] [--accept]", rows, 2);
    if (first < 0)
        return options_exit(first);
    TALLOC_CTX *context = talloc_new(NULL);
    int status = EXIT_FAILED;
    /* Which daemon is meant stands in the configuration, which is loaded and shown here if it is
     * faulty; the daemon then never sees it. */
    const struct config *config = cli_load_config(context, file);
    json_t *request = json_pack("{sssb}", "command", "reload", "accept", 1);
    json_t *answer = config != NULL && may_take(context, config, accept)
                         ? cli_request(context, config, request)
                         : NULL;
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
