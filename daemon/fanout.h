/* One alert → who hears it → rendered messages → delivery rows (steps 8 to 10), in chunks.
 *
 * The first chunk stands in the transaction of the alert; the others follow one by one while what
 * stands is already sent. The cursor is in the store: after a crash it goes on with the same ids.
 */
#pragma once

#include "ingest.h"

struct fanout_count {
    size_t deliveries; /* rows added */
    size_t held;       /* readers whom the storm guard spared (MATCH_HELD): an operator is told */
};

/* Begins inside the caller's transaction and does the first chunk. *ret_count: what came of it so
 * far. An unfinished fan-out of an older alert of the event ends; who it had not reached yet hears
 * of its changes with this one. Returns 0 or negative errno. */
__attribute__((warn_unused_result)) int fanout_begin(TALLOC_CTX *context,
                                                     const struct ingest *ingest,
                                                     const struct alert *alert, usec_t now,
                                                     struct fanout_count *ret_count);

/* What is kept between two chunks; only a cache. */
struct fanout_work;
struct fanout_work *fanout_work_new(TALLOC_CTX *context);
/* The next chunk of the gravest unfinished fan-out, in a transaction of its own. *ret_more: there
 * is more to do. */
__attribute__((warn_unused_result)) int fanout_continue(struct fanout_work *work,
                                                        const struct ingest *ingest, usec_t now,
                                                        struct fanout_count *ret_count,
                                                        bool *ret_more);
/* All of them to the end; for replay and tests. */
__attribute__((warn_unused_result)) int fanout_finish(const struct ingest *ingest, usec_t now,
                                                      struct fanout_count *ret_count);

/* What an operator is told of those who were held; NULL: nobody was. */
const char *fanout_held_notice(TALLOC_CTX *context, const struct fanout_count *count);
