/* One line a fact, to stderr, with a priority and fields; the only place that prints in the daemon.
 *
 * Format: "<6>2026-11-23T22:31:53+09:00 text key=value …" ("<n>" only when stderr is the journal or
 * --log=plain is not given); --log=json prints one object a line. Values are cleaned to one line.
 * Never give it an address, a secret or a token (safety rule 7). */
#pragma once

enum log_priority {
    LOG_PRIORITY_ERROR = 3,
    LOG_PRIORITY_WARNING = 4,
    LOG_PRIORITY_NOTICE = 5,
    LOG_PRIORITY_INFO = 6,
    LOG_PRIORITY_DEBUG = 7
};
enum log_format { LOG_FORMAT_PLAIN, LOG_FORMAT_JSON };

/* Call once from main before threads start. */
void log_setup(enum log_format format, enum log_priority least);

/* `fields`: "key", "value" pairs, ended by NULL; a NULL value leaves its pair out. */
void log_write(enum log_priority priority, const char *text, ...) __attribute__((sentinel));
#define log_error(...)   log_write(LOG_PRIORITY_ERROR, __VA_ARGS__, NULL)
#define log_warning(...) log_write(LOG_PRIORITY_WARNING, __VA_ARGS__, NULL)
#define log_notice(...)  log_write(LOG_PRIORITY_NOTICE, __VA_ARGS__, NULL)
#define log_info(...)    log_write(LOG_PRIORITY_INFO, __VA_ARGS__, NULL)
