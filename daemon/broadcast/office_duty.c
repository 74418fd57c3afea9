/* Who is on duty, and the hand-over of a shift (H-17).
 *
 *   take ─▶ on duty ─▶ hand over (an offer, with what the next one must know) ─▶ the other takes
 *
 * Who offers stays on duty until the other has taken over: nobody is ever between two people. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "broadcast/office_inside.h"
#include "event/value.h"

#define DUTY        "duty" /* the fact of the store: {"people": [{name, since, note}], "offer"} */
#define NOTE_BYTES  2000
#define LISTED_MOST 500

/* A new reference; never NULL when it succeeds. */
static int load_duty(struct office *office, TALLOC_CTX *context, json_t **ret_duty)
{
    const char *text = NULL;
    int r = store_get_fact(office->options.store, context, DUTY, &text);
    json_t *duty = text_given(text) ? json_loads(text, 0, NULL) : NULL;
    if (r < 0) {
        json_decref(duty);
        return r;
    }
    if (!json_is_object(duty)) {
        json_decref(duty);
        duty = json_pack("{s[]sn}", "people", "offer");
    }
    *ret_duty = duty;
    return 0;
}

static size_t find_person(const json_t *people, const char *name)
{
    size_t i;
    json_t *row;
    json_array_foreach(people, i, row)
    {
        if (text_equal(value_borrow(row, "name"), name))
            return i;
    }
    return SIZE_MAX;
}

static void remove_person(json_t *people, const char *name)
{
    size_t at = find_person(people, name);
    if (at != SIZE_MAX)
        json_array_remove(people, at);
}

static int keep(struct turn *turn, json_t *duty)
{
    char *text = json_dumps(duty, JSON_COMPACT);
    int r = store_put_fact(turn->store, DUTY, text != NULL ? text : "");
    free(text);
    json_object_set(turn->answer, "duty", duty);
    turn->changed = true;
    return r;
}

/* NULL and a refusal: too long. */
static const char *read_note(struct turn *turn)
{
    const char *note = turn_text(turn, "note");
    note = note != NULL ? text_clean(turn->context, note, true) : "";
    if (strlen(note) > NOTE_BYTES) {
        turn_fault(turn, "note", "at most 2,000 bytes");
        return NULL;
    }
    turn->why = note;
    return note;
}

static int duty_take(struct turn *turn)
{
    const char *name = turn->person.name, *note = read_note(turn);
    json_t *duty = NULL;
    int r = note != NULL ? load_duty(turn->office, turn->context, &duty) : 0;
    if (r < 0 || note == NULL)
        return r;
    json_t *people = json_object_get(duty, "people"), *offer = json_object_get(duty, "offer");
    bool offered = text_equal(value_borrow(offer, "to"), name);
    if (find_person(people, name) != SIZE_MAX) {
        json_decref(duty);
        return turn_refuse(turn, REFUSAL_STATE);
    }
    if (offered) {
        turn->object = value_text(turn->context, offer, "from");
        note = value_text(turn->context, offer, "note");
        remove_person(people, turn->object);
        json_object_set_new(duty, "offer", json_null());
    }
    json_t *row =
        json_pack("{ssssss}", "name", name, "shown_name",
                  turn->person.shown_name != NULL ? turn->person.shown_name : name, "note", note);
    value_set_time(row, "since", turn->now);
    json_array_append_new(people, row);
    r = keep(turn, duty);
    json_decref(duty);
    return r;
}

/* Somebody who may take it: enabled, and of a role that can act. */
static int find_successor(struct turn *turn, const char *name, bool *ret_fits)
{
    struct store_account account;
    enum staff_role role;
    int r = store_get_account(turn->store, turn->context, name, &account);
    *ret_fits = r >= 0 && account.name != NULL && !account.disabled &&
                staff_role_from_name(account.role, &role) && staff_role_has(role, RIGHT_SEND) &&
                !text_equal(name, turn->person.name);
    return r;
}

