/* noroshi reload: the running daemon takes its configuration, messages and areas anew. What that
 * would have changed lately for readers who stay is shown, and asked about, first (H-13). Where
 * staff have accounts, one proposes it with his token and another accepts it with his. */
#include <stdio.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/text.h"
#include "cli/cli.h"
#include "cli/effect.h"
#include "cli/office.h"
#include "cli/options.h"
#include "rule_list.h"

#define PATH "/staff/api/config"

static const char usage[] =
    "noroshi reload [--accept]\n"
    "       with a token of staff: noroshi reload [--reason TEXT]   takes it, or proposes it\n"
    "                              noroshi reload --accept|--refuse   what another proposed";

struct arguments {
    const char *config, *token_file, *reason;
    bool accept, refuse;
};

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text != NULL ? text : "";
}

static void print_lists(TALLOC_CTX *context, const struct config *config)
{
    printf("live: %s\ndrills: %s\n", rule_list(context, config, false),
           rule_list(context, config, true));
}

static void print_taken(TALLOC_CTX *context, const struct config *config, const json_t *answer)
{
    const char *notes = text_of(answer, "notes");
    printf("%s%staken\n", notes, notes[0] != '\0' ? "\n" : "");
    print_lists(context, config);
}

/* ---- by two of staff ---- */

static json_t *ask(TALLOC_CTX *context, const struct arguments *a, const char *method,
                   const char *path, json_t *body)
{
    const struct office_call call = {.config = a->config,
                                     .token_file = a->token_file,
                                     .method = method,
                                     .path = path,
                                     .body = body};
    return office_call(context, &call);
}

static void print_proposal(const json_t *proposal)
{
    size_t i;
    json_t *file;
    printf("proposed by %s at %s, until %s: %s\nsubscribers with other rules: %lld; files:",
           text_of(proposal, "proposer"), text_of(proposal, "at"), text_of(proposal, "until"),
           text_of(proposal, "reason"),
           (long long)json_integer_value(json_object_get(proposal, "readers")));
    json_array_foreach(json_object_get(proposal, "files"), i, file)
        printf(" %s", json_string_value(file));
    printf("\ndigest: %s\n", text_of(proposal, "digest"));
}

static int propose(TALLOC_CTX *context, const struct config *config, const struct arguments *a)
{
    struct effect effect;
    int r = effect_find(context, config, EFFECT_DAYS, clock_now(), &effect);
    if (r >= 0)
        effect_print(&effect);
    const char *text =
        r >= 0 ? effect_text(context, &effect, false) : "what it changes cannot be found out";
    json_t *body =
        json_pack("{ssss}", "effect", text, "reason", a->reason != NULL ? a->reason : "");
    json_t *answer = ask(context, a, "POST", PATH, body);
    bool fine = office_ok(answer);
    if (fine && json_is_true(json_object_get(answer, "taken"))) {
        print_taken(context, config, answer);
    } else if (fine) {
        print_proposal(json_object_get(answer, "proposal"));
        printf("another person takes it: noroshi reload --accept, or /staff/config\n");
    }
    json_decref(answer);
    json_decref(body);
    return fine ? EXIT_FINE : EXIT_FAILED;
}

/* What the second person accepts is what the files on this machine would change now. */
static int decide(TALLOC_CTX *context, const struct config *config, const struct arguments *a)
{
    json_t *shown = ask(context, a, "GET", PATH, NULL), *answer = NULL;
    const json_t *proposal = json_object_get(shown, "proposal");
    struct effect effect;
    bool fine = false;
    if (office_ok(shown) && !json_is_object(proposal)) {
        fprintf(stderr, "noroshi: nothing is proposed\n");
    } else if (office_ok(shown)) {
        print_proposal(proposal);
        if (a->accept && effect_find(context, config, EFFECT_DAYS, clock_now(), &effect) >= 0)
            effect_print(&effect);
        json_t *body = json_pack("{ss}", "digest", text_of(proposal, "digest"));
        answer = ask(context, a, "POST", a->accept ? PATH "/accept" : PATH "/refuse", body);
        json_decref(body);
        fine = office_ok(answer);
    }
    if (fine && a->accept)
        print_taken(context, config, answer);
    else if (fine)
        printf("refused: the old configuration stays\n");
    json_decref(answer);
    json_decref(shown);
    return fine ? EXIT_FINE : EXIT_FAILED;
}

/* ---- alone ---- */

/* Nobody would have got anything else, and no area and no text has changed; or a person has seen
 * it. */
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
            r < 0                    ? "what it would have changed cannot be found out"
            : effect.table_count > 0 ? "areas or texts have changed"
                                     : "readers would have got other messages");
    return false;
}

static int take_alone(TALLOC_CTX *context, const struct config *config, const struct arguments *a)
{
    int status = EXIT_FAILED;
    json_t *request = json_pack("{sssbsbss}", "command", "reload", "accept", a->accept, "seen", 1,
                                "by", memory_printf(context, "system.%u", (unsigned)getuid()));
    json_t *answer =
        may_take(context, config, a->accept) ? cli_request(context, config, request) : NULL;
    if (answer != NULL && cli_answer_ok(answer)) {
        size_t i;
        json_t *note;
        json_array_foreach(json_object_get(answer, "notes"), i, note)
            printf("%s\n", json_string_value(note));
        print_lists(context, config);
        status = EXIT_FINE;
    }
    json_decref(answer);
    json_decref(request);
    return status;
}

int cli_reload(int argc, char **argv)
{
    struct arguments a = {0};
    const struct option_row rows[] = {
        {"config", "FILE", "the configuration", &a.config, NULL},
        {"token-file", "FILE", "first line: your live token (or NOROSHI_TOKEN)", &a.token_file,
         NULL},
        {"reason", "TEXT", "why, for the second person and the audit log", &a.reason, NULL},
        {"accept", NULL, "also when readers get other messages; what another proposed", NULL,
         &a.accept},
        {"refuse", NULL, "what was proposed is not taken", NULL, &a.refuse}};
    int first = options_read(argc, argv, usage, rows, sizeof(rows) / sizeof(rows[0]));
    if (first < 0)
        return options_exit(first);
    bool staff = office_has_token(a.token_file);
    if (first < argc || (a.accept && a.refuse) || (a.refuse && !staff)) {
        fprintf(stderr, "Usage: %s\n", usage);
        return EXIT_USAGE;
    }
    TALLOC_CTX *context = talloc_new(NULL);
    int status = EXIT_FAILED;
    /* Which daemon is meant stands in the configuration, which is loaded and shown here if it is
     * faulty; the daemon then never sees it. */
    const struct config *config = cli_load_config(context, a.config);
    if (config != NULL && !staff)
        status = take_alone(context, config, &a);
    else if (config != NULL)
        status = a.accept || a.refuse ? decide(context, config, &a) : propose(context, config, &a);
    talloc_free(context);
    return status;
}
