/* Memory: talloc owns everything; running out of memory ends the process loudly.
 *
 * Does: makes talloc abort on failure, so that callers need not test each small allocation
 * (style.md 4.6; store-first makes dying safe). Large inputs are measured before they are
 * allocated. */
#pragma once

#include <string.h>
#include <talloc.h>

/* Ends the process with a message when `pointer` is NULL; otherwise returns it. */
void *memory_must(void *pointer);

#define memory_new(context, type) ((type *)memory_must(talloc_zero((context), type)))
#define memory_array(context, type, count)                                                         \
    ((type *)memory_must(talloc_zero_array((context), type, (unsigned)(count))))
/* As memory_new, in one piece with room for `count` small things below it of `bytes` in all: what
 * millions are made of is taken and given back once, not part by part. More than fits comes as
 * always. */
#define memory_roomy(context, type, count, bytes)                                                  \
    ((type *)memset(memory_must(talloc_pooled_object((context), type, (count), (bytes))), 0,       \
                    sizeof(type)))
#define memory_text(context, text)  ((char *)memory_must(talloc_strdup((context), (text))))
#define memory_printf(context, ...) ((char *)memory_must(talloc_asprintf((context), __VA_ARGS__)))

/* talloc_strdup that passes NULL through. */
char *memory_text_or_null(TALLOC_CTX *context, const char *text);

/* Makes room for one more item of a talloc array (doubling); returns the array, perhaps moved. */
void *memory_grow(TALLOC_CTX *context, void *array, size_t count, size_t item_bytes);

/* For a daemon, before its threads start: memory that was freed stays at hand, up to some
 * megabytes, instead of going back to the system and coming anew, page by page, when people
 * wait. */
void memory_keep_freed(void);
/* At the start of a thread that people will wait for: takes the memory that it will need from the
 * system now. */
void memory_fetch(size_t bytes);
