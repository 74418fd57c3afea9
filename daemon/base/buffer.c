/* Growing byte buffer: see buffer.h. Room doubles up to the maximum and one NUL. */
#include "base/buffer.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "base/memory.h"

#define BUFFER_FIRST_BYTES 64

struct buffer *buffer_new(TALLOC_CTX *context, size_t maximum_bytes)
{
    struct buffer *buffer = memory_new(context, struct buffer);
    buffer->maximum = maximum_bytes;
    buffer->bytes = memory_array(buffer, char, 1);
    return buffer;
}

/* Makes room for `length` more bytes and the NUL. */
static int buffer_room(struct buffer *buffer, size_t length)
{
    if (buffer->overflow || length > buffer->maximum - buffer->length) {
        buffer->overflow = true;
        return -E2BIG;
    }
    size_t needed = buffer->length + length;
    size_t room = talloc_get_size(buffer->bytes);
    if (needed < room)
        return 0;
    size_t wanted = room < BUFFER_FIRST_BYTES ? BUFFER_FIRST_BYTES : room * 2;
    if (wanted > buffer->maximum)
        wanted = buffer->maximum;
    if (wanted < needed)
        wanted = needed;
    buffer->bytes = memory_must(talloc_realloc_size(buffer, buffer->bytes, wanted + 1));
    return 0;
}

int buffer_append(struct buffer *buffer, const void *bytes, size_t length)
{
    int error = buffer_room(buffer, length);
    if (error < 0 || length == 0)
        return error;
    memcpy(buffer->bytes + buffer->length, bytes, length);
    buffer->length += length;
    buffer->bytes[buffer->length] = '\0';
    return 0;
}

int buffer_text(struct buffer *buffer, const char *text)
{
    return buffer_append(buffer, text, strlen(text));
}

int buffer_printf(struct buffer *buffer, const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    int error = length < 0 ? -EINVAL : buffer_room(buffer, (size_t)length);
    if (error == 0) {
        vsnprintf(buffer->bytes + buffer->length, (size_t)length + 1, format, again);
        buffer->length += (size_t)length;
    }
    va_end(again);
    return error;
}
