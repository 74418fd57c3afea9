/* An alert into the store. */
#pragma once

#include "event/alert.h"
#include "store/store.h"

/* Keeps an alert once, by its id; `sent`: people are told. *ret_fresh: it was not there before. The
 * caller's transaction, if there is one. Returns 0 or the store's negative errno. */
__attribute__((warn_unused_result)) int keep_alert(struct store *store, const struct alert *alert,
                                                   bool in_force, bool sent, bool *ret_fresh);
/* One of our own (a test, a letter to staff), which no page shows and whose deliveries the caller
 * adds by *ret_number: its fan-out is over. */
__attribute__((warn_unused_result)) int
keep_own_alert(struct store *store, const struct alert *alert, usec_t now, int64_t *ret_number);