static int duty_hand_over(struct turn *turn)
{
    const char *to = turn_text(turn, "to"), *note = read_note(turn);
    bool fits = false;
    json_t *duty = NULL;
    int r = note != NULL && text_given(to) ? find_successor(turn, to, &fits) : 0;
    if (r < 0 || note == NULL)
        return r;
    if (!fits)
        return turn_fault(turn, "to", "the account of another person who may send");
    r = load_duty(turn->office, turn->context, &duty);
    if (r < 0)
        return r;
    if (find_person(json_object_get(duty, "people"), turn->person.name) == SIZE_MAX) {
        json_decref(duty);
        return turn_refuse(turn, REFUSAL_STATE);
    }
    json_t *offer = json_pack("{ssssss}", "from", turn->person.name, "to", to, "note", note);
    value_set_time(offer, "at", turn->now);
    json_object_set_new(duty, "offer", offer);
    turn->object = memory_text(turn->context, to);
    r = keep(turn, duty);
    json_decref(duty);
    return r;
}

static int duty_leave(struct turn *turn)
{
    const struct office_operations *operations = &turn->office->options.operations;
    const char *note = read_note(turn);
    json_t *duty = NULL;
    int r = note != NULL ? load_duty(turn->office, turn->context, &duty) : 0;
    if (r < 0 || note == NULL)
        return r;
    json_t *people = json_object_get(duty, "people"), *offer = json_object_get(duty, "offer");
    if (find_person(people, turn->person.name) == SIZE_MAX) {
        json_decref(duty);
        return turn_refuse(turn, REFUSAL_STATE);
    }
    remove_person(people, turn->person.name);
    if (text_equal(value_borrow(offer, "from"), turn->person.name))
        json_object_set_new(duty, "offer", json_null());
    if (json_array_size(people) == 0)
        operations->notice(
            operations->userdata,
            memory_printf(turn->context, "%s left: nobody of staff is on duty", turn->person.name));
    r = keep(turn, duty);
    json_decref(duty);
    return r;
}

/* ---- what whoever takes over must see ---- */

static bool is_drilling(const struct broadcast *drill, usec_t now)
{
    bool itself = drill->part == PART_NONE || drill->part == PART_DRILL; /* no announcement of it */
    return itself && drill->kind == BROADCAST_DRILL && drill->state == BROADCAST_SENT &&
           drill->phase == BROADCAST_ISSUE && now < drill->sent_at + drill->valid_for;
}

int office_list_drills(struct office *office, TALLOC_CTX *context, usec_t now, json_t **ret_drills)
{
    const struct broadcast_catalogue *templates = office->options.templates;
    json_t *rows = NULL, *drills = json_object();
    int r = store_list_broadcasts(office->options.store, "drill", NULL, LISTED_MOST, &rows);
    for (size_t i = 0; r >= 0 && i < json_array_size(rows); i++) {
        struct broadcast *row = broadcast_from_json(context, json_array_get(rows, i));
        if (row != NULL && is_drilling(row, now))
            json_object_set_new(
                drills, row->id,
                json_pack("{ssss}", "ja",
                          broadcast_word(templates, "ja", "title", row->template_id), "en",
                          broadcast_word(templates, "en", "title", row->template_id)));
    }
    json_decref(rows);
    if (r < 0) {
        json_decref(drills);
        return r;
    }
    *ret_drills = drills;
    return 0;
}

/* Held of either kind; drills that are going on. */
static int put_broadcasts(struct office *office, TALLOC_CTX *context, enum broadcast_kind kind,
                          const char *language, usec_t now, json_t *shift)
{
    json_t *rows = NULL, *held = json_object_get(shift, "held_broadcasts");
    int r = store_list_broadcasts(office->options.store, broadcast_kind_name(kind), NULL,
                                  LISTED_MOST, &rows);
    for (size_t i = 0; r >= 0 && i < json_array_size(rows); i++) {
        struct broadcast *row = broadcast_from_json(context, json_array_get(rows, i));
        if (row == NULL || (row->held == NULL && !is_drilling(row, now)))
            continue;
        json_t *json = json_pack(
            "{ssssss}", "id", row->id, "kind", broadcast_kind_name(kind), "title",
            broadcast_word(office->options.templates, language, "title", row->template_id));
        if (row->held != NULL)
            json_array_append(held, json);
        if (kind == BROADCAST_DRILL && is_drilling(row, now)) {
            value_set_time(json, "until", row->sent_at + row->valid_for);
            json_array_append(json_object_get(shift, "drilling"), json);
        }
        json_decref(json);
    }
    json_decref(rows);
    return r;
}

