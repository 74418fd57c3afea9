/* Going on in memory while the disk is full (R-5, R-6, test 5). Part of store.h. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <talloc.h>

struct store;

/* More of the log than that is not taken into memory: then the process ends instead. Half of what
 * the unit allows (MemoryMax). However large the store itself is does not matter. */
#define STORE_EMERGENCY_BYTES_MAX ((size_t)256 * 1024 * 1024)
/* What must stay free for warnings and receipts: a twentieth of the disk, and not more than this
 * (R-6). */
#define STORE_RESERVE_BYTES_MAX ((int64_t)256 * 1024 * 1024)

/* From here on what is written stands in memory only and nothing is durable; what was under way is
 * rolled back. Everybody who keeps something of the store begins anew. Other programs cannot read
 * the store meanwhile. 0, or negative errno: the store is as before, or, after -EIO, of no use. A
 * store that is opened on a full disk is detached from the beginning. */
__attribute__((warn_unused_result)) int store_detach(struct store *store);
bool store_detached(const struct store *store);
/* Puts all of it on the disk, transaction by transaction, and goes on there; nobody else notices. 0
 * also when it was never detached; -ENOSPC: there is still too little room. */
__attribute__((warn_unused_result)) int store_attach(struct store *store);

/* Whether less is free than the reserve, which is *ret_reserve bytes: then only what warns people
 * is taken on. A disk that cannot be asked has room. */
bool store_low(const struct store *store, int64_t *ret_reserve);
/* Why nothing new may be promised now, in words for people; NULL: it may. */
const char *store_refusal(TALLOC_CTX *context, const struct store *store);
