/* An arena: see arena.h. Each block is twice as large as the one before up to a limit, so that a
 * small document costs little and of a large one little is left over. */
#include "base/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <string.h>
#include "base/memory.h"

#define BLOCK_FIRST_BYTES ((size_t)4 * 1024)
#define BLOCK_MOST_BYTES  ((size_t)256 * 1024)

struct arena {
    char *next;  /* free byte of the newest block */
    size_t room; /* bytes from there */
    size_t block_bytes;
};

struct arena *arena_new(TALLOC_CTX *context)
{
    struct arena *arena = memory_new(context, struct arena);
    arena->block_bytes = BLOCK_FIRST_BYTES;
    return arena;
}

static char *take(struct arena *arena, size_t bytes)
{
    if (bytes > arena->room) {
        arena->room = bytes > arena->block_bytes ? bytes : arena->block_bytes;
        arena->next = memory_must(talloc_size(arena, arena->room));
        if (arena->block_bytes < BLOCK_MOST_BYTES)
            arena->block_bytes *= 2;
    }
    char *taken = arena->next;
    arena->next += bytes;
    arena->room -= bytes;
    return taken;
}

void *arena_take(struct arena *arena, size_t bytes)
{
    size_t odd = (uintptr_t)arena->next % alignof(max_align_t);
    size_t skip = odd > 0 ? alignof(max_align_t) - odd : 0;
    if (skip > 0 && skip <= arena->room) {
        arena->next += skip;
        arena->room -= skip;
    }
    return memset(take(arena, bytes), 0, bytes);
}

char *arena_text(struct arena *arena, const char *text, size_t length)
{
    char *copy = take(arena, length + 1);
    memcpy(copy, text, length);
    copy[length] = '\0';
    return copy;
}
