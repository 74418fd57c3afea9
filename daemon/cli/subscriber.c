/* noroshi subscriber add|list|remove|import|enable|rotate: through the daemon while it runs. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "cli/cli.h"
#include "cli/csv_parts.h"
#include "cli/options.h"

#define OVERLAP_HOURS 24

static const char usage[] =
    "noroshi subscriber add --channel email|webhook --address ADDRESS "
    "--areas AREAS [--languages LIST]\n"
    "                              [--hazards LIST] [--min-level 1-5] "
    "[--drills] [--name NAME] [--secret SECRET]\n"
    "                              [--fallback ADDRESS] [--staff] [--facility KIND]\n"
    "       noroshi subscriber list [--json]\n"
    "       noroshi subscriber remove ID|ADDRESS\n"
    "       noroshi subscriber import FILE.csv\n"
    "       noroshi subscriber enable ID\n"
    "       noroshi subscriber rotate ID [--overlap HOURS]";

struct arguments {
    const char *config, *channel, *address, *areas, *languages, *hazards, *min_level, *name,
        *secret, *fallback, *facility, *overlap;
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
    set_field(fields, "facility", arguments->facility);
    set_field(fields, "staff", arguments->staff ? "yes" : "no");
    set_field(fields, "drills", arguments->drills ? "yes" : "no");
    return json_pack("{ssso}", "command", "subscriber-add", "fields", fields);
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
        printf("%s  %-7s  %s  %s  level ≥ %lld%s%s%s  %s\n",
               json_string_value(json_object_get(item, "id")),
               json_string_value(json_object_get(item, "channel")),
               json_string_value(json_object_get(item, "languages")),
               json_string_value(json_object_get(item, "areas")),
               (long long)json_integer_value(json_object_get(item, "min_level")),
               json_is_true(json_object_get(item, "drills")) ? "  drills" : "",
               json_string_length(json_object_get(item, "facility")) > 0 ? "  " : "",
               json_string_value(json_object_get(item, "facility")),
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
    const char *rotated = json_string_value(json_object_get(answer, "secret"));
    if (rotated != NULL)
        printf("new secret: %s\n", rotated);
}

/* Asks and prints. *ret_next: where the next page begins; 0 none. */
static bool ask(const struct config *config, json_t *request, bool as_json, int64_t *ret_next)
{
    TALLOC_CTX *scratch = talloc_new(NULL);
    json_t *answer = cli_request(scratch, config, request);
    bool fine = false;
    *ret_next = 0;
    if (answer != NULL) {
        print_list(answer, as_json);
        print_added(answer);
        fine = cli_answer_ok(answer);
        *ret_next = json_integer_value(json_object_get(answer, "next"));
    }
    json_decref(answer);
    json_decref(request);
    talloc_free(scratch);
    return fine;
}

/* Page by page: there may be a million. */
static bool list_all(const struct config *config, bool as_json)
{
    int64_t after = 0;
    bool fine;
    do
        fine = ask(config,
                   json_pack("{sssI}", "command", "subscriber-list", "after", (json_int_t)after),
                   as_json, &after);
    while (fine && after > 0);
    return fine;
}

/* In parts of whole rows: the daemon goes on with its work in between. Good rows of every part are
 * taken. */
static bool import_all(TALLOC_CTX *context, const struct config *config, const char *file)
{
    struct csv_parts *parts;
    const char *text;
    unsigned line;
    int64_t next;
    bool fine = true;
    int r = csv_parts_open(context, file, &parts);
    if (r < 0) {
        fprintf(stderr, "noroshi: %s: %s\n", file, strerror(-r));
        return false;
    }
    while ((r = csv_parts_next(parts, &text, &line)) > 0) {
        json_t *csv = json_string(text);
        if (csv == NULL) {
            fprintf(stderr, "noroshi: %s: is not UTF-8; save the table as UTF-8 CSV\n", file);
            return false;
        }
        fine = ask(config,
                   json_pack("{sssssosi}", "command", "subscriber-import", "file", file, "csv", csv,
                             "line", (int)line),
                   false, &next) &&
               fine;
    }
    if (r < 0)
        fprintf(stderr, "noroshi: %s: %s\n", file, strerror(-r));
    return fine && r >= 0;
}

/* What is asked with one request; NULL: it is something else. */
static json_t *one_request(const char *action, const char *what, const struct arguments *arguments)
{
    if (strcmp(action, "add") == 0 && what == NULL)
        return request_add(arguments);
    if (what == NULL)
        return NULL;
    if (strcmp(action, "remove") == 0)
        return json_pack("{ssss}", "command", "subscriber-remove", "subscriber", what);
    if (strcmp(action, "enable") == 0)
        return json_pack("{ssss}", "command", "subscriber-enable", "subscriber", what);
    char *rest = NULL;
    long hours = arguments->overlap != NULL ? strtol(arguments->overlap, &rest, 10) : OVERLAP_HOURS;
    bool number = rest == NULL || (rest != arguments->overlap && (*rest == '\0' || *rest == 'h'));
    if (strcmp(action, "rotate") == 0 && number)
        return json_pack("{sssssI}", "command", "subscriber-rotate", "subscriber", what, "hours",
                         (json_int_t)hours);
    return NULL;
}

static int act(TALLOC_CTX *context, const char *action, const char *what,
               const struct arguments *arguments)
{
    bool list = strcmp(action, "list") == 0 && what == NULL;
    bool import = strcmp(action, "import") == 0 && what != NULL;
    json_t *request = list || import ? NULL : one_request(action, what, arguments);
    if (!list && !import && request == NULL) {
        fprintf(stderr, "Usage: %s\n", usage);
        return EXIT_USAGE;
    }
    const struct config *config = cli_load_config(context, arguments->config);
    int64_t next;
    bool fine = config != NULL;
    if (fine && list)
        fine = list_all(config, arguments->json);
    else if (fine && import)
        fine = import_all(context, config, what);
    else if (fine)
        fine = ask(config, request, false, &next);
    else
        json_decref(request);
    return fine ? EXIT_FINE : EXIT_FAILED;
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
        {"facility", "KIND", "hotel, school, station, hospital, …: for reports", &a.facility, NULL},
        {"overlap", "HOURS", "how long the old secret signs too (default 24)", &a.overlap, NULL},
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
