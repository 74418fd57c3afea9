/* Immutable bytes that several threads share: one body for all orders of an alert.
 *
 * Counted atomically, since the desk makes them and the loop lets them go. Never changed after
 * bytes_new. Not talloc: a talloc parent belongs to one thread. */
#pragma once

#include <stdatomic.h>
#include <stddef.h>
#include <talloc.h>

struct bytes {
    atomic_uint references;
    size_t length;
    char data[]; /* a NUL follows that does not count */
};

/* A copy with one reference, the caller's. `data` may be NULL when length is 0. Never NULL. */
struct bytes *bytes_new(const void *data, size_t length);
/* One more reference; returns `bytes`. NULL stays NULL. */
struct bytes *bytes_take(struct bytes *bytes);
/* Gives a reference back; frees with the last. NULL is fine. */
void bytes_drop(struct bytes *bytes);
/* Takes a reference that goes with `context`. */
struct bytes *bytes_keep(TALLOC_CTX *context, struct bytes *bytes);
