/* From JMA's issue to delivered: a histogram for each channel. */
#pragma once

#include <jansson.h>
#include <talloc.h>
#include "base/clock.h"
#include "match/subscriber.h"

struct latency;

struct latency *latency_new(TALLOC_CTX *context);
void latency_add(struct latency *latency, enum channel channel, usec_t duration);
/* {"webhook": {"buckets": [[seconds, cumulative count], …], "sum": seconds, "count": n}}; the
 * bucket of everything is the count. New reference. */
json_t *latency_to_json(const struct latency *latency);
