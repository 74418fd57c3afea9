/* The alerts that a recorded telegram makes on its own. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/alerts.h"
#include "telegram_file.h"

int cli_each_alert(TALLOC_CTX *parent, const struct area_graph *graph, const char *file,
                   void (*step)(void *userdata, TALLOC_CTX *context, const struct alert *alert),
                   void *userdata)
{
    TALLOC_CTX *context = talloc_new(parent);
    struct problems *problems = problems_new(context);
    struct telegram *telegram;
    char *bytes;
    size_t length;
    int r = telegram_file_read(context, file, TELEGRAM_BYTES_MAX, &bytes, &length);
    if (r < 0)
        fprintf(stderr, "%s: cannot be read: %s\n", file, strerror(-r));
    else
        r = telegram_parse(context, file, bytes, length, problems, &telegram);
    if (r >= 0) {
        const struct report *report = report_parse(context, graph, telegram, problems);
        size_t count, alerts = 0;
        const char **keys = event_keys(context, graph, report, &count);
        for (size_t i = 0; i < count; i++) {
            const struct event_state none = {.key = keys[i]};
            struct event_change *change =
                event_apply(context, graph, &none, report, telegram->control_time);
            if (change->alert == NULL)
                continue;
            step(userdata, context, change->alert);
            alerts++;
        }
        if (alerts == 0)
            printf("%s: makes no alert on its own\n", file);
    }
    problems_print(problems, stderr);
    talloc_free(context);
    return r;
}
