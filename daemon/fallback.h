/* The message of a delivery for its reader's other channel, made when it is needed. */
#pragma once

#include "ingest.h"

/* Renders what `delivery` says in the form of `channel`, and stores it. Inside the caller's
 * transaction. -ENOENT: the alert or the reader is gone. */
__attribute__((warn_unused_result)) int fallback_message(const struct ingest *ingest,
                                                         const struct store_delivery *delivery,
                                                         enum delivery_channel channel, usec_t now,
                                                         int64_t *ret_message);
