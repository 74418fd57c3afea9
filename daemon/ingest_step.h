/* The steps of ingest.c that its two ways in share: one telegram now, or many after a gap. */
#pragma once

#include "ingest.h"

/* Bytes to report; NULL for a telegram that is no JMA report (result says broken). */
struct report *ingest_read_report(TALLOC_CTX *context, const struct ingest *ingest,
                                  const struct store_telegram *row, struct problems *problems,
                                  struct ingest_result *result);

/* One state through event_apply and back into the store; *ret_alert NULL: nothing is to be said. */
__attribute__((warn_unused_result)) int
ingest_apply_key(TALLOC_CTX *context, const struct ingest *ingest, const struct report *report,
                 const char *key, usec_t now, struct alert **ret_alert, const char **ret_note);

/* Stores an alert row. */
__attribute__((warn_unused_result)) int ingest_keep_alert(const struct ingest *ingest,
                                                          const struct alert *alert, bool sent,
                                                          usec_t now, bool *ret_new);

/* Stores an alert and, unless it is withheld, tells those whom it concerns. */
__attribute__((warn_unused_result)) int
ingest_raise_alert(TALLOC_CTX *context, const struct ingest *ingest, struct alert *alert,
                   bool backlog, usec_t now, struct ingest_result *result);

/* Tells of a report that was made without a telegram body (details follow). */
__attribute__((warn_unused_result)) int ingest_report(TALLOC_CTX *context,
                                                      const struct ingest *ingest,
                                                      const struct report *report, bool backlog,
                                                      usec_t now, struct ingest_result *result);
