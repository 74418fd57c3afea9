/* Recorded telegrams from files: for replay and for the drill of the first start. */
#pragma once

#include "store/store.h"

/* Whole file into `context`, at most `limit` bytes. Returns 0 or negative errno. */
__attribute__((warn_unused_result)) int telegram_file_read(TALLOC_CTX *context, const char *path,
                                                           size_t limit, char **ret_bytes,
                                                           size_t *ret_length);

/* A recorded telegram made into a drill of now: Status 訓練, and Control/DateTime, ReportDateTime
 * and TargetDateTime moved to `now` (other times by the same step, so that the story stays true).
 * Its id is "drill-<file>-<time>". Returns 0 or negative errno. */
__attribute__((warn_unused_result)) int telegram_file_drill(TALLOC_CTX *context, const char *path,
                                                            usec_t now,
                                                            struct store_telegram *ret_telegram);
