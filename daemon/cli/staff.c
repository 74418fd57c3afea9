/* noroshi staff: accounts, tokens and the audit log, by the administrator of the machine. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "cli/cli.h"
#include "cli/office.h"
#include "cli/options.h"
#include "cli/report_audit.h"

static const char usage[] =
    "noroshi staff add NAME --role viewer|author|approver|administrator|drill\n"
    "                     [--authority ID] [--shown NAME] [--language ja|en]\n"
    "                     [--break-glass-until TIME]\n"
    "       noroshi staff list [--json]\n"
    "       noroshi staff disable|enable|reset NAME\n"
    "       noroshi staff token NAME --reach live|drill\n"
    "       noroshi staff revoke NAME --id ID\n"
    "       noroshi staff audit [--json]      is the log intact?";

struct arguments {
    const char *config, *role, *authority, *shown, *language, *break_glass, *reach, *id;
    bool json;
};

static void put(json_t *body, const char *key, const char *text)
{
    if (text != NULL)
        json_object_set_new(body, key, json_string(text));
}

static const char *field(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text != NULL ? text : "";
}

static void print_people(const json_t *answer, bool as_json)
{
    size_t i, j;
    json_t *person, *token;
    json_array_foreach(json_object_get(answer, "people"), i, person)
    {
        if (as_json) {
            char *text = json_dumps(person, JSON_COMPACT);
            puts(text);
            free(text);
            continue;
        }
        printf("%-20s %-14s %-12s %s%s%s\n", field(person, "name"), field(person, "role"),
               field(person, "authority"), field(person, "shown_name"),
               json_is_true(json_object_get(person, "totp")) ? "  [one-time codes]" : "",
               json_is_true(json_object_get(person, "disabled")) ? "  [disabled]" : "");
        json_array_foreach(json_object_get(person, "tokens"), j, token)
            printf("    token %s for %s, last used %s\n", field(token, "id"), field(token, "reach"),
                   field(token, "last_used"));
    }
}

static void print_once(const json_t *answer)
{
    if (json_object_get(answer, "password") != NULL)
        printf("password: %s\n", field(answer, "password"));
    if (json_object_get(answer, "token") != NULL)
        printf("token: %s\n", field(answer, "token"));
    if (json_object_get(answer, "password") != NULL || json_object_get(answer, "token") != NULL)
        fprintf(stderr, "It is shown only now.\n");
}

static const struct {
    const char *verb, *method, *path; /* %s: the name */
    bool makes_password, needs_name;
} verbs[] = {
    {"list", "GET", "/staff/api/people", false, false},
    {"add", "POST", "/staff/api/people", true, true},
    {"disable", "POST", "/staff/api/people/%s/disable", false, true},
    {"enable", "POST", "/staff/api/people/%s/enable", false, true},
    {"reset", "POST", "/staff/api/people/%s/reset", true, true},
    {"token", "POST", "/staff/api/people/%s/token", false, true},
    {"revoke", "POST", "/staff/api/people/%s/revoke", false, true},
};

/* The path with the name where the route has {id}. */
static const char *path_of(TALLOC_CTX *context, const char *pattern, const char *name)
{
    const char *hole = strstr(pattern, "%s");
    if (hole == NULL)
        return pattern;
    return memory_printf(context, "%.*s%s%s", (int)(hole - pattern), pattern, name, hole + 2);
}

static int act(TALLOC_CTX *context, size_t verb, const char *name, const struct arguments *a)
{
    json_t *body = json_object();
    put(body, "name", name);
    put(body, "role", a->role);
    put(body, "authority", a->authority);
    put(body, "shown_name", a->shown);
    put(body, "language", a->language);
    put(body, "break_glass_until", a->break_glass);
    put(body, "reach", a->reach);
    put(body, "id", a->id);
    const struct office_call call = {.config = a->config,
                                     .method = verbs[verb].method,
                                     .path = path_of(context, verbs[verb].path, name),
                                     .body = body,
                                     .as_administrator = true,
                                     .makes_password = verbs[verb].makes_password};
    json_t *answer = office_call(context, &call);
    bool fine = office_ok(answer);
    if (fine) {
        print_people(answer, a->json);
        print_once(answer);
    }
    json_decref(answer);
    json_decref(body);
    return fine ? EXIT_FINE : EXIT_FAILED;
}

int cli_staff(int argc, char **argv)
{
    struct arguments a = {0};
    const struct option_row rows[] = {
        {"config", "FILE", "the configuration", &a.config, NULL},
        {"role", "ROLE", "what the account may do", &a.role, NULL},
        {"authority", "ID", "whose broadcasts, an id of the configuration", &a.authority, NULL},
        {"shown", "NAME", "the name that others see", &a.shown, NULL},
        {"language", "ja|en", "of the pages", &a.language, NULL},
        {"break-glass-until", "TIME", "may send alone until then", &a.break_glass, NULL},
        {"reach", "live|drill", "what the token is for", &a.reach, NULL},
        {"id", "ID", "of the token", &a.id, NULL},
        {"json", NULL, "for programs", NULL, &a.json}};
    int first = options_read(argc, argv, usage, rows, sizeof(rows) / sizeof(rows[0]));
    if (first < 0)
        return options_exit(first);
    const char *verb = first < argc ? argv[first] : "",
               *name = first + 1 < argc ? argv[first + 1] : NULL;
    TALLOC_CTX *context = talloc_new(NULL);
    int status = EXIT_USAGE;
    if (strcmp(verb, "audit") == 0)
        status = report_audit(context, a.config, a.json);
    for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
        if (strcmp(verbs[i].verb, verb) == 0 && (name != NULL) == verbs[i].needs_name)
            status = act(context, i, name, &a);
    }
    if (status == EXIT_USAGE)
        fprintf(stderr, "Usage: %s\n", usage);
    talloc_free(context);
    return status;
}
