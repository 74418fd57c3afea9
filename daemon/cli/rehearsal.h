/* A store in memory in which telegrams are put through the whole path on a virtual clock; nothing
 * leaves. For `replay` and for what a configuration would have changed. */
#pragma once

#include "ingest.h"

/* A delivery that would have been made. 0 or negative errno, which ends the rehearsal. */
typedef int rehearsal_made(void *userdata, TALLOC_CTX *scratch,
                           const struct store_delivery *delivery);

/* Everything that is due is made: told, and counted as delivered, so that later alerts know what
 * was told. */
__attribute__((warn_unused_result)) int rehearsal_deliver(const struct ingest *ingest, usec_t now,
                                                          rehearsal_made *made, void *userdata);
