/* The way of a request: route, person, right, forgery, repetition, command, audit, commit. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "broadcast/office_inside.h"
#include "broadcast/words.h"
#include "event/value.h"
#include "store/emergency.h"

#define REQUEST_LEAST 8
#define REQUEST_MOST  64

struct office *office_new(TALLOC_CTX *context, const struct office_options *options)
{
    struct office *office = memory_new(context, struct office);
    office->options = *options;
    office->lockout = lockout_new(office);
    office->partners =
        memory_array(office, struct partner_tally, options->rules->partner_count + 1);
    count_key_make(&office->count_key);
    return office;
}

const char *turn_text(const struct turn *turn, const char *key)
{
    return json_string_value(json_object_get(turn->body, key));
}

int turn_refuse(struct turn *turn, enum broadcast_refusal refusal)
{
    turn->refusal = refusal;
    return 0;
}

int turn_fault(struct turn *turn, const char *field, const char *text)
{
    json_t *faults = json_object_get(turn->answer, "faults");
    if (faults == NULL) {
        faults = json_array();
        json_object_set_new(turn->answer, "faults", faults);
    }
    json_array_append_new(faults, json_pack("{sssnsssiss}", "field", field, "language", "fault",
                                            "wrong", "limit", 0, "text", text));
    return turn_refuse(turn, REFUSAL_FAULTS);
}

int office_audit(struct office *office, TALLOC_CTX *context, struct audit_record *record)
{
    struct store_audit last;
    int r = store_last_audit(office->options.store, context, &last);
    if (r < 0)
        return r;
    record->number = last.number + 1;
    audit_seal(context, record, last.number > 0 ? last.hash : AUDIT_START);
    const struct store_audit row = {.number = record->number,
                                    .at = record->at,
                                    .who = record->who,
                                    .via = record->via,
                                    .source = record->from,
                                    .what = record->what,
                                    .object = record->object,
                                    .why = record->why,
                                    .detail = record->detail,
                                    .hash = record->hash};
    return store_add_audit(office->options.store, &row);
}

int office_note(struct office *office, const char *who, const char *what, const char *object,
                const char *detail, usec_t now)
{
    struct audit_record record = {.at = now,
                                  .who = who,
                                  .via = "command line",
                                  .from = "this machine",
                                  .what = what,
                                  .object = object,
                                  .why = "",
                                  .detail = detail};
    TALLOC_CTX *scratch = talloc_new(office);
    int r = store_begin(office->options.store);
    if (r >= 0) {
        r = office_audit(office, scratch, &record);
        if (r >= 0)
            r = store_commit(office->options.store);
        if (r < 0)
            store_rollback(office->options.store);
    }
    talloc_free(scratch);
    return r;
}

static const char *or_empty(const char *text)
{
    return text != NULL ? text : "";
}

static int audit_turn(struct turn *turn)
{
    const char *outcome =
        turn->refusal == REFUSAL_NONE ? "ok" : broadcast_refusal_name(turn->refusal);
    struct audit_record record = {
        .at = turn->now,
        .who = or_empty(turn->person.name),
        .via = or_empty(turn->person.via),
        .from = or_empty(turn->person.from),
        .what = memory_printf(turn->context, "%s %s", turn->route->command, outcome),
        .object = turn->object != NULL ? turn->object : turn->id,
        .why = or_empty(turn->why),
        .detail = or_empty(turn->detail)};
    return office_audit(turn->office, turn->context, &record);
}

static const struct command *find_command(const char *name)
{
    const struct command *const tables[] = {office_people_commands, office_broadcast_commands,
                                            office_other_commands,  office_partner_commands,
                                            office_config_commands, office_duty_commands};
    for (size_t i = 0; name != NULL && i < sizeof(tables) / sizeof(tables[0]); i++) {
        for (const struct command *row = tables[i]; row->name != NULL; row++) {
            if (strcmp(row->name, name) == 0)
                return row;
        }
    }
    return NULL;
}

static bool changes(const struct turn *turn)
{
    return turn->route->method == ROUTE_POST;
}

/* A page of another site can make a browser send a form with our cookie, but it knows neither the
 * token nor can it lie about its origin. */
