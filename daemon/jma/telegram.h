/* A JMA telegram as received: Control and Head of any code.
 *
 * Does: reads the envelope. Takes: bytes and the entry id. Gives: struct telegram in one context.
 * Never: interprets the body (see report.h). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include "base/clock.h"
#include "base/element.h"
#include "base/problem.h"

/* Only ACTUAL may reach people who did not opt in to drills (safety rule 1). Anything that is not
 * exactly 通常, 訓練 or 試験 after trimming is UNKNOWN and is treated like a test. */
enum telegram_status { STATUS_UNKNOWN = 0, STATUS_ACTUAL, STATUS_EXERCISE, STATUS_TEST };
/* "unknown", "actual", "exercise", "test" */
const char *telegram_status_name(enum telegram_status status);
enum telegram_status telegram_status_from_name(const char *name);

enum info_type { INFO_UNKNOWN = 0, INFO_ISSUE, INFO_CORRECTION, INFO_CANCEL, INFO_DELAY };
const char *
info_type_name(enum info_type type); /* "unknown", "issue", "correction", "cancel", "delay" */

struct telegram {
    const char *id; /* feed entry id (opaque), or the file name */
    const char
        *code; /* "VXSE53": from the id's file name when it holds one, else from Control/Title */
    const char *control_title;
    usec_t control_time; /* Control/DateTime; the order of telegrams (JMA: newest wins) */
    enum telegram_status status;
    enum info_type info_type;
    const char *editorial_office, *publishing_office;
    const char *head_title;
    usec_t reported_at, target_at, valid_until; /* 0 unknown */
    const char *event_id;         /* Head/EventID as written, trimmed; "" when empty */
    const char *const *event_ids; /* split at blanks */
    size_t event_id_count;
    const char *serial; /* as written; "" when empty */
    const char *info_kind, *info_kind_version;
    const char *headline;              /* Head/Headline/Text; "" when empty */
    const struct element *head, *body; /* body NULL when absent */
};

#define TELEGRAM_BYTES_MAX ((size_t)8 * 1024 * 1024)

/* Parses bytes. `id` names it in problems. A missing or garbled optional field is a warning in
 * `problems` and the field stays empty; only a document that is not a JMA report with a Control is
 * refused (-EBADMSG, -E2BIG). A missing Control/DateTime falls back to ReportDateTime with a
 * warning. */
__attribute__((warn_unused_result)) int telegram_parse(TALLOC_CTX *context, const char *id,
                                                       const void *bytes, size_t length,
                                                       struct problems *problems,
                                                       struct telegram **ret_telegram);

/* A Control/DateTime that cannot be (none, more than an hour after `received_at`, or days before
 * ReportDateTime) would hide the telegram behind older ones, or every later one behind it. It
 * becomes ReportDateTime, or else `received_at`. Returns true when it was changed. */
bool telegram_settle_times(struct telegram *telegram, usec_t received_at);

/* The telegram code inside an entry id or file name ("…_0_VXSE53_010000.xml"), or NULL. */
const char *telegram_code_of_id(TALLOC_CTX *context, const char *id);
