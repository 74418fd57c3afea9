/* The state machine of a broadcast: who may do what, when. Every rule is one small function. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "broadcast/plan.h"

/* The records before and after, and what is asked; for this file only. */
struct step {
    const struct broadcast *before, *edited;
    const struct broadcast_request *request;
    const struct broadcast_rules *rules;
    struct broadcast *after;
};

bool broadcast_needs_approval(const struct broadcast *broadcast,
                              const struct broadcast_rules *rules)
{
    if (broadcast->phase == BROADCAST_WITHDRAWN)
        return false;
    if (broadcast_is_guarded(broadcast))
        return true; /* whatever the configuration says */
    if (broadcast->kind == BROADCAST_DRILL)
        return rules->drill_approval;
    int level = broadcast->level;
    return level < 1 || level > 5 || rules->approval[level];
}

static enum right right_of(const struct broadcast *broadcast, enum broadcast_action action)
{
    static const enum right rights[ACTION_COUNT][2] = {
        [ACTION_EDIT] = {RIGHT_WRITE, RIGHT_DRILL_WRITE},
        [ACTION_APPROVE] = {RIGHT_APPROVE, RIGHT_DRILL_APPROVE},
        [ACTION_UNAPPROVE] = {RIGHT_WRITE, RIGHT_DRILL_WRITE},
        [ACTION_SEND] = {RIGHT_SEND, RIGHT_DRILL_SEND},
        [ACTION_BREAK_GLASS] = {RIGHT_SEND, RIGHT_DRILL_SEND},
        [ACTION_SCHEDULE] = {RIGHT_SEND, RIGHT_DRILL_SEND},
        [ACTION_CONFIRM] = {RIGHT_SEND, RIGHT_DRILL_SEND},
        [ACTION_RELEASE] = {RIGHT_SEND, RIGHT_DRILL_SEND},
        [ACTION_STOP] = {RIGHT_SEND, RIGHT_DRILL_SEND},
        [ACTION_DROP] = {RIGHT_WRITE, RIGHT_DRILL_WRITE},
    };
    return rights[action][broadcast->kind];
}

static bool is_named(const struct step *step, const struct broadcast *broadcast)
{
    return !broadcast_is_guarded(broadcast) ||
           broadcast_names(step->rules, broadcast->authority, step->request->person->name);
}

/* Whoever comes upon a mistake may stop it. */
static bool keeps_from_going(enum broadcast_action action)
{
    return action == ACTION_STOP || action == ACTION_DROP || action == ACTION_UNAPPROVE;
}

/* Role, the reach of the credential, and the authority whose broadcast it is. */
static enum broadcast_refusal check_person(const struct step *step)
{
    const struct person *person = step->request->person;
    enum reach own = step->before->kind == BROADCAST_DRILL ? REACH_DRILL : REACH_LIVE;
    if (person->disabled || person->role == STAFF_NOBODY)
        return REFUSAL_LOGIN;
    if (person->reach != REACH_BOTH && person->reach != own)
        return REFUSAL_KIND;
    if (!staff_role_has(person->role, right_of(step->before, step->request->action)))
        return REFUSAL_ROLE;
    if (step->before->kind == BROADCAST_LIVE && text_given(step->before->authority) &&
        !broadcast_handles(step->rules, person->authority, step->before->authority))
        return REFUSAL_AUTHORITY;
    return keeps_from_going(step->request->action) || is_named(step, step->before) ? REFUSAL_NONE
                                                                                   : REFUSAL_NAMED;
}

static bool seen(const struct step *step)
{
    return text_equal(step->request->seen_hash, step->before->hash);
}

static void clear_approval(struct broadcast *broadcast)
{
    broadcast->approver = NULL;
    broadcast->approved_hash = NULL;
    broadcast->approved_at = 0;
    broadcast->scheduled_at = 0;
    broadcast->confirmed_at = 0;
    broadcast->confirmed_by = NULL;
    broadcast->asked_at = 0;
    broadcast->state = BROADCAST_DRAFT;
}

static bool is_open(const struct broadcast *broadcast)
{
    return broadcast->state == BROADCAST_DRAFT || broadcast->state == BROADCAST_APPROVED ||
           broadcast->state == BROADCAST_SCHEDULED;
}

