/* Subscribers as they are kept: those of the configuration and those added by command, in the
 * store, and the audience made of their profiles. On the desk, or in the command line when no
 * daemon runs. */
#pragma once

#include "config/config.h"
#include "match/match.h"
#include "store/store.h"

struct subscribers;

/* Puts those of the configuration into the store (replacing earlier ones of the configuration),
 * reads all. */
__attribute__((warn_unused_result)) int subscribers_new(TALLOC_CTX *context,
                                                        const struct config *config,
                                                        struct store *store,
                                                        struct subscribers **ret_subscribers);

/* Valid until the next change. */
const struct audience *subscribers_audience(const struct subscribers *subscribers);

/* Adds or replaces. An audience that lacks the profile is made anew by subscribers_refresh. */
__attribute__((warn_unused_result)) int
subscribers_put(struct subscribers *subscribers, const struct subscriber *subscriber, usec_t now);
/* By id or address. -ENOENT unknown; -EPERM: it stands in the configuration and is removed there.
 */
__attribute__((warn_unused_result)) int subscribers_remove(struct subscribers *subscribers,
                                                           const char *id_or_address, usec_t now);
__attribute__((warn_unused_result)) int subscribers_refresh(struct subscribers *subscribers);

const struct config *subscribers_config(const struct subscribers *subscribers);
struct store *subscribers_store(const struct subscribers *subscribers);
