/* noroshi db backup|check|release|stats: looks after the store. Reading needs no daemon and
 * disturbs none: it has its own read-only connection. Only a release goes through the daemon, the
 * one that writes. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "cli/cli.h"
#include "cli/options.h"

static const char usage[] = "noroshi db backup FILE   a copy, also while the daemon runs\n"
                            "       noroshi db check         is the store sound?\n"
                            "       noroshi db stats [--json]\n"
                            "       noroshi db release       send what a restored copy holds back";

static int say(const char *file, int r)
{
    if (r < 0)
        fprintf(stderr, "noroshi db: %s: %s\n", file, strerror(-r));
    return r < 0 ? EXIT_FAILED : EXIT_FINE;
}

static int check(TALLOC_CTX *context, struct store *store)
{
    struct problems *problems = problems_new(context);
    int r = store_check(store, problems);
    problems_print(problems, stderr);
    if (r < 0)
        return say("check", r);
    if (problems->count == 0)
        puts("the store is sound");
    return problems->count == 0 ? EXIT_FINE : EXIT_FAILED;
}

static int stats(struct store *store, bool as_json)
{
    json_t *json, *value;
    const char *name;
    int r = store_stats(store, &json);
    if (r < 0)
        return say("stats", r);
    if (as_json) {
        char *text = json_dumps(json, JSON_COMPACT);
        puts(text);
        free(text);
    } else {
        json_object_foreach(json, name, value)
            printf("%-18s %lld\n", name, (long long)json_integer_value(value));
    }
    json_decref(json);
    return EXIT_FINE;
}

static int release(TALLOC_CTX *context, const struct config *config)
{
    json_t *request = json_pack("{ss}", "command", "db-release");
    json_t *answer = cli_request(context, config, request);
    bool fine = answer != NULL && cli_answer_ok(answer);
    if (fine)
        printf("released: %lld\n",
               (long long)json_integer_value(json_object_get(answer, "released")));
    json_decref(answer);
    json_decref(request);
    return fine ? EXIT_FINE : EXIT_FAILED;
}

static int act(TALLOC_CTX *context, const char *action, const char *what, const char *config_file,
               bool as_json)
{
    const struct config *config = cli_load_config(context, config_file);
    struct problems *problems = problems_new(context);
    struct store *store;
    if (config == NULL)
        return EXIT_FAILED;
    if (strcmp(action, "release") == 0)
        return release(context, config);
    int r = store_open_reader(context, config->state_directory, problems, &store);
    problems_print(problems, stderr);
    if (r < 0)
        return EXIT_FAILED;
    if (strcmp(action, "backup") == 0)
        return say(what, store_backup(store, what));
    return strcmp(action, "check") == 0 ? check(context, store) : stats(store, as_json);
}

int cli_db(int argc, char **argv)
{
    static const struct {
        const char *action;
        int words;
    } actions[] = {{"backup", 2}, {"check", 1}, {"stats", 1}, {"release", 1}};
    const char *file = NULL;
    bool as_json = false, known = false;
    const struct option_row rows[] = {{"config", "FILE", "the configuration", &file, NULL},
                                      {"json", NULL, "for programs", NULL, &as_json}};
    int first = options_read(argc, argv, usage, rows, 2);
    if (first < 0)
        return options_exit(first);
    for (size_t i = 0; first < argc && i < sizeof(actions) / sizeof(actions[0]); i++)
        known = known ||
                (strcmp(argv[first], actions[i].action) == 0 && argc - first == actions[i].words);
    if (!known) {
        fprintf(stderr, "Usage: %s\n", usage);
        return EXIT_USAGE;
    }
    TALLOC_CTX *context = talloc_new(NULL);
    int status =
        act(context, argv[first], first + 1 < argc ? argv[first + 1] : NULL, file, as_json);
    talloc_free(context);
    return status;
}
