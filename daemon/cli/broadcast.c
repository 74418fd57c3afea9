/* noroshi broadcast (live) and noroshi drill: the same functions behind two commands, so that no
 * option can turn one into the other (H-1). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/text.h"
#include "cli/cli.h"
#include "cli/office.h"
#include "cli/options.h"

#define LINE_BYTES 256

struct arguments {
    const char *config, *token_file, *language, *areas, *authority, *minutes, *area, *title,
        *phrase, *reason, *at, *notice_days, *hash, *request;
    bool everyone, yearly, json;
    char **words; /* after the id: NAME=VALUE or NAME.LANG=VALUE */
    int word_count;
};
struct command {
    TALLOC_CTX *context;
    const char *kind; /* "live", "drill" */
    const char *id;
    struct arguments a;
};

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text != NULL ? text : "";
}

static json_t *ask(struct command *command, const char *method, const char *rest, json_t *body)
{
    const struct office_call call = {
        .config = command->a.config,
        .token_file = command->a.token_file,
        .language = command->a.language,
        .method = method,
        .path = memory_printf(command->context, "/staff/api/%s%s", command->kind, rest),
        .body = body,
        .request = command->a.request};
    return office_call(command->context, &call);
}

static const char *own_path(struct command *command, const char *verb)
{
    return memory_printf(command->context, "/b/%s%s%s", command->id, verb[0] != '\0' ? "/" : "",
                         verb);
}

static int finish(struct command *command, json_t *answer)
{
    bool fine = office_ok(answer);
    const json_t *broadcast = json_object_get(answer, "broadcast");
    if (fine && command->a.json) {
        char *text = json_dumps(answer, JSON_COMPACT | JSON_PRESERVE_ORDER);
        puts(text);
        free(text);
    } else if (fine && broadcast != NULL) {
        printf("%s %s %s", text_of(broadcast, "id"), text_of(broadcast, "state"),
               text_of(broadcast, "phase"));
        static const char *const counts[] = {"deliveries", "stopped", "already", "released"};
        for (size_t i = 0; i < 4; i++) {
            const json_t *count = json_object_get(answer, counts[i]);
            if (count != NULL)
                printf(" %s=%lld", counts[i], (long long)json_integer_value(count));
        }
        putchar('\n');
    }
    json_decref(answer);
    return fine ? EXIT_FINE : EXIT_FAILED;
}

static void print_faults(const json_t *answer)
{
    size_t i;
    json_t *fault;
    json_array_foreach(json_object_get(answer, "faults"), i, fault)
        fprintf(stderr, "still wrong: %s: %s\n", text_of(fault, "field"), text_of(fault, "text"));
}

static int do_list(struct command *command)
{
    json_t *answer = ask(command, "GET", "", NULL), *row;
    size_t i;
    if (office_ok(answer) && !command->a.json) {
        json_array_foreach(json_object_get(answer, "broadcasts"), i, row) printf(
            "%s  %-9s %-10s level %lld  %s%s%s\n", text_of(row, "id"), text_of(row, "state"),
            text_of(row, "phase"), (long long)json_integer_value(json_object_get(row, "level")),
            text_of(row, "title"), text_of(row, "held")[0] != '\0' ? "  HELD: " : "",
            text_of(row, "held"));
    }
    return finish(command, answer);
}

static int do_templates(struct command *command)
{
    json_t *answer = ask(command, "GET", "/templates", NULL), *row;
    const char *group = "";
    size_t i;
    if (office_ok(answer) && !command->a.json) {
        json_array_foreach(json_object_get(answer, "templates"), i, row)
        {
            if (strcmp(group, text_of(row, "group")) != 0)
                printf("%s%s\n", i > 0 ? "\n" : "", text_of(row, "group_title"));
            group = text_of(row, "group");
            printf("%-18s level %lld  %s\n", text_of(row, "id"),
                   (long long)json_integer_value(json_object_get(row, "level")),
                   text_of(row, "title"));
        }
    }
    return finish(command, answer);
}

/* "note.en=text" into values. */
static bool put_word(json_t *values, const char *word)
{
    const char *equals = strchr(word, '='), *dot = strchr(word, '.');
    if (equals == NULL)
        return false;
    if (dot == NULL || dot > equals)
        dot = equals;
    char *name = memory_must(talloc_strndup(NULL, word, (size_t)(dot - word)));
    char *language =
        memory_must(talloc_strndup(name, dot + 1, dot < equals ? (size_t)(equals - dot - 1) : 0));
    json_t *texts = json_object_get(values, name);
    if (texts == NULL) {
        texts = json_object();
        json_object_set_new(values, name, texts);
    }
    json_object_set_new(texts, language, json_string(equals + 1));
    talloc_free(name);
    return true;
}

