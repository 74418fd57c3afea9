/* A letter to all staff about what one person did alone (broadcast/letter.h): to every subscriber
 * with `staff: yes`, by mail or to his webhook, as deliveries like any other: kept, tried again,
 * ended. */
#pragma once

#include "broadcast/letter.h"
#include "store/store.h"

/* Inside the caller's transaction: with what it tells of, or not at all. In his first language when
 * that is Japanese, else in English, and then in the other. *ret_count: to how many. Returns 0 or
 * the store's negative errno. */
__attribute__((warn_unused_result)) int staff_mail(TALLOC_CTX *context, struct store *store,
                                                   const struct letter *letter, usec_t now,
                                                   size_t *ret_count);
