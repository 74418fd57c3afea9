/* Memory: see memory.h. The sizes of arrays are kept by talloc itself, so an array that grows needs
 * no field for its capacity. */
#include "base/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MEMORY_FIRST_ITEMS 8

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
