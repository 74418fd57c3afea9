/* Reports for people: text, page and table, all from the same JSON. */
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "report.h"

static const struct {
    const char *key, *title;
} times[] = {{"issued", "Issued by JMA"},
             {"seen", "Seen by us"},
             {"begun", "Deliveries durable"},
             {"first", "First delivered"},
             {"last", "Last delivered"}},
  delays[] = {{"seen_after", "Seen after"},
              {"first_after", "First after"},
              {"median_after", "Median after"},
              {"p99_after", "99 % after"},
              {"last_after", "Last after"}};

static const char *text_of(const json_t *json, const char *key)
{
    const char *text = json_string_value(json_object_get(json, key));
    return text != NULL ? text : "-";
}

static const char *seconds_of(TALLOC_CTX *context, const json_t *json, const char *key)
{
    const json_t *number = json_object_get(json, key);
    return json_is_number(number) ? memory_printf(context, "%.3f s", json_number_value(number))
                                  : "-";
}

static void add(struct buffer *out, TALLOC_CTX *context, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static void add(struct buffer *out, TALLOC_CTX *context, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    buffer_text(out, memory_must(talloc_vasprintf(context, format, values)));
    va_end(values);
}

/* ---- text ---- */

static void plain_counts(struct buffer *out, TALLOC_CTX *scratch, const char *indent,
                         const json_t *counts)
{
    const char *state;
    json_t *number;
    json_object_foreach((json_t *)counts, state, number)
        add(out, scratch, "%s%-11s %lld\n", indent, state, (long long)json_integer_value(number));
}

static void plain_alert(struct buffer *out, TALLOC_CTX *scratch, const json_t *alert)
{
    const json_t *when = json_object_get(alert, "times");
    add(out, scratch, "\n%s  level %lld  %s\n", text_of(alert, "id"),
        (long long)json_integer_value(json_object_get(alert, "level")), text_of(alert, "status"));
    for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++)
        add(out, scratch, "  %-19s %s\n", times[i].title, text_of(when, times[i].key));
    for (size_t i = 0; i < sizeof(delays) / sizeof(delays[0]); i++)
        add(out, scratch, "  %-19s %s\n", delays[i].title,
            seconds_of(scratch, when, delays[i].key));
    plain_counts(out, scratch, "  ", json_object_get(alert, "deliveries"));
    const char *by, *row;
    json_t *table, *counts, *failure;
    size_t i;
    json_object_foreach(json_object_get(alert, "reach"), by, table)
    {
        json_object_foreach(table, row, counts)
        {
            add(out, scratch, "  by %s: %s\n", by, row);
            plain_counts(out, scratch, "    ", counts);
        }
    }
    json_array_foreach(json_object_get(alert, "failures"), i, failure)
        add(out, scratch, "  %lld × %s %s: %s\n",
            (long long)json_integer_value(json_object_get(failure, "count")),
            text_of(failure, "channel"), text_of(failure, "state"), text_of(failure, "reason"));
}

void report_plain(struct buffer *out, const json_t *report)
{
    TALLOC_CTX *scratch = talloc_new(NULL);
    size_t i;
    json_t *alert;
    add(out, scratch, "event %s, as of %s\n", text_of(report, "event"), text_of(report, "made"));
    json_array_foreach(json_object_get(report, "alerts"), i, alert)
        plain_alert(out, scratch, alert);
    talloc_free(scratch);
}

/* ---- page ---- */

static void html_row(struct buffer *out, TALLOC_CTX *scratch, const char *title, const char *value)
{
    add(out, scratch, "<tr><th scope=\"row\">%s</th><td>%s</td></tr>\n", text_html(scratch, title),
        text_html(scratch, value));
}

static void html_counts(struct buffer *out, TALLOC_CTX *scratch, const char *title,
                        const json_t *counts)
{
    const char *state;
    json_t *number;
    json_object_foreach((json_t *)counts, state, number)
        html_row(out, scratch, memory_printf(scratch, "%s: %s", title, state),
                 memory_printf(scratch, "%lld", (long long)json_integer_value(number)));
}

