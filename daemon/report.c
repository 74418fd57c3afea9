/* See report.h. */
#include <errno.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "report.h"

#define REASONS_MOST 50

static json_t *time_json(usec_t time)
{
    char text[CLOCK_TEXT_BYTES];
    return time == 0 ? json_null() : json_string(clock_format_jst(time, text));
}

/* Seconds after JMA's issue; null when there is nothing to tell. */
static json_t *seconds_json(usec_t time, usec_t from)
{
    return time == 0 || from == 0 ? json_null()
                                  : json_real((double)(time - from) / (double)USEC_PER_SEC);
}

static void count(json_t *table, const char *row, enum delivery_state state, int64_t by)
{
    const char *name = delivery_state_name(state);
    json_t *cells = json_object_get(table, row);
    if (cells == NULL) {
        cells = json_object();
        json_object_set_new(table, row, cells);
    }
    json_int_t before = json_integer_value(json_object_get(cells, name));
    json_object_set_new(cells, name, json_integer(before + by));
}

/* "municipality:01100" as "札幌市 (municipality:01100)". */
static const char *place(TALLOC_CTX *context, const struct area_graph *graph, const char *text)
{
    const char *colon = strchr(text, ':');
    if (colon == NULL)
        return text;
    const char *system = memory_printf(context, "%.*s", (int)(colon - text), text);
    const struct area *area = area_find(graph, area_system_from_name(system), colon + 1);
    return area != NULL ? memory_printf(context, "%s (%s)", area->name_ja, text) : text;
}

static void count_group(TALLOC_CTX *scratch, const struct area_graph *graph,
                        const struct store_report_group *group, json_t *reach)
{
    size_t parts;
    const char *channel = delivery_channel_name(group->channel);
    count(json_object_get(reach, "channel"),
          group->other ? memory_printf(scratch, "%s (fallback)", channel) : channel, group->state,
          group->count);
    char **list =
        text_split(scratch, group->languages != NULL ? group->languages : "left", ';', &parts);
    count(json_object_get(reach, "language"), list[0], group->state, group->count);
    count(json_object_get(reach, "facility"),
          text_given(group->facility) ? group->facility : "not said", group->state, group->count);
    list = text_split(scratch, group->areas != NULL ? group->areas : "left", ';', &parts);
    for (size_t i = 0; i < parts; i++)
        count(json_object_get(reach, "area"), place(scratch, graph, list[i]), group->state,
              group->count);
}

static int put_reach(TALLOC_CTX *scratch, struct store *store, const struct area_graph *graph,
                     int64_t alert, json_t *report)
{
    struct store_report_group *groups;
    size_t groups_count;
    json_t *reach = json_pack("{s{}s{}s{}s{}}", "channel", "language", "area", "facility");
    json_t *all = json_object();
    int r = store_report_groups(store, scratch, alert, &groups, &groups_count);
    for (size_t i = 0; r >= 0 && i < groups_count; i++) {
        count_group(scratch, graph, &groups[i], reach);
        count(all, "all", groups[i].state, groups[i].count);
    }
    json_t *total = json_object_get(all, "all");
    json_object_set(report, "deliveries", total != NULL ? total : all);
    json_object_set_new(report, "reach", reach);
    json_decref(all);
    return r;
}

static int put_failures(TALLOC_CTX *scratch, struct store *store, int64_t alert, json_t *report)
{
    struct store_report_reason *reasons;
    size_t reason_count;
    json_t *list = json_array();
    int r = store_report_reasons(store, scratch, alert, REASONS_MOST, &reasons, &reason_count);
    for (size_t i = 0; r >= 0 && i < reason_count; i++)
        json_array_append_new(list, json_pack("{sssssssI}", "channel",
                                              delivery_channel_name(reasons[i].channel), "state",
                                              delivery_state_name(reasons[i].state), "reason",
                                              text_clean(scratch, reasons[i].reason, false),
                                              "count", (json_int_t)reasons[i].count));
    json_object_set_new(report, "failures", list);
    return r;
}

static int make_alert(TALLOC_CTX *scratch, struct store *store, const struct area_graph *graph,
                      const struct store_report_alert *alert, json_t *report)
{
    struct store_report_times times;
    int r = store_report_times(store, alert->number, &times);
    if (r < 0)
        return r;
    json_object_set_new(report, "id", json_string(alert->id));
    json_object_set_new(report, "status", json_string(alert->status));
    json_object_set_new(report, "hazard",
                        alert->hazard != NULL ? json_string(alert->hazard) : json_null());
    json_object_set_new(report, "level", json_integer(alert->level));
    json_object_set_new(report, "times",
                        json_pack("{sosososososososososo}", "issued", time_json(alert->issued_at),
                                  "seen", time_json(alert->seen_at), "begun",
                                  time_json(alert->begun_at), "first", time_json(times.first),
                                  "last", time_json(times.last), "seen_after",
                                  seconds_json(alert->seen_at, alert->issued_at), "first_after",
                                  seconds_json(times.first, alert->issued_at), "median_after",
                                  seconds_json(times.median, alert->issued_at), "p99_after",
                                  seconds_json(times.p99, alert->issued_at), "last_after",
                                  seconds_json(times.last, alert->issued_at)));
    r = put_reach(scratch, store, graph, alert->number, report);
    return r < 0 ? r : put_failures(scratch, store, alert->number, report);
}

int report_make(struct store *store, const struct area_graph *graph, const char *id, usec_t now,
                json_t **ret_report)
{
    TALLOC_CTX *scratch = talloc_new(NULL);
    struct store_report_alert *alerts;
    size_t alert_count = 0;
    json_t *list = json_array();
    int r = store_report_alerts(store, scratch, id, &alerts, &alert_count);
    if (r >= 0 && alert_count == 0)
        r = -ENOENT;
    for (size_t i = 0; r >= 0 && i < alert_count; i++) {
        json_t *alert = json_object();
        json_array_append_new(list, alert);
        r = make_alert(scratch, store, graph, &alerts[i], alert);
    }
    if (r >= 0)
        *ret_report = json_pack("{sssoso}", "event", alerts[0].event_id, "made", time_json(now),
                                "alerts", json_incref(list));
    json_decref(list);
    talloc_free(scratch);
    return r;
}
