/* Partners: systems of other authorities (a neighbouring municipality, the prefecture) that hand in
 * broadcasts, and what the configuration lets each of them do.
 *
 * Does: reads a partner's message, a Standard Webhook with JSON or CAP 1.2, into the fields of a
 * draft; says what of it goes beyond what the partner may. Never: takes the authority from the
 * message (it is the configuration's); lets a message choose between drill and live (the route
 * does, and the message must agree); reaches everyone; proves who asks (office_partner.c). Pure. */
#pragma once

#include <jansson.h>
#include "broadcast/broadcast.h"

#define PARTNER_BYTES_MAX ((size_t)64 * 1024)

struct partner_event { /* a CAP <event> or value of an <eventCode>, and its template */
    const char *event, *template_id;
    const struct broadcast_value *values; /* blanks that the message leaves empty */
    size_t value_count;
};

struct partner {
    struct broadcast_issuer issuer; /* the authority it speaks for; its id is the partner's */
    const char *handled_by;         /* id of the authority whose staff approve and follow up */
    const char *secret;             /* "whsec_…"; while it is changed "NEW OLD" */
    const struct area *const *areas;
    size_t area_count;
    const char *const *templates; /* ended by NULL */
    const struct partner_event *events;
    size_t event_count;
    int level;      /* of a template, at most */
    int send_level; /* up to this level what it hands in is sent at once; 0: always a draft */
};
/* NULL when there is none. */
const struct partner *partner_find(const struct broadcast_rules *rules, const char *id);

struct partner_message {
    const char *identifier;        /* the partner's own, never used again for something else */
    bool drill;                    /* its status is Exercise or Test */
    enum broadcast_phase phase;    /* WITHDRAWN for a Cancel; never CORRECTION */
    const char *const *references; /* identifiers of what it follows */
    size_t reference_count;
    json_t *fields; /* as the console sends them (docs/staff-api.md); lives with the message */
};
/* {"type": "broadcast.issue|update|cancel|all-clear", "timestamp", "data": {…}}, see
 * docs/partners.md. Returns 0, or -EINVAL with all that is wrong in `problems`. */
__attribute__((warn_unused_result)) int
partner_message_json(TALLOC_CTX *context, const char *bytes, struct problems *problems,
                     const struct partner_message **ret_message);
/* The same from CAP; `now` for how long it is valid. */
__attribute__((warn_unused_result)) int
partner_message_cap(TALLOC_CTX *context, const struct partner *partner,
                    const struct broadcast_catalogue *templates, const struct catalogue *texts,
                    const char *bytes, usec_t now, struct problems *problems,
                    const struct partner_message **ret_message);

/* What of it this partner may not: template, level, areas. */
void partner_check(const struct partner *partner, const struct broadcast *broadcast,
                   const struct area_graph *graph, struct problems *problems);
/* Id of the broadcast that a partner's identifier makes: the same each time, and no other
 * partner's. */
const char *partner_broadcast_id(TALLOC_CTX *context, const struct partner *partner,
                                 enum broadcast_kind kind, const char *identifier);
/* The partner as who asks; from here on it has an account's rights, and no more than to hand in. */
struct person partner_person(TALLOC_CTX *context, const struct partner *partner, const char *from);
/* The broadcast as sent at once, when a rule of the configuration allows it; NULL: it stays a
 * draft. */
struct broadcast *partner_send(TALLOC_CTX *context, const struct partner *partner,
                               const struct broadcast *draft, usec_t now);
