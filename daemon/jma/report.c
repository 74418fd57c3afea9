/* Telegram to report by the row of its code. What a parser cannot understand becomes a generic
 * report that says why: a telegram is never lost. */
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "jma/part.h"

#define LINES_MAX 50 /* more than a person reads, and a bound for a telegram made of faults */

static void keep_problems(struct report *report, const struct problems *problems)
{
    const char **lines = memory_array(report, const char *, LINES_MAX);
    size_t count = 0;
    for (size_t i = 0; i < problems->count && count < LINES_MAX; i++) {
        if (problems->items[i].file == NULL ||
            text_equal(problems->items[i].file, report->telegram->id))
            lines[count++] = problem_text(report, &problems->items[i]);
    }
    report->problems = lines;
    report->problem_count = count;
}

static bool parse_body(struct parsing *parsing, const char **ret_why)
{
    switch (parsing->report->kind) {
    case REPORT_EARTHQUAKE:
        return earthquake_parse(parsing, ret_why);
    case REPORT_TSUNAMI:
        return tsunami_parse(parsing, ret_why);
    case REPORT_WEATHER:
        return weather_parse(parsing, ret_why);
    case REPORT_TRANSITIONAL:
        return transitional_parse(parsing, ret_why);
    case REPORT_VOLCANO:
        return volcano_parse(parsing, ret_why);
    case REPORT_FLOOD:
        return flood_parse(parsing, ret_why);
    case REPORT_BULLETIN:
        return bulletin_parse(parsing, ret_why);
    case REPORT_OUTLOOK:
        return outlook_parse(parsing, ret_why);
    case REPORT_GENERIC:
        break;
    }
    generic_parse(parsing);
    return true;
}

bool report_has_hazard(const struct report *report)
{
    return report->kind >= REPORT_VOLCANO;
}

struct report *report_parse(TALLOC_CTX *context, const struct area_graph *graph,
                            const struct telegram *telegram, struct problems *problems)
{
    struct report *report = memory_new(context, struct report);
    struct parsing parsing = {.context = report,
                              .graph = graph,
                              .telegram = telegram,
                              .problems = problems,
                              .report = report};
    const char *why = NULL;
    report->telegram = telegram;
    report->row = registry_find(telegram->code);
    report->kind = report->row != NULL ? report->row->kind : REPORT_GENERIC;
    if (!parse_body(&parsing, &why)) {
        problems_warn(problems, telegram->id, telegram->body != NULL ? telegram->body->line : 0, 0,
                      NULL, "told in general words only: %s", why);
        report->kind = REPORT_GENERIC;
        report->degraded = why;
        memset(&report->generic, 0, sizeof(report->generic));
        generic_parse(&parsing);
    } else if (report->degraded != NULL) {
        problems_warn(problems, telegram->id, telegram->body != NULL ? telegram->body->line : 0, 0,
                      NULL, "not fully understood: %s", report->degraded);
    }
    keep_problems(report, problems);
    return report;
}
