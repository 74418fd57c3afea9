/* Disaster staff: accounts, what each role may do, and machine tokens.
 *
 * Records and pure functions. Passwords are argon2id of libsodium and are made and compared outside
 * the desk (a tenth of a second each); tokens are 256 random bits of which only SHA-256 is kept. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <talloc.h>
#include "base/clock.h"

enum staff_role {
    STAFF_NOBODY, /* not logged in */
    STAFF_VIEWER,
    STAFF_AUTHOR,
    STAFF_APPROVER,
    STAFF_ADMINISTRATOR, /* people, not broadcasts */
    STAFF_DRILL,         /* drills only: can never touch anything live */
    STAFF_PARTNER,       /* another authority's system, never an account: hands in, nothing else */
    STAFF_COUNT
};
const char *
staff_role_name(enum staff_role role); /* "viewer" "author" "approver" "administrator" "drill" */
bool staff_role_from_name(const char *name, enum staff_role *ret_role);

/* What one may do; a route asks for one of them. */
enum right {
    RIGHT_NONE, /* anybody, also without login */
    RIGHT_OWN,  /* any account: its own password, logging out */
    RIGHT_VIEW,
    RIGHT_WRITE,
    RIGHT_APPROVE,
    RIGHT_SEND, /* also stop, false alarm, release */
    RIGHT_DRILL_VIEW,
    RIGHT_DRILL_WRITE,
    RIGHT_DRILL_APPROVE,
    RIGHT_DRILL_SEND,
    RIGHT_PEOPLE,
    RIGHT_AUDIT,
    RIGHT_CONFIGURE, /* propose or accept a configuration; two people (H-13) */
    RIGHT_PARTNER,   /* a webhook signed with a partner's secret */
    RIGHT_COUNT
};
bool staff_role_has(enum staff_role role, enum right right);

/* What a credential reaches: a drill token is refused by everything live and the other way round;
 * a login reaches both. */
enum reach { REACH_BOTH, REACH_LIVE, REACH_DRILL };
const char *reach_name(enum reach reach); /* "both" "live" "drill" */

struct person {
    const char *name; /* account: letters, digits, . _ -; at most 40 */
    const char *shown_name;
    enum staff_role role;
    const char *authority;    /* id of the configuration; "" none */
    usec_t break_glass_until; /* may send alone until then; 0 no */
    bool disabled;
    const char *language; /* "ja" or "en" */
    enum reach reach;     /* of the credential in use */
    const char *via;      /* "session", "token NAME", "command line", "partner NAME" */
    const char *from;     /* address it came from */
};

/* "" when `name` can be an account, otherwise what is wrong. */
const char *person_name_fault(const char *name);
