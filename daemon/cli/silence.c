/* noroshi silence: a hazard that is no danger to life is kept from people for places and a time. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "cli/cli.h"
#include "cli/office.h"
#include "cli/options.h"

static const char usage[] =
    "noroshi silence list\n"
    "       noroshi silence add --hazard HAZARD --areas PLACES --until TIME --reason TEXT\n"
    "                           [--level-max 1-5]   4 and 5 need a second person\n"
    "       noroshi silence approve|end ID";

struct arguments {
    const char *config, *token_file, *hazard, *areas, *until, *reason, *level_max;
    bool json;
};

static json_t *body_of(TALLOC_CTX *context, const struct arguments *a)
{
    json_t *body = json_object(), *areas = json_array();
    size_t count = 0;
    char **parts = a->areas != NULL ? text_split(context, a->areas, ';', &count) : NULL;
    const char *const texts[][2] = {{"hazard", a->hazard},
                                    {"until", a->until},
                                    {"reason", a->reason},
                                    {"level_max", a->level_max}};
    for (size_t i = 0; i < count; i++)
        json_array_append_new(areas, json_string(parts[i]));
    json_object_set_new(body, "areas", areas);
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        if (texts[i][1] != NULL)
            json_object_set_new(body, texts[i][0], json_string(texts[i][1]));
    }
    return body;
}

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text != NULL ? text : "";
}

static void print_row(const json_t *row)
{
    printf("%s  %-8s %-14s up to level %lld until %s by %s: %s\n", text_of(row, "id"),
           text_of(row, "state"), text_of(row, "hazard"),
           (long long)json_integer_value(json_object_get(row, "level_max")), text_of(row, "until"),
           text_of(row, "author"), text_of(row, "reason"));
}

static void print(const json_t *answer, bool as_json)
{
    size_t i;
    json_t *row;
    if (as_json) {
        char *text = json_dumps(answer, JSON_COMPACT);
        puts(text);
        free(text);
        return;
    }
    json_array_foreach(json_object_get(answer, "silences"), i, row) print_row(row);
    json_array_foreach(json_object_get(answer, "muted"), i, row)
        printf("muted: %s by %s\n", text_of(row, "alert_id"), text_of(row, "silence"));
    if (json_object_get(answer, "silence") != NULL)
        print_row(json_object_get(answer, "silence"));
}

static int act(TALLOC_CTX *context, const char *verb, const char *id, const struct arguments *a)
{
    bool list = strcmp(verb, "list") == 0, add = strcmp(verb, "add") == 0;
    bool step = strcmp(verb, "approve") == 0 || strcmp(verb, "end") == 0;
    if ((!list && !add && !step) || step != (id != NULL)) {
        fprintf(stderr, "Usage: %s\n", usage);
        return EXIT_USAGE;
    }
    json_t *body = body_of(context, a);
    const struct office_call call = {
        .config = a->config,
        .token_file = a->token_file,
        .method = list ? "GET" : "POST",
        .path = step ? memory_printf(context, "/staff/api/silence/%s/%s", id, verb)
                     : "/staff/api/silence",
        .body = body};
    json_t *answer = office_call(context, &call);
    bool fine = office_ok(answer);
    if (fine)
        print(answer, a->json);
    json_decref(answer);
    json_decref(body);
    return fine ? EXIT_FINE : EXIT_FAILED;
}

int cli_silence(int argc, char **argv)
{
    struct arguments a = {0};
    const struct option_row rows[] = {
        {"config", "FILE", "the configuration", &a.config, NULL},
        {"token-file", "FILE", "first line: your live token (or NOROSHI_TOKEN)", &a.token_file,
         NULL},
        {"hazard", "HAZARD", "fog, thunder, rain …", &a.hazard, NULL},
        {"areas", "AREAS", "places, separated by ;", &a.areas, NULL},
        {"until", "TIME", "within 24 hours", &a.until, NULL},
        {"level-max", "1-5", "up to this level (default 3)", &a.level_max, NULL},
        {"reason", "TEXT", "why", &a.reason, NULL},
        {"json", NULL, "for programs", NULL, &a.json}};
    int first = options_read(argc, argv, usage, rows, sizeof(rows) / sizeof(rows[0]));
    if (first < 0)
        return options_exit(first);
    TALLOC_CTX *context = talloc_new(NULL);
    int status = act(context, first < argc ? argv[first] : "",
                     first + 1 < argc ? argv[first + 1] : NULL, &a);
    talloc_free(context);
    return status;
}
