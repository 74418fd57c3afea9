/* The audit log: who did or saw what, when, why and from where; each record bears the hash of the
 * one before (test 59).
 *
 * Pure. Never: holds a subscriber's address, a password or a token. A record that was changed,
 * removed, put in or moved is named by audit_check. Cutting records off the end shows only against
 * a hash that was written down elsewhere: `noroshi report --audit` prints the last one for that. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <talloc.h>
#include "base/clock.h"

struct audit_record {
    int64_t number; /* from 1, without gaps */
    usec_t at;
    const char *who, *via, *from; /* account, "session" …, address of the asker */
    const char *what;             /* command and its outcome: "live-send ok" */
    const char *object;           /* id of the broadcast, account …; "" none */
    const char *why;              /* reason as typed; "" none */
    const char *detail;           /* compact JSON; "" none */
    const char *hash;             /* of all above and of the record before */
};

#define AUDIT_START "0000000000000000000000000000000000000000000000000000000000000000"
/* Fills hash. `before`: hash of the record before, AUDIT_START for the first. */
void audit_seal(TALLOC_CTX *context, struct audit_record *record, const char *before);

struct audit_check {
    int64_t records;
    const char *last_hash;
    int64_t fault; /* number of the first record that is not as it was written; 0: all are */
    const char *what;
};
void audit_check_begin(struct audit_check *check);
/* In the order of numbers. */
void audit_check_add(TALLOC_CTX *context, struct audit_check *check,
                     const struct audit_record *record);
json_t *audit_json(const struct audit_record *record);
