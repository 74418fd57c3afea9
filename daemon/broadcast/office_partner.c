/* What partners hand in: proof, repetition, and a draft, a broadcast, or a refusal that says what
 * to write instead. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/signature.h"
#include "base/text.h"
#include "broadcast/office_inside.h"
#include "broadcast/partner.h"
#include "event/value.h"

#define WEBHOOK_ID_BYTES  128
#define TIME_OFF_SECONDS  300 /* of base/signature.h */
#define TAKEN_PER_HOUR    120
#define UNPROVEN_PER_HOUR 20 /* of these an audit record is kept */

/* One message on its way. */
struct arrival {
    struct turn *turn;
    const struct partner *partner;
    const struct partner_message *message;
    const char *id, *origin; /* of the broadcast that it makes; of its bytes */
};

static const struct partner *partner_of(const struct turn *turn)
{
    return partner_find(turn->office->options.rules, turn->id);
}

static struct partner_tally *tally_of(struct turn *turn, const struct partner *partner)
{
    struct partner_tally *tally =
        &turn->office->partners[partner - turn->office->options.rules->partners];
    usec_t hour = turn->now / USEC_PER_HOUR;
    if (tally->hour != hour)
        *tally = (struct partner_tally){.hour = hour};
    return tally;
}

/* Pages say "what you typed is kept" where nothing of a partner is: these answers have own words.
 */
static int refuse(struct turn *turn, enum broadcast_refusal refusal, const char *field,
                  const char *what, const char *instead)
{
    json_t *faults = json_pack("[{sssnsssissss}]", "field", field, "language", "fault", "wrong",
                               "limit", 0, "text", what, "instead", instead);
    json_object_set_new(turn->answer, "faults", faults);
    value_set_text(turn->answer, "text", memory_printf(turn->context, "%s; %s", what, instead));
    return turn_refuse(turn, refusal);
}

static int refuse_problems(struct turn *turn, const struct problems *problems)
{
    json_t *faults = json_array();
    for (size_t i = 0; i < problems->count; i++) {
        const struct problem *problem = &problems->items[i];
        json_t *row = json_pack("{sssnsssisssisi}", "field", problem->file, "language", "fault",
                                "wrong", "limit", 0, "text", problem->what, "line",
                                (int)problem->line, "column", (int)problem->column);
        value_set_text(row, "instead", problem->instead);
        json_array_append_new(faults, row);
    }
    json_object_set_new(turn->answer, "faults", faults);
    value_set_text(turn->answer, "text", "nothing was taken: see what to write instead in faults");
    return turn_refuse(turn, REFUSAL_FAULTS);
}

/* ---- who asks ---- */

static const char *webhook_text(const struct turn *turn, const char *key)
{
    const char *text =
        json_string_value(json_object_get(json_object_get(turn->request, "webhook"), key));
    return text != NULL ? text : "";
}

/* So many that a log cannot be filled by somebody who has no secret. */
static int audit_unproven(struct turn *turn, const struct partner *partner)
{
    if (++tally_of(turn, partner)->unproven > UNPROVEN_PER_HOUR)
        return 0;
    struct audit_record record = {
        .at = turn->now,
        .who = "",
        .via = memory_printf(turn->context, "partner %s, not proven", partner->issuer.id),
        .from = turn->person.from,
        .what = memory_printf(turn->context, "%s login", turn->route->command),
        .object = turn->id,
        .why = "",
        .detail = ""};
    return office_audit(turn->office, turn->context, &record);
}

static bool time_is_off(const struct turn *turn)
{
    const char *text = webhook_text(turn, "timestamp");
    long long now = turn->now / USEC_PER_SEC;
    return text[0] != '\0' && text[strspn(text, "0123456789")] == '\0' && strlen(text) < 12 &&
           llabs(now - atoll(text)) > TIME_OFF_SECONDS;
}

static int refuse_unproven(struct turn *turn, const struct partner *partner)
{
    (void)refuse(turn, REFUSAL_LOGIN, "webhook-signature",
                 "the message is not proven to come from this partner",
                 "send webhook-id, webhook-timestamp and webhook-signature made with the agreed "
                 "secret (Standard Webhooks), to the path with the agreed name");
    if (time_is_off(turn))
        (void)refuse(turn, REFUSAL_LOGIN, "webhook-timestamp",
                     "the time of the message is more than five minutes off",
                     memory_printf(turn->context,
                                   "set the clock (here it is %" PRId64 "), and sign each try anew",
                                   turn->now / USEC_PER_SEC));
    return partner != NULL ? audit_unproven(turn, partner) : 0;
}

