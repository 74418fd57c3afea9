/* Shared bytes, see bytes.h. */
#include "base/bytes.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

struct bytes *bytes_new(const void *data, size_t length)
{
    struct bytes *bytes = memory_must(malloc(sizeof(*bytes) + length + 1));
    atomic_init(&bytes->references, 1);
    bytes->length = length;
    if (length > 0)
        memcpy(bytes->data, data, length);
    bytes->data[length] = '\0';
    return bytes;
}

struct bytes *bytes_take(struct bytes *bytes)
{
    if (bytes != NULL)
        atomic_fetch_add_explicit(&bytes->references, 1, memory_order_relaxed);
    return bytes;
}

void bytes_drop(struct bytes *bytes)
{
    /* What other threads did with the bytes comes before they are freed. */
    if (bytes != NULL &&
        atomic_fetch_sub_explicit(&bytes->references, 1, memory_order_acq_rel) == 1)
        free(bytes);
}

struct hold {
    struct bytes *bytes;
};

static int hold_destroy(struct hold *hold)
{
    bytes_drop(hold->bytes);
    return 0;
}

struct bytes *bytes_keep(TALLOC_CTX *context, struct bytes *bytes)
{
    struct hold *hold = memory_new(context, struct hold);
    hold->bytes = bytes_take(bytes);
    talloc_set_destructor(hold, hold_destroy);
    return bytes;
}
