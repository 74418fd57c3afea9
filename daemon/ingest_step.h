/* The steps of ingest.c that its two ways in share: one telegram now, or many after a gap. */
#pragma once

#include "ingest.h"

/* Bytes to report; NULL for a telegram that is no JMA report (result says broken). */
struct report *ingest_read_report(TALLOC_CTX *context, const struct ingest *ingest,
                                  const struct store_telegram *row, struct problems *problems,
                                  struct ingest_result *result);

/* One state through event_apply and back into the store. The change belongs to `context`. */
__attribute__((warn_unused_result)) int
ingest_apply_key(TALLOC_CTX *context, const struct ingest *ingest, const struct report *report,
                 const char *key, usec_t now, const struct event_change **ret_change);

/* Stores an alert row. */
__attribute__((warn_unused_result)) int ingest_keep_alert(const struct ingest *ingest,
                                                          const struct alert *alert, bool sent,
                                                          usec_t now, bool *ret_new);

/* Stores an alert and, unless it is withheld, tells those whom it concerns. */
__attribute__((warn_unused_result)) int
ingest_raise_alert(TALLOC_CTX *context, const struct ingest *ingest, struct alert *alert,
                   bool backlog, usec_t now, struct ingest_result *result);

/* When, and how late, something is taken in. */
struct ingest_moment {
    usec_t now;
    bool backlog;
};

/* Compares what older telegrams say with the states that `report` has just changed, or `report`,
 * which is an older one, with the states. Tells an operator, or in their absence people. */
__attribute__((warn_unused_result)) int
ingest_crosscheck(TALLOC_CTX *context, const struct ingest *ingest, const struct report *report,
                  const struct ingest_moment *moment, struct ingest_result *result);
/* The same for a state whose time has come. */
__attribute__((warn_unused_result)) int ingest_crosscheck_due(TALLOC_CTX *context,
                                                              const struct ingest *ingest,
                                                              const char *key, usec_t now,
                                                              struct ingest_result *result);
bool ingest_is_crosscheck(const char *key);
/* Adds to what an operator must look at; NULL adds nothing. */
void ingest_add_notice(TALLOC_CTX *context, struct ingest_result *result, const char *notice);

/* The reports to be applied one after the other: one for each office of the sum of all Japan. */
const struct report *const *ingest_parts(TALLOC_CTX *context, const struct ingest *ingest,
                                         const struct report *report, size_t *ret_count);

/* Tells of a report that was made without a telegram body (details follow). */
__attribute__((warn_unused_result)) int ingest_report(TALLOC_CTX *context,
                                                      const struct ingest *ingest,
                                                      const struct report *report, bool backlog,
                                                      usec_t now, struct ingest_result *result);
