/* A claimed delivery → what goes to the loop. */
#pragma once

#include "config/config.h"
#include "dispatch_message.h"
#include "work.h"

struct compose;

struct compose *compose_new(TALLOC_CTX *context, const struct config *config, struct store *store);
/* Reads or makes the key of unsubscribe links. */
__attribute__((warn_unused_result)) int compose_load_key(struct compose *compose);

/* Adds a parcel to `order`. 1: nothing goes to the loop, the delivery is done here (a mail written
 * to a file). -EINVAL or -ENOENT: it can never be composed; other negative errno: not now. */
__attribute__((warn_unused_result)) int compose_parcel(struct compose *compose, struct order *order,
                                                       const struct store_claim *claim, usec_t now);
