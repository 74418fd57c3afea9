/* Broadcasts: listing, writing, and every step to sending and back. Live and drill share the
 * functions; turn->kind comes from the route alone. */
#include <errno.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "broadcast/office_inside.h"
#include "event/value.h"

#define LIST_MOST 200

static const char *new_id(struct turn *turn)
{
    return office_new_id(turn->context, turn->kind);
}

static int list(struct turn *turn)
{
    json_t *rows = NULL, *shown = json_array();
    int held = 0;
    int r =
        store_list_broadcasts(turn->store, broadcast_kind_name(turn->kind), NULL, LIST_MOST, &rows);
    for (size_t i = 0; r >= 0 && i < json_array_size(rows); i++) {
        const struct broadcast *broadcast =
            broadcast_from_json(turn->context, json_array_get(rows, i));
        if (broadcast == NULL)
            continue;
        held += broadcast->held != NULL;
        json_array_append_new(shown, turn_view(turn, broadcast));
    }
    json_decref(rows);
    json_object_set_new(turn->answer, "broadcasts", shown);
    value_set_integer(turn->answer, "held", held);
    return r >= 0 ? turn_put_in_force(turn) : r;
}

/* The draft is kept with its faults: nobody writes it twice. */
static int keep_draft(struct turn *turn, const struct broadcast *broadcast)
{
    json_t *faults = NULL;
    int r = office_put(turn->office, broadcast);
    if (r >= 0)
        r = turn_faults(turn, broadcast, &faults);
    if (r < 0)
        return r;
    turn->object = memory_text(turn->context, broadcast->id);
    turn->detail = memory_printf(turn->context, "{\"hash\":\"%s\"}", broadcast->hash);
    json_object_set_new(turn->answer, "faults", faults);
    json_object_set_new(turn->answer, "broadcast", turn_view(turn, broadcast));
    return 0;
}

static int draft(struct turn *turn)
{
    const struct broadcast_template *row =
        broadcast_template_find(turn->office->options.templates, turn_text(turn, "template"));
    if (row == NULL || !template_offered(turn, row))
        return turn_refuse(turn, REFUSAL_UNKNOWN);
    struct broadcast *broadcast = turn_read_fields(turn, NULL);
    if (turn->kind == BROADCAST_LIVE && (!text_given(broadcast->authority) ||
                                         !text_equal(broadcast->authority, turn->person.authority)))
        return turn_refuse(turn, REFUSAL_AUTHORITY);
    broadcast->id = new_id(turn);
    broadcast->thread = broadcast->id;
    broadcast->author = broadcast->last_editor = turn->person.name;
    broadcast->created_at = broadcast->edited_at = turn->now;
    broadcast->source = "staff";
    broadcast->hash = broadcast_hash(turn->context, broadcast);
    return keep_draft(turn, broadcast);
}

static int show_thread(struct turn *turn, const struct broadcast *broadcast)
{
    json_t *rows = NULL, *thread = json_array();
    int r = store_list_broadcasts(turn->store, broadcast_kind_name(turn->kind), broadcast->thread,
                                  LIST_MOST, &rows);
    for (size_t i = 0; r >= 0 && i < json_array_size(rows); i++) {
        const struct broadcast *other = broadcast_from_json(turn->context, json_array_get(rows, i));
        if (other != NULL)
            json_array_append_new(thread, turn_view(turn, other));
    }
    json_decref(rows);
    json_object_set_new(turn->answer, "thread", thread);
    return r;
}

static int progress(struct turn *turn)
{
    struct broadcast *broadcast;
    json_t *shown = NULL;
    int r = turn_load(turn, turn->id, &broadcast);
    if (r < 0 || turn->refusal != REFUSAL_NONE)
        return r;
    r = office_progress(turn->office, broadcast, &shown);
    json_object_set_new(turn->answer, "progress", shown != NULL ? shown : json_null());
    return r;
}

