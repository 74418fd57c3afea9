/* The front page, finding areas, silences, the audit log. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "broadcast/office_inside.h"
#include "event/value.h"

#define HOME_SHOWN    20
#define AREAS_SHOWN   50
#define MUTED_SHOWN   100
#define AUDIT_SHOWN   100
#define AUDIT_PAGE    1000
#define SILENCE_BYTES 10

/* The newest of a kind, for those who may see it. */
static int put_newest(struct turn *turn, enum broadcast_kind kind, const char *key)
{
    bool drill = kind == BROADCAST_DRILL;
    json_t *rows = NULL, *shown = json_array();
    bool sees = staff_role_has(turn->person.role, drill ? RIGHT_DRILL_VIEW : RIGHT_VIEW) &&
                (turn->person.reach == REACH_BOTH || (turn->person.reach == REACH_DRILL) == drill);
    int r = sees ? store_list_broadcasts(turn->store, broadcast_kind_name(kind), NULL, HOME_SHOWN,
                                         &rows)
                 : 0;
    for (size_t i = 0; r >= 0 && i < json_array_size(rows); i++) {
        struct broadcast *row = broadcast_from_json(turn->context, json_array_get(rows, i));
        if (row == NULL)
            continue;
        json_array_append_new(shown, turn_view(turn, row));
    }
    json_decref(rows);
    json_object_set_new(turn->answer, key, shown);
    return r;
}

/* Who has a session open, which is not yet being on duty. */
static int put_signed_in(struct turn *turn)
{
    struct store_session *sessions;
    size_t count;
    json_t *shown = json_array();
    int r = store_list_sessions(turn->store, turn->context, turn->now - SESSION_IDLE, &sessions,
                                &count);
    for (size_t i = 0; r >= 0 && i < count; i++) {
        struct store_account account;
        r = store_get_account(turn->store, turn->context, sessions[i].account, &account);
        if (r < 0 || account.name == NULL)
            continue;
        json_t *row = json_pack("{ss}", "shown_name", account.shown_name);
        value_set_time(row, "since", sessions[i].created_at);
        json_array_append_new(shown, row);
    }
    json_object_set_new(turn->answer, "signed_in", shown);
    return r;
}

/* Who has drills only sees nothing of the live side of the office. */
static void keep_back(json_t *shift)
{
    json_t *held = json_object_get(shift, "held_broadcasts");
    for (size_t i = json_array_size(held); i > 0; i--) {
        if (text_equal(value_borrow(json_array_get(held, i - 1), "kind"), "live"))
            json_array_remove(held, i - 1);
    }
    value_set_integer(shift, "held", (int64_t)json_array_size(held));
    json_object_del(shift, "silences");
    json_object_del(shift, "offer");
}

static int home(struct turn *turn)
{
    json_t *shift = NULL;
    bool whole = staff_role_has(turn->person.role, RIGHT_VIEW) && turn->person.reach != REACH_DRILL;
    int r = put_newest(turn, BROADCAST_LIVE, "live");
    if (r >= 0)
        r = put_newest(turn, BROADCAST_DRILL, "drills");
    if (r >= 0)
        r = office_shift(turn->office, turn->context, turn->language, turn->now, &shift);
    if (r >= 0 && !whole)
        keep_back(shift);
    if (r >= 0)
        json_object_update(turn->answer, shift);
    json_decref(shift);
    return r >= 0 ? put_signed_in(turn) : r;
}

static bool name_has(const struct turn *turn, const struct area *area, const char *find)
{
    const char *english = area_name(turn->office->options.areas, area, "en", NULL);
    return text_starts(area->code, find) || text_contains(area->name_ja, find) ||
           strcasestr(english, find) != NULL;
}

static int areas(struct turn *turn)
{
    static const enum area_system systems[] = {AREA_PREFECTURE, AREA_MUNICIPALITY, AREA_QUAKE_CITY,
                                               AREA_TSUNAMI_COAST};
    const char *find = json_string_value(json_object_get(turn->query, "find"));
    json_t *list = json_array();
    for (size_t s = 0; text_given(find) && s < sizeof(systems) / sizeof(systems[0]); s++) {
        size_t count;
        const struct area *const *all = area_list(turn->office->options.areas, systems[s], &count);
        for (size_t i = 0; i < count && json_array_size(list) < AREAS_SHOWN; i++) {
            if (!name_has(turn, all[i], find))
                continue;
            const char *system = area_system_name(all[i]->system);
            json_array_append_new(
                list,
                json_pack("{ssssssss}", "area",
                          memory_printf(turn->context, "%s:%s", system, all[i]->code), "name",
                          area_name(turn->office->options.areas, all[i], turn->language, NULL),
                          "name_ja", all[i]->name_ja, "system", system));
        }
    }
    json_object_set_new(turn->answer, "areas", list);
    return 0;
}

