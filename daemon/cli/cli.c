/* What the verbs share. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "cli/cli.h"
#include "control.h"
#include "request.h"
#include "store/store.h"
#include "subscribers.h"

const struct verb cli_verbs[] = {
    {"run", "poll the feeds and send alerts, until stopped", cli_run},
    {"check", "check the configuration, the area tables and every message", cli_check},
    {"parse", "show what telegrams say", cli_parse},
    {"replay", "put recorded telegrams through the whole path on a virtual clock", cli_replay},
    {"preview", "show the messages that a telegram would make", cli_preview},
    {"who", "show who would hear a telegram, and why", cli_who},
    {"status", "show what the running daemon sees", cli_status},
    {"report", "show what became of an event: times, reach, failures", cli_report},
    {"suppression", "show or clear mail addresses that are never written to again",
     cli_suppression},
    {"send-test", "send a marked test message to one subscriber or to the staff", cli_send_test},
    {"duty", "who is on duty; take it, hand it over", cli_duty},
    {"reload", "have the running daemon take its configuration anew", cli_reload},
    {"subscriber", "add, list, remove or import subscribers", cli_subscriber},
    {"broadcast", "write, approve, send and correct a live broadcast of staff", cli_broadcast},
    {"drill", "the same as a drill, to those who asked for drills", cli_drill},
    {"silence", "keep a hazard that is no danger to life from people for a time", cli_silence},
    {"maintenance", "tell nothing but danger to life while somebody works on the machine",
     cli_maintenance},
    {"staff", "accounts and tokens of disaster staff, and the audit log", cli_staff},
    {"db", "back up, check or count the store", cli_db},
    {NULL, NULL, NULL},
};

const char *cli_config_file(const char *given)
{
    if (given != NULL)
        return given;
    const char *environment = getenv("NOROSHI_CONFIG");
    return environment != NULL ? environment : "/etc/noroshi/noroshi.yaml";
}

typedef int config_loader(TALLOC_CTX *context, const char *file, struct problems *problems,
                          struct config **ret_config);

static struct config *load(TALLOC_CTX *context, const char *given, config_loader *loader)
{
    struct problems *problems = problems_new(context);
    struct config *config;
    int r = loader(context, cli_config_file(given), problems, &config);
    problems_print(problems, stderr);
    return r < 0 ? NULL : config;
}

struct config *cli_load_config(TALLOC_CTX *context, const char *given)
{
    return load(context, given, config_load);
}

struct config *cli_load_paths(TALLOC_CTX *context, const char *given)
{
    return load(context, given, config_load_paths);
}

const char *cli_control_path(TALLOC_CTX *context, const struct config *config)
{
    return memory_printf(context, "%s/control.sock", config->state_directory);
}

static json_t *request_offline(TALLOC_CTX *context, const struct config *config, const char *text)
{
    struct problems *problems = problems_new(context);
    struct store *store;
    struct subscribers *subscribers;
    int owner = 0;
    int r = store_open(context, config->state_directory, problems, &owner, &store);
    problems_print(problems, stderr);
    if (r < 0) {
        if (problems->count == 0)
            fprintf(stderr, "noroshi: the store in %s cannot be opened: %s\n",
                    config->state_directory, strerror(-r));
        return NULL;
    }
    const char *answer = NULL;
    bool changed;
    r = subscribers_new(context, config, store, &subscribers);
    if (r >= 0)
        r = request_answer(context, subscribers, NULL, text, clock_now(), &answer, &changed);
    store_close(store);
    if (r < 0) {
        fprintf(stderr, "noroshi: the store failed: %s\n", strerror(-r));
        return NULL;
    }
    return json_loads(answer, 0, NULL);
}

json_t *cli_request(TALLOC_CTX *context, const struct config *config, const json_t *request)
{
    char *dumped = json_dumps(request, JSON_COMPACT);
    const char *text = memory_text(context, dumped);
    char *answer = NULL;
    free(dumped);
    int r = control_call(context, cli_control_path(context, config), text, &answer);
    if (r == -ENOENT || r == -ECONNREFUSED) {
        const struct config *whole =
            config->areas != NULL ? config : cli_load_config(context, config->file);
        return whole != NULL ? request_offline(context, whole, text) : NULL;
    }
    if (r < 0) {
        fprintf(stderr, "noroshi: the daemon does not answer: %s\n", strerror(-r));
        return NULL;
    }
    return json_loads(answer, 0, NULL);
}

bool cli_answer_ok(const json_t *answer)
{
    size_t i;
    json_t *problem;
    json_array_foreach(json_object_get(answer, "problems"), i, problem)
        fprintf(stderr, "noroshi: %s\n", json_string_value(problem));
    return json_is_true(json_object_get(answer, "ok"));
}
