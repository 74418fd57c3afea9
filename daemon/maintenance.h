/* Maintenance mode (H-12): while somebody works on the machine, nobody is told anything but what
 * their life may depend on.
 *
 * Does: says which alerts wait, keeps the mode over restarts, reminds whoever forgot it. A person
 * begins and ends it. Never: ends by itself; keeps back an earthquake, tsunami or eruption, level 4
 * or 5, or the end or correction of what people were told. On the desk. */
#pragma once

#include "event/alert.h"
#include "store/store.h"

#define MAINTENANCE_REMINDER (15 * USEC_PER_MINUTE)

/* What a person asks. */
enum maintenance_step { MAINTENANCE_SHOW, MAINTENANCE_ON, MAINTENANCE_OFF };

struct maintenance;

/* As the last daemon left it. 0 or the store's negative errno. */
__attribute__((warn_unused_result)) int maintenance_new(TALLOC_CTX *context, struct store *store,
                                                        struct maintenance **ret_maintenance);
/* -EALREADY when it is so already. */
__attribute__((warn_unused_result)) int
maintenance_begin(struct maintenance *maintenance, const char *reason, const char *by, usec_t now);
__attribute__((warn_unused_result)) int maintenance_end(struct maintenance *maintenance);

/* Since when; 0: it is off. NULL is fine here and below. */
usec_t maintenance_since(const struct maintenance *maintenance);
const char *maintenance_reason(const struct maintenance *maintenance);
/* Whether this alert waits until the end. Tests (the canary, send-test) do not: they are how the
 * work is checked, and reach nobody else. */
bool maintenance_keeps(const struct maintenance *maintenance, const struct alert *alert);

/* A reminder that is due, in `context`; NULL none. *ret_next: when to come again. */
const char *maintenance_due(TALLOC_CTX *context, struct maintenance *maintenance, usec_t now,
                            usec_t *ret_next);
