/* noroshi status: what the running daemon sees. */
#include <stdio.h>
#include <stdlib.h>

#include "cli/cli.h"
#include "cli/options.h"

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text != NULL ? text : "";
}

/* What whoever takes over must see (H-17). */
static void print_shift(const json_t *shift)
{
    size_t i;
    json_t *row;
    const json_t *on_duty = json_object_get(shift, "on_duty");
    if (shift == NULL)
        return;
    if (json_array_size(on_duty) == 0)
        printf("on duty: nobody\n");
    json_array_foreach(on_duty, i, row) printf("on duty: %s since %s %s\n", text_of(row, "name"),
                                               text_of(row, "since"), text_of(row, "note"));
    const json_t *offer = json_object_get(shift, "offer");
    if (json_is_object(offer))
        printf("handing over: %s to %s: %s\n", text_of(offer, "from"), text_of(offer, "to"),
               text_of(offer, "note"));
    json_array_foreach(json_object_get(shift, "in_force"), i, row) printf(
        "in force: level %lld %s\n", (long long)json_integer_value(json_object_get(row, "level")),
        text_of(row, "headline"));
    json_array_foreach(json_object_get(shift, "held_broadcasts"), i, row)
        printf("held: %s %s\n", text_of(row, "id"), text_of(row, "title"));
    json_array_foreach(json_object_get(shift, "drilling"), i, row)
        printf("drill until %s: %s %s\n", text_of(row, "until"), text_of(row, "id"),
               text_of(row, "title"));
    json_array_foreach(json_object_get(shift, "silences"), i, row)
        printf("muted until %s: %s, %s\n", text_of(row, "until"), text_of(row, "hazard"),
               text_of(row, "reason"));
    const json_t *test = json_object_get(json_object_get(shift, "chain_test"), "result");
    if (test != NULL)
        printf("last test of the chain %s: report %s\n",
               text_of(json_object_get(shift, "chain_test"), "begun"), text_of(test, "report"));
    if (text_of(shift, "maintenance")[0] != '\0')
        printf("maintenance: %s\n", text_of(shift, "maintenance"));
}

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
    print_shift(json_object_get(status, "shift"));
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
    const struct config *config = cli_load_paths(context, file);
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