/* Takes over what staff fill in; kind, ids, thread and history stay. What follows a broadcast goes
 * to those who got it, so its areas and audience cannot be chosen. */
static void take_fields(struct broadcast *after, const struct broadcast *edited)
{
    const struct broadcast *copy = broadcast_copy(after, edited);
    after->values = copy->values;
    after->value_count = copy->value_count;
    after->valid_for = copy->valid_for;
    after->next_update = copy->next_update;
    if (after->follows != NULL)
        return;
    after->template_id = copy->template_id;
    after->level = copy->level;
    after->role = copy->role;
    after->authority = copy->authority;
    after->areas = copy->areas;
    after->area_count = copy->area_count;
    after->everyone = copy->everyone;
    after->channels = copy->channels;
    after->channel_count = copy->channel_count;
    after->languages = copy->languages;
    after->language_count = copy->language_count;
}

static enum broadcast_refusal edit(struct step *step)
{
    const struct broadcast *edited = step->edited;
    if (!is_open(step->before))
        return REFUSAL_STATE;
    if (edited == NULL)
        return REFUSAL_FORM;
    if (edited->kind != step->before->kind)
        return REFUSAL_KIND;
    if (!seen(step))
        return REFUSAL_CHANGED;
    if (edited->kind == BROADCAST_LIVE && text_given(edited->authority) &&
        !text_equal(step->request->person->authority, edited->authority))
        return REFUSAL_AUTHORITY;
    take_fields(step->after, edited);
    if (!is_named(step, step->after))
        return REFUSAL_NAMED;
    clear_approval(step->after);
    step->after->last_editor = memory_text(step->after, step->request->person->name);
    step->after->edited_at = step->request->now;
    return REFUSAL_NONE;
}

static bool wrote(const struct broadcast *broadcast, const struct person *person)
{
    return text_equal(broadcast->author, person->name) ||
           text_equal(broadcast->last_editor, person->name);
}

static enum broadcast_refusal approve(struct step *step)
{
    const struct person *person = step->request->person;
    if (!is_open(step->before))
        return REFUSAL_STATE;
    if (wrote(step->before, person))
        return REFUSAL_SAME_PERSON;
    if (!seen(step))
        return REFUSAL_CHANGED;
    if (step->before->area_count == 0 && !step->before->everyone)
        return REFUSAL_NO_AREA;
    if (step->before->state != BROADCAST_SCHEDULED)
        step->after->state = BROADCAST_APPROVED;
    step->after->approver = memory_text(step->after, person->name);
    step->after->approved_hash = memory_text(step->after, step->before->hash);
    step->after->approved_at = step->request->now;
    return REFUSAL_NONE;
}

static enum broadcast_refusal unapprove(struct step *step)
{
    if (step->before->state != BROADCAST_APPROVED && step->before->state != BROADCAST_SCHEDULED)
        return REFUSAL_STATE;
    clear_approval(step->after);
    return REFUSAL_NONE;
}

/* The clock may also have been set back since: then the approval is no longer known to be young. */
static bool approval_over(const struct broadcast *broadcast, usec_t now)
{
    return now < broadcast->approved_at || now - broadcast->approved_at > BROADCAST_APPROVAL_LASTS;
}

static enum broadcast_refusal check_approval(const struct step *step)
{
    const struct broadcast *before = step->before;
    if (!broadcast_needs_approval(before, step->rules)) {
        step->after->alone = before->approver == NULL ? ALONE_RULE : ALONE_NOT;
        if (before->phase == BROADCAST_WITHDRAWN)
            step->after->alone = ALONE_FALSE_ALARM;
        return REFUSAL_NONE;
    }
    if (before->approver == NULL || before->approved_hash == NULL)
        return REFUSAL_NOT_APPROVED;
    if (wrote(before, &(struct person){.name = before->approver}))
        return REFUSAL_SAME_PERSON;
    if (!text_equal(before->approved_hash, before->hash))
        return REFUSAL_CHANGED;
    if (approval_over(before, step->request->now))
        return REFUSAL_APPROVAL_OVER;
    step->after->alone = ALONE_NOT;
    return REFUSAL_NONE;
}