static json_t *body_of(struct command *command)
{
    json_t *body = json_object(), *values = json_object(), *areas = json_array();
    const struct arguments *a = &command->a;
    size_t count = 0;
    char **parts = a->areas != NULL ? text_split(command->context, a->areas, ';', &count) : NULL;
    for (size_t i = 0; i < count; i++)
        json_array_append_new(areas, json_string(parts[i]));
    for (int i = 0; i < a->word_count; i++) {
        if (!put_word(values, a->words[i])) {
            fprintf(stderr, "noroshi: \"%s\" is not NAME=VALUE\n", a->words[i]);
            json_decref(areas);
            json_decref(values);
            json_decref(body);
            return NULL;
        }
    }
    if (a->areas != NULL)
        json_object_set(body, "areas", areas);
    if (a->word_count > 0)
        json_object_set(body, "values", values);
    json_decref(areas);
    json_decref(values);
    if (a->everyone)
        json_object_set_new(body, "everyone", json_true());
    if (a->authority != NULL)
        json_object_set_new(body, "authority", json_string(a->authority));
    if (a->minutes != NULL)
        json_object_set_new(body, "valid_minutes", json_string(a->minutes));
    return body;
}

static int do_draft(struct command *command)
{
    json_t *body = body_of(command);
    if (body == NULL)
        return EXIT_USAGE;
    json_object_set_new(body, "template", json_string(command->id));
    json_t *answer = ask(command, "POST", "", body);
    json_decref(body);
    print_faults(answer);
    return finish(command, answer);
}

/* Posts with the hash of what is there now, unless the caller says which text he saw. */
static int post_seen(struct command *command, const char *verb, json_t *body)
{
    if (command->a.hash != NULL) {
        json_object_set_new(body, "hash", json_string(command->a.hash));
    } else {
        json_t *shown = ask(command, "GET", own_path(command, ""), NULL);
        json_object_set(body, "hash", json_object_get(json_object_get(shown, "broadcast"), "hash"));
        bool fine = office_ok(shown);
        json_decref(shown);
        if (!fine) {
            json_decref(body);
            return EXIT_FAILED;
        }
    }
    json_t *answer = ask(command, "POST", own_path(command, verb), body);
    json_decref(body);
    return finish(command, answer);
}

static int do_edit(struct command *command)
{
    json_t *body = body_of(command);
    return body != NULL ? post_seen(command, "edit", body) : EXIT_USAGE;
}

static void print_preview(const json_t *answer)
{
    size_t i;
    json_t *message, *area;
    const json_t *broadcast = json_object_get(answer, "broadcast");
    const json_t *reach = json_object_get(answer, "reach");
    bool live = strcmp(text_of(broadcast, "kind"), "live") == 0;
    printf(live ? "LIVE: people will act on this.\n" : "Drill. 訓練.\n");
    json_array_foreach(json_object_get(answer, "messages"), i, message)
        printf("---- %s%s\n%s\n", text_of(message, "name"),
               json_is_true(json_object_get(message, "partly_original"))
                   ? " (free text is not in this language)"
                   : "",
               text_of(message, "plain"));
    json_array_foreach(json_object_get(reach, "by_area"), i, area)
        printf("%s: %lld\n", text_of(area, "name"),
               (long long)json_integer_value(json_object_get(area, "count")));
    const json_t *seconds = json_object_get(answer, "seconds");
    printf("%lld people and facilities, ",
           (long long)json_integer_value(json_object_get(reach, "total")));
    if (json_is_integer(seconds))
        printf("about %lld s, as fast as lately; ", (long long)json_integer_value(seconds));
    else
        printf("how long it takes was never measured; ");
    printf("hash %s\n", text_of(broadcast, "hash"));
}

static int do_preview(struct command *command)
{
    json_t *answer = ask(command, "GET", own_path(command, "preview"), NULL);
    if (office_ok(answer) && !command->a.json) {
        print_preview(answer);
        print_faults(answer);
        json_decref(answer);
        return EXIT_FINE;
    }
    return finish(command, answer);
}

/* One of `names` is typed by hand, at the terminal or as an option. */
static const char *typed(struct command *command, const char *given, const char *what,
                         const json_t *names)
{
    char line[LINE_BYTES] = "";
    if (given != NULL || json_array_size(names) == 0 || !isatty(STDIN_FILENO))
        return given;
    fprintf(stderr, "Type %s (%s) to send, anything else to stop: ", what,
            json_string_value(json_array_get(names, 0)));
    if (fgets(line, sizeof(line), stdin) == NULL)
        return NULL;
    line[strcspn(line, "\r\n")] = '\0';
    return memory_text(command->context, line);
}