static void html_alert(struct buffer *out, TALLOC_CTX *scratch, const json_t *alert)
{
    const json_t *when = json_object_get(alert, "times");
    const char *by, *row;
    json_t *table, *counts, *failure;
    size_t i;
    add(out, scratch, "<h2>%s</h2>\n<table>\n", text_html(scratch, text_of(alert, "id")));
    for (i = 0; i < sizeof(times) / sizeof(times[0]); i++)
        html_row(out, scratch, times[i].title, text_of(when, times[i].key));
    for (i = 0; i < sizeof(delays) / sizeof(delays[0]); i++)
        html_row(out, scratch, delays[i].title, seconds_of(scratch, when, delays[i].key));
    html_counts(out, scratch, "Deliveries", json_object_get(alert, "deliveries"));
    json_object_foreach(json_object_get(alert, "reach"), by, table)
    {
        json_object_foreach(table, row, counts)
            html_counts(out, scratch, memory_printf(scratch, "%s %s", by, row), counts);
    }
    json_array_foreach(json_object_get(alert, "failures"), i, failure)
        html_row(out, scratch,
                 memory_printf(scratch, "%s %s: %s", text_of(failure, "channel"),
                               text_of(failure, "state"), text_of(failure, "reason")),
                 memory_printf(scratch, "%lld",
                               (long long)json_integer_value(json_object_get(failure, "count"))));
    buffer_text(out, "</table>\n");
}

void report_html(struct buffer *out, const json_t *report)
{
    TALLOC_CTX *scratch = talloc_new(NULL);
    const char *event = text_html(scratch, text_of(report, "event"));
    size_t i;
    json_t *alert;
    add(out, scratch,
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>%s</title>\n"
        "<style>body{font:1em/1.5 sans-serif;margin:2em auto;max-width:60em;padding:0 1em}"
        "th{text-align:left;font-weight:normal;padding-right:2em}td{text-align:right}"
        "tr:nth-child(odd){background:#f2f2f2}</style></head>\n<body>\n<h1>%s</h1>\n<p>%s</p>\n",
        event, event, text_html(scratch, text_of(report, "made")));
    json_array_foreach(json_object_get(report, "alerts"), i, alert) html_alert(out, scratch, alert);
    buffer_text(out, "</body></html>\n");
    talloc_free(scratch);
}

/* ---- table ---- */

/* RFC 4180; a formula at the start of a cell is no formula (a spreadsheet would run it). */
static const char *cell(TALLOC_CTX *context, const char *text)
{
    char *quoted =
        memory_text(context, strchr("=+-@", text[0]) != NULL && text[0] != '\0' ? "\"'" : "\"");
    for (const char *c = text; *c != '\0'; c++)
        quoted = memory_must(talloc_asprintf_append_buffer(quoted, *c == '"' ? "\"\"" : "%c", *c));
    return memory_must(talloc_strdup_append_buffer(quoted, "\""));
}

static void csv_counts(struct buffer *out, TALLOC_CTX *scratch, const char *alert, const char *by,
                       const char *row, const json_t *counts)
{
    const char *state;
    json_t *number;
    json_object_foreach((json_t *)counts, state, number)
        add(out, scratch, "%s,%s,%s,%s,%lld\r\n", cell(scratch, alert), by, cell(scratch, row),
            state, (long long)json_integer_value(number));
}

static void csv_alert(struct buffer *out, TALLOC_CTX *scratch, const json_t *alert)
{
    const char *id = text_of(alert, "id"), *by, *row;
    const json_t *when = json_object_get(alert, "times");
    json_t *table, *counts, *failure;
    size_t i;
    for (i = 0; i < sizeof(times) / sizeof(times[0]); i++)
        add(out, scratch, "%s,time,%s,at,%s\r\n", cell(scratch, id), times[i].key,
            text_of(when, times[i].key));
    for (i = 0; i < sizeof(delays) / sizeof(delays[0]); i++)
        add(out, scratch, "%s,time,%s,seconds,%.3f\r\n", cell(scratch, id), delays[i].key,
            json_number_value(json_object_get(when, delays[i].key)));
    csv_counts(out, scratch, id, "all", "all", json_object_get(alert, "deliveries"));
    json_object_foreach(json_object_get(alert, "reach"), by, table)
    {
        json_object_foreach(table, row, counts) csv_counts(out, scratch, id, by, row, counts);
    }
    json_array_foreach(json_object_get(alert, "failures"), i, failure)
        add(out, scratch, "%s,failure,%s,%s,%lld\r\n", cell(scratch, id),
            cell(scratch, text_of(failure, "reason")), text_of(failure, "state"),
            (long long)json_integer_value(json_object_get(failure, "count")));
}

void report_csv(struct buffer *out, const json_t *report)
{
    TALLOC_CTX *scratch = talloc_new(NULL);
    size_t i;
    json_t *alert;
    buffer_text(out, "alert,by,row,what,value\r\n");
    json_array_foreach(json_object_get(report, "alerts"), i, alert) csv_alert(out, scratch, alert);
    talloc_free(scratch);
}