/* ---- silences ---- */

static json_t *silence_view(const struct silence *silence, usec_t now)
{
    json_t *json = silence_to_json(silence);
    bool over = silence->ended_at != 0 || now >= silence->until;
    value_set_text(json, "state", over ? "ended" : silence_on(silence, now) ? "on" : "waiting");
    return json;
}

static int silence_list(struct turn *turn)
{
    json_t *rows = NULL, *muted = NULL, *shown = json_array();
    int r = store_list_silences(turn->store, 0, &rows);
    for (size_t i = 0; r >= 0 && i < json_array_size(rows); i++) {
        struct silence *silence = silence_from_json(turn->context, json_array_get(rows, i));
        if (silence != NULL)
            json_array_append_new(shown, silence_view(silence, turn->now));
    }
    json_decref(rows);
    json_object_set_new(turn->answer, "silences", shown);
    if (r >= 0)
        r = store_list_muted(turn->store, MUTED_SHOWN, &muted);
    json_object_set_new(turn->answer, "muted", muted != NULL ? muted : json_array());
    return r;
}

static int put_silence(struct turn *turn, const struct silence *silence)
{
    json_t *json = silence_to_json(silence);
    const struct store_silence row = {.id = silence->id,
                                      .author = silence->author,
                                      .approver = silence->approver,
                                      .needs_approval = silence_needs_approval(silence),
                                      .from = silence->from,
                                      .until = silence->until,
                                      .ended_at = silence->ended_at,
                                      .json = json};
    int r = store_put_silence(turn->store, &row);
    json_decref(json);
    turn->object = silence->id;
    turn->changed = true;
    turn->office->next_at = 0;
    json_object_set_new(turn->answer, "silence", silence_view(silence, turn->now));
    return r;
}

static bool read_silence_areas(struct turn *turn, struct silence *silence)
{
    const json_t *given = json_object_get(turn->body, "areas");
    size_t size = json_is_array(given) ? json_array_size(given) : 1;
    const char **list = memory_array(silence, const char *, size + 1);
    for (size_t i = 0; i < size; i++) {
        const struct area *area;
        const char *advice,
            *text = json_string_value(json_is_array(given) ? json_array_get(given, i) : given);
        if (text == NULL || (area = broadcast_area(turn->office->options.areas, text)) == NULL) {
            if (text == NULL ||
                area_read(turn->context, turn->office->options.areas, text, &area, &advice) < 0)
                return false;
        }
        list[silence->area_count++] =
            memory_printf(silence, "%s:%s", area_system_name(area->system), area->code);
    }
    silence->areas = list;
    return silence->area_count > 0;
}

static int silence_add(struct turn *turn)
{
    const char *until = turn_text(turn, "until"), *reason = turn_text(turn, "reason");
    const json_t *level = json_object_get(turn->body, "level_max");
    struct silence *silence = memory_new(turn->context, struct silence);
    silence->level_max = json_is_string(level) ? atoi(json_string_value(level))
                         : level != NULL       ? (int)json_integer_value(level)
                                               : SILENCE_ALONE_MOST;
    if (!hazard_from_name(turn_text(turn, "hazard"), &silence->hazard) ||
        !silence_possible(silence->hazard))
        return turn_fault(turn, "hazard", "a hazard that is no danger to life by itself");
    if (silence->level_max < 1 || silence->level_max > 5)
        return turn_fault(turn, "level_max", "1 to 5");
    if (until == NULL || broadcast_time_read(until, &silence->until) < 0 ||
        silence->until <= turn->now || silence->until > turn->now + SILENCE_MOST)
        return turn_fault(turn, "until", "a time within the next 24 hours");
    if (!read_silence_areas(turn, silence))
        return turn_fault(turn, "areas", "at least one place that is known");
    reason = text_given(reason) ? text_clean(silence, reason, false) : "";
    if (strlen(reason) < BROADCAST_REASON_LEAST || strlen(reason) > BROADCAST_REASON_MOST)
        return turn_refuse(turn, REFUSAL_REASON);
    silence->id = memory_printf(silence, "silence-%s", secret_random(silence, SILENCE_BYTES));
    silence->from = turn->now;
    silence->reason = turn->why = reason;
    silence->author = turn->person.name;
    return put_silence(turn, silence);
}