/* Blanks and the width of letters do not matter; another place or word does. */
static bool is_typed(const char *text, const char *const *names)
{
    TALLOC_CTX *scratch = talloc_new(NULL);
    const char *typed = text != NULL ? text_narrow(scratch, text_trim(scratch, text)) : "";
    bool found = false;
    for (; typed[0] != '\0' && names != NULL && *names != NULL && !found; names++)
        found = strcasecmp(text_narrow(scratch, *names), typed) == 0;
    talloc_free(scratch);
    return found;
}

static enum broadcast_refusal check_count(const struct broadcast_request *request)
{
    if (request->count_seen < 0 || request->now < request->count_seen_at ||
        request->now - request->count_seen_at > BROADCAST_COUNT_LASTS)
        return REFUSAL_COUNT_OLD;
    int64_t difference = llabs(request->count_now - request->count_seen);
    return difference * 100 > request->count_seen * BROADCAST_COUNT_PERCENT ? REFUSAL_COUNT_CHANGED
                                                                            : REFUSAL_NONE;
}

/* What the sender confirmed with his own hands (H-4, H-5). */
static enum broadcast_refusal check_hands(const struct step *step)
{
    const struct broadcast *before = step->before;
    const struct broadcast_request *request = step->request;
    if (!seen(step))
        return REFUSAL_CHANGED;
    if (before->area_count == 0 && !before->everyone)
        return REFUSAL_NO_AREA;
    /* The correction of an error must not wait for typing. */
    if (before->phase == BROADCAST_WITHDRAWN)
        return REFUSAL_NONE;
    if (before->everyone && !request->everyone_again)
        return REFUSAL_EVERYONE;
    if (before->kind == BROADCAST_LIVE && !is_typed(request->typed_area, request->area_names))
        return REFUSAL_AREA_TYPED;
    if (broadcast_is_guarded(before) && !is_typed(request->typed_words, request->words))
        return REFUSAL_PHRASE;
    return check_count(request);
}

static void mark_sent(struct step *step)
{
    step->after->state = BROADCAST_SENT;
    step->after->sent_at = step->request->now;
    step->after->sender = memory_text(step->after, step->request->person->name);
}

static enum broadcast_refusal send(struct step *step)
{
    if (step->before->state != BROADCAST_DRAFT && step->before->state != BROADCAST_APPROVED)
        return REFUSAL_STATE;
    if (step->before->held != NULL)
        return REFUSAL_HELD;
    enum broadcast_refusal refusal = check_approval(step);
    if (refusal == REFUSAL_NONE)
        refusal = check_hands(step);
    if (refusal == REFUSAL_NONE)
        mark_sent(step);
    return refusal;
}

static size_t characters(const char *text)
{
    size_t count = 0;
    for (; text != NULL && *text != '\0'; text++)
        count += ((unsigned char)*text & 0xC0) != 0x80;
    return count;
}

static bool gives_reason(const struct broadcast_request *request)
{
    size_t length = characters(request->reason);
    return length >= BROADCAST_REASON_LEAST && length <= BROADCAST_REASON_MOST;
}

static enum broadcast_refusal break_glass(struct step *step)
{
    const struct broadcast *before = step->before;
    const struct broadcast_request *request = step->request;
    if (before->kind == BROADCAST_DRILL)
        return REFUSAL_KIND;
    if (before->state != BROADCAST_DRAFT && before->state != BROADCAST_APPROVED)
        return REFUSAL_STATE;
    if (before->held != NULL)
        return REFUSAL_HELD;
    if (request->person->break_glass_until <= request->now)
        return REFUSAL_ROLE;
    if (before->level < step->rules->break_glass_level)
        return REFUSAL_LEVEL;
    if (!text_equal(request->phrase, step->rules->break_glass_phrase))
        return REFUSAL_PHRASE;
    if (!gives_reason(request))
        return REFUSAL_REASON;
    enum broadcast_refusal refusal = check_hands(step);
    if (refusal != REFUSAL_NONE)
        return refusal;
    step->after->alone = ALONE_BREAK_GLASS;
    step->after->reason = memory_text(step->after, request->reason);
    mark_sent(step);
    return REFUSAL_NONE;
}

/* A drill that was planned before stays in its plan, whatever year it is moved to. */
static void take_plan(struct step *step)
{
    const struct broadcast *before = step->before;
    bool yearly = step->request->yearly;
    step->after->plan =
        yearly ? memory_text(step->after, before->plan != NULL ? before->plan : before->id) : NULL;
    step->after->part = yearly ? PART_DRILL : PART_NONE;
    step->after->notice_days = yearly ? step->request->notice_days : 0;
    step->after->asked_at = 0;
}