/* With either secret while one takes the place of the other. */
static bool signed_by(const struct turn *turn, const struct partner *partner, const char *id,
                      const char *raw)
{
    size_t count;
    bool fits = false;
    char **secrets = text_split_blank(turn->context, partner->secret, &count);
    for (size_t i = 0; i < count; i++)
        fits = signature_check(secrets[i], id, webhook_text(turn, "timestamp"),
                               webhook_text(turn, "signature"), raw, strlen(raw),
                               turn->now / USEC_PER_SEC) ||
               fits;
    return fits;
}

int turn_authenticate_partner(struct turn *turn)
{
    const struct partner *partner = partner_of(turn);
    const char *id = webhook_text(turn, "id"), *raw = turn_text(turn, "raw");
    bool proven = partner != NULL && raw != NULL && strlen(id) <= WEBHOOK_ID_BYTES &&
                  signed_by(turn, partner, id, raw);
    if (!proven)
        return refuse_unproven(turn, partner);
    turn->person = partner_person(turn->context, partner, turn->person.from);
    return 0;
}

const char *turn_partner_request(struct turn *turn)
{
    return memory_printf(turn->context, "partner:%s:%s", turn->id, webhook_text(turn, "id"));
}

/* ---- what becomes of it ---- */

/* NULL when there is none, without a refusal. */
static int find(struct turn *turn, const char *id, struct broadcast **ret)
{
    int r = turn_load(turn, id, ret);
    if (r >= 0 && turn->refusal == REFUSAL_UNKNOWN)
        turn->refusal = REFUSAL_NONE;
    return r;
}

/* No more than the partner knows or may know: no name of staff. */
static void put_answer(struct turn *turn, const struct broadcast *broadcast, const char *made)
{
    json_t *shown = json_object();
    value_set_text(shown, "id", broadcast->id);
    value_set_text(shown, "kind", broadcast_kind_name(broadcast->kind));
    value_set_text(shown, "state", broadcast_state_name(broadcast->state));
    value_set_text(shown, "phase", broadcast_phase_name(broadcast->phase));
    value_set_text(shown, "template", broadcast->template_id);
    value_set_integer(shown, "level", broadcast->level);
    value_set_time(shown, "expires_at",
                   broadcast->sent_at != 0 ? broadcast->sent_at + broadcast->valid_for : 0);
    json_object_set_new(turn->answer, "broadcast", shown);
    value_set_text(turn->answer, "made", made);
}

static void tell_staff(const struct arrival *arrival, const struct broadcast *broadcast,
                       const char *what)
{
    const struct office_operations *operations = &arrival->turn->office->options.operations;
    operations->notice(
        operations->userdata,
        memory_printf(arrival->turn->context, "partner %s: %s %s (%s) %s",
                      arrival->partner->issuer.id,
                      broadcast->kind == BROADCAST_DRILL ? "the drill" : "the broadcast",
                      broadcast->id, broadcast_phase_name(broadcast->phase), what));
}

static void put_detail(const struct arrival *arrival, const struct broadcast *broadcast,
                       size_t deliveries)
{
    struct turn *turn = arrival->turn;
    json_t *json = json_pack(
        "{sssssssi}", "identifier", arrival->message->identifier, "origin", arrival->origin, "hash",
        broadcast->hash != NULL ? broadcast->hash : "", "deliveries", (int)deliveries);
    char *text = json_dumps(json, JSON_COMPACT);
    turn->object = memory_text(turn->context, broadcast->id);
    turn->detail = memory_text(turn->context, text != NULL ? text : "");
    free(text);
    json_decref(json);
}

/* Nothing of it is kept when anything is wrong: the sender is a program and can write it anew. */
static int check(const struct arrival *arrival, const struct broadcast *broadcast)
{
    struct turn *turn = arrival->turn;
    struct problems *problems = problems_new(turn->context);
    json_t *faults = NULL;
    partner_check(arrival->partner, broadcast, turn->office->options.areas, problems);
    if (problems->errors > 0)
        return refuse_problems(turn, problems);
    int r = turn_faults(turn, broadcast, &faults);
    if (r >= 0 && json_array_size(faults) > 0) {
        json_object_set(turn->answer, "faults", faults);
        value_set_text(turn->answer, "text", "nothing was taken: see what is wrong in faults");
        turn->refusal = REFUSAL_FAULTS;
    }
    json_decref(faults);
    return r;
}

