/* Log: see log.h. A line is built whole and handed to the kernel by one write(), so that lines of
 * several threads never mix and no lock is held while the disk is slow. The settings are the only
 * state of the process here; they are set before threads start and only read afterwards. */
#include "base/log.h"

#include <errno.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/buffer.h"
#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"

/* The journal splits longer lines (LineMax=48K). */
#define LOG_LINE_MAXIMUM   (32 * 1024)
#define LOG_VALUE_MAXIMUM  1000
#define LOG_FIELDS_MAXIMUM 32

static struct {
    enum log_format format;
    enum log_priority least;
    bool journal;
} log_settings = {.format = LOG_FORMAT_PLAIN, .least = LOG_PRIORITY_INFO};

/* systemd names the device and inode of the journal's socket in the environment. */
static bool stderr_is_journal(void)
{
    const char *stream = getenv("JOURNAL_STREAM");
    struct stat status;
    char expected[64];
    if (stream == NULL || fstat(STDERR_FILENO, &status) < 0)
        return false;
    snprintf(expected, sizeof expected, "%ju:%ju", (uintmax_t)status.st_dev,
             (uintmax_t)status.st_ino);
    return strcmp(stream, expected) == 0;
}

void log_setup(enum log_format format, enum log_priority least)
{
    log_settings.format = format;
    log_settings.least = least;
    log_settings.journal = stderr_is_journal();
}

static char *value_clean(TALLOC_CTX *context, const char *value)
{
    return text_cut(context, text_clean(context, value, false), LOG_VALUE_MAXIMUM);
}

static bool value_needs_quotes(const char *value)
{
    return value[0] == '\0' || strpbrk(value, " \"=\\") != NULL || strstr(value, "\u3000") != NULL;
}

static void plain_value(struct buffer *line, const char *value)
{
    if (!value_needs_quotes(value)) {
        buffer_text(line, value);
        return;
    }
    buffer_text(line, "\"");
    for (; *value != '\0'; value++) {
        if (*value == '"' || *value == '\\')
            buffer_text(line, "\\");
        buffer_append(line, value, 1);
    }
    buffer_text(line, "\"");
}

static void plain_line(struct buffer *line, enum log_priority priority, const char *time,
                       const char *text, const char *const *fields, size_t count)
{
    if (log_settings.journal)
        buffer_printf(line, "<%d>", (int)priority);
    buffer_printf(line, "%s %s", time, value_clean(line, text));
    for (size_t i = 0; i < count; i++) {
        buffer_printf(line, " %s=", fields[2 * i]);
        plain_value(line, value_clean(line, fields[2 * i + 1]));
    }
}

static void json_line(struct buffer *line, enum log_priority priority, const char *time,
                      const char *text, const char *const *fields, size_t count)
{
    json_t *object = memory_must(json_object());
    json_object_set_new(object, "time", json_string(time));
    json_object_set_new(object, "priority", json_integer((int)priority));
    json_object_set_new(object, "text", json_string(value_clean(line, text)));
    for (size_t i = 0; i < count; i++)
        json_object_set_new(object, fields[2 * i],
                            json_string(value_clean(line, fields[2 * i + 1])));
    char *json = memory_must(json_dumps(object, JSON_COMPACT));
    buffer_text(line, json);
    free(json);
    json_decref(object);
}

/* A log that cannot be written must not stop an alert: errors end here. */
static void line_write(const struct buffer *line)
{
    size_t done = 0;
    while (done < line->length) {
        ssize_t written = write(STDERR_FILENO, line->bytes + done, line->length - done);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return;
        done += (size_t)written;
    }
}

void log_write(enum log_priority priority, const char *text, ...)
{
    if (priority > log_settings.least)
        return;
    int saved = errno;
    const char *fields[2 * LOG_FIELDS_MAXIMUM];
    size_t count = 0;
    va_list arguments;
    va_start(arguments, text);
    const char *key;
    while (count < LOG_FIELDS_MAXIMUM && (key = va_arg(arguments, const char *)) != NULL) {
        fields[2 * count] = key;
        fields[2 * count + 1] = va_arg(arguments, const char *);
        if (fields[2 * count + 1] != NULL)
            count++;
    }
    va_end(arguments);

    char time[CLOCK_TEXT_BYTES];
    clock_format_jst(clock_now(), time);
    struct buffer *line = buffer_new(NULL, LOG_LINE_MAXIMUM);
    if (log_settings.format == LOG_FORMAT_JSON)
        json_line(line, priority, time, text, fields, count);
    else
        plain_line(line, priority, time, text, fields, count);
    /* A line cut short is still worth its beginning; room for the newline is never refused. */
    if (line->overflow)
        line->overflow = false;
    line->maximum++;
    buffer_text(line, "\n");
    line_write(line);
    talloc_free(line);
    errno = saved;
}
