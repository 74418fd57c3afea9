/* Slows guessing of passwords without shutting anybody out for good.
 *
 * Does: counts failures by account and source. After five from one source the next try waits, twice
 * as long each time up to 15 minutes. After a hundred in an hour on one account, only sources from
 * which that account has logged in before may try. Never: locks an account: its owner at his usual
 * place gets in, and so does the command line. On the desk, in memory; `now` is monotonic. */
#pragma once

#include <stdbool.h>
#include <talloc.h>
#include "base/clock.h"

#define LOCKOUT_FREE_TRIES   5
#define LOCKOUT_WAIT_MOST    (15 * USEC_PER_MINUTE)
#define LOCKOUT_ACCOUNT_MOST 100
#define LOCKOUT_FORGET       USEC_PER_HOUR
#define LOCKOUT_ENTRIES_MAX  10000

struct lockout;
struct lockout *lockout_new(TALLOC_CTX *context);
/* How long this try must wait; 0: it may be made. `source` is an address prefix. */
usec_t lockout_wait(struct lockout *lockout, const char *account, const char *source, usec_t now);
void lockout_failed(struct lockout *lockout, const char *account, const char *source, usec_t now);
/* Clears the source's failures and remembers it as one of the account's own. */
void lockout_passed(struct lockout *lockout, const char *account, const char *source, usec_t now);
/* "192.0.2.0/24" or "2001:db8::/64": what counts as one source. */
char *lockout_source(TALLOC_CTX *context, const char *address);
