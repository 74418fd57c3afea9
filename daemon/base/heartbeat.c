/* See heartbeat.h. */
#include <stdatomic.h>

#include "base/heartbeat.h"
#include "base/memory.h"

struct heartbeat {
    _Atomic usec_t last;
};

struct heartbeat *heartbeat_new(TALLOC_CTX *context, usec_t now)
{
    struct heartbeat *heartbeat = memory_new(context, struct heartbeat);
    atomic_init(&heartbeat->last, now);
    return heartbeat;
}

void heartbeat_beat(struct heartbeat *heartbeat, usec_t now)
{
    atomic_store_explicit(&heartbeat->last, now, memory_order_relaxed);
}

usec_t heartbeat_age(const struct heartbeat *heartbeat, usec_t now)
{
    usec_t last = atomic_load_explicit(&heartbeat->last, memory_order_relaxed);
    return now > last ? now - last : 0;
}
