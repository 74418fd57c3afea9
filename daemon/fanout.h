/* One alert → who hears it → rendered messages → delivery rows (steps 8 to 10). */
#pragma once

#include "ingest.h"

/* Adds messages and deliveries of `alert` inside the caller's transaction; appends the ids of new
 * deliveries to result->delivery_ids. Returns 0 or negative errno. */
__attribute__((warn_unused_result)) int
fanout_alert(TALLOC_CTX *context, const struct ingest *ingest, const struct alert *alert,
             usec_t now, size_t *ret_deliveries, struct ingest_result *result);