static int send_by(struct command *command, const char *verb)
{
    json_t *preview = ask(command, "GET", own_path(command, "preview"), NULL);
    json_t *body = json_object();
    if (!office_ok(preview)) {
        json_decref(preview);
        json_decref(body);
        return EXIT_FAILED;
    }
    if (command->a.area == NULL && isatty(STDIN_FILENO))
        print_preview(preview);
    const char *area = typed(command, command->a.area, "the name of the area",
                             json_object_get(preview, "type_area"));
    const char *words = typed(command, command->a.title, "what this message says",
                              json_object_get(preview, "type_words"));
    const json_t *broadcast = json_object_get(preview, "broadcast");
    json_object_set_new(
        body, "hash",
        json_string(command->a.hash != NULL ? command->a.hash : text_of(broadcast, "hash")));
    json_object_set(body, "count", json_object_get(preview, "count"));
    if (area != NULL)
        json_object_set_new(body, "area", json_string(area));
    if (words != NULL)
        json_object_set_new(body, "words", json_string(words));
    if (command->a.everyone)
        json_object_set_new(body, "everyone_again", json_true());
    if (command->a.phrase != NULL)
        json_object_set_new(body, "phrase", json_string(command->a.phrase));
    if (command->a.reason != NULL)
        json_object_set_new(body, "reason", json_string(command->a.reason));
    json_decref(preview);
    json_t *answer = ask(command, "POST", own_path(command, verb), body);
    json_decref(body);
    return finish(command, answer);
}

static int do_send(struct command *command)
{
    return send_by(command, "send");
}

static int do_break_glass(struct command *command)
{
    return send_by(command, "break-glass");
}

static int do_approve(struct command *command)
{
    return post_seen(command, "approve", json_object());
}

static int do_schedule(struct command *command)
{
    json_t *body = json_object();
    if (command->a.at != NULL)
        json_object_set_new(body, "at", json_string(command->a.at));
    if (command->a.yearly)
        json_object_set_new(body, "yearly", json_true());
    if (command->a.notice_days != NULL)
        json_object_set_new(body, "notice_days", json_string(command->a.notice_days));
    return post_seen(command, "schedule", body);
}

static int do_confirm(struct command *command)
{
    return post_seen(command, "confirm", json_object());
}

static int post_reason(struct command *command, const char *verb, const char *phase)
{
    json_t *body = json_object();
    if (command->a.reason != NULL)
        json_object_set_new(body, "reason", json_string(command->a.reason));
    if (phase != NULL)
        json_object_set_new(body, "phase", json_string(phase));
    json_t *answer = ask(command, "POST", own_path(command, verb), body);
    json_decref(body);
    print_faults(office_ok(answer) ? answer : NULL);
    return finish(command, answer);
}

static int do_stop(struct command *command)
{
    return post_reason(command, "stop", NULL);
}

static int do_release(struct command *command)
{
    return post_reason(command, "release", NULL);
}

static int do_drop(struct command *command)
{
    return post_reason(command, "drop", NULL);
}

static int do_false_alarm(struct command *command)
{
    return post_reason(command, "false-alarm", NULL);
}

static int do_correct(struct command *command)
{
    return post_reason(command, "follow", "correction");
}

static int do_update(struct command *command)
{
    return post_reason(command, "follow", "update");
}

static int do_all_clear(struct command *command)
{
    return post_reason(command, "follow", "all-clear");
}

static int do_follow(struct command *command)
{
    json_t *answer = ask(command, "GET", own_path(command, "progress"), NULL);
    const json_t *progress = json_object_get(answer, "progress");
    static const char *const words[] = {"total",  "waiting", "sending", "delivered",
                                        "failed", "expired", "stopped", "held"};
    for (size_t i = 0; office_ok(answer) && !command->a.json && i < 8; i++)
        printf("%-10s %lld\n", words[i],
               (long long)json_integer_value(json_object_get(progress, words[i])));
    return finish(command, answer);
}

static int do_report(struct command *command)
{
    json_t *answer = ask(command, "GET", own_path(command, "report"), NULL);
    command->a.json = true;
    return finish(command, answer);
}

