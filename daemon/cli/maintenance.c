/* noroshi maintenance on|off|status: while somebody works on the machine (H-12). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "cli/cli.h"
#include "cli/options.h"

static const char usage[] =
    "noroshi maintenance on --reason TEXT   only danger to life is told\n"
    "       noroshi maintenance off           what still holds is told now\n"
    "       noroshi maintenance status";

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text != NULL ? text : "";
}

static int ask(TALLOC_CTX *context, const char *file, const char *step, const char *reason)
{
    int status = EXIT_FAILED;
    const struct config *config = cli_load_paths(context, file);
    json_t *request =
        json_pack("{ssssss?ss}", "command", "maintenance", "step", step, "reason", reason, "by",
                  memory_printf(context, "user %u", (unsigned)getuid()));
    json_t *answer = config != NULL ? cli_request(context, config, request) : NULL;
    if (answer != NULL && cli_answer_ok(answer)) {
        const char *since = text_of(answer, "since");
        if (since[0] != '\0')
            printf("maintenance mode is on since %s: %s\n", since, text_of(answer, "reason"));
        else
            printf("maintenance mode is off\n");
        if (strcmp(step, "off") == 0)
            printf("told now: %lld; broadcasts of staff wait for their release\n",
                   (long long)json_integer_value(json_object_get(answer, "told")));
        status = EXIT_FINE;
    }
    json_decref(answer);
    json_decref(request);
    return status;
}

int cli_maintenance(int argc, char **argv)
{
    const char *file = NULL, *reason = NULL;
    const struct option_row rows[] = {{"config", "FILE", "the configuration", &file, NULL},
                                      {"reason", "TEXT", "why, for operators", &reason, NULL}};
    int first = options_read(argc, argv, usage, rows, 2);
    if (first < 0)
        return options_exit(first);
    const char *step = argc - first == 1 ? argv[first] : "";
    bool on = strcmp(step, "on") == 0;
    if ((!on && strcmp(step, "off") != 0 && strcmp(step, "status") != 0) ||
        on != (reason != NULL)) {
        fprintf(stderr, "Usage: %s\n", usage);
        return EXIT_USAGE;
    }
    TALLOC_CTX *context = talloc_new(NULL);
    int status = ask(context, file, step, reason);
    talloc_free(context);
    return status;
}
