/* When to poll what, and what the answers tell about our sight: see feed.h.
 *
 * JMA makes the short feeds anew each minute; a poll that comes some seconds later finds them in
 * place with the least delay. The second is learnt from the time that pages with news bear. */
#include <stddef.h>
#include <string.h>
#include "feed/feed.h"

#define PHASE_FIRST     20
#define PHASE_LEAST     5
#define PHASE_MOST      55
#define JITTER          (3 * USEC_PER_SEC)
#define BACK_OFF_FIRST  (5 * USEC_PER_SEC)
#define BACK_OFF_LONGER (10 * USEC_PER_MINUTE)
#define POLL_SOONEST    (10 * USEC_PER_SEC)
/* A page is whole a moment after the time that it bears; one that is older tells nothing. */
#define READY_MARGIN    3
#define AGE_MOST        (90 * USEC_PER_SEC)
#define DOWN_EVERY      16
#define CLOCK_TOLERANCE (5 * USEC_PER_MINUTE)

#define BLIND_AFTER     (3 * USEC_PER_MINUTE)
#define BLIND_INTERVALS 3

#define BUDGET_TIGHT_BYTES ((int64_t)500 * 1000 * 1000)
#define BUDGET_LAST_BYTES  ((int64_t)900 * 1000 * 1000)

#define GIVE_UP_AGE USEC_PER_DAY

/* The longest silences are those of the quietest days: eqvol has the ash forecasts every three
 * hours (jma-format.md 1.2), extra gaps of up to three hours in a week, regular an analysis every
 * ten minutes. */
static const struct feed_row rows[] = {
    {"eqvol", "eqvol.xml", USEC_PER_MINUTE, true, "eqvol_l", 4 * USEC_PER_HOUR},
    {"extra", "extra.xml", USEC_PER_MINUTE, true, "extra_l", 6 * USEC_PER_HOUR},
    {"regular", "regular.xml", 5 * USEC_PER_MINUTE, false, "regular_l", 3 * USEC_PER_HOUR},
    {"other", "other.xml", 15 * USEC_PER_MINUTE, false, "other_l", 48 * USEC_PER_HOUR},
};

const struct feed_row *feed_rows(size_t *ret_count)
{
    *ret_count = sizeof(rows) / sizeof(rows[0]);
    return rows;
}

const struct feed_row *feed_find(const char *name)
{
    for (size_t i = 0; name != NULL && i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (strcmp(rows[i].name, name) == 0)
            return &rows[i];
    }
    return NULL;
}

bool feed_gap(const struct store_feed *before, const struct feed_page *page)
{
    if (before->newest_updated == 0 || page->entry_count == 0)
        return false;
    usec_t oldest = page->entries[0].updated;
    for (size_t i = 1; i < page->entry_count; i++) {
        if (page->entries[i].updated < oldest)
            oldest = page->entries[i].updated;
    }
    return oldest > before->newest_updated;
}

static usec_t between(usec_t value, usec_t least, usec_t most)
{
    return value < least ? least : value > most ? most : value;
}

static double share(double random)
{
    return random < 0.0 ? 0.0 : random > 1.0 ? 1.0 : random;
}

static usec_t back_off(const struct feed_row *row, int failures, usec_t now, double random)
{
    usec_t wait = BACK_OFF_FIRST;
    for (int i = 1; i < failures && wait < USEC_PER_HOUR; i++)
        wait *= 2;
    usec_t most = row->watched ? USEC_PER_MINUTE : BACK_OFF_LONGER;
    wait = between(wait, BACK_OFF_FIRST, most < row->interval ? most : row->interval);
    /* Down to three quarters: many daemons must not come back in one second. */
    return now + wait - (usec_t)((double)wait / 4 * share(random));
}

usec_t feed_next_poll(const struct feed_row *row, const struct store_feed *state, usec_t now,
                      double random)
{
    if (state->failures > 0)
        return back_off(row, state->failures, now, random);
    int phase = state->phase_seconds >= 0 ? state->phase_seconds : PHASE_FIRST;
    usec_t offset = between(phase, PHASE_LEAST, PHASE_MOST) * USEC_PER_SEC;
    usec_t jitter = (usec_t)((double)JITTER * share(random));
    /* The first turn of this feed's phase that is not right behind us. */
    usec_t turn = now / row->interval * row->interval + offset;
    while (turn < now + POLL_SOONEST)
        turn += row->interval;
    return turn + jitter;
}

int feed_learn_phase(int phase_seconds, usec_t made, usec_t now)
{
    int phase = phase_seconds >= 0 ? phase_seconds : PHASE_FIRST;
    usec_t age = now - made;
    if (made <= 0 || age < 0 || age > AGE_MOST)
        return (int)between(phase, PHASE_LEAST, PHASE_MOST);
    int ready = (int)(made % USEC_PER_MINUTE / USEC_PER_SEC) + READY_MARGIN;
    /* Coming too early costs a minute, too late a second: up at once, down slowly. */
    if (ready > phase)
        phase += (ready - phase + 1) / 2;
    else if (ready < phase && made / USEC_PER_MINUTE % DOWN_EVERY == 0)
        phase -= 1;
    return (int)between(phase, PHASE_LEAST, PHASE_MOST);
}

static const char *const freshness_names[] = {
    [FRESH_ALERTS] = "fresh-alerts", [FRESH_QUIET] = "fresh-quiet",       [STALE] = "stale",
    [UNAVAILABLE] = "unavailable",   [NOT_CONFIGURED] = "not-configured",
};

const char *freshness_name(enum freshness freshness)
{
    return freshness_names[freshness];
}

enum freshness feed_freshness(const struct feed_row *row, const struct store_feed *state,
                              bool configured, bool alerts_in_force, usec_t now)
{
    if (!configured)
        return NOT_CONFIGURED;
    usec_t blind_after = BLIND_INTERVALS * row->interval;
    if (blind_after < BLIND_AFTER)
        blind_after = BLIND_AFTER;
    usec_t since = now - state->last_success;
    /* A success in the future (the clock was set back) proves nothing about now. */
    if (state->last_success == 0 || since > blind_after || since < -CLOCK_TOLERANCE)
        return UNAVAILABLE;
    if (state->newest_updated == 0 || now - state->newest_updated > row->silence_max)
        return STALE;
    return alerts_in_force ? FRESH_ALERTS : FRESH_QUIET;
}

enum feed_budget feed_budget(int64_t bytes_today)
{
    if (bytes_today < BUDGET_TIGHT_BYTES)
        return BUDGET_FULL;
    return bytes_today < BUDGET_LAST_BYTES ? BUDGET_TIGHT : BUDGET_LAST;
}

usec_t feed_entry_wait(int attempts, usec_t age, double random)
{
    static const int seconds[] = {1, 2, 5, 10, 20, 40, 60};
    const int count = (int)(sizeof(seconds) / sizeof(seconds[0]));
    if (age >= GIVE_UP_AGE)
        return 0;
    int step = (int)between(attempts, 1, count) - 1;
    usec_t wait = seconds[step] * USEC_PER_SEC;
    if (age > USEC_PER_HOUR)
        wait = 10 * USEC_PER_MINUTE;
    return wait - (usec_t)((double)wait / 4 * share(random));
}