static bool forged(const struct turn *turn)
{
    const char *given = json_string_value(json_object_get(turn->request, "csrf"));
    bool origin = json_is_true(json_object_get(turn->request, "origin"));
    if (!changes(turn) || turn->session.digest == NULL)
        return changes(turn) && turn->route->right == RIGHT_NONE && !origin &&
               strcmp(turn->route->command, "login") == 0;
    return !origin || !digest_equal(turn->session.csrf, given);
}

static bool needs_request_id(const struct turn *turn)
{
    return changes(turn) && turn->route->reach != REACH_BOTH;
}

static bool request_id_fits(const char *id)
{
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
    size_t length = id != NULL ? strlen(id) : 0;
    return length >= REQUEST_LEAST && length <= REQUEST_MOST && strspn(id, letters) == length;
}

/* What the request asks, so that the same id cannot be used for something else. */
static const char *fingerprint(const struct turn *turn)
{
    char *body = json_dumps(turn->body, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY);
    char *all =
        memory_printf(turn->context, "%s|%s|%s", turn->route->command, turn->id, or_empty(body));
    free(body);
    return text_hash(turn->context, all, strlen(all), 64);
}

/* *ret_done: it was carried out before, and turn->answer is what was answered then. */
static int find_repetition(struct turn *turn, const char *id, bool *ret_done)
{
    struct store_request before;
    int r = store_get_request(turn->store, turn->context, id, &before);
    *ret_done = false;
    if (r < 0 || before.id == NULL)
        return r;
    if (!text_equal(before.who, turn->person.name) ||
        !text_equal(before.fingerprint, fingerprint(turn)))
        return turn_refuse(turn, REFUSAL_REPEATED_OTHER);
    json_t *answer = json_loads(before.answer, 0, NULL);
    if (answer != NULL) {
        json_object_set_new(answer, "repeated", json_true());
        json_decref(turn->answer);
        turn->answer = answer;
    }
    *ret_done = true;
    return 0;
}

static int keep_request(struct turn *turn, const char *id)
{
    char *answer = json_dumps(turn->answer, JSON_COMPACT);
    const struct store_request row = {.id = id,
                                      .who = turn->person.name,
                                      .fingerprint = fingerprint(turn),
                                      .answer = or_empty(answer),
                                      .status = 200,
                                      .at = turn->now};
    int r = store_put_request(turn->store, &row);
    free(answer);
    return r;
}

/* The command, its record and its answer: all or nothing. What the database refuses is refused. */
static int carry_out(struct turn *turn, const struct command *command, const char *request_id)
{
    int r = store_begin(turn->store);
    if (r < 0)
        return r;
    r = command->answer(turn);
    bool kept = changes(turn) || command->seen;
    if (r >= 0 && turn->refusal == REFUSAL_NONE && request_id != NULL)
        r = keep_request(turn, request_id);
    if (r >= 0 && turn->refusal == REFUSAL_NONE && kept && turn->person.name != NULL)
        r = audit_turn(turn);
    if (r >= 0 && turn->refusal == REFUSAL_NONE)
        return store_commit(turn->store);
    store_rollback(turn->store);
    if (r == -EPERM) {
        turn->refusal = REFUSAL_STATE;
        turn->detail = "refused by the database";
        r = 0;
    }
    /* Attempts of people who are known are worth keeping. */
    if (r >= 0 && kept && turn->person.name != NULL)
        r = audit_turn(turn);
    return r;
}

/* What is new must be kept; what takes back, and coming in for that, goes from memory too. */
static bool needs_room(const struct turn *turn)
{
    static const char *const always[] = {"login",      "logout",           "live-stop",
                                         "drill-stop", "live-false-alarm", "drill-false-alarm",
                                         "silence-end"};
    for (size_t i = 0; i < sizeof(always) / sizeof(always[0]); i++) {
        if (strcmp(always[i], turn->route->command) == 0)
            return false;
    }
    return changes(turn);
}

