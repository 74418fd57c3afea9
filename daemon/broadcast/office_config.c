/* A change of rules, templates, areas or audiences needs a second person (H-13).
 *
 *   propose ─▶ waits (a day at most), bound to the digest of every file ─▶ accept by another ─▶
 * taken
 *
 * One proposal waits at a time; a newer one takes its place. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "broadcast/office_inside.h"
#include "event/value.h"

#define PROPOSAL       "proposal" /* the fact of the store */
#define PROPOSAL_LASTS USEC_PER_DAY
#define EFFECT_BYTES   ((size_t)48 * 1024)
#define OBJECT_DIGITS  16

/* NULL: none, or its time is over. In the turn's context. */
static int load_proposal(struct turn *turn, json_t **ret_proposal)
{
    const char *text = NULL;
    int r = store_get_fact(turn->store, turn->context, PROPOSAL, &text);
    *ret_proposal = NULL;
    if (r < 0 || !text_given(text))
        return r;
    json_t *proposal = json_loads(text, 0, NULL);
    if (proposal == NULL)
        return 0;
    value_own(turn->context, proposal);
    if (turn->now < value_time(proposal, "until"))
        *ret_proposal = proposal;
    return 0;
}

static void set_object(struct turn *turn, const char *digest)
{
    turn->object = memory_must(talloc_strndup(turn->context, digest, OBJECT_DIGITS));
}

static void set_detail(struct turn *turn, const json_t *files, int64_t readers)
{
    json_t *detail = json_pack("{sOsI}", "files", files, "readers", (json_int_t)readers);
    char *text = json_dumps(detail, JSON_COMPACT);
    turn->detail = memory_text(turn->context, text != NULL ? text : "");
    free(text);
    json_decref(detail);
}

static int look(struct turn *turn, struct office_change *ret_change)
{
    const struct office_operations *operations = &turn->office->options.operations;
    /* The administrator of the machine is nobody's second person: he could be anybody. */
    if (text_equal(turn->person.via, "command line"))
        return turn_refuse(turn, REFUSAL_ROLE);
    int r = operations->look(operations->userdata, turn->context, ret_change);
    if (r >= 0 && ret_change->fault != NULL)
        turn_fault(turn, "configuration", ret_change->fault);
    return r;
}

static void take(struct turn *turn, const struct office_change *change)
{
    const struct office_operations *operations = &turn->office->options.operations;
    operations->take(operations->userdata);
    value_set_flag(turn->answer, "taken", true);
    value_set_text(turn->answer, "notes", change->notes);
}

static void tell(struct turn *turn, const char *what)
{
    const struct office_operations *operations = &turn->office->options.operations;
    operations->notice(operations->userdata,
                       memory_printf(turn->context, "the configuration %s was %s by %s",
                                     turn->object, what, turn->person.name));
}

static int config_show(struct turn *turn)
{
    json_t *proposal;
    int r = load_proposal(turn, &proposal);
    json_object_set_new(turn->answer, "proposal",
                        proposal != NULL ? json_incref(proposal) : json_null());
    return r;
}

static int put_proposal(struct turn *turn, const struct office_change *change)
{
    const char *effect = turn_text(turn, "effect");
    json_t *proposal =
        json_pack("{sssssOsIssss}", "digest", change->digest, "proposer", turn->person.name,
                  "files", change->files, "readers", (json_int_t)change->readers, "effect",
                  effect != NULL ? effect : "", "reason", turn->why);
    value_own(turn->context, proposal);
    value_set_time(proposal, "at", turn->now);
    value_set_time(proposal, "until", turn->now + PROPOSAL_LASTS);
    json_object_set(turn->answer, "proposal", proposal);
    char *text = json_dumps(proposal, JSON_COMPACT);
    int r = store_put_fact(turn->store, PROPOSAL, text != NULL ? text : "");
    free(text);
    tell(turn, "proposed: it waits for a second person");
    return r;
}

static int config_propose(struct turn *turn)
{
    struct office_change change = {0};
    const char *effect = turn_text(turn, "effect"), *reason = turn_text(turn, "reason");
    if (effect != NULL && strlen(effect) > EFFECT_BYTES)
        return turn_refuse(turn, REFUSAL_FORM);
    reason = text_given(reason) ? text_clean(turn->context, reason, false) : "";
    if (strlen(reason) > BROADCAST_REASON_MOST)
        return turn_refuse(turn, REFUSAL_REASON);
    int r = look(turn, &change);
    if (r < 0 || turn->refusal != REFUSAL_NONE)
        return r;
    turn->why = reason;
    set_object(turn, change.digest);
    set_detail(turn, change.files, (int64_t)change.readers);
    value_set_flag(turn->answer, "taken", false);
    if (change.needs_two)
        return put_proposal(turn, &change);
    take(turn, &change);
    return 0;
}

static int config_accept(struct turn *turn)
{
    struct office_change change = {0};
    json_t *proposal;
    int r = load_proposal(turn, &proposal);
    if (r < 0 || proposal == NULL)
        return r < 0 ? r : turn_refuse(turn, REFUSAL_STATE);
    const char *digest = value_text(turn->context, proposal, "digest");
    set_object(turn, digest);
    if (text_equal(value_borrow(proposal, "proposer"), turn->person.name))
        return turn_refuse(turn, REFUSAL_SAME_PERSON);
    if (!text_equal(turn_text(turn, "digest"), digest))
        return turn_refuse(turn, REFUSAL_CHANGED);
    r = look(turn, &change);
    if (r < 0 || turn->refusal != REFUSAL_NONE)
        return r;
    if (!text_equal(change.digest, digest))
        return turn_refuse(turn, REFUSAL_CHANGED);
    set_detail(turn, change.files, (int64_t)change.readers);
    r = store_put_fact(turn->store, PROPOSAL, "");
    take(turn, &change);
    tell(turn, "accepted");
    return r;
}

static int config_refuse(struct turn *turn)
{
    json_t *proposal;
    int r = load_proposal(turn, &proposal);
    if (r < 0 || proposal == NULL)
        return r < 0 ? r : turn_refuse(turn, REFUSAL_STATE);
    set_object(turn, value_text(turn->context, proposal, "digest"));
    tell(turn, "refused");
    return store_put_fact(turn->store, PROPOSAL, "");
}

int office_two_people(struct office *office, bool *ret_two)
{
    TALLOC_CTX *scratch = talloc_new(office);
    struct store_account *accounts;
    size_t count = 0;
    bool two = false;
    int r = store_list_accounts(office->options.store, scratch, &accounts, &count);
    for (size_t i = 0; r >= 0 && i < count; i++) {
        enum staff_role role;
        two = two || (!accounts[i].disabled && staff_role_from_name(accounts[i].role, &role) &&
                      staff_role_has(role, RIGHT_CONFIGURE));
    }
    talloc_free(scratch);
    if (r >= 0)
        *ret_two = two;
    return r;
}

const struct command office_config_commands[] = {
    {"config-show", config_show, false},
    {"config-propose", config_propose, false},
    {"config-accept", config_accept, false},
    {"config-refuse", config_refuse, false},
    {NULL, NULL, false},
};
