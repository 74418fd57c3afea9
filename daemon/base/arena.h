/* Many small things that live and end together, such as the tree of a document.
 *
 * Does: hands out bytes from a few large blocks; freeing the arena frees all. Takes: sizes. Never:
 * frees one thing, or moves one. Who fills it bounds it: an arena has no limit of its own. */
#pragma once

#include <stddef.h>
#include <talloc.h>

struct arena;

/* An empty arena that belongs to `context`; talloc_free ends it. */
struct arena *arena_new(TALLOC_CTX *context);

/* `bytes` zero bytes, aligned for any object; never NULL. */
void *arena_take(struct arena *arena, size_t bytes);

/* A copy of `length` bytes of text with a NUL behind them. */
char *arena_text(struct arena *arena, const char *text, size_t length);
