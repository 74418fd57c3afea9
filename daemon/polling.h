/* The feeds as the desk sees them: what to ask for next, and what an answer means.
 *
 * Does: steps 1 to 3 of docs/architecture.md, by feed/ (pure), the store and orders to the loop.
 * Never: interprets a telegram's body; asks for a URL that no feed gave; asks for a body twice once
 * it is stored. */
#pragma once

#include "base/queue.h"
#include "config/config.h"
#include "feed/feed.h"
#include "http/page.h"
#include "store/store.h"
#include "work.h"

struct poll;

__attribute__((warn_unused_result)) int poll_new(TALLOC_CTX *context, const struct config *config,
                                                 struct store *store, struct queue *orders,
                                                 usec_t now, struct poll **ret_poll);

/* The same feeds by another configuration (reload.h). */
void poll_configure(struct poll *poll, const struct config *config);
/* Feeds that wait for a time beyond `now` are asked at once: the clock was set back, or is to be
 * compared with the server's. */
void poll_at_once(struct poll *poll, usec_t now);
/* Orders whatever is due. *ret_next: when there may be something to do again. */
__attribute__((warn_unused_result)) int poll_due(struct poll *poll, usec_t now, usec_t *ret_next);

/* The answer of a feed: new entries into the store. */
__attribute__((warn_unused_result)) int poll_feed_done(struct poll *poll, const struct job *job,
                                                       usec_t now);

/* The answer of a telegram. *ret_telegram is filled when it is stored now and is to be ingested at
 * once (`id` NULL otherwise: a failure, a backlog telegram that waits for the others of its batch,
 * or one that was there). *ret_entry: the entry, for "details follow" when *ret_overdue. */
__attribute__((warn_unused_result)) int poll_telegram_done(struct poll *poll, TALLOC_CTX *context,
                                                           const struct job *job, usec_t now,
                                                           struct store_telegram *ret_telegram,
                                                           struct store_entry *ret_entry,
                                                           bool *ret_overdue);

/* True once after every backlog telegram was tried: the batch is to be ingested. */
bool poll_backlog_ready(struct poll *poll);
/* True when both watched feeds were read since the start and nothing of the backlog is left. */
bool poll_settled(const struct poll *poll);

/* How well each feed is seen; `in_force`: alerts in force, by feed name. */
const struct page_feed *poll_sight(struct poll *poll, TALLOC_CTX *context, bool alerts_in_force,
                                   usec_t now, size_t *ret_count);
int64_t poll_bytes_today(const struct poll *poll);
/* What an operator must know (budget), or NULL. */
const char *poll_notice(const struct poll *poll);
/* The newest time that the server has put on a page, or, of a feed that was not read since the
 * start, on an entry; 0: none is known. 0 or the store's negative errno. */
__attribute__((warn_unused_result)) int poll_published(const struct poll *poll, usec_t *ret_time);
