/* After-action report of a broadcast: timeline, texts, reach, failures, indicators (H-20). */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "broadcast/office_inside.h"
#include "broadcast/plan.h"
#include "event/value.h"

#define LIST_MOST  200
#define AUDIT_PAGE 1000

static void add_step(json_t *timeline, const struct store_audit *row)
{
    json_t *json = json_object();
    value_set_time(json, "at", row->at);
    value_set_text(json, "who", row->who);
    value_set_text(json, "what", row->what);
    value_set_text(json, "object", row->object);
    value_set_text(json, "why", row->why);
    value_set_integer(json, "audit", row->number);
    json_array_append_new(timeline, json);
}

static bool in_thread(const json_t *thread, const char *id)
{
    size_t i;
    json_t *row;
    json_array_foreach((json_t *)thread, i, row)
    {
        if (text_equal(value_borrow(row, "id"), id))
            return true;
    }
    return false;
}

/* Everything that the audit log says of the broadcasts of the matter. */
static int put_timeline(struct turn *turn, const json_t *thread)
{
    json_t *timeline = json_array();
    int64_t after = 0;
    int r = 0;
    for (bool more = true; r >= 0 && more;) {
        TALLOC_CTX *scratch = talloc_new(turn->context);
        struct store_audit *rows;
        size_t count = 0;
        r = store_page_audit(turn->store, scratch, after, AUDIT_PAGE, &rows, &count);
        for (size_t i = 0; r >= 0 && i < count; i++) {
            after = rows[i].number;
            if (in_thread(thread, rows[i].object))
                add_step(timeline, &rows[i]);
        }
        more = count == AUDIT_PAGE;
        talloc_free(scratch);
    }
    json_object_set_new(turn->answer, "timeline", timeline);
    return r;
}

static int put_steps(struct turn *turn, const struct broadcast *first, json_t *thread)
{
    json_t *rows = NULL;
    int r = store_list_broadcasts(turn->store, broadcast_kind_name(turn->kind), first->thread,
                                  LIST_MOST, &rows);
    for (size_t i = json_array_size(rows); r >= 0 && i > 0; i--) {
        struct broadcast *row = broadcast_from_json(turn->context, json_array_get(rows, i - 1));
        json_t *progress = NULL;
        if (row == NULL)
            continue;
        json_t *view = turn_view(turn, row);
        r = office_progress(turn->office, row, &progress);
        json_object_set_new(view, "progress", progress != NULL ? progress : json_null());
        json_array_append_new(thread, view);
    }
    json_decref(rows);
    return r;
}

static json_t *share(const json_t *states)
{
    const char *state;
    json_t *count;
    int64_t total = 0;
    json_object_foreach((json_t *)states, state, count) total += json_integer_value(count);
    if (total == 0)
        return json_null();
    return json_real((double)json_integer_value(json_object_get(states, "delivered")) /
                     (double)total);
}

/* Facilities that the message reached, and of how many, by kind: those that took part in a drill.
 */
static void put_facilities(json_t *indicators, const json_t *by_facility)
{
    json_t *kinds = json_object(), *states, *count;
    const char *kind, *state;
    int64_t all = 0;
    json_object_foreach((json_t *)by_facility, kind, states)
    {
        int64_t asked = 0, reached = value_integer(states, "delivered");
        json_object_foreach(states, state, count) asked += json_integer_value(count);
        json_object_set_new(
            kinds, kind,
            json_pack("{sIsI}", "asked", (json_int_t)asked, "reached", (json_int_t)reached));
        all += reached;
    }
    value_set_integer(indicators, "facilities", all);
    json_object_set_new(indicators, "facilities_by_kind", kinds);
}

/* A drill itself, not what announces, corrects or ends one. */
static bool is_drill(const json_t *row)
{
    int part = value_integer(row, "part");
    return text_equal(value_borrow(row, "phase"), broadcast_phase_name(BROADCAST_ISSUE)) &&
           !text_equal(value_borrow(row, "template"), PLAN_TEMPLATE) &&
           (part == PART_NONE || part == PART_DRILL);
}

/* What a city's plan follows up: how soon, how many in each language, drills held in a year. */
static int put_indicators(struct turn *turn, const json_t *thread)
{
    const json_t *progress = json_object_get(json_array_get(thread, 0), "progress");
    json_t *indicators = json_object(), *languages = json_object(), *rows = NULL;
    const char *language;
    json_t *states;
    int drills = 0;
    json_object_foreach(json_object_get(progress, "by_language"), language, states)
        json_object_set_new(languages, language, share(states));
    static const char *const copied[] = {"seconds_to_first", "seconds_to_99"};
    for (size_t i = 0; i < 2; i++) {
        json_t *value = json_object_get(progress, copied[i]);
        json_object_set(indicators, copied[i], value != NULL ? value : json_null());
    }
    json_object_set_new(indicators, "share_by_language", languages);
    int r = store_list_broadcasts(turn->store, "drill", NULL, LIST_MOST, &rows);
    for (size_t i = 0; r >= 0 && i < json_array_size(rows); i++) {
        usec_t sent = value_instant(json_array_get(rows, i), "sent_at");
        drills +=
            sent != 0 && turn->now - sent < 365 * USEC_PER_DAY && is_drill(json_array_get(rows, i));
    }
    json_decref(rows);
    value_set_integer(indicators, "drills_in_a_year", drills);
    put_facilities(indicators, json_object_get(progress, "by_facility"));
    json_object_set_new(turn->answer, "indicators", indicators);
    return r;
}