static int send(const struct arrival *arrival, struct broadcast *sent,
                const struct broadcast *original)
{
    struct turn *turn = arrival->turn;
    size_t deliveries = 0;
    int r = 0;
    if (sent->phase == BROADCAST_WITHDRAWN)
        r = turn_stop_deliveries(turn, original);
    else
        r = turn_refuse_unfinished(turn, sent);
    if (r >= 0 && turn->refusal == REFUSAL_NONE)
        r = office_raise(turn->office, turn->context, sent, turn->now, &deliveries);
    if (r < 0 || turn->refusal != REFUSAL_NONE)
        return r;
    turn->changed = true;
    tell_staff(arrival, sent, "was sent at once, as the configuration allows");
    put_detail(arrival, sent, deliveries);
    put_answer(turn, sent, "broadcast");
    value_set_integer(turn->answer, "deliveries", (int64_t)deliveries);
    return 0;
}

/* `original`: what it follows; NULL for an issue. A withdrawal is never refused for its words. */
static int keep(const struct arrival *arrival, struct broadcast *draft,
                const struct broadcast *original)
{
    struct turn *turn = arrival->turn;
    draft->source = turn->person.via;
    draft->origin = arrival->origin;
    draft->hash = broadcast_hash(draft, draft);
    int r = draft->phase != BROADCAST_WITHDRAWN ? check(arrival, draft) : 0;
    if (r < 0 || turn->refusal != REFUSAL_NONE)
        return r;
    /* In maintenance nothing new goes out by a rule: it waits for a person (H-12). */
    struct broadcast *sent = office_paused(turn->office, draft)
                                 ? NULL
                                 : partner_send(turn->context, arrival->partner, draft, turn->now);
    if (sent != NULL)
        return send(arrival, sent, original);
    r = office_put(turn->office, draft);
    tell_staff(arrival, draft, "waits as a draft for staff");
    put_detail(arrival, draft, 0);
    put_answer(turn, draft, "draft");
    return r;
}

/* The fields over those of `base`, as if somebody had typed them; the authority is the partner's.
 */
static struct broadcast *read_fields(const struct arrival *arrival, const struct broadcast *base)
{
    struct turn *turn = arrival->turn;
    const json_t *whole = turn->body;
    turn->body = arrival->message->fields;
    struct broadcast *broadcast = turn_read_fields(turn, base);
    turn->body = whole;
    broadcast->authority = arrival->partner->issuer.id;
    return broadcast;
}

static int issue(const struct arrival *arrival)
{
    struct turn *turn = arrival->turn;
    struct broadcast *draft = read_fields(arrival, NULL);
    draft->id = draft->thread = arrival->id;
    draft->author = draft->last_editor = turn->person.name;
    draft->created_at = draft->edited_at = turn->now;
    return keep(arrival, draft, NULL);
}

/* What nobody was told is dropped; to take it back is as safe as when its author does. */
static int drop(const struct arrival *arrival, const struct broadcast *original)
{
    struct turn *turn = arrival->turn;
    struct broadcast *dropped;
    struct person author = turn->person;
    author.role = STAFF_AUTHOR;
    const struct broadcast_request request = {
        .action = ACTION_DROP, .person = &author, .now = turn->now};
    put_answer(turn, original, "dropped");
    put_detail(arrival, original, 0);
    if (original->state == BROADCAST_DROPPED)
        return 0;
    turn->refusal = broadcast_decide(turn->context, original, NULL, &request,
                                     turn->office->options.rules, &dropped);
    if (turn->refusal != REFUSAL_NONE)
        return 0;
    tell_staff(arrival, dropped, "was taken back by its partner before it was sent");
    put_answer(turn, dropped, "dropped");
    return office_put(turn->office, dropped);
}

static bool has_area(const struct broadcast *broadcast, const char *area)
{
    for (size_t i = 0; i < broadcast->area_count; i++) {
        if (text_equal(broadcast->areas[i], area))
            return true;
    }
    return false;
}

/* What follows goes to exactly those who got the original. */
static bool fits(const struct broadcast *given, const struct broadcast *original)
{
    for (size_t i = 0; i < given->area_count; i++) {
        if (!has_area(original, given->areas[i]))
            return false;
    }
    return given->template_id == NULL || text_equal(given->template_id, original->template_id);
}

static int follow(const struct arrival *arrival, const struct broadcast *original)
{
    struct turn *turn = arrival->turn;
    const struct partner_message *message = arrival->message;
    struct broadcast *next = broadcast_follow(turn->context, original, message->phase, arrival->id,
                                              &turn->person, turn->now);
    if (next == NULL)
        return refuse(turn, REFUSAL_STATE, "references", "the matter is over already",
                      "begin a new one");
    if (message->phase == BROADCAST_WITHDRAWN)
        return keep(arrival, next, original);
    if (!fits(read_fields(arrival, NULL), original))
        return refuse(turn, REFUSAL_STATE, "areas",
                      "what follows goes to those who got the original",
                      "the same areas and template, or a new message for others");
    json_object_del(message->fields, "areas");
    return keep(arrival, read_fields(arrival, next), original);
}

