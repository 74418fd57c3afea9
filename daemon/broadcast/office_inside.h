/* The office from inside: one request on its way through it. */
#pragma once

#include "broadcast/audit.h"
#include "broadcast/lockout.h"
#include "broadcast/office.h"
#include "broadcast/route.h"

#define SESSION_IDLE  (15 * USEC_PER_MINUTE)
#define SESSION_TOUCH (60 * USEC_PER_SEC) /* last_seen is written this often at most */

/* What came from one partner in this hour of the clock. */
struct partner_tally {
    usec_t hour;
    unsigned taken, unproven;
};

struct office {
    struct office_options options;
    struct partner_tally *partners; /* in the order of the rules */
    struct count_key count_key;
    struct lockout *lockout;
    struct silences *silences;
    usec_t next_at, next_forget;
    usec_t last_wall, last_monotonic; /* of office_due; 0 before the first */
};

struct turn {
    TALLOC_CTX *context;
    struct office *office;
    struct store *store;
    const struct route *route;
    const char *id; /* of the path; "" none */
    enum broadcast_kind kind;
    const json_t *request, *body, *query;
    const char *language;
    struct person person;
    struct store_session session; /* digest NULL: none */
    usec_t now;
    json_t *answer;
    enum broadcast_refusal refusal;
    const char *object, *why, *detail; /* for the audit log */
    const char *cookie;                /* NULL: unchanged */
    bool changed;
};

struct command {
    const char *name;
    int (*answer)(struct turn *turn); /* 0, or the store's negative errno; sets turn->refusal */
    bool seen;                        /* reading it is kept in the audit log too */
};
/* Each ends with a row without name. */
extern const struct command office_people_commands[], office_broadcast_commands[],
    office_other_commands[], office_partner_commands[], office_config_commands[],
    office_duty_commands[];

const char *turn_text(const struct turn *turn, const char *key); /* of the body; NULL */
/* -1: it cannot be read. */
int turn_number(const struct turn *turn, const char *key, int otherwise);
int turn_refuse(struct turn *turn, enum broadcast_refusal refusal);
/* Adds a fault to the answer and refuses with "faults". */
int turn_fault(struct turn *turn, const char *field, const char *text);
__attribute__((warn_unused_result)) int office_audit(struct office *office, TALLOC_CTX *context,
                                                     struct audit_record *record);

/* Who asks. Sets person and session, or refuses. */
__attribute__((warn_unused_result)) int turn_authenticate(struct turn *turn);
/* The same for a partner, by the signature of its message. */
__attribute__((warn_unused_result)) int turn_authenticate_partner(struct turn *turn);
/* Its webhook-id as the id of a request: no other partner's, and nobody's of staff. */
const char *turn_partner_request(struct turn *turn);
json_t *person_json(const struct person *person);

/* Broadcasts of the store. *ret NULL: none of this kind. */
__attribute__((warn_unused_result)) int turn_load(struct turn *turn, const char *id,
                                                  struct broadcast **ret);
__attribute__((warn_unused_result)) int office_put(struct office *office,
                                                   const struct broadcast *broadcast);
/* When what it follows was sent; 0 for an issue. */
__attribute__((warn_unused_result)) int
office_original_at(struct office *office, const struct broadcast *broadcast, usec_t *ret_at);
/* Raises its alert and keeps the record as sent. */
__attribute__((warn_unused_result)) int office_raise(struct office *office, TALLOC_CTX *context,
                                                     struct broadcast *broadcast, usec_t now,
                                                     size_t *ret_deliveries);
/* Busy while what it follows is still on its way: those who wait for that would miss this. */
__attribute__((warn_unused_result)) int turn_refuse_unfinished(struct turn *turn,
                                                               const struct broadcast *broadcast);
