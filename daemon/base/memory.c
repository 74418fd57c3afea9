/* Memory: see memory.h. The sizes of arrays are kept by talloc itself, so an array that grows needs
 * no field for its capacity. */
#include "base/memory.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MEMORY_FIRST_ITEMS 8
#define KEPT_BYTES         (16 * 1024 * 1024)
#define LARGE_BYTES        (1024 * 1024) /* above, each is mapped by itself and leaves at once */
#define PIECE_BYTES        ((size_t)64 * 1024)

void *memory_must(void *pointer)
{
    if (pointer == NULL) {
        fputs("noroshi: out of memory\n", stderr);
        abort();
    }
    return pointer;
}

char *memory_text_or_null(TALLOC_CTX *context, const char *text)
{
    return text == NULL ? NULL : memory_text(context, text);
}

void *memory_grow(TALLOC_CTX *context, void *array, size_t count, size_t item_bytes)
{
    size_t room = talloc_get_size(array);
    if (array != NULL && count < room / item_bytes)
        return array;
    size_t items = count < MEMORY_FIRST_ITEMS ? MEMORY_FIRST_ITEMS : count;
    size_t bytes = 0;
    if (__builtin_mul_overflow(items, 2 * item_bytes, &bytes))
        memory_must(NULL);
    char *grown = memory_must(talloc_realloc_size(context, array, bytes));
    memset(grown + room, 0, bytes - room);
    return grown;
}

void memory_keep_freed(void)
{
    (void)mallopt(M_TRIM_THRESHOLD, KEPT_BYTES);
    (void)mallopt(M_MMAP_THRESHOLD, LARGE_BYTES);
}

void memory_fetch(size_t bytes)
{
    TALLOC_CTX *pieces = talloc_new(NULL);
    for (size_t taken = 0; taken < bytes; taken += PIECE_BYTES)
        (void)memory_array(pieces, char, PIECE_BYTES);
    talloc_free(pieces);
}
