/* JMA's Atom feeds: what to poll when, what is new in an answer, and how well we see.
 *
 * Pure functions over bytes, rows and times; I/O is transfer's and store's. Rules: jma-format.md 1,
 * reliability. */
#pragma once

#include <stdbool.h>
#include "base/clock.h"
#include "base/problem.h"
#include "store/store.h"

/* eqvol, extra each minute; regular 5 min; other 15 min; the long ones at start and after a gap,
 * and hourly for eqvol_l and extra_l. */
struct feed_row {
    const char *name;
    const char *file;
    usec_t interval;
    bool watched; /* its silence
matters for "can we see" */
    const char *long_name;
    usec_t silence_max; /* newest entry older than
this while the answer is 200: frozen */
};
const struct feed_row *feed_find(const char *name);
const struct feed_row *feed_rows(size_t *ret_count);

struct feed_entry {
    const char *id, *url, *title, *content, *author;
    usec_t updated;
};
struct feed_page {
    const char *title;
    usec_t updated;
    const struct feed_entry *entries;
    size_t entry_count; /* newest first as in the feed */
};
#define FEED_ENTRIES_MAX 20000

/* Parses an Atom page. Entries without id, link or a readable `updated` are left out with a
 * problem; the rest counts. An entry whose URL is not below the host of `base_url` is left out
 * (never a URL of another host). Where `base_url` is a mirror or a test server that takes JMA's
 * place, its feeds still name JMA's own host: such a URL gets the scheme, host and port of
 * `base_url` and keeps its path, so the telegrams come from where the feed came from. The id stays
 * as it is. Of more than FEED_ENTRIES_MAX entries the first (newest) count, with a problem.
 * -EBADMSG when it is no Atom feed, -E2BIG when it passes 16 MiB or 500,000 elements. */
__attribute__((warn_unused_result)) int feed_parse(TALLOC_CTX *context, const char *name,
                                                   const char *base_url, const void *bytes,
                                                   size_t length, struct problems *problems,
                                                   struct feed_page **ret_page);

/* True when the oldest entry of this page is newer than the newest of the last good poll: entries
 * may have been lost in between; fetch the long feed. */
bool feed_gap(const struct store_feed *before, const struct feed_page *page);

/* Next poll of a feed after `now`, the time of the poll that has just ended: interval in phase with
 * the minute (second 20 until learnt, jitter 0..3 s by `random` 0..1), back-off on failures up to
 * 60 s for watched feeds. */
usec_t feed_next_poll(const struct feed_row *row, const struct store_feed *state, usec_t now,
                      double random);
/* Learns the phase from a page with new entries, by the time of its making (the feed's own
 * `updated`) as seen at `now`: JMA makes it some seconds into each minute, not always the same; a
 * poll before that finds the page of the minute before. Always within 5..55. */
int feed_learn_phase(int phase_seconds, usec_t made, usec_t now);

enum freshness { FRESH_ALERTS, FRESH_QUIET, STALE, UNAVAILABLE, NOT_CONFIGURED };
const char *freshness_name(enum freshness freshness); /* "fresh-alerts" "fresh-quiet" "stale"
                                                         "unavailable" "not-configured" */
/* How well one feed is seen at `now`. UNAVAILABLE: no success within 3 min (3 intervals if longer);
 * STALE: answers come, but the newest entry or the feed's `updated` is older than silence_max
 * ("200 but frozen"). `alerts_in_force`: any alert of this feed in force. */
enum freshness feed_freshness(const struct feed_row *row, const struct store_feed *state,
                              bool configured, bool alerts_in_force, usec_t now);

/* The day's budget: below 500 MB all; from 500 MB to 900 MB only eqvol and extra and telegrams;
 * above 900 MB only eqvol each 2 min and life-safety telegrams. Never stops wholly. */
enum feed_budget { BUDGET_FULL, BUDGET_TIGHT, BUDGET_LAST };
enum feed_budget feed_budget(int64_t bytes_today);

/* Wait before trying a telegram again after `attempts`: 1, 2, 5, 10, 20, 40, 60 s …, each 10
 * minutes after an hour, less up to a quarter by `random`; gives up after 24 h (returns 0). */
usec_t feed_entry_wait(int attempts, usec_t age, double random);