static int load_silence(struct turn *turn, struct silence **ret)
{
    json_t *json = NULL;
    int r = store_get_silence(turn->store, turn->id, &json);
    *ret = json != NULL ? silence_from_json(turn->context, json) : NULL;
    json_decref(json);
    return r >= 0 && *ret == NULL ? turn_refuse(turn, REFUSAL_UNKNOWN) : r;
}

static int silence_approve(struct turn *turn)
{
    struct silence *silence;
    int r = load_silence(turn, &silence);
    if (r < 0 || turn->refusal != REFUSAL_NONE)
        return r;
    if (silence->ended_at != 0 || turn->now >= silence->until)
        return turn_refuse(turn, REFUSAL_STATE);
    if (text_equal(silence->author, turn->person.name))
        return turn_refuse(turn, REFUSAL_SAME_PERSON);
    silence->approver = turn->person.name;
    silence->approved_at = turn->now;
    return put_silence(turn, silence);
}

static int silence_end(struct turn *turn)
{
    struct silence *silence;
    int r = load_silence(turn, &silence);
    if (r < 0 || turn->refusal != REFUSAL_NONE)
        return r;
    if (silence->ended_at != 0)
        return turn_refuse(turn, REFUSAL_STATE);
    silence->ended_at = turn->now;
    return put_silence(turn, silence);
}

/* ---- audit ---- */

static struct audit_record record_of(const struct store_audit *row)
{
    return (struct audit_record){.number = row->number,
                                 .at = row->at,
                                 .who = row->who,
                                 .via = row->via,
                                 .from = row->source,
                                 .what = row->what,
                                 .object = row->object,
                                 .why = row->why,
                                 .detail = row->detail,
                                 .hash = row->hash};
}

static int audit_list(struct turn *turn)
{
    struct store_audit last, *rows = NULL;
    size_t count = 0;
    int r = store_last_audit(turn->store, turn->context, &last);
    const char *text = json_string_value(json_object_get(turn->query, "before"));
    int64_t before = last.number + 1;
    if (text != NULL && strtoll(text, NULL, 10) > 0 && strtoll(text, NULL, 10) < before)
        before = strtoll(text, NULL, 10);
    int64_t after = before - 1 > AUDIT_SHOWN ? before - 1 - AUDIT_SHOWN : 0;
    json_t *list = json_array();
    if (r >= 0)
        r = store_page_audit(turn->store, turn->context, after, AUDIT_SHOWN, &rows, &count);
    for (size_t i = count; r >= 0 && i > 0; i--) {
        const struct audit_record record = record_of(&rows[i - 1]);
        if (record.number < before)
            json_array_append_new(list, audit_json(&record));
    }
    json_object_set_new(turn->answer, "records", list);
    value_set_integer(turn->answer, "next", after + 1);
    return r;
}

static int check_all(struct turn *turn, struct audit_check *check, json_t *exported)
{
    int64_t after = 0;
    for (;;) {
        TALLOC_CTX *scratch = talloc_new(turn->context);
        struct store_audit *rows;
        size_t count;
        int r = store_page_audit(turn->store, scratch, after, AUDIT_PAGE, &rows, &count);
        for (size_t i = 0; r >= 0 && i < count; i++) {
            const struct audit_record record = record_of(&rows[i]);
            audit_check_add(turn->context, check, &record);
            after = record.number;
            if (exported != NULL)
                json_array_append_new(exported, audit_json(&record));
        }
        talloc_free(scratch);
        if (r < 0 || count < AUDIT_PAGE)
            return r;
    }
}

static int audit_verify(struct turn *turn)
{
    struct audit_check check;
    bool export = text_equal(json_string_value(json_object_get(turn->query, "records")), "all");
    json_t *exported = export ? json_array() : NULL;
    audit_check_begin(&check);
    int r = check_all(turn, &check, exported);
    value_set_integer(turn->answer, "records", check.records);
    value_set_flag(turn->answer, "intact", check.fault == 0);
    json_object_set_new(turn->answer, "fault",
                        check.fault != 0 ? json_pack("{sIss}", "number", (json_int_t)check.fault,
                                                     "what", check.what)
                                         : json_null());
    value_set_text(turn->answer, "last_hash", check.last_hash);
    if (exported != NULL)
        json_object_set_new(turn->answer, "log", exported);
    return r;
}

const struct command office_other_commands[] = {
    {"home", home, false},
    {"areas", areas, false},
    {"silence-list", silence_list, false},
    {"silence-add", silence_add, false},
    {"silence-approve", silence_approve, false},
    {"silence-end", silence_end, false},
    {"audit-list", audit_list, true},
    {"audit-verify", audit_verify, true},
    {NULL, NULL, false},
};