static int show(struct turn *turn)
{
    struct broadcast *broadcast;
    json_t *faults = NULL, *progress_of = NULL;
    int r = turn_load(turn, turn->id, &broadcast);
    if (r < 0 || turn->refusal != REFUSAL_NONE)
        return r;
    const struct broadcast_template *row =
        broadcast_template_find(turn->office->options.templates, broadcast->template_id);
    json_object_set_new(turn->answer, "broadcast", turn_view(turn, broadcast));
    json_object_set_new(turn->answer, "template",
                        row != NULL ? template_whole(turn, row) : json_null());
    turn_put_choices(turn);
    r = turn_faults(turn, broadcast, &faults);
    if (r >= 0)
        json_object_set_new(turn->answer, "faults", faults);
    if (r >= 0)
        r = show_thread(turn, broadcast);
    if (r >= 0)
        r = office_progress(turn->office, broadcast, &progress_of);
    json_object_set_new(turn->answer, "progress", progress_of != NULL ? progress_of : json_null());
    return r;
}

static bool flag_of(const struct turn *turn, const char *key)
{
    const json_t *value = json_object_get(turn->body, key);
    return json_is_true(value) || text_equal(json_string_value(value), "yes");
}

/* Asks the state machine, with what was typed. */
static enum broadcast_refusal decide(struct turn *turn, const struct broadcast *before,
                                     const struct broadcast *edited, enum broadcast_action action,
                                     int64_t count_now, struct broadcast **ret_after)
{
    struct broadcast_request request = {
        .action = action,
        .person = &turn->person,
        .now = turn->now,
        .seen_hash = turn_text(turn, "hash"),
        .typed_area = turn_text(turn, "area"),
        .area_names = broadcast_typed_names(turn->context, before, turn->office->options.areas),
        .typed_words = turn_text(turn, "words"),
        .words = broadcast_typed_words(turn->context, before, turn->office->options.templates),
        .everyone_again = flag_of(turn, "everyone_again"),
        .count_seen = -1,
        .count_now = count_now,
        .phrase = turn_text(turn, "phrase"),
        .reason = turn_text(turn, "reason"),
        .yearly = flag_of(turn, "yearly"),
        .notice_days = turn_number(turn, "notice_days", 0)};
    const char *count = turn_text(turn, "count"), *at = turn_text(turn, "at");
    if (at != NULL && broadcast_time_read(at, &request.at) < 0)
        return REFUSAL_TIME;
    if (request.reason != NULL)
        request.reason = turn->why = text_clean(turn->context, request.reason, false);
    if (count != NULL && !count_read(&turn->office->count_key, count, turn->person.name,
                                     before->hash, &request.count_seen, &request.count_seen_at))
        request.count_seen = -1;
    return broadcast_decide(turn->context, before, edited, &request, turn->office->options.rules,
                            ret_after);
}

static int edit(struct turn *turn)
{
    struct broadcast *before, *after;
    int r = turn_load(turn, turn->id, &before);
    if (r < 0 || turn->refusal != REFUSAL_NONE)
        return r;
    turn->refusal = decide(turn, before, turn_read_fields(turn, before), ACTION_EDIT, 0, &after);
    return turn->refusal == REFUSAL_NONE ? keep_draft(turn, after) : 0;
}

/* What a plan of yearly drills makes of the step. */
static int step_of_plan(struct turn *turn, enum broadcast_action action,
                        const struct broadcast *before, struct broadcast *after)
{
    size_t deliveries = 0;
    if (action == ACTION_SCHEDULE)
        return office_plan_scheduled(turn->office, turn->context, before, after, turn->now);
    if (action == ACTION_DROP && before->part == PART_DRILL)
        return office_plan_withdraw(turn->office, turn->context, before->plan, turn->now);
    if (action != ACTION_CONFIRM)
        return 0;
    int r = office_plan_confirmed(turn->office, turn->context, after, turn->now, &deliveries);
    turn->changed = turn->changed || deliveries > 0;
    return r;
}

/* A step that only changes the record. */
static int step(struct turn *turn, enum broadcast_action action)
{
    struct broadcast *before, *after;
    int r = turn_load(turn, turn->id, &before);
    if (r < 0 || turn->refusal != REFUSAL_NONE)
        return r;
    turn->refusal = decide(turn, before, NULL, action, 0, &after);
    if (turn->refusal != REFUSAL_NONE)
        return 0;
    r = step_of_plan(turn, action, before, after);
    if (r < 0)
        return r;
    turn->detail = memory_printf(turn->context, "{\"hash\":\"%s\"}", after->hash);
    r = office_put(turn->office, after);
    json_object_set_new(turn->answer, "broadcast", turn_view(turn, after));
    return r;
}

