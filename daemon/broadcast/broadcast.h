/* A broadcast of disaster staff on its way from draft to sent: the record and its state machine.
 *
 * Does: says for every request whether it may happen, and what holds afterwards. Pure: no clock, no
 * store. Takes: the record, who asks, what was typed, the rules. Gives: the record after it, or a
 * refusal with a name that pages put into words. Never: turns a drill into a live broadcast (it has
 * no such request); lets an unapproved or changed text out (H-3); takes no area as everyone (H-5).
 */
#pragma once

#include <jansson.h>
#include "broadcast/person.h"
#include "message/broadcast.h"

#define BROADCAST_APPROVAL_LASTS (10 * USEC_PER_MINUTE) /* H-3 */
#define BROADCAST_COUNT_LASTS    (60 * USEC_PER_SEC)    /* test 43 */
#define BROADCAST_COUNT_PERCENT  5
#define BROADCAST_CONFIRM_BEFORE (10 * USEC_PER_MINUTE) /* H-14 */
#define BROADCAST_ABSENCE        (30 * USEC_PER_MINUTE) /* H-10, test 47 */
#define BROADCAST_CLOCK_STEP     (10 * USEC_PER_MINUTE)
#define BROADCAST_REASON_LEAST   5 /* characters of a reason that says something */
#define BROADCAST_REASON_MOST    500
#define BROADCAST_AREAS_MAX      200
#define BROADCAST_VALID_LEAST    (10 * USEC_PER_MINUTE)
#define BROADCAST_VALID_MOST     (7 * USEC_PER_DAY)

/* By type, and for ever: ids begin with it, routes and credentials differ, and the store refuses to
 * change it (H-1). */
enum broadcast_kind { BROADCAST_LIVE, BROADCAST_DRILL };
const char *broadcast_kind_name(enum broadcast_kind kind); /* "live", "drill" */

enum broadcast_state {
    BROADCAST_DRAFT,
    BROADCAST_APPROVED,  /* by a second person; ends after ten minutes and with any edit */
    BROADCAST_SCHEDULED, /* a drill with its time; goes only when confirmed shortly before */
    BROADCAST_SENT,
    BROADCAST_STOPPED, /* what had not gone was held back for good */
    BROADCAST_DROPPED, /* given up, or a drill that nobody confirmed */
    BROADCAST_STATE_COUNT
};
/* "draft" "approved" "scheduled" "sent" "stopped" "dropped". */
const char *broadcast_state_name(enum broadcast_state state);
bool broadcast_state_from_name(const char *name, enum broadcast_state *ret_state);

/* Why one person was enough. */
enum broadcast_alone {
    ALONE_NOT,         /* a second person approved */
    ALONE_RULE,        /* the configuration asks for no second person at this level */
    ALONE_FALSE_ALARM, /* sent in error: one person, at once (H-6) */
    ALONE_BREAK_GLASS, /* typed phrase and reason, the top class, all staff told (H-3) */
    ALONE_PARTNER,     /* the configuration lets this partner send at this level (partner.h) */
};
const char *broadcast_alone_name(enum broadcast_alone alone); /* "" "rule" "false-alarm" … */

/* What it is in a plan of yearly drills (plan.h). */
enum broadcast_part { PART_NONE, PART_DRILL, PART_NOTICE, PART_START, PART_END, PART_COUNT };
const char *broadcast_part_name(enum broadcast_part part); /* "" "drill" "notice" "start" "end" */

struct broadcast {
    const char *id;      /* "live-" or "drill-" and 20 hexadecimal digits */
    const char *thread;  /* id of the first broadcast of the matter; its own for an issue */
    const char *follows; /* id of the broadcast that this one corrects, updates, ends; NULL none */
    enum broadcast_kind kind;
    enum broadcast_state state;
    enum broadcast_phase phase;
    const char *template_id;
    int level;             /* of the template: never typed */
    const char *role;      /* the same; NULL none */
    const char *authority; /* id in the rules */
    const char **areas;    /* canonical "municipality:01100" */
    size_t area_count;
    bool everyone;               /* chosen in so many words */
    const char *const *channels; /* audience: only these; count 0 all */
    size_t channel_count;
    const char *const *languages; /* audience: readers whose first language is one of these */
    size_t language_count;
    struct broadcast_value *values;
    size_t value_count;
    usec_t valid_for, next_update; /* next_update 0: none promised */

