/* Telegram to report by the row of its code. What a parser cannot understand becomes a generic
 * report that says why: a telegram is never lost. */
#include "base/memory.h"
#include "jma/part.h"

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
    bool understood = false;
    report->telegram = telegram;
    report->row = registry_find(telegram->code);
    report->kind = report->row != NULL ? report->row->kind : REPORT_GENERIC;
    switch (report->kind) {
    case REPORT_EARTHQUAKE:
        understood = earthquake_parse(&parsing, &why);
        break;
    case REPORT_TSUNAMI:
        understood = tsunami_parse(&parsing, &why);
        break;
    case REPORT_WEATHER:
        understood = weather_parse(&parsing, &why);
        break;
    case REPORT_GENERIC:
        generic_parse(&parsing);
        return report;
    }
    if (understood)
        return report;
    problems_warn(problems, telegram->id, telegram->body != NULL ? telegram->body->line : 0, 0,
                  NULL, "told in general words only: %s", why);
    report->kind = REPORT_GENERIC;
    report->degraded = why;
    generic_parse(&parsing);
    return report;
}