/* What has faults cannot be approved, scheduled or sent. */
static int refuse_faults(struct turn *turn, const struct broadcast *broadcast)
{
    json_t *faults = NULL;
    int r = turn_faults(turn, broadcast, &faults);
    if (r < 0)
        return r;
    if (json_array_size(faults) > 0)
        turn->refusal = REFUSAL_FAULTS;
    json_object_set_new(turn->answer, "faults", faults);
    return 0;
}

static int checked_step(struct turn *turn, enum broadcast_action action)
{
    struct broadcast *before;
    int r = turn_load(turn, turn->id, &before);
    if (r >= 0 && turn->refusal == REFUSAL_NONE)
        r = refuse_faults(turn, before);
    return r < 0 || turn->refusal != REFUSAL_NONE ? r : step(turn, action);
}

static int approve(struct turn *turn)
{
    return checked_step(turn, ACTION_APPROVE);
}

static int unapprove(struct turn *turn)
{
    return step(turn, ACTION_UNAPPROVE);
}

static int schedule(struct turn *turn)
{
    return checked_step(turn, ACTION_SCHEDULE);
}

static int confirm(struct turn *turn)
{
    struct broadcast *before;
    int r = turn_load(turn, turn->id, &before);
    if (r >= 0 && turn->refusal == REFUSAL_NONE && office_paused(turn->office, before))
        turn->refusal = REFUSAL_MAINTENANCE;
    return r < 0 || turn->refusal != REFUSAL_NONE ? r : checked_step(turn, ACTION_CONFIRM);
}

static int drop(struct turn *turn)
{
    return step(turn, ACTION_DROP);
}

struct alert *office_alert(struct office *office, TALLOC_CTX *context,
                           const struct broadcast *broadcast, usec_t original_at, usec_t now)
{
    const struct office_options *options = &office->options;
    const struct broadcast_issuer *issuer =
        broadcast_issuer_find(options->rules, broadcast->authority);
    const struct broadcast_template *row =
        broadcast_template_find(options->templates, broadcast->template_id);
    if (issuer == NULL || row == NULL)
        return NULL;
    return broadcast_alert(context, broadcast, row,
                           broadcast_word(options->templates, "ja", "title", row->id), issuer,
                           options->areas, original_at, now);
}

int office_raise(struct office *office, TALLOC_CTX *context, struct broadcast *broadcast,
                 usec_t now, size_t *ret_deliveries)
{
    usec_t original_at;
    int r = office_original_at(office, broadcast, &original_at);
    if (r < 0)
        return r;
    struct alert *alert = office_alert(office, context, broadcast, original_at, now);
    if (alert == NULL)
        return -EPERM;
    broadcast->alert_id = alert->id;
    const struct office_operations *operations = &office->options.operations;
    r = operations->raise(operations->userdata, context, alert, now, ret_deliveries);
    return r >= 0 ? office_put(office, broadcast) : r;
}

static int count_now(struct turn *turn, const struct broadcast *broadcast, int64_t *ret_count)
{
    const struct office_operations *operations = &turn->office->options.operations;
    json_t *reach = NULL;
    *ret_count = 0;
    struct alert *alert = office_alert(turn->office, turn->context, broadcast, 0, turn->now);
    int r =
        alert != NULL ? operations->reach(operations->userdata, turn->context, alert, &reach) : 0;
    *ret_count = value_integer(reach, "total");
    json_decref(reach);
    return r;
}

/* A reason that everybody learns of is a better one (H-3). */
static int tell_staff(struct turn *turn, const struct broadcast *broadcast)
{
    const struct office_options *options = &turn->office->options;
    const char *text =
        memory_printf(turn->context, "broadcast %s (%s) was sent by %s alone: %s", broadcast->id,
                      broadcast_alone_name(broadcast->alone), turn->person.name,
                      broadcast->reason != NULL ? broadcast->reason : "");
    options->operations.notice(options->operations.userdata, text);
    const struct letter letter =
        letter_write(turn->context, broadcast, &turn->person, options->rules, options->templates,
                     options->areas, options->origin);
    return options->operations.letter(options->operations.userdata, turn->context, &letter,
                                      turn->now);
}

