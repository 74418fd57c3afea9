/* Going on in memory while the disk is full (R-5, test 5). Part of store.h. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct store;

/* A larger store is not taken into memory: then the process ends instead. Half of what the unit
 * allows (MemoryMax). */
#define STORE_EMERGENCY_BYTES_MAX ((int64_t)256 * 1024 * 1024)

/* From here on everything happens in a copy in memory and nothing is durable; what was under way is
 * rolled back. Everybody who keeps something of the store begins anew. 0; -EFBIG: too large; other
 * negative errno: as before. */
__attribute__((warn_unused_result)) int store_detach(struct store *store);
bool store_detached(const struct store *store);
/* Puts all of it on the disk in one transaction and goes on there; nobody else notices. 0 also when
 * it was never detached; -ENOSPC: the disk is still full. */
__attribute__((warn_unused_result)) int store_attach(struct store *store);