static int put_silences(struct office *office, TALLOC_CTX *context, usec_t now, json_t *shift)
{
    json_t *rows = NULL, *list = json_array();
    int r = store_list_silences(office->options.store, now, &rows);
    for (size_t i = 0; r >= 0 && i < json_array_size(rows); i++) {
        struct silence *silence = silence_from_json(context, json_array_get(rows, i));
        if (silence != NULL && silence_on(silence, now))
            json_array_append_new(list, silence_to_json(silence));
    }
    json_decref(rows);
    json_object_set_new(shift, "silences", list);
    return r;
}

static int put_in_force(struct office *office, TALLOC_CTX *context, const char *language,
                        usec_t now, json_t *shift)
{
    const struct office_options *options = &office->options;
    json_t *rows = NULL, *shown = json_array();
    int r = store_alerts_in_force(options->store, now, &rows);
    for (size_t i = 0; r >= 0 && i < json_array_size(rows); i++) {
        struct alert *alert = alert_from_json(context, json_array_get(rows, i));
        if (alert == NULL || alert->status != STATUS_ACTUAL) /* drills stand by themselves */
            continue;
        const struct message_scope scope = {
            .alert = alert, .phase = alert->phase, .level = alert->level, .now = now};
        const struct message *message =
            message_render(context, options->texts, options->areas, language, &scope, "");
        json_t *row = json_pack("{sssssiss}", "id", alert->id, "headline", message->headline,
                                "level", alert->level, "colour", message->colour);
        value_set_time(row, "expires", alert->expires);
        if (alert->broadcast != NULL)
            json_object_set_new(row, "broadcast", json_string(alert->broadcast->id));
        json_array_append_new(shown, row);
    }
    json_decref(rows);
    json_object_set_new(shift, "in_force", shown);
    return r;
}

/* What the desk found out by itself (coverage.h, chain_test.h). */
static int put_fact(struct office *office, TALLOC_CTX *context, const char *name, json_t *shift)
{
    const char *text = NULL;
    int r = store_get_fact(office->options.store, context, name, &text);
    json_t *fact = text_given(text) ? json_loads(text, 0, NULL) : NULL;
    json_object_set_new(shift, name, fact != NULL ? fact : json_null());
    return r;
}

int office_shift(struct office *office, TALLOC_CTX *context, const char *language, usec_t now,
                 json_t **ret_shift)
{
    const struct office_operations *operations = &office->options.operations;
    json_t *duty = NULL, *shift = json_pack("{s[]s[]}", "held_broadcasts", "drilling");
    int r = load_duty(office, context, &duty);
    json_object_set(shift, "on_duty", json_object_get(duty, "people"));
    json_object_set(shift, "offer", json_object_get(duty, "offer"));
    json_decref(duty);
    if (r >= 0)
        r = put_in_force(office, context, language, now, shift);
    if (r >= 0)
        r = put_broadcasts(office, context, BROADCAST_LIVE, language, now, shift);
    if (r >= 0)
        r = put_broadcasts(office, context, BROADCAST_DRILL, language, now, shift);
    if (r >= 0)
        r = put_silences(office, context, now, shift);
    if (r >= 0)
        r = put_fact(office, context, "coverage", shift);
    if (r >= 0)
        r = put_fact(office, context, "chain_test", shift);
    if (r < 0) {
        json_decref(shift);
        return r;
    }
    json_object_set_new(
        shift, "held",
        json_integer((json_int_t)json_array_size(json_object_get(shift, "held_broadcasts"))));
    const char *why = operations->paused != NULL ? operations->paused(operations->userdata) : NULL;
    json_object_set_new(shift, "maintenance", why != NULL ? json_string(why) : json_null());
    *ret_shift = shift;
    return 0;
}

static int duty_show(struct turn *turn)
{
    json_t *shift = NULL;
    int r = office_shift(turn->office, turn->context, turn->language, turn->now, &shift);
    if (r >= 0)
        json_object_update(turn->answer, shift);
    json_decref(shift);
    return r;
}

int turn_put_in_force(struct turn *turn)
{
    return put_in_force(turn->office, turn->context, turn->language, turn->now, turn->answer);
}

const struct command office_duty_commands[] = {
    {"duty-show", duty_show, false},
    {"duty-take", duty_take, false},
    {"duty-hand-over", duty_hand_over, false},
    {"duty-leave", duty_leave, false},
    {NULL, NULL, false},
};