static enum broadcast_refusal schedule(struct step *step)
{
    if (step->before->kind != BROADCAST_DRILL)
        return REFUSAL_KIND;
    if (step->before->state != BROADCAST_DRAFT && step->before->state != BROADCAST_APPROVED)
        return REFUSAL_STATE;
    if (!seen(step))
        return REFUSAL_CHANGED;
    if (step->before->area_count == 0 && !step->before->everyone)
        return REFUSAL_NO_AREA;
    if (step->request->at <= step->request->now || step->request->notice_days < 0 ||
        step->request->notice_days > PLAN_NOTICE_DAYS_MOST)
        return REFUSAL_TIME;
    take_plan(step);
    step->after->state = BROADCAST_SCHEDULED;
    step->after->scheduled_at = step->request->at;
    return REFUSAL_NONE;
}

static enum broadcast_refusal confirm(struct step *step)
{
    const struct broadcast *before = step->before;
    usec_t now = step->request->now;
    if (before->state != BROADCAST_SCHEDULED)
        return REFUSAL_STATE;
    if (before->held != NULL)
        return REFUSAL_HELD;
    if (!seen(step))
        return REFUSAL_CHANGED;
    if (now < before->scheduled_at - BROADCAST_CONFIRM_BEFORE || now > before->scheduled_at)
        return REFUSAL_TIME;
    if (step->rules->drill_approval &&
        (before->approver == NULL || !text_equal(before->approved_hash, before->hash)))
        return REFUSAL_NOT_APPROVED;
    step->after->confirmed_at = now;
    step->after->confirmed_by = memory_text(step->after, step->request->person->name);
    return REFUSAL_NONE;
}

static enum broadcast_refusal release(struct step *step)
{
    if (step->before->held == NULL)
        return REFUSAL_STATE;
    if (!gives_reason(step->request))
        return REFUSAL_REASON;
    step->after->held = NULL;
    return REFUSAL_NONE;
}

static enum broadcast_refusal stop(struct step *step)
{
    if (step->before->state != BROADCAST_SENT)
        return REFUSAL_STATE;
    step->after->state = BROADCAST_STOPPED;
    step->after->ended_at = step->request->now;
    step->after->held = NULL;
    if (text_given(step->request->reason))
        step->after->reason = memory_text(step->after, step->request->reason);
    return REFUSAL_NONE;
}

static enum broadcast_refusal drop(struct step *step)
{
    if (!is_open(step->before))
        return REFUSAL_STATE;
    clear_approval(step->after);
    step->after->state = BROADCAST_DROPPED;
    step->after->ended_at = step->request->now;
    step->after->held = NULL;
    return REFUSAL_NONE;
}

enum broadcast_refusal broadcast_decide(TALLOC_CTX *context, const struct broadcast *before,
                                        const struct broadcast *edited,
                                        const struct broadcast_request *request,
                                        const struct broadcast_rules *rules,
                                        struct broadcast **ret_after)
{
    static enum broadcast_refusal (*const actions[ACTION_COUNT])(struct step *) = {
        [ACTION_EDIT] = edit,
        [ACTION_APPROVE] = approve,
        [ACTION_UNAPPROVE] = unapprove,
        [ACTION_SEND] = send,
        [ACTION_BREAK_GLASS] = break_glass,
        [ACTION_SCHEDULE] = schedule,
        [ACTION_CONFIRM] = confirm,
        [ACTION_RELEASE] = release,
        [ACTION_STOP] = stop,
        [ACTION_DROP] = drop,
    };
    struct step step = {.before = before, .edited = edited, .request = request, .rules = rules};
    enum broadcast_refusal refusal = check_person(&step);
    if (refusal != REFUSAL_NONE)
        return refusal;
    step.after = broadcast_copy(context, before);
    refusal = actions[request->action](&step);
    if (refusal != REFUSAL_NONE) {
        talloc_free(step.after);
        return refusal;
    }
    step.after->hash = broadcast_hash(step.after, step.after);
    *ret_after = step.after;
    return REFUSAL_NONE;
}