static const struct {
    const char *verb;
    int (*run)(struct command *command);
    bool needs_id;
    const char *only; /* "live", "drill"; NULL both */
} actions[] = {
    {"list", do_list, false, NULL},
    {"templates", do_templates, false, NULL},
    {"draft", do_draft, true, NULL},
    {"edit", do_edit, true, NULL},
    {"preview", do_preview, true, NULL},
    {"approve", do_approve, true, NULL},
    {"send", do_send, true, NULL},
    {"break-glass", do_break_glass, true, "live"},
    {"schedule", do_schedule, true, "drill"},
    {"confirm", do_confirm, true, "drill"},
    {"release", do_release, true, NULL},
    {"stop", do_stop, true, NULL},
    {"drop", do_drop, true, NULL},
    {"correct", do_correct, true, NULL},
    {"update", do_update, true, NULL},
    {"all-clear", do_all_clear, true, NULL},
    {"false-alarm", do_false_alarm, true, NULL},
    {"follow", do_follow, true, NULL},
    {"report", do_report, true, NULL},
};

static int run_action(struct command *command, const char *verb, const char *usage)
{
    for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
        if (strcmp(actions[i].verb, verb) == 0 && (command->id != NULL) == actions[i].needs_id &&
            (actions[i].only == NULL || strcmp(actions[i].only, command->kind) == 0))
            return actions[i].run(command);
    }
    fprintf(stderr, "Usage: %s\n", usage);
    return EXIT_USAGE;
}

static int run(const char *kind, const char *usage, int argc, char **argv)
{
    struct command command = {.kind = kind};
    struct arguments *a = &command.a;
    const struct option_row rows[] = {
        {"config", "FILE", "the configuration", &a->config, NULL},
        {"token-file", "FILE", "first line: your token (or NOROSHI_TOKEN)", &a->token_file, NULL},
        {"language", "ja|en", "of the answers", &a->language, NULL},
        {"areas", "AREAS", "places, separated by ;", &a->areas, NULL},
        {"everyone", NULL, "everyone, in so many words", NULL, &a->everyone},
        {"authority", "ID", "who issues it", &a->authority, NULL},
        {"minutes", "N", "how long it is valid", &a->minutes, NULL},
        {"area", "NAME", "the area's name, typed", &a->area, NULL},
        {"words", "TEXT", "what a message about missiles says, typed", &a->title, NULL},
        {"phrase", "TEXT", "of a break-glass send", &a->phrase, NULL},
        {"reason", "TEXT", "why", &a->reason, NULL},
        {"at", "TIME", "when a drill is to go", &a->at, NULL},
        {"yearly", NULL, "the drill comes again every year", NULL, &a->yearly},
        {"notice-days", "N", "announce it N days before", &a->notice_days, NULL},
        {"hash", "HASH", "of the text that you saw", &a->hash, NULL},
        {"request", "ID", "retried with the same id it happens once", &a->request, NULL},
        {"json", NULL, "for programs", NULL, &a->json}};
    int first = options_read(argc, argv, usage, rows, sizeof(rows) / sizeof(rows[0]));
    if (first < 0)
        return options_exit(first);
    command.context = talloc_new(NULL);
    command.id = first + 1 < argc ? argv[first + 1] : NULL;
    a->words = argv + first + 2;
    a->word_count = argc > first + 2 ? argc - first - 2 : 0;
    int status = run_action(&command, first < argc ? argv[first] : "", usage);
    talloc_free(command.context);
    return status;
}

int cli_broadcast(int argc, char **argv)
{
    return run("live",
               "noroshi broadcast list|templates\n"
               "       noroshi broadcast draft TEMPLATE --areas PLACES|--everyone [NAME[.LANG]=TEXT"
               " ...]\n"
               "       noroshi broadcast edit ID [...] | preview ID | approve ID | send ID\n"
               "       noroshi broadcast break-glass ID --phrase TEXT --reason TEXT --area NAME\n"
               "       noroshi broadcast follow|report|stop|drop|release|false-alarm ID\n"
               "       noroshi broadcast correct|update|all-clear ID",
               argc, argv);
}

int cli_drill(int argc, char **argv)
{
    return run(
        "drill",
        "noroshi drill list|templates\n"
        "       noroshi drill draft TEMPLATE --areas PLACES|--everyone [NAME[.LANG]=TEXT ...]\n"
        "       noroshi drill edit ID [...] | preview ID | approve ID | send ID\n"
        "       noroshi drill schedule ID --at TIME [--yearly [--notice-days N]] | confirm ID\n"
        "       noroshi drill follow|report|stop|drop|release|false-alarm ID\n"
        "       noroshi drill correct|update|all-clear ID",
        argc, argv);
}
