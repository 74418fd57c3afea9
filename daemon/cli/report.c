/* noroshi report: what became of an event or an alert. Reads beside the daemon, never through it: a
 * report over a million rows must not hold up a warning. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "cli/cli.h"
#include "cli/options.h"
#include "cli/report_audit.h"
#include "report.h"

#define REPORT_BYTES_MAX ((size_t)64 * 1024 * 1024)

static const char usage[] =
    "noroshi report [--config FILE] [--html | --csv | --json] EVENT|ALERT, or"
    " noroshi report --audit [--config FILE] [--json]";

static void print(TALLOC_CTX *context, const json_t *report, bool html, bool csv, bool as_json)
{
    struct buffer *out = buffer_new(context, REPORT_BYTES_MAX);
    if (as_json) {
        char *text = json_dumps(report, JSON_COMPACT);
        puts(text);
        free(text);
        return;
    }
    if (html)
        report_html(out, report);
    else if (csv)
        report_csv(out, report);
    else
        report_plain(out, report);
    fwrite(out->bytes, 1, out->length, stdout);
}

static int make(TALLOC_CTX *context, const struct config *config, const char *id,
                json_t **ret_report)
{
    struct store *store;
    struct problems *problems = problems_new(context);
    int r = store_open_reader(context, config->state_directory, problems, &store);
    problems_print(problems, stderr);
    if (r < 0) {
        fprintf(stderr, "noroshi: the store in %s cannot be read: %s\n", config->state_directory,
                strerror(-r));
        return r;
    }
    r = report_make(store, config->areas, id, clock_now(), ret_report);
    if (r == -ENOENT)
        fprintf(stderr, "noroshi: there is no alert or event \"%s\"\n", id);
    else if (r < 0)
        fprintf(stderr, "noroshi: the store cannot be read: %s\n", strerror(-r));
    talloc_free(store);
    return r;
}

int cli_report(int argc, char **argv)
{
    const char *file = NULL;
    bool html = false, csv = false, as_json = false, audit = false;
    const struct option_row rows[] = {
        {"config", "FILE", "the configuration", &file, NULL},
        {"html", NULL, "a page", NULL, &html},
        {"csv", NULL, "a table", NULL, &csv},
        {"json", NULL, "for programs", NULL, &as_json},
        {"audit", NULL, "the audit log of staff, verified", NULL, &audit}};
    int first = options_read(argc, argv, usage, rows, 5);
    if (first < 0)
        return options_exit(first);
    if (argc - first != (audit ? 0 : 1) || html + csv + as_json > 1 || (audit && (html || csv))) {
        fprintf(stderr, "Usage: %s\n", usage);
        return EXIT_USAGE;
    }
    TALLOC_CTX *context = talloc_new(NULL);
    if (audit) {
        int status = report_audit(context, file, as_json);
        talloc_free(context);
        return status;
    }
    const struct config *config = cli_load_config(context, file);
    json_t *report = NULL;
    int r = config != NULL ? make(context, config, argv[first], &report) : -EINVAL;
    if (r >= 0)
        print(context, report, html, csv, as_json);
    json_decref(report);
    talloc_free(context);
    return r < 0 ? EXIT_FAILED : EXIT_FINE;
}
