/* One breaker for each receiver: a host of webhooks, or the domain of mail addresses.
 *
 * Does: counts failures in a row; after some of them lets one probe through at a time and holds the
 * rest, which costs them no try; after the first success lets them out slowly, so that a receiver
 * that has just come back is not knocked down again (test 17: 10 requests/s for a minute).
 * Takes: results and the time.  Gives: may this one go now, and if not, when to ask again.
 * Never: sleeps, stores, decides how a delivery ends.
 *
 * A mail domain whose readers are *put off* (4xx: greylisting, a full queue) is not dead: each
 * reader must be asked himself, or his greylisting never begins. So nobody waits for a probe, but
 * after five in a row its readers go at a pace of 10/s, which falls to 1/s in ten minutes, until
 * one is taken or nothing was put off for a while. Other domains are not concerned.
 *
 *   closed ──(5 failures)──▶ open ──(probe ok)──▶ recovering ──(1 min)──▶ closed
 *                             ▲  └─(probe failed: longer wait)─┘│
 *                             └────────────(failure)────────────┘ */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <talloc.h>
#include "base/clock.h"

#define BREAKER_FAILURES 5
/* Probes come after 5, 10, 20, 40 and then each 60 s: a warning must not wait longer for a receiver
 * that is back. */
#define BREAKER_WAIT_LEAST (5 * USEC_PER_SEC)
#define BREAKER_WAIT_MOST  (60 * USEC_PER_SEC)
#define BREAKER_RECOVERY   USEC_PER_MINUTE
#define BREAKER_PACE       (USEC_PER_SEC / 10)
/* Put off for ten minutes: one a second. Longer than the longest wait of mail (retry.c), so that a
 * domain's few late readers still count as in a row. */
#define BREAKER_PACE_MOST     USEC_PER_SEC
#define BREAKER_PUT_OFF_STEPS 600
#define BREAKER_PUT_OFF_END   (20 * USEC_PER_MINUTE)
#define BREAKER_PROBE_LIMIT   (60 * USEC_PER_SEC) /* a probe without a result counts no longer */

struct breakers;
struct breakers *breakers_new(TALLOC_CTX *context);

/* What is worth keeping over a restart, so that it does not begin with hammering. */
struct breaker_state {
    const char *receiver;
    int failures;         /* in a row */
    usec_t failing_since; /* first of them; 0 none */
};

/* Takes in what was kept; a receiver that was failing is probed first. */
void breakers_restore(struct breakers *breakers, const struct breaker_state *state, usec_t now);

/* May a delivery to `receiver` go now? When not, *ret_again is when to ask next: spread out, so
 * that those who wait do not all ask at once. True reserves the probe of an open breaker. */
bool breakers_may_go(struct breakers *breakers, const char *receiver, usec_t now,
                     usec_t *ret_again);

/* The result of a try. Returns true when the state to keep has changed (opened, still failing after
 * a probe, or closed again): *ret_state, whose `failures` is 0 when there is nothing to keep. */
bool breakers_result(struct breakers *breakers, const char *receiver, bool fine, usec_t now,
                     struct breaker_state *ret_state);

/* A try that was put off says nothing of a dead receiver, but of a busy one. Not kept over a
 * restart. */
void breakers_put_off(struct breakers *breakers, const char *receiver, usec_t now);

/* The clock was set back to `now`: every open one may be probed at once. */
void breakers_clock_back(struct breakers *breakers, usec_t now);

/* Receivers that are held at the moment. */
size_t breakers_open(const struct breakers *breakers);

/* "host[:port]" of a URL or the domain of a mail address, in lower case; NULL when there is none.
 */
char *breaker_receiver(TALLOC_CTX *context, const char *address);
