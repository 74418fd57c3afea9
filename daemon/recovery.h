/* Telegrams that were stored but not ingested when the process ended. */
#pragma once

#include "store/store.h"

/* A telegram that ended the process twice while it was ingested is set aside, so that it cannot do
 * so for ever (test 23). Counts the try that follows when it is allowed. *ret_aside: what an
 * operator must hear, in `context`; NULL nothing. Returns 0 or the store's negative errno. */
__attribute__((warn_unused_result)) int recovery_allowed(struct store *store, TALLOC_CTX *context,
                                                         const struct store_telegram *telegram,
                                                         bool *ret_allowed, const char **ret_aside);