    const char *hash; /* of all above that people receive (broadcast_hash) */
    const char *author, *last_editor;
    const char *approver, *approved_hash;
    usec_t approved_at;
    enum broadcast_alone alone;
    const char *reason; /* of a break-glass send, a false alarm, a stop; NULL none */
    const char *sender;
    usec_t created_at, edited_at, sent_at, ended_at;
    usec_t scheduled_at, confirmed_at;
    const char *confirmed_by;
    const char *held;     /* why it waits for release; NULL: it does not */
    const char *alert_id; /* once sent */
    const char *source;   /* "staff", or "partner NAME" */
    const char *origin;   /* of a partner: SHA-256 of the message that it is from; else NULL */

    const char *plan; /* of yearly drills: id of its first drill; NULL none */
    enum broadcast_part part;
    int notice_days;   /* the drill is announced so long before; 0 not at all */
    usec_t asked_at;   /* operators were told that it waits for a person; 0 not yet */
    const char *start; /* of the drill: id of what announced its start; NULL nothing yet */
};

json_t *broadcast_to_json(const struct broadcast *broadcast);
struct broadcast *broadcast_from_json(TALLOC_CTX *context, const json_t *json);
struct broadcast *broadcast_copy(TALLOC_CTX *context, const struct broadcast *broadcast);

/* What an approval binds (H-3): kind, phase, template, level, authority, areas, audience, values,
 * validity. 64 hexadecimal digits of SHA-256 over an unambiguous form. */
const char *broadcast_hash(TALLOC_CTX *context, const struct broadcast *broadcast);

struct broadcast_issuer { /* an authority of the configuration */
    const char *id, *name_ja, *name_en, *contact;
    bool evacuation;             /* may issue evacuation information, levels 3 to 5 */
    const char *const *missiles; /* accounts of its people who may tell of missiles; NULL nobody */
};

struct partner; /* partner.h */

struct broadcast_rules {
    struct broadcast_issuer *issuers;
    size_t issuer_count;
    const struct partner *partners;
    size_t partner_count;
    bool approval[6];      /* by level: a second person for live broadcasts */
    bool drill_approval;   /* and for drills */
    int break_glass_level; /* from this level up, 5 */
    const char *break_glass_phrase;
    const char *const *hosts; /* that links may lead to; ended by NULL */
    usec_t drill_lasts;       /* a drill ends by itself */
};
/* Of our own or of a partner; NULL: there is none. */
const struct broadcast_issuer *broadcast_issuer_find(const struct broadcast_rules *rules,
                                                     const char *id);
/* Whether a person of `authority` may see to what is issued in the name of `issuer`: it is its own,
 * or that of a partner whose broadcasts it handles. */
bool broadcast_handles(const struct broadcast_rules *rules, const char *authority,
                       const char *issuer);

/* Whether this is of those that only people who are named may write, approve and send: about
 * missiles, live, and no withdrawal. */
bool broadcast_is_guarded(const struct broadcast *broadcast);
/* Whether `account` is named for them by the authority `issuer`. */
bool broadcast_names(const struct broadcast_rules *rules, const char *issuer, const char *account);

enum broadcast_action {
    ACTION_EDIT,
    ACTION_APPROVE,
    ACTION_UNAPPROVE,
    ACTION_SEND,
    ACTION_BREAK_GLASS,
    ACTION_SCHEDULE,
    ACTION_CONFIRM,
    ACTION_RELEASE,
    ACTION_STOP,
    ACTION_DROP,
    ACTION_COUNT
};
const char *broadcast_action_name(enum broadcast_action action);

