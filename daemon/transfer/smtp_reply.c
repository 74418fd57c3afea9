/* SMTP replies: see smtp_reply.h. */
#include "transfer/smtp_reply.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#define CODE_LENGTH 3

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The code at the start of a line; 0 when there is none. */
static int code_of(const char *line, size_t length)
{
    if (length < CODE_LENGTH || line[0] < '2' || line[0] > '5' || !is_digit(line[1]) ||
        !is_digit(line[2]))
        return 0;
    return (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
}

/* Length of the line with its CRLF; -EAGAIN while the CRLF is not there, -EBADMSG. */
static int line_length(const char *bytes, size_t length, size_t *ret_length)
{
    size_t looked = length < SMTP_REPLY_LINE_MAX ? length : SMTP_REPLY_LINE_MAX;
    for (size_t i = 0; i < looked; i++) {
        if (bytes[i] == '\0' || bytes[i] == '\n')
            return -EBADMSG;
        if (bytes[i] != '\r')
            continue;
        if (i + 1 == length)
            return -EAGAIN;
        if (bytes[i + 1] != '\n')
            return -EBADMSG;
        *ret_length = i + 2;
        return 0;
    }
    return looked < SMTP_REPLY_LINE_MAX ? -EAGAIN : -EBADMSG;
}

/* What is there of a line whose end is still to come may already be wrong. */
static bool may_become_line(const char *bytes, size_t length)
{
    for (size_t i = 0; i < length && i < CODE_LENGTH; i++) {
        if (!is_digit(bytes[i]) || (i == 0 && (bytes[0] < '2' || bytes[0] > '5')))
            return false;
    }
    return length <= CODE_LENGTH || bytes[CODE_LENGTH] == ' ' || bytes[CODE_LENGTH] == '-' ||
           bytes[CODE_LENGTH] == '\r';
}

static size_t take_number(const char *text, size_t length)
{
    size_t digits = 0;
    while (digits < length && digits < 4 && is_digit(text[digits]))
        digits++;
    return digits <= 3 ? digits : 0;
}

/* class "." subject "." detail, and a blank or the end behind it (RFC 2034 4). */
static void read_enhanced(struct smtp_reply *reply)
{
    const char *text = reply->text;
    size_t length = reply->text_length, at = 0;
    if (length < 5 || text[0] != (char)('0' + reply->code / 100) || text[1] != '.')
        return;
    at = 2;
    size_t subject = take_number(text + at, length - at);
    at += subject;
    if (subject == 0 || at >= length || text[at] != '.')
        return;
    at++;
    size_t detail = take_number(text + at, length - at);
    at += detail;
    if (detail == 0 || (at < length && text[at] != ' '))
        return;
    memcpy(reply->enhanced, text, at);
    reply->enhanced[at] = '\0';
}

int smtp_reply_read(const char *bytes, size_t length, struct smtp_reply *ret_reply,
                    size_t *ret_used)
{
    struct smtp_reply reply = {0};
    size_t used = 0;
    for (;;) {
        const char *line = bytes + used;
        size_t line_bytes = 0;
        if (reply.lines == SMTP_REPLY_LINES_MAX || used >= SMTP_REPLY_BYTES_MAX ||
            !may_become_line(line, length - used))
            return -EBADMSG;
        int r = line_length(line, length - used, &line_bytes);
        if (r == -EAGAIN && length >= SMTP_REPLY_BYTES_MAX)
            return -EBADMSG;
        if (r < 0)
            return r;
        int code = code_of(line, line_bytes - 2);
        if (code == 0 || (reply.lines > 0 && code != reply.code))
            return -EBADMSG;
        if (reply.lines == 0) {
            bool bare = line[CODE_LENGTH] == '\r';
            reply.code = code;
            reply.text = line + CODE_LENGTH + (bare ? 0 : 1);
            reply.text_length = line_bytes - 2 - CODE_LENGTH - (bare ? 0 : 1);
            read_enhanced(&reply);
        }
        reply.lines++;
        used += line_bytes;
        if (line[CODE_LENGTH] != '-')
            break;
    }
    *ret_reply = reply;
    *ret_used = used;
    return 0;
}

size_t smtp_reply_line(const char *bytes, const struct smtp_reply *reply, size_t number,
                       const char **ret_text)
{
    const char *line = bytes;
    for (size_t i = 0; i < number && i + 1 < reply->lines; i++)
        line = strchr(line, '\n') + 1;
    size_t length = strcspn(line, "\r");
    size_t head = length > CODE_LENGTH ? CODE_LENGTH + 1 : length;
    *ret_text = line + head;
    return length - head;
}
