/* When a thread last showed that it works, for another thread to look at. One writer. */
#pragma once

#include <talloc.h>
#include "base/clock.h"

struct heartbeat;
/* Beats once at the start: `now` is monotonic (clock_monotonic), as in all of them. */
struct heartbeat *heartbeat_new(TALLOC_CTX *context, usec_t now);
void heartbeat_beat(struct heartbeat *heartbeat, usec_t now);
usec_t heartbeat_age(const struct heartbeat *heartbeat, usec_t now);