/* Wait for the end, stop it, or withdraw it. */
int turn_refuse_unfinished(struct turn *turn, const struct broadcast *broadcast)
{
    struct store_fanout *open;
    size_t count = 0;
    if (broadcast->follows == NULL)
        return 0;
    int r = store_open_fanouts(turn->store, turn->context,
                               memory_printf(turn->context, "broadcast-%s", broadcast->thread), 1,
                               &open, &count);
    return r >= 0 && count > 0 ? turn_refuse(turn, REFUSAL_BUSY) : r;
}

static int go(struct turn *turn, enum broadcast_action action)
{
    struct broadcast *before, *after;
    int64_t count;
    size_t deliveries = 0;
    int r = turn_load(turn, turn->id, &before);
    if (r >= 0 && turn->refusal == REFUSAL_NONE && office_paused(turn->office, before))
        turn->refusal = REFUSAL_MAINTENANCE;
    if (r >= 0 && turn->refusal == REFUSAL_NONE)
        r = refuse_faults(turn, before);
    if (r >= 0 && turn->refusal == REFUSAL_NONE)
        r = turn_refuse_unfinished(turn, before);
    if (r >= 0 && turn->refusal == REFUSAL_NONE)
        r = count_now(turn, before, &count);
    if (r < 0 || turn->refusal != REFUSAL_NONE)
        return r;
    turn->refusal = decide(turn, before, NULL, action, count, &after);
    if (turn->refusal != REFUSAL_NONE)
        return 0;
    r = office_raise(turn->office, turn->context, after, turn->now, &deliveries);
    if (r >= 0 && after->alone == ALONE_BREAK_GLASS)
        r = tell_staff(turn, after);
    if (r < 0)
        return r;
    turn->changed = true;
    turn->detail = memory_printf(turn->context, "{\"hash\":\"%s\",\"deliveries\":%zu}", after->hash,
                                 deliveries);
    json_object_set_new(turn->answer, "broadcast", turn_view(turn, after));
    value_set_integer(turn->answer, "deliveries", (int64_t)deliveries);
    return 0;
}

static int send(struct turn *turn)
{
    return go(turn, ACTION_SEND);
}

static int break_glass(struct turn *turn)
{
    return go(turn, ACTION_BREAK_GLASS);
}

static int release(struct turn *turn)
{
    int64_t released = 0;
    struct broadcast *before;
    int r = turn_load(turn, turn->id, &before);
    if (r < 0 || turn->refusal != REFUSAL_NONE)
        return r;
    r = step(turn, ACTION_RELEASE);
    if (r < 0 || turn->refusal != REFUSAL_NONE)
        return r;
    if (before->alert_id != NULL)
        r = store_release_alert(turn->store, before->alert_id, turn->now, &released);
    turn->changed = true;
    value_set_integer(turn->answer, "released", released);
    return r;
}

int turn_stop_deliveries(struct turn *turn, const struct broadcast *broadcast)
{
    int64_t stopped = 0;
    json_t *shown = NULL;
    int r = broadcast->alert_id != NULL
                ? store_stop_alert(turn->store, broadcast->alert_id, turn->now, &stopped)
                : 0;
    if (r >= 0)
        r = office_progress(turn->office, broadcast, &shown);
    value_set_integer(turn->answer, "stopped", stopped);
    value_set_integer(turn->answer, "already",
                      value_integer(shown, "delivered") + value_integer(shown, "sending"));
    json_decref(shown);
    return r;
}

static int stop(struct turn *turn)
{
    struct broadcast *before;
    int r = turn_load(turn, turn->id, &before);
    if (r < 0 || turn->refusal != REFUSAL_NONE)
        return r;
    r = step(turn, ACTION_STOP);
    if (r < 0 || turn->refusal != REFUSAL_NONE)
        return r;
    turn->changed = true;
    return turn_stop_deliveries(turn, before);
}

static int follow(struct turn *turn)
{
    struct broadcast *original;
    enum broadcast_phase phase;
    int r = turn_load(turn, turn->id, &original);
    if (r < 0 || turn->refusal != REFUSAL_NONE)
        return r;
    if (!broadcast_phase_from_name(turn_text(turn, "phase"), &phase) ||
        phase == BROADCAST_WITHDRAWN)
        return turn_refuse(turn, REFUSAL_FORM);
    struct broadcast *next =
        broadcast_follow(turn->context, original, phase, new_id(turn), &turn->person, turn->now);
    if (next == NULL)
        return turn_refuse(turn, REFUSAL_STATE);
    if (turn->kind == BROADCAST_LIVE &&
        !broadcast_handles(turn->office->options.rules, turn->person.authority, next->authority))
        return turn_refuse(turn, REFUSAL_AUTHORITY);
    if (broadcast_is_guarded(next) &&
        !broadcast_names(turn->office->options.rules, next->authority, turn->person.name))
        return turn_refuse(turn, REFUSAL_NAMED);
    return keep_draft(turn, next);
}

