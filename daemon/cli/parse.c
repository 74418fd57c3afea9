/* noroshi parse: what telegrams say, one JSON object a line or a few lines for people. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "cli/areas.h"
#include "cli/cli.h"
#include "cli/options.h"
#include "jma/report.h"
#include "telegram_file.h"

/* Few lines for people: what it is, from whom, when, and the headline. */
static void print_plain(const char *file, const struct report *report)
{
    const struct telegram *telegram = report->telegram;
    char time[CLOCK_TEXT_BYTES];
    printf("%s: %s %s (%s, %s) %s\n  %s\n", file, telegram->code, telegram->control_title,
           telegram_status_name(telegram->status), info_type_name(telegram->info_type),
           clock_format_jst(telegram->reported_at, time), telegram->head_title);
    if (telegram->headline[0] != '\0')
        printf("  %s\n", telegram->headline);
    if (report->degraded != NULL)
        printf("  not fully understood: %s\n", report->degraded);
}

static bool parse_file(TALLOC_CTX *parent, const struct area_graph *graph, const char *file,
                       bool as_json)
{
    TALLOC_CTX *context = talloc_new(parent);
    struct problems *problems = problems_new(context);
    struct telegram *telegram;
    const struct report *report;
    char *bytes;
    size_t length;
    bool fine = false;
    int r = telegram_file_read(context, file, TELEGRAM_BYTES_MAX + 1, &bytes, &length);
    if (r < 0) {
        fprintf(stderr, "%s: cannot be read: %s\n", file, strerror(-r));
        goto finish;
    }
    r = telegram_parse(context, file, bytes, length, problems, &telegram);
    if (r < 0)
        goto finish;
    report = report_parse(context, graph, telegram, problems);
    if (as_json) {
        json_t *json = report_to_json(report, file);
        char *text = json_dumps(json, JSON_COMPACT | JSON_PRESERVE_ORDER | JSON_REAL_PRECISION(10));
        puts(text);
        free(text);
        json_decref(json);
    } else {
        print_plain(file, report);
    }
    fine = true;
finish:
    problems_print(problems, stderr);
    talloc_free(context);
    return fine;
}

int cli_parse(int argc, char **argv)
{
    const char *areas = NULL;
    bool as_json = false;
    const struct option_row rows[] = {{"json", NULL,
                                       "one JSON object a telegram (docs/schema/parse.schema.json)",
                                       NULL, &as_json},
                                      {"areas", "DIRECTORY", "the area tables", &areas, NULL}};
    int first = options_read(argc, argv, "noroshi parse [--json] FILE…", rows, 2);
    if (first < 0)
        return options_exit(first);
    if (first == argc) {
        fprintf(stderr, "noroshi parse: name at least one telegram file\n");
        return EXIT_USAGE;
    }
    TALLOC_CTX *context = talloc_new(NULL);
    const struct area_graph *graph = cli_load_areas(context, areas);
    bool fine = graph != NULL;
    for (int i = first; graph != NULL && i < argc; i++)
        fine = parse_file(context, graph, argv[i], as_json) && fine;
    talloc_free(context);
    return fine ? EXIT_FINE : EXIT_FAILED;
}
