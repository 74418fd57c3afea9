/* What is looked after now and then: receivers that fail for days, secrets whose overlap ends, mail
 * that came back. On the desk. */
#pragma once

#include "config/config.h"
#include "deliver/receivers.h"
#include "store/store.h"

/* Something that an operator must know. */
typedef void upkeep_notice(void *userdata, const char *text);

struct upkeep;
struct upkeep *upkeep_new(TALLOC_CTX *context, struct store *store, struct receivers *receivers,
                          upkeep_notice *notice, void *userdata);

void upkeep_clock_back(struct upkeep *upkeep, usec_t now);

/* Does what is due. *ret_next: when to come again. Returns 0 or the store's negative errno. */
__attribute__((warn_unused_result)) int
upkeep_due(struct upkeep *upkeep, const struct config *config, usec_t now, usec_t *ret_next);
