/* A claimed delivery → what goes to the loop. */
#pragma once

#include "config/config.h"
#include "dispatch_message.h"
#include "work.h"

struct compose;

struct compose *compose_new(TALLOC_CTX *context, const struct config *config, struct store *store);
/* From now on with this configuration (reload.h). */
void compose_configure(struct compose *compose, const struct config *config);
/* Reads or makes the keys of unsubscribe links and of envelope senders. */
__attribute__((warn_unused_result)) int compose_load_key(struct compose *compose);

/* A mail to who runs this, with one try and no row in the store: what it says stands in the log and
 * the notices too. Returns as compose_parcel. */
__attribute__((warn_unused_result)) int compose_notice(struct compose *compose, struct order *order,
                                                       const char *text, usec_t now);

/* Adds a parcel to `order`. 1: nothing goes to the loop, the delivery is done here (a mail written
 * to a file). -EINVAL or -ENOENT: it can never be composed; other negative errno: not now. */
__attribute__((warn_unused_result)) int compose_parcel(struct compose *compose, struct order *order,
                                                       const struct store_claim *claim, usec_t now);
