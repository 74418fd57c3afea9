/* Time, always explicit.
 *
 * Does: holds instants and durations in microseconds; parses and prints RFC 3339 with explicit
 * offsets. Takes: text or struct timespec.  Gives: usec_t.  Never: reads TZ, calls mktime or
 * sleeps. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Microseconds. An instant counts from 1970-01-01T00:00:00Z; 0 means "unknown". */
typedef int64_t usec_t;

#define USEC_PER_MSEC   ((usec_t)1000)
#define USEC_PER_SEC    ((usec_t)1000000)
#define USEC_PER_MINUTE (60 * USEC_PER_SEC)
#define USEC_PER_HOUR   (60 * USEC_PER_MINUTE)
#define USEC_PER_DAY    (24 * USEC_PER_HOUR)
#define JST_OFFSET_USEC (9 * USEC_PER_HOUR)

/* Longest text of clock_format, including the final NUL. */
#define CLOCK_TEXT_BYTES 40

/* Wall time now. Only main.c, the loop and the desk call it; everything else gets `now`. */
usec_t clock_now(void);

/* Time since boot, sleep included (CLOCK_BOOTTIME): for intervals only (reliability R-8). */
usec_t clock_monotonic(void);

/* Reads an RFC 3339 date-time with an explicit offset ("Z" or "+09:00"; fractions are kept to the
 * microsecond). Returns 0, or -EINVAL when the text is not exactly one date-time. */
__attribute__((warn_unused_result)) int clock_parse(const char *text, usec_t *ret_time);

/* Prints an instant in Japan time, "2024-01-01T16:22:00+09:00", into `text`; returns `text`.
 * 0 prints as the empty string. */
char *clock_format_jst(usec_t time, char text[static CLOCK_TEXT_BYTES]);

/* The same in UTC, "2024-01-01T07:22:00Z". */
char *clock_format_utc(usec_t time, char text[static CLOCK_TEXT_BYTES]);

/* RFC 9110 HTTP-date ("Mon, 01 Jan 2024 07:22:00 GMT") to an instant. Returns 0 or -EINVAL. */
__attribute__((warn_unused_result)) int clock_parse_http(const char *text, usec_t *ret_time);

/* RFC 5322 date in Japan time ("Mon, 01 Jan 2024 16:22:00 +0900"), for mail headers. */
char *clock_format_mail(usec_t time, char text[static CLOCK_TEXT_BYTES]);