int turn_newest_sent(struct turn *turn, const struct broadcast *any, struct broadcast **ret)
{
    json_t *rows = NULL;
    *ret = NULL;
    int r = store_list_broadcasts(turn->store, broadcast_kind_name(turn->kind), any->thread,
                                  LIST_MOST, &rows);
    for (size_t i = 0; r >= 0 && i < json_array_size(rows); i++) {
        struct broadcast *row = broadcast_from_json(turn->context, json_array_get(rows, i));
        if (row != NULL && row->alert_id != NULL &&
            (*ret == NULL || row->sent_at > (*ret)->sent_at ||
             (row->sent_at == (*ret)->sent_at && row->follows != NULL)))
            *ret = row;
    }
    json_decref(rows);
    return r;
}

/* One person, one request, no text to write (H-6): stops what has not gone, and sends the prepared
 * "sent in error" to those who got it. */
static int false_alarm(struct turn *turn)
{
    struct broadcast *named, *original, *after;
    size_t deliveries = 0;
    int r = turn_load(turn, turn->id, &named);
    if (r >= 0 && turn->refusal == REFUSAL_NONE)
        r = turn_newest_sent(turn, named, &original);
    if (r < 0 || turn->refusal != REFUSAL_NONE)
        return r;
    struct broadcast *withdrawal =
        original != NULL ? broadcast_follow(turn->context, original, BROADCAST_WITHDRAWN,
                                            new_id(turn), &turn->person, turn->now)
                         : NULL;
    if (withdrawal == NULL)
        return turn_refuse(turn, REFUSAL_STATE);
    const struct broadcast_request request = {.action = ACTION_SEND,
                                              .person = &turn->person,
                                              .now = turn->now,
                                              .seen_hash = withdrawal->hash};
    turn->refusal = broadcast_decide(turn->context, withdrawal, NULL, &request,
                                     turn->office->options.rules, &after);
    if (turn->refusal != REFUSAL_NONE)
        return 0;
    after->reason = turn->why = text_given(turn_text(turn, "reason"))
                                    ? text_clean(after, turn_text(turn, "reason"), false)
                                    : NULL;
    r = turn_stop_deliveries(turn, original);
    if (r >= 0)
        r = office_raise(turn->office, turn->context, after, turn->now, &deliveries);
    if (r >= 0)
        r = tell_staff(turn, after);
    if (r < 0)
        return r;
    turn->changed = true;
    turn->object = memory_text(turn->context, after->id);
    turn->detail = memory_printf(turn->context, "{\"original\":\"%s\",\"deliveries\":%zu}",
                                 original->id, deliveries);
    json_object_set_new(turn->answer, "broadcast", turn_view(turn, after));
    value_set_integer(turn->answer, "deliveries", (int64_t)deliveries);
    return 0;
}

#define BOTH(name, function, seen)                                                                 \
    {"live-" name, function, seen},                                                                \
    {                                                                                              \
        "drill-" name, function, seen                                                              \
    }
const struct command office_broadcast_commands[] = {
    BOTH("list", list, false),
    BOTH("templates", answer_templates, false),
    BOTH("template", answer_template, false),
    BOTH("draft", draft, false),
    BOTH("show", show, false),
    BOTH("preview", answer_preview, true),
    BOTH("progress", progress, false),
    BOTH("report", answer_report, true),
    BOTH("edit", edit, false),
    BOTH("approve", approve, false),
    BOTH("unapprove", unapprove, false),
    BOTH("send", send, false),
    {"live-break-glass", break_glass, false},
    {"drill-schedule", schedule, false},
    {"drill-confirm", confirm, false},
    BOTH("release", release, false),
    BOTH("stop", stop, false),
    BOTH("drop", drop, false),
    BOTH("false-alarm", false_alarm, false),
    BOTH("follow", follow, false),
    {NULL, NULL, false},
};
