/* noroshi send-test: a marked message to one subscriber or to the staff, by the whole path. */
#include <stdio.h>
#include <unistd.h>

#include "base/memory.h"
#include "cli/cli.h"
#include "cli/options.h"

static const char usage[] = "noroshi send-test [--config FILE] ID | --all-staff | --chain";

int cli_send_test(int argc, char **argv)
{
    const char *file = NULL;
    bool all = false, chain = false;
    const struct option_row rows[] = {
        {"config", "FILE", "the configuration", &file, NULL},
        {"all-staff", NULL, "to every subscriber who is staff", NULL, &all},
        {"chain", NULL, "the same, then its correction, then a report to them", NULL, &chain}};
    int first = options_read(argc, argv, usage, rows, 3);
    if (first < 0)
        return options_exit(first);
    if (argc - first != (all || chain ? 0 : 1) || (all && chain)) {
        fprintf(stderr, "Usage: %s\n", usage);
        return EXIT_USAGE;
    }
    TALLOC_CTX *context = talloc_new(NULL);
    int status = EXIT_FAILED;
    const struct config *config = cli_load_paths(context, file);
    json_t *request = chain ? json_pack("{sssbss}", "command", "send-test", "chain", 1, "by",
                                        memory_printf(context, "system.%u", (unsigned)getuid()))
                      : all
                          ? json_pack("{sssb}", "command", "send-test", "all_staff", 1)
                          : json_pack("{ssss}", "command", "send-test", "subscriber", argv[first]);
    json_t *answer = config != NULL ? cli_request(context, config, request) : NULL;
    bool fine = answer != NULL && cli_answer_ok(answer);
    if (fine && chain) {
        printf("%s: the test is on the way; its correction follows, then the report\n",
               json_string_value(json_object_get(answer, "alert")));
        status = EXIT_FINE;
    } else if (fine) {
        printf("%s: %lld on the way; noroshi report %s tells what became of them\n",
               json_string_value(json_object_get(answer, "alert")),
               (long long)json_integer_value(json_object_get(answer, "deliveries")),
               json_string_value(json_object_get(answer, "alert")));
        status = EXIT_FINE;
    }
    json_decref(answer);
    json_decref(request);
    talloc_free(context);
    return status;
}