static int answer_route(struct turn *turn)
{
    const struct command *command = find_command(turn->route->command);
    const char *request_id = NULL;
    bool done = false;
    int r = turn_authenticate(turn);
    if (r < 0 || turn->refusal != REFUSAL_NONE)
        return r;
    turn->refusal = route_allows(turn->route, &turn->person);
    if (turn->refusal == REFUSAL_NONE && forged(turn))
        turn->refusal = REFUSAL_FORGED;
    if (turn->refusal == REFUSAL_NONE && command == NULL && turn->route->command != NULL)
        turn->refusal = REFUSAL_UNKNOWN;
    if (turn->refusal != REFUSAL_NONE && turn->person.name != NULL && changes(turn))
        return audit_turn(turn);
    if (turn->refusal != REFUSAL_NONE || command == NULL)
        return 0;
    if (needs_request_id(turn)) {
        request_id = turn->route->right == RIGHT_PARTNER
                         ? turn_partner_request(turn)
                         : json_string_value(json_object_get(turn->request, "request"));
        if (turn->route->right != RIGHT_PARTNER && !request_id_fits(request_id))
            return turn_refuse(turn, REFUSAL_FORM);
        r = find_repetition(turn, request_id, &done);
    }
    if (r < 0 || done || turn->refusal != REFUSAL_NONE)
        return r;
    if (needs_room(turn) && store_refusal(turn->context, turn->store) != NULL)
        return turn_refuse(turn, REFUSAL_DISK_FULL);
    return carry_out(turn, command, request_id);
}

/* Every page says so (H-12). */
static void put_maintenance(struct turn *turn)
{
    const struct office_operations *operations = &turn->office->options.operations;
    const char *why = operations->paused != NULL ? operations->paused(operations->userdata) : NULL;
    if (why != NULL && turn->person.name != NULL)
        value_set_text(turn->answer, "maintenance", why);
}

static json_t *finish(struct turn *turn)
{
    bool ok = turn->refusal == REFUSAL_NONE;
    json_t *whole = json_object();
    json_object_set_new(turn->answer, "ok", json_boolean(ok));
    put_maintenance(turn);
    if (!ok) {
        value_set_text(turn->answer, "refusal", broadcast_refusal_name(turn->refusal));
        if (json_object_get(turn->answer, "text") == NULL)
            value_set_text(turn->answer, "text",
                           broadcast_refusal_text(turn->refusal, turn->language));
    }
    value_set_integer(whole, "status", broadcast_refusal_status(turn->refusal));
    json_object_set(whole, "answer", turn->answer);
    if (turn->cookie != NULL)
        value_set_text(whole, "cookie", turn->cookie);
    if (turn->person.name != NULL && turn->refusal != REFUSAL_LOGIN) {
        json_object_set_new(whole, "person", person_json(&turn->person));
        value_set_text(whole, "csrf", or_empty(turn->session.csrf));
    }
    return whole;
}

static enum broadcast_kind kind_of(const struct route *route)
{
    return route->reach == REACH_DRILL ? BROADCAST_DRILL : BROADCAST_LIVE;
}

int office_answer(TALLOC_CTX *context, struct office *office, const json_t *request, usec_t now,
                  json_t **ret_answer, bool *ret_changed)
{
    bool other_method;
    struct turn turn = {.context = talloc_new(context),
                        .office = office,
                        .store = office->options.store,
                        .request = request,
                        .body = json_object_get(request, "body"),
                        .query = json_object_get(request, "query"),
                        .now = now,
                        .id = "",
                        .answer = json_object()};
    const char *method = json_string_value(json_object_get(request, "method"));
    const char *path = json_string_value(json_object_get(request, "path"));
    const char *language = json_string_value(json_object_get(request, "language"));
    turn.language = text_equal(language, "en") ? "en" : "ja";
    turn.route = method != NULL && path != NULL
                     ? route_find(turn.context, method, path, &turn.id, &other_method)
                     : NULL;
    int r = 0;
    if (turn.route == NULL) {
        turn.refusal = REFUSAL_UNKNOWN;
    } else {
        turn.kind = kind_of(turn.route);
        r = answer_route(&turn);
    }
    if (r >= 0) {
        *ret_answer = finish(&turn);
        *ret_changed = turn.changed;
    }
    json_decref(turn.answer);
    talloc_free(turn.context);
    return r;
}

const struct silences *office_silences(const struct office *office)
{
    return office->silences;
}

usec_t office_next(const struct office *office)
{
    return office->next_at;
}