/* The first of the references that this partner has issued here. */
static int find_original(const struct arrival *arrival, struct broadcast **ret)
{
    struct turn *turn = arrival->turn;
    int r = 0;
    *ret = NULL;
    for (size_t i = 0; r >= 0 && *ret == NULL && i < arrival->message->reference_count; i++) {
        const char *id = partner_broadcast_id(turn->context, arrival->partner, turn->kind,
                                              arrival->message->references[i]);
        r = find(turn, id, ret);
    }
    if (r < 0)
        return r;
    if (*ret == NULL)
        return refuse(turn, REFUSAL_UNKNOWN, "references",
                      "none of the messages that it follows is one of yours here",
                      "the identifier of a message that was taken");
    if (!text_equal((*ret)->authority, arrival->partner->issuer.id))
        return refuse(turn, REFUSAL_AUTHORITY, "references",
                      "staff have made this message their own", "a call to them");
    return 0;
}

static int follow_up(const struct arrival *arrival)
{
    struct turn *turn = arrival->turn;
    struct broadcast *named, *sent;
    int r = find_original(arrival, &named);
    if (r >= 0 && turn->refusal == REFUSAL_NONE)
        r = turn_newest_sent(turn, named, &sent);
    if (r < 0 || turn->refusal != REFUSAL_NONE)
        return r;
    if (sent != NULL)
        return follow(arrival, sent);
    r = drop(arrival, named);
    bool goes_on = arrival->message->phase == BROADCAST_UPDATE;
    return r < 0 || turn->refusal != REFUSAL_NONE || !goes_on ? r : issue(arrival);
}

static int answer_again(const struct arrival *arrival, const struct broadcast *before)
{
    struct turn *turn = arrival->turn;
    if (!text_equal(before->origin, arrival->origin))
        return refuse(turn, REFUSAL_REPEATED_OTHER, "identifier",
                      "this identifier was used for another message",
                      "a new identifier, or the same bytes again");
    bool told = before->alert_id != NULL;
    put_answer(turn, before, told ? "broadcast" : "draft");
    put_detail(arrival, before, 0);
    json_object_set_new(turn->answer, "repeated", json_true());
    return 0;
}

/* Live or drill is the route's to say, and the message must say the same (H-1). */
static int take(const struct arrival *arrival)
{
    struct turn *turn = arrival->turn;
    struct broadcast *before;
    bool drill = turn->kind == BROADCAST_DRILL;
    if (arrival->message->drill != drill)
        return refuse(turn, REFUSAL_KIND, "status",
                      drill ? "a message with status Actual is no drill"
                            : "a message with status Exercise or Test is never live",
                      drill ? "POST it to /partner/live/, or say Exercise"
                            : "POST it to /partner/drill/");
    int r = find(turn, arrival->id, &before);
    if (r < 0)
        return r;
    if (before != NULL)
        return answer_again(arrival, before);
    return arrival->message->phase == BROADCAST_ISSUE ? issue(arrival) : follow_up(arrival);
}

static int read_message(struct turn *turn, const struct partner *partner,
                        const struct partner_message **ret_message)
{
    const struct office_options *options = &turn->office->options;
    struct problems *problems = problems_new(turn->context);
    const char *raw = turn_text(turn, "raw");
    int r = text_equal(turn_text(turn, "type"), "cap")
                ? partner_message_cap(turn->context, partner, options->templates, options->texts,
                                      raw, turn->now, problems, ret_message)
                : partner_message_json(turn->context, raw, problems, ret_message);
    return r < 0 ? refuse_problems(turn, problems) : 0;
}

static int arrive(struct turn *turn)
{
    const struct partner *partner = partner_of(turn);
    const char *raw = turn_text(turn, "raw");
    if (++tally_of(turn, partner)->taken > TAKEN_PER_HOUR) {
        usec_t left = USEC_PER_HOUR - turn->now % USEC_PER_HOUR;
        value_set_integer(turn->answer, "wait_seconds", left / USEC_PER_SEC + 1);
        return refuse(turn, REFUSAL_WAIT, "body", "too many messages in this hour",
                      "wait, and send one for each event");
    }
    struct arrival arrival = {
        .turn = turn, .partner = partner, .origin = text_hash(turn->context, raw, strlen(raw), 64)};
    int r = read_message(turn, partner, &arrival.message);
    if (r < 0 || turn->refusal != REFUSAL_NONE)
        return r;
    arrival.id =
        partner_broadcast_id(turn->context, partner, turn->kind, arrival.message->identifier);
    return take(&arrival);
}

const struct command office_partner_commands[] = {
    {"partner-live", arrive, false},
    {"partner-drill", arrive, false},
    {NULL, NULL, false},
};
