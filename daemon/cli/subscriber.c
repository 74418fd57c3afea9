/* noroshi subscriber add|list|remove|import: through the daemon while it runs. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "cli/cli.h"
#include "cli/options.h"
#include "telegram_file.h"

#define CSV_BYTES_MAX ((size_t)12 * 1024 * 1024)

static const char usage[] = "noroshi subscriber add --channel email|webhook --address ADDRESS "
                            "--areas AREAS [--languages LIST]\n"
                            "                              [--hazards LIST] [--min-level 1-5] "
                            "[--drills] [--name NAME] [--secret SECRET]\n"
                            "                              [--fallback ADDRESS] [--staff]\n"
                            "       noroshi subscriber list [--json]\n"
                            "       noroshi subscriber remove ID|ADDRESS\n"
                            "       noroshi subscriber import FILE.csv";

struct arguments {
    const char *config, *channel, *address, *areas, *languages, *hazards, *min_level, *name,
        *secret, *fallback;
    bool drills, staff, json;
};

static void set_field(json_t *fields, const char *name, const char *text)
{
    if (text != NULL)
        json_object_set_new(fields, name, json_string(text));
}

static json_t *request_add(const struct arguments *arguments)
{
    json_t *fields = json_object();
    set_field(fields, "channel", arguments->channel);
    set_field(fields, "address", arguments->address);
    set_field(fields, "areas", arguments->areas);
    set_field(fields, "languages", arguments->languages);
    set_field(fields, "hazards", arguments->hazards);
    set_field(fields, "min_level", arguments->min_level);
    set_field(fields, "name", arguments->name);
    set_field(fields, "secret", arguments->secret);
    set_field(fields, "fallback", arguments->fallback);
    set_field(fields, "staff", arguments->staff ? "yes" : "no");
    set_field(fields, "drills", arguments->drills ? "yes" : "no");
    return json_pack("{ssso}", "command", "subscriber-add", "fields", fields);
}

static json_t *request_import(TALLOC_CTX *context, const char *file)
{
    char *bytes;
    size_t length;
    int r = telegram_file_read(context, file, CSV_BYTES_MAX, &bytes, &length);
    json_t *csv = r >= 0 ? json_stringn(bytes, length) : NULL;
    if (csv == NULL) {
        fprintf(stderr, "noroshi: %s: %s\n", file,
                r < 0 ? strerror(-r) : "is not UTF-8; save the table as UTF-8 CSV");
        return NULL;
    }
    return json_pack("{ssssso}", "command", "subscriber-import", "file", file, "csv", csv);
}

static void print_list(const json_t *answer, bool as_json)
{
    size_t i;
    json_t *item;
    json_array_foreach(json_object_get(answer, "subscribers"), i, item)
    {
        if (as_json) {
            char *text = json_dumps(item, JSON_COMPACT);
            puts(text);
            free(text);
            continue;
        }
        printf("%s  %-7s  %s  %s  level ≥ %lld%s  %s\n",
               json_string_value(json_object_get(item, "id")),
               json_string_value(json_object_get(item, "channel")),
               json_string_value(json_object_get(item, "languages")),
               json_string_value(json_object_get(item, "areas")),
               (long long)json_integer_value(json_object_get(item, "min_level")),
               json_is_true(json_object_get(item, "drills")) ? "  drills" : "",
               json_string_value(json_object_get(item, "name")));
    }
}

static void print_added(const json_t *answer)
{
    size_t i;
    json_t *item;
    json_array_foreach(json_object_get(answer, "added"), i, item)
    {
        const char *secret = json_string_value(json_object_get(item, "secret"));
        printf("%s%s%s\n", json_string_value(json_object_get(item, "id")),
               secret != NULL ? "  secret: " : "", secret != NULL ? secret : "");
    }
}

static json_t *make_request(TALLOC_CTX *context, const char *action, const char *what,
                            const struct arguments *arguments)
{
    if (strcmp(action, "add") == 0 && what == NULL)
        return request_add(arguments);
    if (strcmp(action, "list") == 0 && what == NULL)
        return json_pack("{ss}", "command", "subscriber-list");
    if (strcmp(action, "remove") == 0 && what != NULL)
        return json_pack("{ssss}", "command", "subscriber-remove", "subscriber", what);
    if (strcmp(action, "import") == 0 && what != NULL)
        return request_import(context, what);
    fprintf(stderr, "Usage: %s\n", usage);
    return NULL;
}

static int act(TALLOC_CTX *context, const char *action, const char *what,
               const struct arguments *arguments)
{
    json_t *request = make_request(context, action, what, arguments);
    if (request == NULL)
        return EXIT_USAGE;
    int status = EXIT_FAILED;
    const struct config *config = cli_load_config(context, arguments->config);
    json_t *answer = config != NULL ? cli_request(context, config, request) : NULL;
    if (answer != NULL) {
        print_list(answer, arguments->json);
        print_added(answer);
        status = cli_answer_ok(answer) ? EXIT_FINE : EXIT_FAILED;
    }
    json_decref(answer);
    json_decref(request);
    return status;
}

int cli_subscriber(int argc, char **argv)
{
    struct arguments a = {0};
    const struct option_row rows[] = {
        {"config", "FILE", "the configuration", &a.config, NULL},
        {"channel", "CHANNEL", "email or webhook", &a.channel, NULL},
        {"address", "ADDRESS", "mail address or URL", &a.address, NULL},
        {"areas", "AREAS", "places: names or codes, separated by ;", &a.areas, NULL},
        {"languages", "LIST", "in order of preference, such as vi;en", &a.languages, NULL},
        {"hazards", "LIST", "earthquake;tsunami;… or all", &a.hazards, NULL},
        {"min-level", "1-5", "least level (default 2)", &a.min_level, NULL},
        {"name", "NAME", "of the reader or facility", &a.name, NULL},
        {"secret", "SECRET", "whsec_…; made when left out", &a.secret, NULL},
        {"fallback", "ADDRESS", "mail for a webhook, URL for mail: when the first fails",
         &a.fallback, NULL},
        {"staff", NULL, "gets send-test --all-staff", NULL, &a.staff},
        {"drills", NULL, "send drills too", NULL, &a.drills},
        {"json", NULL, "for programs", NULL, &a.json}};
    int first = options_read(argc, argv, usage, rows, sizeof(rows) / sizeof(rows[0]));
    if (first < 0)
        return options_exit(first);
    if (first == argc || argc - first > 2) {
        fprintf(stderr, "Usage: %s\n", usage);
        return EXIT_USAGE;
    }
    TALLOC_CTX *context = talloc_new(NULL);
    int status = act(context, argv[first], first + 1 < argc ? argv[first + 1] : NULL, &a);
    talloc_free(context);
    return status;
}
