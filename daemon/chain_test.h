/* The monthly test of the whole chain, its correction included, and its report (H-19).
 *
 *   day and hour ─▶ test to the staff list ─▶ its correction to the same ─▶ report, letter to staff
 *
 * Does: sends by the whole path from the store on (send_test.h), waits until everything has ended
 * or ten minutes are over, corrects, waits again, writes the report as JSON, HTML and CSV into the
 * state directory, and says what came of it. Goes on after a restart, and sends no step twice: what
 * it sends and the state that says so are one transaction. Never: reaches anybody but subscribers
 * with `staff: yes`; has a place. On the desk. */
#pragma once

#include "config/config.h"
#include "store/store.h"

struct chain_test_news {
    const char *notice; /* what operators must hear; NULL nothing */
    const char *audit;  /* for the audit log: "sent", "corrected", "reported"; NULL nothing */
    const char *object; /* id of the test */
    const char *detail;
};

/* What is due, one step at a time. While an alert of level 4 or 5 is in force a test that has not
 * begun waits; a day late it is left out. *ret_next: when to come again. 0 or the store's
 * negative errno. Texts in `context`. */
__attribute__((warn_unused_result)) int
chain_test_due(TALLOC_CTX *context, const struct config *config, struct store *store, usec_t now,
               struct chain_test_news *ret_news, usec_t *ret_next);
/* Begins one now. 0, -EALREADY while one is under way, -ENOENT without staff, or the store's
 * negative errno. *ret_id in `context`. */
__attribute__((warn_unused_result)) int chain_test_begin(TALLOC_CTX *context,
                                                         const struct config *config,
                                                         struct store *store, usec_t now,
                                                         const char **ret_id);
