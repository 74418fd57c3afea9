/* What time does to a broadcast, and what follows one that was sent. */
#include "base/memory.h"
#include "base/text.h"
#include "broadcast/broadcast.h"

usec_t broadcast_lapses_at(const struct broadcast *broadcast)
{
    if (broadcast->state == BROADCAST_APPROVED)
        return broadcast->approved_at + BROADCAST_APPROVAL_LASTS + 1;
    if (broadcast->state != BROADCAST_SCHEDULED)
        return 0;
    if (broadcast->part == PART_END) /* once released it goes, however late: people wait for it */
        return broadcast->held != NULL ? 0 : broadcast->scheduled_at;
    return broadcast->asked_at == 0 && broadcast->confirmed_at == 0
               ? broadcast->scheduled_at - BROADCAST_CONFIRM_BEFORE
               : broadcast->scheduled_at;
}

static bool may_go(const struct broadcast *broadcast, usec_t now)
{
    usec_t at = broadcast->scheduled_at;
    if (broadcast->part == PART_END)
        return true;
    return broadcast->confirmed_at != 0 && broadcast->held == NULL &&
           broadcast->confirmed_at >= at - BROADCAST_CONFIRM_BEFORE &&
           now - at <= BROADCAST_CONFIRM_BEFORE;
}

struct broadcast *broadcast_lapse(TALLOC_CTX *context, const struct broadcast *before, usec_t now,
                                  bool *ret_go)
{
    usec_t at = broadcast_lapses_at(before);
    *ret_go = false;
    if (at == 0 || now < at)
        return NULL;
    struct broadcast *after = broadcast_copy(context, before);
    if (before->state == BROADCAST_APPROVED) {
        after->state = BROADCAST_DRAFT;
        after->approver = NULL;
        after->approved_hash = NULL;
        after->approved_at = 0;
    } else if (now < before->scheduled_at) {
        after->asked_at = now;
    } else if (may_go(before, now)) {
        *ret_go = true;
        after->state = BROADCAST_SENT;
        after->sent_at = now;
        after->sender = memory_text(after, before->confirmed_by);
        after->alone = before->approver == NULL ? ALONE_RULE : ALONE_NOT;
    } else {
        after->state = BROADCAST_DROPPED;
        after->ended_at = now;
        after->held = NULL;
    }
    return after;
}

struct broadcast *broadcast_follow(TALLOC_CTX *context, const struct broadcast *original,
                                   enum broadcast_phase phase, const char *id,
                                   const struct person *person, usec_t now)
{
    bool sent = original->state == BROADCAST_SENT || original->state == BROADCAST_STOPPED;
    bool over = original->phase == BROADCAST_WITHDRAWN || original->phase == BROADCAST_ALL_CLEAR;
    if (!sent || phase == BROADCAST_ISSUE || over)
        return NULL;
    struct broadcast *draft = broadcast_copy(context, original);
    draft->id = memory_text(draft, id);
    draft->follows = memory_text(draft, original->id);
    draft->phase = phase;
    draft->state = BROADCAST_DRAFT;
    draft->author = memory_text(draft, person->name);
    draft->last_editor = draft->author;
    draft->approver = draft->approved_hash = draft->reason = draft->sender = NULL;
    draft->confirmed_by = draft->held = draft->alert_id = NULL;
    draft->approved_at = draft->sent_at = draft->ended_at = 0;
    draft->scheduled_at = draft->confirmed_at = draft->next_update = 0;
    draft->alone = ALONE_NOT;
    draft->created_at = draft->edited_at = now;
    draft->source = "staff";
    draft->origin = NULL;
    draft->asked_at = 0;
    draft->start = NULL;
    draft->part = PART_NONE;
    draft->hash = broadcast_hash(draft, draft);
    return draft;
}
