/* A growing byte buffer with a mandatory maximum. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <talloc.h>

struct buffer {
    char *bytes;   /* always NUL-terminated; talloc child of the buffer */
    size_t length; /* without the NUL */
    size_t maximum;
    bool overflow; /* something did not fit; the content is then not to be used */
};

struct buffer *buffer_new(TALLOC_CTX *context, size_t maximum_bytes);

/* Appends; when the maximum would be passed, appends nothing and sets `overflow`.
 * Returns 0 or -E2BIG. */
int buffer_append(struct buffer *buffer, const void *bytes, size_t length);
int buffer_text(struct buffer *buffer, const char *text);
int buffer_printf(struct buffer *buffer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
