/* Names of a broadcast's states, refusals and actions, and the hash that an approval binds. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "broadcast/broadcast.h"
#include "broadcast/partner.h"

static const char *const kind_names[] = {[BROADCAST_LIVE] = "live", [BROADCAST_DRILL] = "drill"};
static const char *const state_names[BROADCAST_STATE_COUNT] = {
    [BROADCAST_DRAFT] = "draft",         [BROADCAST_APPROVED] = "approved",
    [BROADCAST_SCHEDULED] = "scheduled", [BROADCAST_SENT] = "sent",
    [BROADCAST_STOPPED] = "stopped",     [BROADCAST_DROPPED] = "dropped",
};
static const char *const alone_names[] = {
    [ALONE_NOT] = "",
    [ALONE_RULE] = "rule",
    [ALONE_FALSE_ALARM] = "false-alarm",
    [ALONE_BREAK_GLASS] = "break-glass",
    [ALONE_PARTNER] = "partner",
};
static const char *const part_names[PART_COUNT] = {
    [PART_NONE] = "",       [PART_DRILL] = "drill", [PART_NOTICE] = "notice",
    [PART_START] = "start", [PART_END] = "end",
};
static const char *const action_names[ACTION_COUNT] = {
    [ACTION_EDIT] = "edit",
    [ACTION_APPROVE] = "approve",
    [ACTION_UNAPPROVE] = "unapprove",
    [ACTION_SEND] = "send",
    [ACTION_BREAK_GLASS] = "break-glass",
    [ACTION_SCHEDULE] = "schedule",
    [ACTION_CONFIRM] = "confirm",
    [ACTION_RELEASE] = "release",
    [ACTION_STOP] = "stop",
    [ACTION_DROP] = "drop",
};
static const struct {
    const char *name;
    unsigned status;
} refusals[REFUSAL_COUNT] = {
    [REFUSAL_NONE] = {"", 200},
    [REFUSAL_ROLE] = {"role", 403},
    [REFUSAL_KIND] = {"kind", 403},
    [REFUSAL_STATE] = {"state", 409},
    [REFUSAL_SAME_PERSON] = {"same-person", 403},
    [REFUSAL_NOT_APPROVED] = {"not-approved", 409},
    [REFUSAL_APPROVAL_OVER] = {"approval-over", 409},
    [REFUSAL_CHANGED] = {"changed", 409},
    [REFUSAL_AREA_TYPED] = {"area-typed", 422},
    [REFUSAL_EVERYONE] = {"everyone", 422},
    [REFUSAL_NO_AREA] = {"no-area", 422},
    [REFUSAL_COUNT_OLD] = {"count-old", 409},
    [REFUSAL_COUNT_CHANGED] = {"count-changed", 409},
    [REFUSAL_PHRASE] = {"phrase", 422},
    [REFUSAL_NAMED] = {"named", 403},
    [REFUSAL_REASON] = {"reason", 422},
    [REFUSAL_LEVEL] = {"level", 403},
    [REFUSAL_AUTHORITY] = {"authority", 403},
    [REFUSAL_HELD] = {"held", 409},
    [REFUSAL_TIME] = {"time", 409},
    [REFUSAL_FAULTS] = {"faults", 422},
    [REFUSAL_UNKNOWN] = {"unknown", 404},
    [REFUSAL_REPEATED_OTHER] = {"repeated-other", 409},
    [REFUSAL_LOGIN] = {"login", 401},
    [REFUSAL_WAIT] = {"wait", 429},
    [REFUSAL_FORGED] = {"forged", 403},
    [REFUSAL_FORM] = {"form", 400},
    [REFUSAL_MAINTENANCE] = {"maintenance", 409},
    [REFUSAL_DISK_FULL] = {"disk-full", 507},
    [REFUSAL_BUSY] = {"busy", 503},
};

const char *broadcast_kind_name(enum broadcast_kind kind)
{
    return kind_names[kind];
}

const char *broadcast_state_name(enum broadcast_state state)
{
    return state_names[state];
}

bool broadcast_state_from_name(const char *name, enum broadcast_state *ret_state)
{
    for (unsigned i = 0; i < BROADCAST_STATE_COUNT; i++) {
        if (text_equal(state_names[i], name)) {
            *ret_state = (enum broadcast_state)i;
            return true;
        }
    }
    return false;
}

const char *broadcast_alone_name(enum broadcast_alone alone)
{
    return alone_names[alone];
}

const char *broadcast_part_name(enum broadcast_part part)
{
    return part_names[part];
}

const char *broadcast_action_name(enum broadcast_action action)
{
    return action_names[action];
}

const char *broadcast_refusal_name(enum broadcast_refusal refusal)
{
    return refusals[refusal].name;
}

unsigned broadcast_refusal_status(enum broadcast_refusal refusal)
{
    return refusals[refusal].status;
}

const struct broadcast_issuer *broadcast_issuer_find(const struct broadcast_rules *rules,
                                                     const char *id)
{
    for (size_t i = 0; i < rules->issuer_count; i++) {
        if (text_equal(rules->issuers[i].id, id))
            return &rules->issuers[i];
    }
    const struct partner *partner = partner_find(rules, id);
    return partner != NULL ? &partner->issuer : NULL;
}

bool broadcast_handles(const struct broadcast_rules *rules, const char *authority,
                       const char *issuer)
{
    const struct partner *partner = partner_find(rules, issuer);
    return text_equal(authority, issuer) ||
           (partner != NULL && text_equal(authority, partner->handled_by));
}

bool broadcast_is_guarded(const struct broadcast *broadcast)
{
    return broadcast->kind == BROADCAST_LIVE && broadcast->phase != BROADCAST_WITHDRAWN &&
           text_equal(broadcast->role, "missile");
}

bool broadcast_names(const struct broadcast_rules *rules, const char *issuer, const char *account)
{
    const struct broadcast_issuer *own = broadcast_issuer_find(rules, issuer);
    for (const char *const *name = own != NULL ? own->missiles : NULL;
         name != NULL && *name != NULL; name++) {
        if (text_equal(*name, account))
            return true;
    }
    return false;
}

/* What is not part of what people receive, and so may change after an approval. */
static const char *const unbound[] = {
    "id",          "state",        "hash",          "author",       "last_editor", "approver",
    "approved_at", "alone",        "reason",        "sender",       "created_at",  "edited_at",
    "sent_at",     "ended_at",     "scheduled_at",  "confirmed_at", "held",        "alert_id",
    "source",      "confirmed_by", "approved_hash", "plan",         "part",        "notice_days",
    "asked_at",    "start",        "origin"};

/* Everything that is not named above is bound, so that a field that is added later cannot be
 * forgotten. */
const char *broadcast_hash(TALLOC_CTX *context, const struct broadcast *broadcast)
{
    json_t *json = broadcast_to_json(broadcast);
    for (size_t i = 0; i < sizeof(unbound) / sizeof(unbound[0]); i++)
        json_object_del(json, unbound[i]);
    char *text = json_dumps(json, JSON_COMPACT | JSON_SORT_KEYS);
    memory_must(text);
    const char *hash = text_hash(context, text, strlen(text), 64);
    free(text);
    json_decref(json);
    return hash;
}

struct broadcast *broadcast_copy(TALLOC_CTX *context, const struct broadcast *broadcast)
{
    json_t *json = broadcast_to_json(broadcast);
    struct broadcast *copy = memory_must(broadcast_from_json(context, json));
    json_decref(json);
    return copy;
}
