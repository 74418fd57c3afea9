/* A test message to people who are named one by one (H-11): never by an area, never to "everybody".
 */
#pragma once

#include "config/config.h"
#include "store/store.h"

/* The same for an own test alert that the caller has made (or the correction of one), in the
 * caller's transaction. */
__attribute__((warn_unused_result)) int send_test_alert(TALLOC_CTX *context, struct store *store,
                                                        const struct config *config,
                                                        const struct alert *alert,
                                                        const struct store_subscriber *subscribers,
                                                        size_t count, usec_t now);

/* Makes a test alert (event/own_test.h), its messages in the channel and languages of each
 * subscriber, and their deliveries: one transaction; they then go the way of every delivery.
 * *ret_alert: its id, in `context`. Returns 0 or the store's negative errno. */
__attribute__((warn_unused_result)) int send_test(TALLOC_CTX *context, struct store *store,
                                                  const struct config *config,
                                                  const struct store_subscriber *subscribers,
                                                  size_t count, usec_t now, const char **ret_alert);
