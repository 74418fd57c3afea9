/* What the command line may ask of the store: the same code answers in the daemon and without it.
 *
 * Requests: {"command": "status"} · {"command": "subscriber-list", "after": number} (a page;
 * the answer's "next" is the number to go on after, 0 at the end) ·
 * {"command": "subscriber-add", "fields": {channel, address, …}} ·
 * {"command": "subscriber-remove", "subscriber": id or address} ·
 * {"command": "subscriber-import", "file": name, "csv": text, "line": of its first row} ·
 * {"command": "db-release"} ·
 * {"command": "subscriber-enable", "subscriber": id} ·
 * {"command": "subscriber-rotate", "subscriber": id, "hours": overlap} (the answer's "secret") ·
 * {"command": "suppression-list"} · {"command": "suppression-remove", "address": …} ·
 * {"command": "send-test", "subscriber": id} or with "all_staff": true, or "chain": true and "by":
 * only in the daemon ·
 * {"command": "reload", "accept": bool, "seen": bool, "by": text}: only in the daemon ·
 * {"command": "drill-telegram", "id": …, "code": …, "body": XML text}: only in the daemon.
 * {"command": "maintenance", "step": "on", "off" or "status", "reason", "by"}: only in the daemon.
 * {"command": "staff", "request": {…}}: only in the daemon; answered by "staff": {…}.
 * Answers: {"ok": true, …} or {"ok": false, "problems": [text, …]}. */
#pragma once

#include <stdbool.h>
#include "base/problem.h"
#include "maintenance.h"
#include "subscribers.h"

/* Who wants the configuration anew. */
struct request_reload {
    bool accepted;  /* a person has seen what it changes */
    bool seen;      /* nobody who stays would have got other messages: not known of areas, texts */
    const char *by; /* for the audit log */
};

/* What the daemon can do and the command line alone cannot. */
struct request_daemon {
    const char *status; /* JSON text */
    /* Takes in a telegram whose status is a drill. Returns 0, -EPERM when it is not one, -EBADMSG
     * when it is no telegram, or the store's negative errno. */
    int (*take_drill)(void *userdata, const char *id, const char *code, const char *body,
                      size_t length, size_t *ret_deliveries);
    /* Takes the configuration anew. Gives its problems and warnings. 0, -EINVAL: the old one stays,
     * or the store's negative errno. */
    int (*reload)(void *userdata, const struct request_reload *wish, struct problems *problems);
    /* A request of staff (broadcast/office.h) as JSON text, and its answer. */
    int (*staff)(void *userdata, TALLOC_CTX *context, const char *request, const char **ret_answer);
    /* {"shift": …} of the status: office.h. New reference. */
    int (*shift)(void *userdata, TALLOC_CTX *context, json_t **ret_shift);
    /* Begins the test of the chain: chain_test.h. */
    int (*chain_test)(void *userdata, TALLOC_CTX *context, const char *by, const char **ret_id);
    /* Maintenance mode: desk_parts.h. */
    int (*maintain)(void *userdata, enum maintenance_step step, const char *reason, const char *by,
                    json_t *answer);
    void *userdata;
};

/* Answer text in `context`; `daemon` NULL when none runs. *ret_changed: the audience is another one
 * now. Returns 0, or negative errno when the store failed. */
__attribute__((warn_unused_result)) int request_answer(TALLOC_CTX *context,
                                                       struct subscribers *subscribers,
                                                       const struct request_daemon *daemon,
                                                       const char *request, usec_t now,
                                                       const char **ret_answer, bool *ret_changed);
