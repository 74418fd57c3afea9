/* One reply of an SMTP or LMTP server (RFC 5321 4.2, enhanced codes of RFC 3463): bytes in, record
 * out. Never: reads a socket, keeps anything between calls. */
#pragma once

#include <stddef.h>

/* RFC 5321 4.5.3.1.5 says 512; some servers explain themselves at length. */
#define SMTP_REPLY_LINE_MAX  1024
#define SMTP_REPLY_LINES_MAX 128
/* No reply is longer, so a buffer of this size always holds a whole one or garbage. */
#define SMTP_REPLY_BYTES_MAX ((size_t)16 * 1024)

#define SMTP_ENHANCED_BYTES 12 /* "5.123.123" and the NUL */

struct smtp_reply {
    int code;                           /* 200 to 599 */
    char enhanced[SMTP_ENHANCED_BYTES]; /* "5.1.1"; empty when there is none */
    const char *text;                   /* the first line behind code and blank; not terminated */
    size_t text_length;
    size_t lines;
};

/* Reads the reply at the start of `bytes`. Returns 0 with the bytes that it takes up in *ret_used;
 * -EAGAIN while it is not whole; -EBADMSG for anything that is no reply (no code, changing codes,
 * bare CR or LF, a NUL, too long). */
__attribute__((warn_unused_result)) int
smtp_reply_read(const char *bytes, size_t length, struct smtp_reply *ret_reply, size_t *ret_used);

/* The text of line `number` (from 0) of a whole reply that was read from `bytes`, without the code
 * and its blank; returns its length. An EHLO keyword stands in each line but the first. */
size_t smtp_reply_line(const char *bytes, const struct smtp_reply *reply, size_t number,
                       const char **ret_text);
