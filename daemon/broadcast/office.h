/* The office: answers what staff ask, by the page, by the API or by the command line.
 *
 * Does: finds the route, proves who asks, asks the state machine, writes the change, the audit
 * record and the answer in one transaction. Takes: one request as JSON. Gives: one answer as JSON.
 * On the desk. Never: hashes a password (too slow for the desk), sends by itself what nobody has
 * confirmed, lets a drill credential touch anything live. */
#pragma once

#include <jansson.h>
#include "broadcast/alert.h"
#include "broadcast/letter.h"
#include "broadcast/secret.h"
#include "broadcast/silence.h"
#include "store/broadcast.h"

struct office;

/* What a new configuration would change (H-13). */
struct office_change {
    const char *digest; /* of every file that decides who is told what */
    json_t *files;      /* names of those that changed; lives as long as the context */
    size_t readers;     /* who stay and would be told by other rules */
    bool needs_two;     /* rules, areas or texts change */
    const char *fault;  /* what is wrong with it, for people; NULL: it can be taken */
    const char *notes;  /* what takes effect at the next start only; "" nothing */
};

/* What the program around it does. All inside the caller's transaction. */
struct office_operations {
    /* Stores the alert and tells those whom it concerns. */
    int (*raise)(void *userdata, TALLOC_CTX *context, struct alert *alert, usec_t now,
                 size_t *ret_deliveries);
    /* Who would hear it: {"total", "by_channel": {}, "by_language": {}, "by_area": {code: n}}. */
    int (*reach)(void *userdata, TALLOC_CTX *context, const struct alert *alert,
                 json_t **ret_reach);
    /* Operators must see this now. */
    void (*notice)(void *userdata, const char *text);
    /* All staff are mailed this (letter.h). */
    int (*letter)(void *userdata, TALLOC_CTX *context, const struct letter *letter, usec_t now);
    /* Why nothing new may go to people now (maintenance mode, H-12); NULL: it may. */
    const char *(*paused)(void *userdata);
    /* Loads the configuration that stands on the disk now, without using it. */
    int (*look)(void *userdata, TALLOC_CTX *context, struct office_change *ret_change);
    /* The one that was looked at last is used as soon as this answer is kept. */
    void (*take)(void *userdata);
    void *userdata;
};

struct office_options {
    struct store *store;
    const struct area_graph *areas;
    const struct catalogue *texts;
    const struct broadcast_catalogue *templates;
    const struct broadcast_rules *rules;
    const char *origin; /* of the pages, for links in letters; NULL: not known */
    struct office_operations operations;
};
struct office *office_new(TALLOC_CTX *context, const struct office_options *options);

/* After a start: what waits to leave is held until a person releases it (H-10). */
__attribute__((warn_unused_result)) int office_start(struct office *office, usec_t now);

/* A request:
 * {"method", "path", "query": {}, "body": {}, "from": address, "language", "request": id,
 *  and who asks: "cookie", "csrf", "origin": bool (the page's own), or "bearer", or "console": user
 *  (the command line of the machine's administrator: people, audit and partners only).
 *  From the listener itself, never from a client: "verified": bool, "password", "password_hash"}.
 * An answer: {"status": 200, "answer": {…}, "cookie": new value or "" to end, "person", "csrf"}.
 * *ret_changed: something was sent or shown anew. Returns 0 or the store's negative errno. */
__attribute__((warn_unused_result)) int office_answer(TALLOC_CTX *context, struct office *office,
                                                      const json_t *request, usec_t now,
                                                      json_t **ret_answer, bool *ret_changed);

/* What waits to leave is held: something happened that a person has to look at first. */
__attribute__((warn_unused_result)) int office_hold(struct office *office, const char *why,
                                                    usec_t now, size_t *ret_count);

/* What time brings: approvals that are over, drills that are due, a clock that jumped. */
__attribute__((warn_unused_result)) int office_due(struct office *office, usec_t now,
                                                   usec_t monotonic, bool *ret_changed);
usec_t office_next(const struct office *office);

/* What whoever takes over the shift must see (H-17): {"on_duty": [{"name", "shown_name", "since",
 * "note"}], "offer": {"from", "to", "at", "note"} or null, "in_force", "held", "held_broadcasts",
 * "drilling", "silences", "maintenance", "coverage", "chain_test"}. New reference. 0 or the store's
 * negative errno. */
__attribute__((warn_unused_result)) int office_shift(struct office *office, TALLOC_CTX *context,
                                                     const char *language, usec_t now,
                                                     json_t **ret_shift);
/* Whether staff have accounts of whom one proposes and another accepts a configuration. */
__attribute__((warn_unused_result)) int office_two_people(struct office *office, bool *ret_two);
/* Something that nobody of staff did, in the audit log: a transaction of its own. */
__attribute__((warn_unused_result)) int office_note(struct office *office, const char *who,
                                                    const char *what, const char *object,
                                                    const char *detail, usec_t now);

/* Silences that are on, for the fan-out; NULL none. Valid until the next call of the office. */
const struct silences *office_silences(const struct office *office);