/* Names are stable: pages and programs read them (broadcast.refusal.NAME). */
enum broadcast_refusal {
    REFUSAL_NONE,
    REFUSAL_ROLE,           /* "role": this account may not do this */
    REFUSAL_KIND,           /* "kind": a drill is not live and a live broadcast is no drill */
    REFUSAL_STATE,          /* "state": not possible in the state that it is in now */
    REFUSAL_SAME_PERSON,    /* "same-person": author or editor cannot approve */
    REFUSAL_NOT_APPROVED,   /* "not-approved" */
    REFUSAL_APPROVAL_OVER,  /* "approval-over": older than ten minutes */
    REFUSAL_CHANGED,        /* "changed": the text is not the one that was seen */
    REFUSAL_AREA_TYPED,     /* "area-typed": the area's name was not typed */
    REFUSAL_EVERYONE,       /* "everyone": was not confirmed twice */
    REFUSAL_NO_AREA,        /* "no-area" */
    REFUSAL_COUNT_OLD,      /* "count-old": look at the count again */
    REFUSAL_COUNT_CHANGED,  /* "count-changed": by more than five in a hundred */
    REFUSAL_PHRASE,         /* "phrase": the typed phrase is another one */
    REFUSAL_REASON,         /* "reason": say why */
    REFUSAL_LEVEL,          /* "level": only for the top class */
    REFUSAL_NAMED,          /* "named": only people whom the configuration names for it */
    REFUSAL_AUTHORITY,      /* "authority": another authority's template or broadcast */
    REFUSAL_HELD,           /* "held": release it first */
    REFUSAL_TIME,           /* "time": too early, too late, or past */
    REFUSAL_FAULTS,         /* "faults": what was filled in; see the list */
    REFUSAL_UNKNOWN,        /* "unknown": there is no such thing */
    REFUSAL_REPEATED_OTHER, /* "repeated-other": this request id was used for something else */
    REFUSAL_LOGIN,          /* "login": not logged in, or no longer */
    REFUSAL_WAIT,           /* "wait": too many tries; see "wait_seconds" */
    REFUSAL_FORGED,         /* "forged": came from another page (CSRF) */
    REFUSAL_FORM,           /* "form": the request cannot be read */
    REFUSAL_MAINTENANCE,    /* "maintenance": somebody works on the machine (H-12) */
    REFUSAL_DISK_FULL,      /* "disk-full": what is new could not be kept */
    REFUSAL_BUSY,           /* "busy": no answer in time; it may have happened: look again */
    REFUSAL_COUNT
};
const char *broadcast_refusal_name(enum broadcast_refusal refusal);
/* HTTP status that fits: 409 state and conflicts, 403 roles, 422 what was typed, … */
unsigned broadcast_refusal_status(enum broadcast_refusal refusal);

struct broadcast_request {
    enum broadcast_action action;
    const struct person *person;
    usec_t now;
    const char *seen_hash;         /* the text that the person saw */
    const char *typed_area;        /* as typed; compared after trimming and narrowing */
    const char *const *area_names; /* any of these counts as the area's name; ended by NULL */
    const char *typed_words;  /* what else is typed where it is guarded: "ミサイル発射" */
    const char *const *words; /* any of these; ended by NULL */
    bool everyone_again;      /* the second confirmation of "everyone" */
    int64_t count_seen;       /* what the preview showed (count.h); -1: none, or of another text */
    usec_t count_seen_at;
    int64_t count_now;
    const char *phrase, *reason;
    usec_t at; /* schedule */
    bool yearly;
    int notice_days; /* -1: cannot be read */
};

/* The state machine. REFUSAL_NONE and the record after it in `context`, or why not. An edit takes
 * its fields from `edited` (kind, ids and history stay those of `before`); NULL otherwise. */
enum broadcast_refusal broadcast_decide(TALLOC_CTX *context, const struct broadcast *before,
                                        const struct broadcast *edited,
                                        const struct broadcast_request *request,
                                        const struct broadcast_rules *rules,
                                        struct broadcast **ret_after);
/* What time does: an approval that is over becomes a draft again, a scheduled drill asks for its
 * confirmation and, when nobody gives it, is dropped. NULL: nothing. *ret_go: a confirmed drill
 * whose time has come, or the end of one. */
struct broadcast *broadcast_lapse(TALLOC_CTX *context, const struct broadcast *before, usec_t now,
                                  bool *ret_go);
/* The instant at which broadcast_lapse will have work; 0 never. */
usec_t broadcast_lapses_at(const struct broadcast *broadcast);
/* Whether a live broadcast or drill of this level and phase needs a second person. */
bool broadcast_needs_approval(const struct broadcast *broadcast,
                              const struct broadcast_rules *rules);

/* A new draft that follows a sent one: same kind, thread, template, areas and audience; values are
 * taken over except for an issue. NULL: this cannot be followed so. */
struct broadcast *broadcast_follow(TALLOC_CTX *context, const struct broadcast *original,
                                   enum broadcast_phase phase, const char *id,
                                   const struct person *person, usec_t now);
