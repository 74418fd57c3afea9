/* What time it is, and whether this machine's clock can be believed (rule R-8).
 *
 * Does: compares this machine's clock with the feed server's `Date` and with what the server has
 * published. Takes: both readings of our clock, dates of answers and pages. Gives: the time by
 * which everything is judged. Never: reads a clock.
 *
 * A clock is trusted while it is within five minutes of the server's. While it is not, the earlier
 * of the two counts, so that nothing is old that is not old by both; but nothing counts that is
 * behind the newest page that the server has published: so a wrong date of a server, too, cannot
 * keep an old warning alive. Readings of the server's clock go on by the monotonic one: a leap of
 * this machine's clock is seen at once. */
#pragma once

#include <stdbool.h>

#include <talloc.h>

#include "base/clock.h"

struct timekeeper;

struct moment {
    usec_t now;   /* what everything is judged by, and shown and signed with */
    bool trusted; /* this machine's clock is believed; not: messages say that they may be late */
    bool asking;  /* the clock has leapt, or was not on for long, and the server has not been heard
                     since: nothing is to be judged by age, nor sent that waits (25 s at most) */
};

/* `published`: the newest thing that the server is known to have published before the start; 0
 * none. `wall`, `monotonic`: clock_now and clock_monotonic. */
struct timekeeper *timekeeper_new(TALLOC_CTX *context, usec_t published, usec_t wall,
                                  usec_t monotonic);

/* The server answered: `date` is its clock's time (0: it gave none). A date that differs from all
 * that is known counts when a second answer agrees with it. */
void timekeeper_answer(struct timekeeper *keeper, usec_t date, usec_t wall, usec_t monotonic);

/* The server's newest page was made at `published`: it cannot be earlier now. Ignored when both
 * clocks are behind it. */
void timekeeper_published(struct timekeeper *keeper, usec_t published, usec_t wall,
                          usec_t monotonic);

/* Call it often: a leap is noticed between two calls. *ret_leapt: the clock has leapt, the server
 * is to be asked now. */
struct moment timekeeper_moment(struct timekeeper *keeper, usec_t wall, usec_t monotonic,
                                bool *ret_leapt);