/* A yearly drill: what announced it, and how it went in the other years. */
static int put_plan(struct turn *turn, const struct broadcast *broadcast)
{
    struct broadcast **list;
    size_t count;
    json_t *held = json_array();
    if (broadcast->plan == NULL) {
        json_object_set_new(turn->answer, "plan", json_null());
        json_decref(held);
        return 0;
    }
    int r = office_plan_list(turn->office, turn->context, broadcast->plan, &list, &count);
    for (size_t i = 0; r >= 0 && i < count; i++) {
        json_t *progress = NULL, *row = json_object();
        r = office_progress(turn->office, list[i], &progress);
        value_set_text(row, "id", list[i]->id);
        value_set_text(row, "part", broadcast_part_name(list[i]->part));
        value_set_text(row, "state", broadcast_state_name(list[i]->state));
        value_set_time(row, "scheduled_at", list[i]->scheduled_at);
        value_set_time(row, "sent_at", list[i]->sent_at);
        value_set_text(row, "confirmed_by", list[i]->confirmed_by);
        value_set_integer(row, "total", value_integer(progress, "total"));
        value_set_integer(row, "delivered", value_integer(progress, "delivered"));
        json_array_append_new(held, row);
        json_decref(progress);
    }
    json_object_set_new(turn->answer, "plan",
                        json_pack("{sssiso}", "id", broadcast->plan, "notice_days",
                                  broadcast->notice_days, "broadcasts", held));
    return r;
}

/* Quoted as RFC 4180 says; what a spreadsheet would take for a formula gets an apostrophe. */
static char *csv_field(TALLOC_CTX *context, const char *text)
{
    char *field = memory_text(
        context, text != NULL && strchr("=+-@\t", text[0]) != NULL && text[0] ? "\"'" : "\"");
    for (; text != NULL && *text != '\0'; text++)
        field = memory_must(
            talloc_asprintf_append_buffer(field, "%s%c", *text == '"' ? "\"" : "", *text));
    return memory_must(talloc_strdup_append_buffer(field, "\""));
}

static char *csv_row(TALLOC_CTX *context, char *csv, const json_t *row, const char *const *keys)
{
    for (size_t i = 0; keys[i] != NULL; i++)
        csv = memory_must(talloc_asprintf_append_buffer(
            csv, "%s%s", i > 0 ? "," : "", csv_field(context, value_borrow(row, keys[i]))));
    return memory_must(talloc_strdup_append_buffer(csv, "\r\n"));
}

/* One line for each broadcast, group and state. */
static char *csv_counts(struct turn *turn, char *csv, const char *group, const char *column)
{
    size_t i;
    json_t *row;
    csv =
        memory_must(talloc_asprintf_append_buffer(csv, "\r\nbroadcast,%s,state,count\r\n", column));
    json_array_foreach(json_object_get(turn->answer, "thread"), i, row)
    {
        const char *name, *state;
        json_t *states, *count;
        json_object_foreach(json_object_get(json_object_get(row, "progress"), group), name, states)
        {
            json_object_foreach(states, state, count) csv = memory_must(
                talloc_asprintf_append_buffer(csv, "%s,%s,%s,%lld\r\n", value_borrow(row, "id"),
                                              name, state, (long long)json_integer_value(count)));
        }
    }
    return csv;
}

static const char *csv_of(struct turn *turn)
{
    static const char *const keys[] = {"at", "who", "what", "object", "why", NULL};
    char *csv = memory_text(turn->context, "at,who,what,object,why\r\n");
    size_t i;
    json_t *row;
    json_array_foreach(json_object_get(turn->answer, "timeline"), i, row) csv =
        csv_row(turn->context, csv, row, keys);
    csv = csv_counts(turn, csv, "by_channel", "channel");
    csv = csv_counts(turn, csv, "by_language", "language");
    csv = csv_counts(turn, csv, "by_facility", "facility");
    return csv;
}

int answer_report(struct turn *turn)
{
    struct broadcast *broadcast;
    json_t *thread = json_array();
    int r = turn_load(turn, turn->id, &broadcast);
    json_object_set_new(turn->answer, "thread", thread);
    if (r < 0 || turn->refusal != REFUSAL_NONE)
        return r;
    r = put_steps(turn, broadcast, thread);
    if (r >= 0)
        r = put_timeline(turn, thread);
    if (r >= 0)
        r = put_indicators(turn, thread);
    if (r >= 0)
        r = put_plan(turn, broadcast);
    if (r >= 0 && text_equal(json_string_value(json_object_get(turn->query, "format")), "csv"))
        value_set_text(turn->answer, "csv", csv_of(turn));
    return r;
}
