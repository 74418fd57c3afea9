/* Recorded telegrams from files. The drill is made by rewriting its text: every RFC 3339 time is
 * moved by the same step, and 通常 becomes 訓練, before it enters the path like any telegram from
 * JMA. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/text.h"
#include "jma/telegram.h"
#include "telegram_file.h"

int telegram_file_read(TALLOC_CTX *context, const char *path, size_t limit, char **ret_bytes,
                       size_t *ret_length)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    struct buffer *buffer = buffer_new(context, limit);
    char bytes[65536];
    ssize_t n;
    int r = 0;
    while (r >= 0 && (n = read(fd, bytes, sizeof(bytes))) != 0) {
        if (n < 0)
            r = errno == EINTR ? 0 : -errno;
        else
            r = buffer_append(buffer, bytes, (size_t)n);
    }
    close(fd);
    if (r < 0) {
        talloc_free(buffer);
        return r;
    }
    *ret_bytes = buffer->bytes;
    *ret_length = buffer->length;
    return 0;
}

/* Length of a date-time "2018-09-06T03:11:00+09:00" or "…Z" that starts here; 0 when there is none.
 */
static size_t time_length(const char *text)
{
    static const char pattern[] = "dddd-dd-ddTdd:dd:dd";
    for (size_t i = 0; i + 1 < sizeof(pattern); i++) {
        bool fits =
            pattern[i] == 'd' ? isdigit((unsigned char)text[i]) != 0 : text[i] == pattern[i];
        if (!fits)
            return 0;
    }
    const char *zone = text + sizeof(pattern) - 1;
    if (*zone == 'Z')
        return sizeof(pattern);
    return *zone == '+' || *zone == '-' ? sizeof(pattern) - 1 + 6 : 0;
}

static void append_moved_time(struct buffer *out, const char *text, size_t length, usec_t step)
{
    char original[CLOCK_TEXT_BYTES] = {0}, moved[CLOCK_TEXT_BYTES];
    usec_t time;
    memcpy(original, text, length);
    if (clock_parse(original, &time) < 0) {
        buffer_append(out, text, length);
        return;
    }
    if (text[length - 1] == 'Z')
        clock_format_utc(time + step, moved);
    else
        clock_format_jst(time + step, moved);
    buffer_text(out, moved);
}

static void rewrite(struct buffer *out, const char *text, usec_t step)
{
    static const char actual[] = "<Status>通常</Status>";
    while (*text != '\0') {
        size_t length = time_length(text);
        if (length > 0) {
            append_moved_time(out, text, length, step);
            text += length;
        } else if (text_starts(text, actual)) {
            buffer_text(out, "<Status>訓練</Status>");
            text += strlen(actual);
        } else {
            buffer_append(out, text, 1);
            text++;
        }
    }
}

int telegram_file_drill(TALLOC_CTX *context, const char *path, usec_t now,
                        struct store_telegram *ret_telegram)
{
    char *bytes;
    size_t length;
    int r = telegram_file_read(context, path, TELEGRAM_BYTES_MAX, &bytes, &length);
    if (r < 0)
        return r;
    struct telegram *telegram;
    r = telegram_parse(context, path, bytes, length, problems_new(context), &telegram);
    if (r < 0)
        return r;
    const char *slash = strrchr(path, '/');
    struct buffer *out = buffer_new(context, TELEGRAM_BYTES_MAX);
    rewrite(out, bytes, now - telegram->control_time);
    if (out->overflow)
        return -E2BIG;
    *ret_telegram = (struct store_telegram){.id = memory_printf(context, "drill-%lld-%s",
                                                                (long long)(now / USEC_PER_SEC),
                                                                slash != NULL ? slash + 1 : path),
                                            .code = telegram->code,
                                            .url = "",
                                            .body = out->bytes,
                                            .body_length = out->length,
                                            .received_at = now,
                                            .control_time = now,
                                            .outcome = OUTCOME_RECEIVED};
    return 0;
}
