/* noroshi duty: who is on duty, and the hand-over of a shift (H-17). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "cli/cli.h"
#include "cli/office.h"
#include "cli/options.h"

#define PATH "/staff/api/duty"

static const char usage[] = "noroshi duty                          who is on duty\n"
                            "       noroshi duty take [--note TEXT]\n"
                            "       noroshi duty hand-over NAME [--note TEXT]   he then takes it\n"
                            "       noroshi duty leave [--note TEXT]";

struct arguments {
    const char *config, *token_file, *note;
    bool json;
};

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text != NULL ? text : "";
}

static void print(const json_t *people, const json_t *offer)
{
    size_t i;
    json_t *row;
    if (json_array_size(people) == 0)
        printf("nobody is on duty\n");
    json_array_foreach(people, i, row) printf("%s since %s %s\n", text_of(row, "name"),
                                              text_of(row, "since"), text_of(row, "note"));
    if (json_is_object(offer))
        printf("%s hands over to %s: %s\n", text_of(offer, "from"), text_of(offer, "to"),
               text_of(offer, "note"));
}

static int act(TALLOC_CTX *context, const char *verb, const char *to, const struct arguments *a)
{
    bool shows = verb[0] == '\0', hands = strcmp(verb, "hand-over") == 0;
    if (!(shows || hands || strcmp(verb, "take") == 0 || strcmp(verb, "leave") == 0) ||
        hands != (to != NULL)) {
        fprintf(stderr, "Usage: %s\n", usage);
        return EXIT_USAGE;
    }
    json_t *body =
        json_pack("{ssss}", "to", to != NULL ? to : "", "note", a->note != NULL ? a->note : "");
    const struct office_call call = {.config = a->config,
                                     .token_file = a->token_file,
                                     .method = shows ? "GET" : "POST",
                                     .path =
                                         shows ? PATH : memory_printf(context, PATH "/%s", verb),
                                     .body = body};
    json_t *answer = office_call(context, &call);
    bool fine = office_ok(answer);
    const json_t *duty = shows ? answer : json_object_get(answer, "duty");
    if (fine && a->json) {
        char *text = json_dumps(answer, JSON_COMPACT);
        puts(text);
        free(text);
    } else if (fine) {
        print(json_object_get(duty, shows ? "on_duty" : "people"), json_object_get(duty, "offer"));
    }
    json_decref(answer);
    json_decref(body);
    return fine ? EXIT_FINE : EXIT_FAILED;
}

int cli_duty(int argc, char **argv)
{
    struct arguments a = {0};
    const struct option_row rows[] = {
        {"config", "FILE", "the configuration", &a.config, NULL},
        {"token-file", "FILE", "first line: your live token (or NOROSHI_TOKEN)", &a.token_file,
         NULL},
        {"note", "TEXT", "what the next one must know", &a.note, NULL},
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
