/* Keeping the file small and safe: retention, log, backup, check. Part of store.h. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <jansson.h>
#include <talloc.h>
#include "base/clock.h"
#include "base/problem.h"

struct store;

/* Removes telegram bodies, ended deliveries, messages and alerts older than `before`, about `limit`
 * rows, and gives pages back to the file system. *ret_more: there is more to do. */
__attribute__((warn_unused_result)) int store_retain(struct store *store, usec_t before,
                                                     size_t limit, bool *ret_more);

/* A copy while the store is in use, as it was at one moment. It is a store of its own whose open
 * deliveries and fan-outs are *held*: nothing of what was on its way when it was taken leaves by
 * itself (H-10). `path` must not exist (-EEXIST); it appears there whole and durable, or not at
 * all. */
__attribute__((warn_unused_result)) int store_backup(struct store *store, const char *path);

/* Deliveries that are held because this store is a restored copy. */
__attribute__((warn_unused_result)) int store_count_held(struct store *store, int64_t *ret_count);
/* Lets them go: due at `now`. Returns how many. */
__attribute__((warn_unused_result)) int store_release(struct store *store, usec_t now,
                                                      int64_t *ret_count);

/* SQLite's integrity check and our own: counts of deliveries against the rows, one by one. Adds a
 * problem for each fault; 0 also when there are some. Slow: seconds for a million rows. */
__attribute__((warn_unused_result)) int store_check(struct store *store, struct problems *problems);
/* {"schema": version, "bytes": of the file, "free_bytes": in it, "deliveries": rows, …}. New
 * reference. */
__attribute__((warn_unused_result)) int store_stats(struct store *store, json_t **ret_stats);