/* The newest of its matter that was sent, what people believe now; NULL none. */
__attribute__((warn_unused_result)) int
turn_newest_sent(struct turn *turn, const struct broadcast *any, struct broadcast **ret);
/* Stops what has not gone; says how many have it already. */
__attribute__((warn_unused_result)) int turn_stop_deliveries(struct turn *turn,
                                                             const struct broadcast *broadcast);
/* The alert that it would be; NULL without template or authority. */
struct alert *office_alert(struct office *office, TALLOC_CTX *context,
                           const struct broadcast *broadcast, usec_t original_at, usec_t now);
/* Whether maintenance mode keeps it back: what is news; an end, a correction, a withdrawal go. */
bool office_paused(const struct office *office, const struct broadcast *broadcast);
const char *office_new_id(TALLOC_CTX *context, enum broadcast_kind kind);
/* What the clock did, in the audit log. */
__attribute__((warn_unused_result)) int office_audit_time(struct office *office,
                                                          TALLOC_CTX *context, const char *what,
                                                          const struct broadcast *broadcast,
                                                          const char *why, usec_t now);

/* Yearly drills (plan.h). `before` and `drill`: the record before and after it was scheduled. */
__attribute__((warn_unused_result)) int
office_plan_scheduled(struct office *office, TALLOC_CTX *context, const struct broadcast *before,
                      const struct broadcast *drill, usec_t now);
/* Notices of the plan that wait for their time are given up. */
__attribute__((warn_unused_result)) int
office_plan_withdraw(struct office *office, TALLOC_CTX *context, const char *plan, usec_t now);
/* Announces the start; sets drill->start, which the caller puts. */
__attribute__((warn_unused_result)) int office_plan_confirmed(struct office *office,
                                                              TALLOC_CTX *context,
                                                              struct broadcast *drill, usec_t now,
                                                              size_t *ret_deliveries);
/* It was sent, or nobody confirmed it: plans its end, and the one of the next year. */
__attribute__((warn_unused_result)) int office_plan_over(struct office *office, TALLOC_CTX *context,
                                                         const struct broadcast *drill, usec_t now);
/* Everything of a plan, the oldest first. */
__attribute__((warn_unused_result)) int office_plan_list(struct office *office, TALLOC_CTX *context,
                                                         const char *plan, struct broadcast ***ret,
                                                         size_t *ret_count);
/* As answers show it (docs/staff-api.md). */
json_t *turn_view(struct turn *turn, const struct broadcast *broadcast);
__attribute__((warn_unused_result)) int
turn_faults(struct turn *turn, const struct broadcast *broadcast, json_t **ret_faults);
/* A drill's own templates are never offered for live, those about missiles to people who are named.
 */
bool template_offered(const struct turn *turn, const struct broadcast_template *row);
/* With its blanks. */
json_t *template_whole(struct turn *turn, const struct broadcast_template *row);
/* "authorities" and "languages" of the answer. */
void turn_put_choices(struct turn *turn);
int answer_templates(struct turn *turn);
int answer_template(struct turn *turn);
__attribute__((warn_unused_result)) int
office_progress(struct office *office, const struct broadcast *broadcast, json_t **ret_progress);
/* Fields of the body over those of `base` (NULL: a new one). */
struct broadcast *turn_read_fields(struct turn *turn, const struct broadcast *base);
/* "in_force" of the answer. */
__attribute__((warn_unused_result)) int turn_put_in_force(struct turn *turn);
int answer_preview(struct turn *turn);
int answer_report(struct turn *turn);
/* Drills that go on now: {id: {"ja": title, "en": title}}. New reference. */
__attribute__((warn_unused_result)) int
office_list_drills(struct office *office, TALLOC_CTX *context, usec_t now, json_t **ret_drills);
/* Letters to staff about those that began or ended: a transaction of its own. */
__attribute__((warn_unused_result)) int office_tell_drills(struct office *office, usec_t now);
__attribute__((warn_unused_result)) int office_load_silences(struct office *office, usec_t now);
