/* noroshi who: who would hear a telegram if it came now to people who were told nothing yet, and
 * why the others would not. Names and ids only; addresses stay in the store. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "cli/alerts.h"
#include "cli/cli.h"
#include "cli/options.h"
#include "match/match.h"

struct who {
    const struct config *config;
    bool as_json;
    bool failed;
};

static void show_match(const struct who *who, const struct alert *alert,
                       const struct subscriber *subscriber, const struct match *match)
{
    if (who->as_json) {
        json_t *json = json_pack("{sssssssbsssiss}", "alert", alert->id, "subscriber",
                                 subscriber->id, "name", subscriber->name, "told", match->send,
                                 "reason", match_reason_text(match->reason), "level", match->level,
                                 "phase", alert_phase_name(match->phase));
        char *text = json_dumps(json, JSON_COMPACT);
        puts(text);
        free(text);
        json_decref(json);
        return;
    }
    printf("  %s %-24s %s", match->send ? "yes" : "no ",
           subscriber->name[0] != '\0' ? subscriber->name : subscriber->id,
           match_reason_text(match->reason));
    if (match->send)
        printf(" (%s, level %d)", alert_phase_name(match->phase), match->level);
    putchar('\n');
}

static const char *text_of(const json_t *row, const char *key)
{
    return json_string_value(json_object_get(row, key));
}

/* The readers of one page; one that cannot be read any more hears nothing. */
static size_t read_page(TALLOC_CTX *context, const struct config *config, const json_t *rows,
                        struct subscriber **list)
{
    size_t i, count = 0;
    json_t *row;
    json_array_foreach(rows, i, row)
    {
        const struct subscriber_fields fields = {
            .channel = text_of(row, "channel"),
            .address = text_of(row, "address"),
            .languages = text_of(row, "languages"),
            .areas = text_of(row, "areas"),
            .hazards = text_of(row, "hazards"),
            .min_level = memory_printf(
                context, "%lld", (long long)json_integer_value(json_object_get(row, "min_level"))),
            .drills = json_is_true(json_object_get(row, "drills")) ? "yes" : "no",
            .name = text_of(row, "name")};
        list[count] =
            subscriber_read(context, config->areas, catalogue_languages(config->catalogue), true,
                            &fields, problems_new(context));
        count += list[count] != NULL ? 1 : 0;
    }
    return count;
}

/* One page of subscribers, as the daemon or the store has them. Returns the next page's number; 0:
 * it was the last; -1 after a failure that was printed. */
static int64_t show_page(const struct who *who, const struct alert *alert, int64_t after,
                         size_t *told, size_t *total)
{
    TALLOC_CTX *scratch = talloc_new(NULL);
    json_t *request = json_pack("{sssI}", "command", "subscriber-list", "after", (json_int_t)after);
    json_t *answer = cli_request(scratch, who->config, request);
    int64_t next = -1;
    json_decref(request);
    if (answer != NULL && cli_answer_ok(answer)) {
        const json_t *rows = json_object_get(answer, "subscribers");
        struct subscriber **list =
            memory_array(scratch, struct subscriber *, json_array_size(rows) + 1);
        size_t count = read_page(scratch, who->config, rows, list);
        const struct audience *audience = audience_of(scratch, who->config->areas, list, count);
        for (size_t i = 0; i < count; i++) {
            const struct match *match =
                match_subscriber(scratch, who->config->areas, alert, audience, i, NULL);
            *told += match->send ? 1 : 0;
            show_match(who, alert, list[i], match);
        }
        *total += count;
        next = json_integer_value(json_object_get(answer, "next"));
    }
    json_decref(answer);
    talloc_free(scratch);
    return next;
}

static void show_alert(void *userdata, TALLOC_CTX *context, const struct alert *alert)
{
    struct who *who = userdata;
    size_t told = 0, total = 0;
    int64_t after = 0;
    (void)context;
    if (!who->as_json)
        printf("%s %s level %d: %s\n", hazard_name(alert->hazard), alert_phase_name(alert->phase),
               alert->level, alert->title_ja);
    do
        after = show_page(who, alert, after, &told, &total);
    while (after > 0);
    who->failed = who->failed || after < 0;
    if (!who->as_json)
        printf("  %zu of %zu subscribers\n", told, total);
}

int cli_who(int argc, char **argv)
{
    const char *file = NULL;
    struct who who = {0};
    const struct option_row rows[] = {{"config", "FILE", "the configuration", &file, NULL},
                                      {"json", NULL, "one object a line", NULL, &who.as_json}};
    int first = options_read(argc, argv, "noroshi who [--config FILE] [--json] FILE…", rows, 2);
    if (first < 0)
        return options_exit(first);
    if (first == argc) {
        fprintf(stderr, "noroshi who: name a telegram file\n");
        return EXIT_USAGE;
    }
    TALLOC_CTX *context = talloc_new(NULL);
    who.config = cli_load_config(context, file);
    bool fine = who.config != NULL;
    for (int i = first; fine && i < argc; i++)
        fine = !who.failed &&
               cli_each_alert(context, who.config->areas, argv[i], show_alert, &who) >= 0;
    talloc_free(context);
    return fine && !who.failed ? EXIT_FINE : EXIT_FAILED;
}
